"""Modules that mean harm, by the real command in the default mode: they get a status, and nothing else."""

import pytest
from running import HERE, Abuse, Outcome, abuses, run
from systems import wants_linux
from world import World

pytestmark = [
    pytest.mark.abuse,
    wants_linux("the whole sandbox is Linux"),
]

CATEGORIES = sorted(path.name for path in (HERE / "modules").iterdir() if path.is_dir())
TIME_LIMIT = {"time": 1.0}
"""Seconds of a module, where it is not so many that a busy machine does not matter."""


def judged(outcome: Outcome, tried: list[Abuse]) -> list[str]:
    """What is not as it should be."""
    good = outcome.good[0]
    wrong = [f"a good module: {one}" for one in outcome.good if one != good or one["status"] != "ok"]
    for abuse, result in zip(tried, outcome.results, strict=True):
        status, detail = abuse.expected
        if status == "ok":
            right = detail == "other" or result["fitness"] == (0.0 if detail == "zero" else good["fitness"])
        else:
            right = detail in (result["error"] or "") and result["fitness"] is None
        if result["status"] != status or not right:
            wrong.append(f"{abuse.name}: {result}")
        error = result["error"] or ""
        if len(error) > 300 or not error.isprintable():
            wrong.append(f"{abuse.name}: the error cannot be shown")
    return wrong + outcome.changes


@pytest.mark.parametrize("category", CATEGORIES)
def test_abuse_gets_a_status_and_nothing_else(category: str) -> None:
    tried, limit = abuses(category), TIME_LIMIT.get(category, 100.0)
    with World() as world:
        outcome = run(world, [(abuse.name, abuse.text) for abuse in tried], "--time-limit", str(limit))
    assert not (wrong := judged(outcome, tried)), "\n".join(wrong)
    assert outcome.sandbox["level"] == "full" and "seccomp" in outcome.sandbox["layers"]
    assert outcome.stderr == ""
    if category == "time":
        late = sum(abuse.expected[0] == "timeout" for abuse in tried)
        most = late * (limit + 1.0) + 60.0  # to start and end, on a busy machine
        assert late * limit <= outcome.seconds <= most
