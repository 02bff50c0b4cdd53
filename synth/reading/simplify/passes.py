"""The passes of simplification, in order, and the normal form that the exact ones lead to."""

from collections.abc import Callable
from dataclasses import dataclass

from synth.language.analysis import effective, live_only
from synth.language.candidate import Candidate
from synth.reading.simplify.hoist import hoist, quieten
from synth.reading.simplify.order import arrange
from synth.reading.simplify.share import share
from synth.reading.simplify.signs import fold_signs
from synth.reading.webs import split_addresses


@dataclass(frozen=True)
class Pass:
    """One step from a candidate to another.

    An exact one keeps the bits of every error on any tasks; the others are worth trying on given tasks.
    """

    name: str
    what: str
    """What it does, in the words of a user."""
    run: Callable[[Candidate], Candidate]
    exact: bool = True


PASSES = (
    Pass("dead", "statements without effect are removed", effective),
    Pass("addresses", "every address has one meaning", split_addresses),
    Pass("share", "what is constant is folded, what is computed twice is shared", share),
    Pass(
        "algebra",
        "0 * x is 0, x + 0 is x, x - x is 0, for ordinary x",
        lambda candidate: share(candidate, algebra=True),
        exact=False,
    ),
    Pass("signs", "x + (0 - y) is x - y, for ordinary x", fold_signs, exact=False),
    Pass(
        "round",
        "constants that are computed are set, rounded to float32",
        lambda candidate: share(candidate, algebra=True, rounding=True),
        exact=False,
    ),
    Pass("hoist", "what is the same in every step is computed in setup", lambda c: share(hoist(c))),
    Pass("quieten", "draws that only keep the numbers of later ones become scalar", quieten),
    Pass("arrange", "statements are put in reading order, memory is numbered as it appears", arrange),
)
"""Each expects what those before it leave."""

DROP_DRAWS = Pass(
    "draws",
    "draws without effect are removed, so that later draws change",
    lambda candidate: arrange(live_only(candidate)),
    exact=False,
)
"""Changes the numbers that a program draws, so only averages over seeds can be compared."""


def normal_form(candidate: Candidate) -> Candidate:
    """Return what the exact passes make of a candidate: equal for programs that are seen to do the same.

    The outcome keeps the bits of every error of the candidate.
    """
    candidate = arrange(split_addresses(effective(candidate)))  # so that ties do not depend on the old order
    seen: list[Candidate] = []
    while candidate not in seen:
        seen.append(candidate)
        for one in PASSES:
            candidate = one.run(candidate) if one.exact else candidate
    # Two forms may lead to each other; any fixed choice among them will do.
    return min(seen[seen.index(candidate) :], key=Candidate.text)
