"""What tests of the search share."""

import pytest

from synth.search.scoring.judge import Judge


@pytest.fixture
def confirmation() -> None:
    """Have the python engine confirm the best program of a test's runs; other tests do without."""


@pytest.fixture(autouse=True)
def no_confirmation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare runs the process that confirms their best program, where a test is not about it."""
    if "confirmation" not in request.fixturenames:
        monkeypatch.setattr(Judge, "confirm", lambda self, candidate: {"tasks": 0, "difference": 0.0})


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test cuts the power."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
