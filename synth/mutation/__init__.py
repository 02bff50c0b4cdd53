"""Mutations: edits of a program, applied to its packed code or to its libcst module.

The names here are what the author of a mutation needs: `from synth.mutation import Draft, on_data_flow`.
"""

from synth.language.candidate import Candidate
from synth.language.constants import rounded
from synth.language.flow import LEARN, PREDICT, SETUP, Definition
from synth.language.instruction import Instruction, instruction
from synth.mutation.chance import below, normal
from synth.mutation.draft import Draft, Refused, on_data_flow
from synth.mutation.edit import Edit, Splice
from synth.mutation.space import Bounds, Mutation, Space

__all__ = [
    "LEARN",
    "PREDICT",
    "SETUP",
    "Bounds",
    "Candidate",
    "Definition",
    "Draft",
    "Edit",
    "Instruction",
    "Mutation",
    "Refused",
    "Space",
    "Splice",
    "below",
    "instruction",
    "normal",
    "on_data_flow",
    "rounded",
]
