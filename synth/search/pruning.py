"""Taking from a program, statement by statement, what does not earn its price."""

from collections.abc import Callable, Iterator

from synth.language.analysis import effective
from synth.language.bypass import Changes, bypassed
from synth.language.candidate import Candidate
from synth.language.flow import SETUP, Definition, statements
from synth.language.instruction import Instruction
from synth.language.rejection import can_learn
from synth.reading.edits import edited


def pruned(candidate: Candidate, fitness: Callable[[Candidate], float], price: float) -> Candidate:
    """Remove the statements that are worth less than `price` each, the last tried first.

    A statement goes, or what read it reads one of its operands; whatever is dead then goes with it. The pass
    begins again until nothing more goes, so equal arguments give equal programs.
    """
    best = fitness(candidate) - price * len(candidate)
    while True:
        for smaller in _smaller(candidate):
            value = fitness(smaller) - price * len(smaller)
            if value >= best:
                candidate, best = smaller, value
                break
        else:
            return candidate


def least_worth(candidate: Candidate, fitness: Callable[[Candidate], float]) -> float:
    """Return the fitness that is lost with the statement that is worth least, or with a few, for each."""
    best = fitness(candidate)
    return min((best - fitness(smaller)) / (len(candidate) - len(smaller)) for smaller in _smaller(candidate))


def _smaller(candidate: Candidate) -> Iterator[Candidate]:
    """Yield programs that lack a statement and can learn, each once."""
    seen = set()
    for gone, statement in reversed(list(statements(candidate))):
        for changes in filter(None, _removals(candidate, gone, statement)):
            smaller = effective(edited(candidate, changes))
            if smaller not in seen and len(smaller) < len(candidate) and can_learn(smaller):
                seen.add(smaller)
                yield smaller


def _removals(candidate: Candidate, gone: Definition, statement: Instruction) -> Iterator[Changes]:
    """Yield the changes that remove a statement, and those that replace it by an operand of its type."""
    yield {gone: None}
    out = statement.target
    for source in dict.fromkeys(statement.operands):
        if gone.function != SETUP and source[0] == out[0] and source != out:
            yield bypassed(candidate.bodies, gone, source)
