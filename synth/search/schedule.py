"""Which round is played when, and the order in which outcomes are looked at.

Islands play ahead of the one that is looked at, by as many rounds as the executor says; nobody plays beyond
a migration border before all islands have come to it. Outcomes are looked at round after round, island after
island.
"""

from collections.abc import Callable, Mapping, Sequence

from synth.search.arrays import Arrays
from synth.search.checkpoint import Point
from synth.search.evolution.restarts import begins_pool
from synth.search.evolution.round import Outcome, Round, changes_tasks, comes_to_migration, settles_noise
from synth.search.executors.protocol import Executor
from synth.search.scoring.judge import Judge
from synth.settings.mixes import mix_of, tasks_name

Border = Callable[[int, Sequence[Arrays]], list[Arrays]]
"""From the number of the next round and the states of all islands to the states after a migration."""


class Schedule:
    """Hands rounds to an executor, and gives their outcomes in order.

    `number` and `island` name the round that is looked at next; `inputs` are the states from which each
    island's next rounds follow. These three are all that a checkpoint needs.
    """

    def __init__(
        self,
        judge: Judge,
        executor: Executor,
        border: Border,
        barred: Mapping[tuple[int, int], Sequence[int]],
        point: Point,
    ) -> None:
        """`barred` holds keys of programs by round and island; `point` is where the search goes on."""
        self._config, self._judge, self._executor = judge.config, judge, executor
        self._border, self._barred = border, barred
        self.number, self.island, self.inputs = point.number, point.island, list(point.inputs)
        self._tasks: dict[int, str] = {}
        self._ready: dict[int, tuple[int, Arrays]] = {}
        self._done: dict[tuple[int, int], Outcome] = {}
        for island, state in enumerate(self.inputs):
            upcoming = self.number + (island < self.island)
            if upcoming == self.number or not self._is_border(upcoming):
                self._ready[island] = upcoming, state

    def next(self, timeout: Callable[[], float | None]) -> Outcome | None:
        """Return the outcome of the next round; None when the time is up, and its round is dropped."""
        self._submit()
        while (self.number, self.island) not in self._done:
            try:
                round_, outcome = self._executor.next(timeout())
            except TimeoutError:
                return None
            self._done[round_.number, round_.island] = outcome
            if not self._is_border(round_.number + 1):
                self._ready[round_.island] = round_.number + 1, outcome.state
                self._submit()
        return self._done.pop((self.number, self.island))

    def advance(self, state: Arrays) -> None:
        """Go on to the next round; `state` is what the present one left."""
        self.inputs[self.island] = state
        self.island += 1
        if self.island == len(self.inputs):
            self.number, self.island = self.number + 1, 0
            if self._is_border(self.number):
                self.inputs = self._border(self.number, self.inputs)
                self._ready = {island: (self.number, state) for island, state in enumerate(self.inputs)}

    def experiment(self, number: int) -> int:
        """Return which experiment of an island a round belongs to."""
        rounds = self._config.search.experiment_rounds
        return number // rounds if rounds else 0

    def draw(self, island: int, number: int) -> int:
        """Return which draw of search tasks a round is played on; 0 is the first."""
        data = self._config.data
        if data.redraw:
            return self.experiment(number) * len(self.inputs) + island
        return number // data.fresh_rounds if data.fresh_rounds else 0

    def tasks_of(self, island: int, number: int) -> str:
        """Return the name of the search tasks of a round."""
        return tasks_name(mix_of(self._config, island), self.draw(island, number))

    def _is_border(self, number: int) -> bool:
        """Return whether islands meet before a round; not where they begin anew."""
        search = self._config.search
        meets = (
            comes_to_migration(search, number)
            or settles_noise(search, number)
            or begins_pool(search, number)
            or changes_tasks(self._config.data, number)
        )
        return number > 0 and meets and not self._begins(number)

    def _begins(self, number: int) -> bool:
        """Return whether an experiment begins with a round."""
        return number == 0 or self.experiment(number) != self.experiment(number - 1)

    def _submit(self) -> None:
        """Hand in the rounds that may be played by now."""
        for island, (number, state) in sorted(self._ready.items(), key=lambda item: (item[1][0], item[0])):
            if number <= self.number + self._executor.ahead:
                del self._ready[island]
                name = self._known_tasks(island, number)
                begins = self._begins(number)
                barred = tuple(self._barred.get((number, island), ()))
                self._executor.submit(Round(name, island, number, {} if begins else state, barred))

    def _known_tasks(self, island: int, number: int) -> str:
        """Return the name of a round's tasks, which the executor then knows; forget those before."""
        name, before = self.tasks_of(island, number), self._tasks.get(island)
        if before != name:
            if name not in self._tasks.values():
                mix, draw = mix_of(self._config, island), self.draw(island, number)
                tasks = self._judge.search_tasks(mix, draw) if draw else self._judge.search_sets[mix]
                self._executor.add_tasks(name, mix, tasks)
            self._tasks[island] = name
            if before is not None and before not in self._tasks.values():
                self._executor.drop_tasks(before)
        return name
