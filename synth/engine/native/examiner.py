"""Asking a machine what the search wants to know of every program: `examination.py` says what."""

import ctypes

from synth.engine.native.codegen.statements import COLUMNS, QUESTION, Query
from synth.engine.native.evaluator import Machine
from synth.language.candidate import Candidate
from synth.language.instruction import SIZE

_AFTER_CODE = Query.code.size


class Examiner:
    """Asks a machine; the answer on the latest program stays at hand."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._query = Query()
        self._reference = ctypes.byref(self._query)
        self._room = 0

    def examine(self, candidate: Candidate, anyway: bool = False, feedback: bool = False) -> int | None:
        """Return the canonical key of a program without its dead statements.

        None for one that cannot learn, with `feedback` also for one in which no error feeds back, unless it
        is to be looked at anyway.
        """
        query = self._query
        setup, predict, learn = candidate.code
        query.code = code = setup + predict + learn
        if len(code) > self._room:
            self._make_room(2 * len(code))
        counts = len(setup) // SIZE, len(predict) // SIZE, len(learn) // SIZE
        QUESTION.pack_into(query, _AFTER_CODE, *counts, anyway, feedback)
        self._machine.examine(self._reference)
        return query.key if anyway or query.learns else None

    @property
    def learns(self) -> bool:
        """Whether the latest program can learn, as it was asked for."""
        return bool(self._query.learns)

    @property
    def dead(self) -> int:
        """How many of its statements do not matter, dead draws among them, if it has a key."""
        return int(self._query.dead)

    def live(self) -> Candidate:
        """Return the latest program without its dead statements, if it has a key."""
        query = self._query
        setup = query.live_setup * SIZE
        predict = setup + query.live_predict * SIZE
        code = ctypes.string_at(query.live, predict + query.live_learn * SIZE)
        return Candidate(code=(code[:setup], code[setup:predict], code[predict:]))

    def _make_room(self, size: int) -> None:
        self._room = size
        self._live = ctypes.create_string_buffer(size)
        self._statements = ctypes.create_string_buffer(size // SIZE * len(COLUMNS) * 4)
        self._query.live = ctypes.addressof(self._live)
        self._query.statements = ctypes.addressof(self._statements)
