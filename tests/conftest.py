"""What all tests share: no user's folders are touched, and tests on real CIFAR-10 run only where it is."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from cifar10_layout import write_cifar10
from hypothesis import settings

settings.register_profile("synth", max_examples=25, deadline=None, derandomize=bool(os.environ.get("CI")))
settings.register_profile("thorough", settings.get_profile("synth"), max_examples=100)
settings.load_profile("synth")

left_out = pytest.StashKey[list[str]]()


MARKERS = {
    "cifar10": "wants real CIFAR-10, where SYNTH_DATA_DIR says",
    "slow_install": "installs packages; runs when asked for by -m",
    "browser": "wants Chromium; runs when asked for by -m",
    "docs": "does all that the pages show; runs when asked for by -m",
    "abuse": "modules that mean harm, by the real command; runs when asked for by -m",
    "ray": "starts Ray clusters on this machine, where Ray is; runs when asked for by -m",
    "torch": "computes with torch; runs when asked for by -m, as `make test-torch` does",
    "extras": "logs with other tools; runs when asked for by -m, as `make test-extras` does",
    "faults": "kills, full disks and the like; runs when asked for by -m",
    "wants(condition, reason)": "runs where the condition is met; left out for the reason elsewhere",
    "long": "takes minutes, or as long as SYNTH_LONG_SECONDS says; `make test-long` asks for it",
}
ASKED_FOR = ("slow_install", "browser", "docs", "abuse", "faults", "ray", "torch", "extras", "long")
"""Markers of tests that take long or want large packages: `make test` leaves them to `test-slow`, `test-ray`,
`test-torch`, `test-extras` and `test-long`."""


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked_for = re.findall(r"\w+", config.option.markexpr)
    reasons = {name: f"-m {name} does not ask for it" for name in ASKED_FOR if name not in asked_for}
    if not os.environ.get("SYNTH_DATA_DIR"):
        reasons["cifar10"] = "SYNTH_DATA_DIR names no CIFAR-10"
    if browser.PROGRAM is None:
        reasons.setdefault("browser", "there is no Chromium")
    wanting = {item: reason for item in items if (reason := _reason(item, reasons))}
    config.hook.pytest_deselected(items=list(wanting))
    config.stash[left_out] = [f"left out, as {reason}: {item.nodeid}" for item, reason in wanting.items()]
    items[:] = [item for item in items if item not in wanting]


def _reason(item: pytest.Item, reasons: dict[str, str]) -> str | None:
    """Why a test is left out, if it is; `reasons` are those of markers."""
    for marker, reason in reasons.items():
        if item.get_closest_marker(marker):
            return reason
    for wish in item.iter_markers("wants"):
        condition, reason = wish.args
        if not condition():
            return str(reason)
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that shows results, where tests run in several, what was left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(left_out, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[left_out] = getattr(node, "workeroutput", {}).get("left_out", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(left_out, []):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep everything that is cached in a folder of this test session, which its processes share.

    What is in it lies under a name that tells all that it depends on, and comes there whole, by a rename.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTH_CACHE_DIR", str(folder))
        yield


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for one test: its folder, which does not exist yet."""
    monkeypatch.setenv("SYNTH_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def no_data_at_hand(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide real data from tests that do not ask for it, so that they do the same on every machine."""
    if not request.node.get_closest_marker("cifar10"):
        monkeypatch.delenv("SYNTH_DATA_DIR", raising=False)


@pytest.fixture(scope="session")
def small_cifar10(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small data set in CIFAR-10's layout: 50 training and 10 test images of each class."""
    folder = tmp_path_factory.mktemp("cifar10")
    write_cifar10(folder)
    return folder
