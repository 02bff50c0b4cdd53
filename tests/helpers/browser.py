"""A real Chromium without a window, driven through its DevTools protocol over two pipes."""

import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_PATIENCE = 60.0
"""Seconds after which a browser that does not answer is given up."""

Message = dict[str, Any]


class Browser:
    """One tab. It keeps everything that goes wrong in a page and every request that the page makes.

    `problems` holds console errors and warnings, exceptions and messages of the browser's log; `requests`
    every address that was asked for. A context manager that ends the browser.
    """

    def __init__(self) -> None:
        assert PROGRAM is not None
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._profile = tempfile.mkdtemp(prefix="synth-browser-")
        to_browser, self._output = _pipe()
        self._input, from_browser = _pipe()

        # The protocol is spoken over descriptors 3 and 4.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        command = ["bash", "-c", script, "bash", PROGRAM, *_FLAGS, f"--user-data-dir={self._profile}"]
        self._process = subprocess.Popen(
            [*command, "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_browser, from_browser),
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers, self._rest = itertools.count(1), b""
        self._answers: dict[int, Message] = {}
        self._session: str | None = None
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._output)
        os.close(self._input)
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, address: str | Path, width: int = 1200, height: int = 900, dark: bool = False) -> None:
        """Load a page in a window of this size; forgets what went wrong before."""
        self.problems.clear()
        self.requests.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme], media="")
        self.call("Page.navigate", url=address.as_uri() if isinstance(address, Path) else address)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, code: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = _PATIENCE) -> None:
        """Wait until a JavaScript expression is true."""
        self._until(lambda: bool(self.run(condition)), condition, seconds)

    def click(self, selector: str) -> None:
        """Scroll to the first element of a selector and click in its middle, as a hand would."""
        place = self.run(
            f"""(async () => {{
                const element = document.querySelector({json.dumps(selector)});
                element.scrollIntoView({{block: "center", behavior: "instant"}});
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                const box = element.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2, box.width * box.height];
            }})()"""
        )
        assert place[2] > 0, f"{selector} is not to be seen"
        for kind, buttons in (("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)):
            where = {"x": place[0], "y": place[1], "button": "left" if kind != "mouseMoved" else "none"}
            self.call("Input.dispatchMouseEvent", type=kind, **where, buttons=buttons, clickCount=1)

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def screenshot(self, path: Path, whole: bool = True) -> None:
        """Write a picture of the page, or of what is in the window (PNG)."""
        clip = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self) -> bytes:
        """The page as it would be printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def call(self, method: str, **parameters: Any) -> Message:
        """Call a method of the DevTools protocol."""
        number = next(self._numbers)
        message: Message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._output, json.dumps(message).encode() + b"\0")
        self._until(lambda: number in self._answers, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        result: Message = answer["result"]
        return result

    def _until(self, done: Callable[[], bool], what: str, seconds: float = _PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds:g} seconds: {what}")
            self._listen()

    def _listen(self) -> None:
        """Take in what the browser says within a moment."""
        if not select.select([self._input], [], [], 0.05)[0]:
            return
        data = os.read(self._input, 1 << 20)
        assert data, "the browser has gone"
        *messages, self._rest = (self._rest + data).split(b"\0")
        for text in messages:
            self._take(json.loads(text))

    def _take(self, message: Message) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
            return
        method, said = message["method"], message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(said["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.problems.append(json.dumps(said["args"]))
        elif method == "Log.entryAdded":
            self.problems.append(json.dumps(said["entry"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])


def _pipe() -> Sequence[int]:
    """A pipe whose ends stay clear of the descriptors that the protocol is spoken over."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved
