"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Tabs: one panel at a time, by click or arrow key.
  const choose = (tab, focus) => {
    for (const other of all("[role=tab]", tab.parentElement)) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", chosen);
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (focus) tab.focus();
  };

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  };

  const toggle = (button) => {
    const parts = all("details", document.getElementById(button.dataset.toggle));
    const open = parts.some((part) => !part.open);
    for (const part of parts) part.open = open;
    button.textContent = open ? "Close all" : "Open all";
  };

  // A link to an improvement opens it.
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView({ block: "center" });
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.getAttribute("role") === "tab") choose(button, false);
    else if (button && button.dataset.copy !== undefined) copy(button);
    else if (button && button.dataset.toggle) toggle(button);
    else if (event.target.closest("a[href^='#improvement']")) setTimeout(follow);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.getAttribute("role") !== "tab" || !/^Arrow(Left|Right)$/.test(event.key)) return;
    const tabs = all("[role=tab]", event.target.parentElement);
    const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
    choose(tabs[(tabs.indexOf(event.target) + step) % tabs.length], true);
  });
  addEventListener("hashchange", follow);
  follow();

  // Words for what is pointed at.
  const tip = document.getElementById("tip");
  const show = (event) => {
    const target = event.target.closest && event.target.closest("[data-tip]");
    tip.hidden = !target;
    if (!target) return;
    tip.textContent = target.dataset.tip;
    const box = target.getBoundingClientRect();
    const x = box.x + box.width / 2;
    tip.style.left = `${Math.max(6, Math.min(x - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 6))}px`;
    tip.style.top = `${box.y - tip.offsetHeight - 8 < 0 ? box.bottom + 8 : box.y - tip.offsetHeight - 8}px`;
  };
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, show);
  addEventListener("scroll", () => (tip.hidden = true), { passive: true });

  // The bar shows where one is.
  const links = new Map(all("nav a").map((link) => [link.getAttribute("href").slice(1), link]));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.classList.remove("here");
        links.get(entry.target.id)?.classList.add("here");
      }
    },
    { rootMargin: "-20% 0px -75% 0px" },
  );
  for (const section of all("main > section")) seen.observe(section);

  // A live page asks for what changed, and keeps what its reader has opened and chosen.
  const live = document.body.dataset.live;
  if (!live) return;
  const pulse = document.getElementById("pulse");
  const replace = (section, { version, html }) => {
    const open = all("details[open]", section).map((part) => part.id).filter(Boolean);
    const chosen = all("[role=tab][aria-selected=true]", section).map((tab) => tab.id);
    section.innerHTML = html;
    section.dataset.version = version;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const id of chosen) {
      const tab = document.getElementById(id);
      if (tab) choose(tab, false);
    }
  };
  const refresh = async () => {
    try {
      const answer = await fetch(live, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const document_ = await answer.json();
      const places = all("main > section").map((section) => section.id);
      if (Object.keys(document_.sections).join() !== places.join()) return location.reload();
      for (const [id, section] of Object.entries(document_.sections)) {
        const place = document.getElementById(id);
        if (place.dataset.version !== section.version) replace(place, section);
      }
      pulse.textContent = document_.ended ? "The run has ended." : `Live, as of ${new Date().toLocaleTimeString()}.`;
      setTimeout(refresh, document_.ended ? 10000 : 2000);
    } catch {
      pulse.textContent = "The server does not answer; synth watch may have ended.";
      setTimeout(refresh, 5000);
    }
  };
  setTimeout(refresh, 2000);
})();
