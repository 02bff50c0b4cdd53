"""Asking a machine what the search wants to know of every program: `examination.py` says what."""

import ctypes

from synth.engine.native.codegen.statements import COLUMNS, Record
from synth.engine.native.evaluator import Machine
from synth.language.candidate import Candidate, Code
from synth.language.instruction import SIZE


class Examiner:
    """Asks a machine; what is asked of last stays at hand."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._record = Record()
        self._reference = ctypes.byref(self._record)
        self._room = 0

    def __call__(self, candidate: Candidate, anyway: bool = False) -> int | None:
        """The canonical key of a program without its dead statements.

        None for one that cannot learn, unless it is to be looked at anyway.
        """
        record = self._record
        setup, predict, learn = candidate.code
        counts = len(setup) // SIZE, len(predict) // SIZE, len(learn) // SIZE
        if sum(counts) > self._room:
            self._make_room(2 * sum(counts))
        record.setup, record.predict, record.learn = setup, predict, learn
        record.setup_length, record.predict_length, record.learn_length = counts
        record.anyway = anyway
        self._machine.examine(self._reference)
        return record.key if anyway or record.learns else None

    @property
    def learns(self) -> bool:
        """Whether the program asked of last can learn."""
        return bool(self._record.learns)

    def live(self) -> Code:
        """The code of the live statements of the program asked of last, if it has a key."""
        record = self._record
        setup = record.live_setup * SIZE
        predict = setup + record.live_predict * SIZE
        code = ctypes.string_at(record.live, predict + record.live_learn * SIZE)
        return code[:setup], code[setup:predict], code[predict:]

    def _make_room(self, count: int) -> None:
        self._room = count
        self._live = ctypes.create_string_buffer(count * SIZE)
        self._statements = ctypes.create_string_buffer(count * len(COLUMNS) * 4)
        self._record.live = ctypes.addressof(self._live)
        self._record.statements = ctypes.addressof(self._statements)
