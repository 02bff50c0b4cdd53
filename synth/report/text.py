"""Numbers and reasons as a person reads them."""


def number(value: float) -> str:
    """Return a count in at most four digits and a unit: 950, 12.3 k, 4.56 M, 1.2 G."""
    for unit in ("", " k", " M", " G"):
        if abs(value) < 999.5 or unit == " G":
            digits = 0 if not unit or abs(value) >= 99.95 else 1
            return f"{value:,.{digits}f}{unit}"
        value /= 1000
    raise AssertionError("unreachable")


def clock(seconds: float) -> str:
    """Return a duration as 0:07, 12:34 or 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def ended(stopped_by: str) -> str:
    """Say which limit ended a run."""
    reasons = {"target": "target reached", "seconds": "time is up"}
    reasons |= {"candidates": "all candidates considered", "train_steps": "all train steps done"}
    return reasons.get(stopped_by, stopped_by)
