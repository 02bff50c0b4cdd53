"""Numbers, lists and reasons as a person reads them."""

from collections.abc import Iterable

from synth.plugins import is_reference
from synth.runs.cluster import Cluster
from synth.tasks.names import counted


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
    reasons = {
        "target": "target reached",
        "seconds": "time is up",
        "candidates": "all candidates considered",
        "train_steps": "all train steps done",
    }
    return reasons.get(stopped_by, stopped_by)


def listed(items: Iterable[str]) -> str:
    """Return items as a sentence lists them: a, b and c."""
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def origin_words(origin: str) -> str:
    """Return in words how a program came to be: a mutation's name, or the reference of one's own as it is."""
    return origin if is_reference(origin) else origin.replace("_", " ")


def cluster_sentence(cluster: Cluster) -> str:
    """Say in one line how a cluster is."""
    used = [node for node in cluster.nodes if node.state == "in use"]
    lost = sum(node.state == "lost" for node in cluster.nodes)
    parts = [f"{counted(len(used), 'node')} with {counted(sum(node.workers for node in used), 'worker')}"]
    parts += [f"{lost} lost"] if lost else []
    parts += [f"{cluster.lost} rounds lost and {cluster.repeated} repeated"] if cluster.lost else []
    return ", ".join(parts)
