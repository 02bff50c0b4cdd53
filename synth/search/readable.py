"""Improvements for people: simplified with proof, named, and written after the improvement before."""

from collections.abc import Callable, Sequence

from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.reading.names import named_text
from synth.reading.rewriting import rewritten
from synth.reading.simplify.align import aligned
from synth.reading.webs import split_addresses
from synth.search.evolution.rules import rules_for
from synth.search.simplification import proven
from synth.settings.schema import Config

PerTask = Callable[[Candidate], Sequence[float]]
"""The fitness of a program on each task on which its readable form must have the same.

In a run these are the selection tasks, and the search tasks of the draw and the mix on which it was found;
the native engine looks at them in float64.
"""


class Writer:
    """Gives improvements the form in which people read them.

    It depends on the program, on the one before and on the run's start alone, so a run that goes on from a
    checkpoint writes the same. Where a run starts from a module that a person wrote, programs are that
    module, changed.
    """

    def __init__(self, config: Config, module: str | None) -> None:
        """Take the start of a run, and the text of the person's module if it is one (`persons_module`)."""
        self._start, self._module = split_addresses(rules_for(config).start), module

    def readable(
        self, candidate: Candidate, previous: Candidate | None, per_task: PerTask
    ) -> tuple[Candidate, str]:
        """Return a candidate in its readable form, and the text of its module without a standing part.

        `previous` is the readable form of the improvement before; statements that match keep their numbers
        and order. A person's module is not simplified: its statements are that person's.
        """
        if self._module is not None:
            candidate = _written_after(split_addresses(candidate), previous or self._start)
            text = rewritten(self._module, candidate)
            return candidate_of(text), text
        simplified = _written_after(_simplified(candidate, per_task), previous or self._start)
        return simplified, named_text(simplified)


def _simplified(candidate: Candidate, per_task: PerTask) -> Candidate:
    """Return what the passes of simplification make of a candidate; each keeps the fitness on each task."""
    figures = per_task(candidate)

    def differs(simpler: Candidate) -> str:
        return "" if per_task(simpler) == figures else "fitness would change"

    return proven(candidate, differs)[0]


def _written_after(candidate: Candidate, model: Candidate) -> Candidate:
    """Return a candidate with numbers and order after another's, if at least half of its statements match."""
    alignment = aligned(candidate, model, reuse=True)
    return alignment.candidate if 2 * len(alignment.matches) >= len(candidate) else candidate
