"""What all tests share: no user's folders are touched, and tests on real CIFAR-10 run only where it is."""

import os
from collections.abc import Iterator
from pathlib import Path

import browser
import pytest
from cifar10_layout import write_cifar10
from hypothesis import settings

settings.register_profile("synth", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("synth")

left_out = pytest.StashKey[list[str]]()


MARKERS = {
    "cifar10": "wants real CIFAR-10, where SYNTH_DATA_DIR says",
    "slow_install": "installs packages; runs when asked for by -m",
    "browser": "wants Chromium; runs when asked for by -m",
    "docs": "does all that the pages show; runs when asked for by -m",
    "abuse": "modules that mean harm, by the real command; runs when asked for by -m",
    "ray": "starts Ray clusters on this machine, where Ray is; runs when asked for by -m",
    "faults": "kills, full disks and the like; runs when asked for by -m",
    "wants(condition, reason)": "runs where the condition is met; left out for the reason elsewhere",
    "long": "takes minutes, or as long as SYNTH_LONG_SECONDS says; runs when asked for by -m",
}
ASKED_FOR = ("slow_install", "browser", "docs", "abuse", "faults", "ray", "long")
"""Markers of tests that take long: `make test` leaves them to .ci/run."""


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = {
        name: f"-m {name} does not ask for it" for name in ASKED_FOR if name not in config.option.markexpr
    }
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(left_out, []):
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep everything that is cached in a folder of this test session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTH_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


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
