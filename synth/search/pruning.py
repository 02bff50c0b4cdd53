"""Taking from a program, statement by statement, what does not earn its price."""

from collections.abc import Callable, Iterator

from synth.language.analysis import can_learn, effective
from synth.language.bypass import Changes, bypassed
from synth.language.candidate import FUNCTIONS, Body, Candidate
from synth.language.flow import SETUP, Definition, operands, target


def pruned(candidate: Candidate, fitness: Callable[[Candidate], float], price: float) -> Candidate:
    """The candidate without the statements that are worth less than `price` each, the last tried first.

    A statement goes, or what read it reads one of its operands; whatever is dead then goes with it. The pass
    begins again until nothing more goes, so equal arguments give equal programs.
    """
    best = fitness(candidate) - price * len(candidate)
    found = True
    while found:
        found = False
        for smaller in _smaller(candidate):
            value = fitness(smaller) - price * len(smaller)
            if value >= best:
                candidate, best, found = smaller, value, True
                break
    return candidate


def _smaller(candidate: Candidate) -> Iterator[Candidate]:
    """Programs that lack a statement and can learn, each once."""
    seen = set()
    for function in reversed(range(len(FUNCTIONS))):
        for line in reversed(range(len(candidate.bodies[function]))):
            for changed in _without(candidate, function, line):
                smaller = effective(changed)
                if smaller not in seen and len(smaller) < len(candidate) and can_learn(smaller):
                    seen.add(smaller)
                    yield smaller


def _without(candidate: Candidate, function: int, line: int) -> Iterator[Candidate]:
    """The program without a statement, and with its operands of the same type in its place."""
    bodies, gone = candidate.bodies, Definition(function, line)
    changes: list[Changes] = [{gone: None}]
    if function != SETUP:
        out = target(bodies[function][line])
        sources = [place for place in dict.fromkeys(operands(bodies[function][line])) if place[0] == out[0]]
        changes += [bypassed(bodies, gone, source) for source in sources if source != out]
    for change in changes:
        if change:
            yield Candidate(*(_changed(body, place, change) for place, body in enumerate(bodies)))


def _changed(body: Body, function: int, changes: Changes) -> Body:
    lines = (changes.get(Definition(function, line), statement) for line, statement in enumerate(body))
    return tuple(statement for statement in lines if statement is not None)
