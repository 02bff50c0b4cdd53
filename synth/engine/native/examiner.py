"""Asking a machine what the search wants to know of every program: `examination.py` says what."""

import ctypes

from synth.engine.native.codegen.statements import COLUMNS, QUESTION, Record
from synth.engine.native.evaluator import Machine
from synth.language.candidate import Candidate
from synth.language.instruction import SIZE

_AFTER_CODE = Record.code.size


class Examiner:
    """Asks a machine; what is asked of last stays at hand."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._record = Record()
        self._reference = ctypes.byref(self._record)
        self._room = 0

    def __call__(self, candidate: Candidate, anyway: bool = False, feedback: bool = False) -> int | None:
        """The canonical key of a program without its dead statements.

        None for one that cannot learn, with `feedback` also for one in which no error feeds back, unless it
        is to be looked at anyway.
        """
        record = self._record
        setup, predict, learn = candidate.code
        record.code = code = setup + predict + learn
        if len(code) > self._room:
            self._make_room(2 * len(code))
        counts = len(setup) // SIZE, len(predict) // SIZE, len(learn) // SIZE
        QUESTION.pack_into(record, _AFTER_CODE, *counts, anyway, feedback)
        self._machine.examine(self._reference)
        return record.key if anyway or record.learns else None

    @property
    def learns(self) -> bool:
        """Whether the program asked of last can learn, as it was asked for."""
        return bool(self._record.learns)

    @property
    def dead(self) -> int:
        """How many of its statements do not matter, dead draws among them, if it has a key."""
        return int(self._record.dead)

    def live(self) -> Candidate:
        """The program asked of last without its dead statements, if it has a key."""
        record = self._record
        setup = record.live_setup * SIZE
        predict = setup + record.live_predict * SIZE
        code = ctypes.string_at(record.live, predict + record.live_learn * SIZE)
        return Candidate(code=(code[:setup], code[setup:predict], code[predict:]))

    def _make_room(self, size: int) -> None:
        self._room = size
        self._live = ctypes.create_string_buffer(size)
        self._statements = ctypes.create_string_buffer(size // SIZE * len(COLUMNS) * 4)
        self._record.live = ctypes.addressof(self._live)
        self._record.statements = ctypes.addressof(self._statements)
