"""Programs that come from outside while a run goes on: modules in a folder, taken in at migration borders.

Every border is recorded before its modules join, so that a resumed run takes in the same ones.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from math import nan
from pathlib import Path
from typing import Any

from synth.errors import Refusal, UsageError
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.parser import parse
from synth.language.rejection import can_learn
from synth.runs.lineage import Ancestor
from synth.search.evolution.round import Rules
from synth.search.evolution.state import Individual
from synth.search.scoring.judge import Judge

Notify = Callable[..., None]
"""Called with a kind, a sentence, and details by name, for what is recorded and shown."""


class Immigrants:
    """Watches the folder of `search.immigrants`; raises UsageError when there is no such folder."""

    def __init__(
        self, rules: Rules, judge: Judge, recorded: Mapping[int, Any], taken: Iterable[str], notify: Notify
    ) -> None:
        """`recorded` holds the modules, as (name, text), of borders that a run passed before a crash."""
        self._rules, self._judge, self._recorded, self._notify = rules, judge, recorded, notify
        self._source = Path(rules.config.search.immigrants)
        self.taken = dict.fromkeys(taken)
        """Digests of the modules that were looked at."""
        if not self._source.is_dir():
            raise UsageError(f"search.immigrants is {str(self._source)!r}; there is no such folder")

    def at(self, number: int) -> list[Individual]:
        """Return the programs that join before round `number`."""
        if number in self._recorded:
            modules = [(name, text) for name, text in self._recorded[number]]
        else:
            modules = [(path.name, _read(path)) for path in sorted(self._source.glob("*.py"))]
            modules = [(name, text) for name, text in modules if _digest(name, text) not in self.taken]
            names = ", ".join(name for name, _ in modules) or "none"
            self._notify(
                "immigrants", f"immigrants before round {number}: {names}", round=number, modules=modules
            )
        self.taken.update((_digest(name, text), None) for name, text in modules)
        newcomers = [self._checked(name, text, number) for name, text in modules]
        return [newcomer for newcomer in newcomers if newcomer is not None]

    def _checked(self, name: str, text: str, number: int) -> Individual | None:
        """Return a module as a member of a population, or None, with a notice, where it cannot be one."""
        try:
            candidate = parse(text, name).candidate
            self._rules.space.refuse(candidate, name)
            self._refuse_changes(candidate, name)
            if self._rules.config.search.static_rejection and not can_learn(candidate):
                raise UsageError(f"{name} cannot learn: no prediction depends on both features and labels")
        except (Refusal, UsageError) as error:
            self._notify("immigrant", f"immigrant refused: {error}", name=name, joins=False)
            return None
        live = effective(candidate)
        search, select = self._judge.on_search(live), self._judge.select.fitness(live)
        sentence = f"immigrant {name} joins: selection {select:.4f}, search {search:.4f}"
        self._notify("immigrant", sentence, name=name, joins=True, search=search, select=select)
        line = Ancestor(None, f"immigrant {name}", 0, search, -1, number, candidate)
        return Individual(candidate, nan, canonical_key(live), True, line)

    def _refuse_changes(self, candidate: Candidate, name: str) -> None:
        for function in FUNCTIONS:
            own, kept = getattr(candidate, function), getattr(self._rules.start, function)
            if function in self._rules.space.frozen and own != kept:
                raise UsageError(f"{function} of {name} is not that of the start program, which is frozen")


def _read(path: Path) -> str:
    """Return a module's text; one that cannot be read is not a module."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"cannot be read: {error}"


def _digest(name: str, text: str) -> str:
    return hashlib.sha256(json.dumps([name, text]).encode()).hexdigest()
