"""An edit: what a mutation changes in a program, applied to its packed code or to its libcst module."""

from typing import TYPE_CHECKING, NamedTuple

from synth.language.candidate import FUNCTIONS, Body, Candidate
from synth.language.instruction import SIZE

if TYPE_CHECKING:
    import libcst as cst


class Splice(NamedTuple):
    """In a function (its index in `FUNCTIONS`) the lines `start` to `stop` give way to new instructions."""

    function: int
    start: int
    stop: int
    new: Body = ()


class Edit(NamedTuple):
    """Splices, done one after the other; without any, the program stays as it is."""

    splices: tuple[Splice, ...] = ()
    refused: str = ""
    """Why the mutation could not be done, in one or two words; empty where it was."""

    def apply(self, candidate: Candidate) -> Candidate:
        """Return the edited candidate; the same object where there is nothing to change."""
        if not self.splices:
            return candidate
        codes = [*candidate.code]
        for function, start, stop, new in self.splices:
            code, packed = codes[function], [one.packed for one in new]
            codes[function] = b"".join((code[: start * SIZE], *packed, code[stop * SIZE :]))
        setup, predict, learn = codes
        return Candidate(code=(setup, predict, learn))

    def apply_to_module(self, module: "cst.Module") -> "cst.Module":
        """Return the edited module, which must hold the statements in order; it shares all other nodes."""
        from synth.language.syntax import splice

        for function, start, stop, new in self.splices:
            module = splice(module, FUNCTIONS[function], start, stop, new)
        return module
