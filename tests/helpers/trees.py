"""Candidates as libcst trees."""

import libcst as cst

from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.syntax import splice


def module_of(candidate: Candidate, docstring: str = "") -> cst.Module:
    """The libcst module of a candidate, of the nodes that all modules share."""
    module = cst.parse_module(Candidate().text(docstring))
    for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
        module = splice(module, name, 0, 0, body)
    return module
