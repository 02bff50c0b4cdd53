"""The search as a whole: islands play rounds in workers, and their best programs are judged in order.

Results are looked at in a fixed order (round after round, island after island), whatever the order in which
workers finish. So a seed gives the same history with any number of workers. What is looked at is recorded
first and checkpointed then, so that a search which goes on from a checkpoint does the same again.
"""

import math
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from synth.engine.result import Result
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Candidate
from synth.runs.cluster import Cluster
from synth.runs.events import (
    ClusterChanged,
    Event,
    Improved,
    Notice,
    Program,
    Resumed,
    RoundFinished,
    RunFinished,
    RunStarted,
    SearchEnded,
)
from synth.runs.folder import RunFolder
from synth.runs.lineage import Ancestor
from synth.search import checkpoint
from synth.search.arrays import Arrays
from synth.search.checkpoint import Point
from synth.search.evolution.immigrants import Immigrants
from synth.search.evolution.migration import admit, exchange, noise_settled, scored_anew
from synth.search.evolution.restarts import begins_pool, in_restarts, pooled
from synth.search.evolution.round import (
    NOISE_ROUND,
    Outcome,
    changes_tasks,
    comes_to_migration,
    settles_noise,
)
from synth.search.evolution.rules import persons_module, rules_for
from synth.search.evolution.state import best_fitness, noise_of
from synth.search.executors.local import local_executor
from synth.search.executors.processors import usable_processors
from synth.search.executors.protocol import Executor, Report
from synth.search.pruning import pruned
from synth.search.readable import PerTask, Writer
from synth.search.resumption import first_point, identity_of, last_point
from synth.search.schedule import Schedule
from synth.search.scoring.judge import FRAGILE, Judge
from synth.search.summary import summary
from synth.settings.mixes import mix_of
from synth.settings.resolve import to_toml
from synth.settings.schema import Config

CHECKPOINT_SHARE = 20
"""Checkpoints of many islands take long; so many times as long passes before the next."""

JUDGED = 20_000
"""Programs whose judgement is remembered; an old one that comes again is judged again."""


def search(
    config: Config,
    folder: RunFolder,
    *,
    resume: bool = False,
    accept: Sequence[str] = (),
    data_dir: Path | None = None,
) -> Generator[Event]:
    """Run a search, writing each event through the folder before yielding it.

    With `resume` it goes on from the folder's last checkpoint; `accept` names what may differ from then
    (config, ops, data). `data_dir` is a folder that holds CIFAR-10. Raises UsageError for a checkpoint that
    cannot be used. Closing the iterator early ends the workers and leaves a checkpoint.
    """
    judge = Judge(config, data_dir)
    rules_for(judge.config)  # refuses a start program outside of the space before anything starts
    point, notices = first_point(config), list[str]()
    if resume:
        point, notices = last_point(judge, folder, accept)
    else:
        folder.write_start(persons_module(judge.config))
    run = _Search(judge, folder, point)
    judge.prepare()
    try:
        with _executor(judge, folder, partial(run.notify, "worker")) as executor:
            if resume:
                folder.write("config.toml", to_toml(config))
            yield from run.begin(executor, resume, notices)
            try:
                yield from run.events(executor)
            finally:
                run.end(executor)
        seconds = run.seconds
        yield SearchEnded(run.stopped_by, seconds)
        facts = yield from summary(judge, folder, run.best, run.totals)
        counts = {"seconds": seconds, "stopped_by": run.stopped_by, **vars(run.totals)}
        finished = RunFinished(run.best, run.stopped_by, {**facts, **counts})
        folder.record(finished)
        yield finished
    finally:
        shutil.rmtree(folder.path / "tasks", ignore_errors=True)


def _executor(judge: Judge, folder: RunFolder, report: Report) -> Executor:
    config, tasks_folder = judge.config, folder.path / "tasks"
    if config.run.cluster is not None:
        from synth.search.executors.ray.executor import RayExecutor

        return RayExecutor(config, judge.search_sets, judge.select_tasks, tasks_folder, report)
    workers = min(config.run.workers or usable_processors(), config.search.islands)
    return local_executor(config, judge.search_sets, judge.select_tasks, tasks_folder, workers, report)


class _Search:
    """The state of a run in the coordinator; `point` is what a checkpoint holds of it."""

    def __init__(self, judge: Judge, folder: RunFolder, point: Point) -> None:
        self.judge, self.config, self.folder, self.point = judge, judge.config, folder, point
        self.totals, self.best = replace(point.totals), point.best
        self.mutations = {name: Counter(outcomes) for name, outcomes in point.mutations.items()}
        self.judged = dict.fromkeys(point.judged)
        self.stopped_by = ""
        self._identity, self._writer = identity_of(judge), Writer(judge.config, folder.start_module())
        self._pending: list[Event] = []
        self._start = time.monotonic() - point.seconds
        self._barred = defaultdict[tuple[int, int], list[int]](list)
        for event in folder.store.events("barred"):
            self._barred[event["round"], event["island"]].append(event["key"])
        self._immigrants: Immigrants | None = None
        if self.config.search.immigrants:
            borders = {event["round"]: event["modules"] for event in folder.store.events("immigrants")}
            self._immigrants = Immigrants(rules_for(self.config), judge, borders, point.taken, self.notify)

    @property
    def seconds(self) -> float:
        """Seconds since the search began, those before a resumption included."""
        return time.monotonic() - self._start

    def begin(self, executor: Executor, resumed: bool, notices: Sequence[str]) -> list[Event]:
        """Record that the search starts or goes on, and return the events that say so."""
        judge, select = self.judge, self.judge.select_tasks
        of_tasks = [notice for tasks in (*judge.search_sets, select) for notice in tasks.notices]
        self._record(
            RunStarted(
                select.name,
                select.features,
                select.metric,
                len(judge.search_sets[0].tasks),
                len(select.tasks),
                executor.workers,
                tuple(dict.fromkeys((*of_tasks, *notices, *executor.notices))),
                executor.layers,
                dict(self._identity.data),
                judge.conditions(judge.search_sets[0], select),
                self.config.fitness.combine,
                select.scale,
                select.regression,
            )
        )
        if resumed:
            self._record(Resumed(self.best, replace(self.totals), self.point.seconds))
            self.folder.rewind(self.point.mark, self.best)
        self.save()
        self._start = time.monotonic() - self.point.seconds
        return self._news()

    def events(self, executor: Executor) -> Iterator[Event]:
        """Yield all events of the rounds, until a limit is reached."""
        saved, took = time.monotonic(), 0.0
        self._schedule = schedule = Schedule(self.judge, executor, self._border, self._barred, self.point)
        while not self._limit_reached():
            outcome = schedule.next(self._seconds_left)
            if outcome is None:
                self.stopped_by = "seconds"
                break
            self._look(schedule.island, schedule.number, outcome)
            schedule.advance(outcome.state)
            self.point = self._point()
            now = time.monotonic()
            if now - saved >= max(self.config.run.checkpoint_seconds, took * CHECKPOINT_SHARE):
                self.save()
                saved = time.monotonic()
                took = saved - now
            self._record_cluster(executor.news())
            yield from self._news()

    def save(self) -> None:
        """Write a checkpoint of the last point between two rounds."""
        self.folder.check()
        self.folder.store.set(mutations=self.point.mutations)
        self.folder.store.flush()
        checkpoint.save(self.folder.checkpoint, self.point, self._identity)

    def end(self, executor: Executor) -> None:
        """Record the last state of the cluster, and write the last checkpoint."""
        self._record_cluster(executor.news(last=True))
        self.save()

    def notify(self, kind: str, sentence: str, **detail: Any) -> None:
        """Record something that happened, and let those who watch know."""
        self.folder.record_notice(kind, text=sentence, **detail)
        self._pending.append(Notice(sentence))

    def _record(self, event: Event) -> None:
        self.folder.record(event)
        self._pending.append(event)

    def _record_cluster(self, cluster: Cluster | None) -> None:
        if cluster is not None:
            self._record(ClusterChanged(cluster))

    def _news(self) -> list[Event]:
        """Return the events that those who watch do not know yet."""
        news, self._pending = self._pending, []
        return news

    def _point(self) -> Point:
        schedule = self._schedule
        return Point(
            schedule.number,
            schedule.island,
            tuple(schedule.inputs),
            replace(self.totals),
            self.best,
            tuple(self.judged),
            tuple(self._immigrants.taken) if self._immigrants else (),
            self.folder.store.last_event(),
            self.seconds,
            self.folder.store.seal(),
            {name: dict(outcomes) for name, outcomes in self.mutations.items()},
        )

    def _border(self, number: int, inputs: Sequence[Arrays]) -> list[Arrays]:
        """Let islands exchange programs before a round, and let immigrants in."""
        search, states = self.config.search, list(inputs)
        tasks = [self._schedule.tasks_of(island, number) for island in range(len(states))]
        migrates = comes_to_migration(search, number)
        if settles_noise(search, number):
            states = noise_settled(states, tasks)
            self.folder.store.set(noise=list(map(noise_of, states)))
        if begins_pool(search, number):
            states = self._pooled(states, tasks, number)
        elif migrates and search.migration_share > 0 and not in_restarts(search, number) and len(states) > 1:
            states = exchange(states, tasks, search.migration_share, self.config.seed, number)
        if self._immigrants and migrates:
            states = admit(states, self._immigrants.at(number))
        if changes_tasks(self.config.data, number):
            states = [scored_anew(state) for state in states]
        return states

    def _pooled(self, states: list[Arrays], tasks: Sequence[str], number: int) -> list[Arrays]:
        """Let islands go on from the pool of those that search on the same tasks."""
        for name in dict.fromkeys(tasks):
            islands = [island for island, other in enumerate(tasks) if other == name]
            for island, state in zip(islands, pooled([states[one] for one in islands], number), strict=True):
                states[island] = state
        return states

    # Limits

    def _seconds_left(self) -> float | None:
        seconds = self.config.limits.seconds
        return None if seconds is None else max(0.0, seconds - self.seconds)

    def _limit_reached(self) -> bool:
        """Return whether a limit ends the run now; `stopped_by` says which."""
        limits, totals = self.config.limits, self.totals
        reached = {
            "target": limits.target is not None and self.best and self.best.select >= limits.target,
            "candidates": limits.candidates is not None and totals.candidates >= limits.candidates,
            "train_steps": limits.train_steps is not None and totals.train_steps >= limits.train_steps,
            "seconds": limits.seconds is not None and self.seconds >= limits.seconds,
        }
        self.stopped_by = next((name for name, now in reached.items() if now), "")
        return bool(self.stopped_by)

    # Outcomes

    def _look(self, island: int, number: int, outcome: Outcome) -> None:
        """Record what a round did, judge its best programs, and record an improvement."""
        for barred in outcome.barred:
            detail = {"island": island, "round": number, "key": barred.key}
            sentence = f"a program of round {number} of island {island} has fitness 0: {barred.reason}"
            self.notify("barred", sentence, **detail, program=barred.candidate.text())
        improvement = self._improvement(island, number, outcome)
        totals, experiment = self.totals, self._schedule.experiment(number)
        totals.add(outcome.counts)
        totals.experiments = max(totals.experiments, experiment * self.config.search.islands + island + 1)
        for name, outcomes in outcome.mutations.items():
            self.mutations.setdefault(name, Counter()).update(outcomes)
        best = best_fitness(outcome.state)
        self._record(RoundFinished(island, number, experiment, best, replace(totals), self.seconds))
        if improvement:
            self._record(improvement)

    def _improvement(self, island: int, number: int, outcome: Outcome) -> Improved | None:
        """Judge a round's best programs; the best of them may be an improvement, and becomes readable.

        Where statements have a price, by the noise of fitness once that is settled, it is taken here too, and
        the improvement loses what does not earn it.
        """
        mix, draw = mix_of(self.config, island), self._schedule.draw(island, number)
        on_search = partial(self.judge.on_search, mix=mix, draw=draw)
        price = self.config.search.parsimony * noise_of(outcome.state) if number > NOISE_ROUND else 0.0
        judged = self._judged(outcome, price, on_search)
        if judged is None:
            return None
        tip, best, search, result = judged
        if price:
            best = pruned(best, partial(self._on_both, on_search, mix), price)
            search, result = on_search(best), self.judge.select.evaluate(best)
        previous, length = self.best, len(best)
        best, text = self._readable(best, partial(self.judge.per_task, mix=mix, draw=draw))
        self.best = Program(
            previous.number + 1 if previous else 1,
            best,
            text,
            length,
            tip.candidate,
            search,
            result.fitness or 0.0,
            result.per_task or (),
            island,
            number,
            self._schedule.experiment(number),
            tip.chain(),
        )
        return Improved(self.best, previous, self.seconds)

    def _readable(self, candidate: Candidate, per_task: PerTask) -> tuple[Candidate, str]:
        """Return a program's readable form and its text, or the program as it is where that fails.

        No run ends, and none fails again when it is resumed, because a program cannot be made readable.
        """
        try:
            return self._writer.readable(candidate, self.best.candidate if self.best else None, per_task)
        except Exception as error:
            self.notify("readable", f"a program stands as it was found: {type(error).__name__}: {error}")
            return candidate, candidate.text()

    def _judged(
        self, outcome: Outcome, price: float, on_search: Callable[[Candidate], float]
    ) -> tuple[Ancestor, Candidate, float, Result] | None:
        """Score a round's best programs on the selection tasks; return the best that beats the run's best.

        That is its lineage, its live statements, its fitness on search tasks and its result on selection
        tasks. Workers' scores are not trusted: a program that would be an improvement is scored again here,
        and is fragile if its fitness on search tasks is another in float64.
        """
        best: tuple[Ancestor, Candidate, float, Result] | None = None
        highest = self.best.select - price * self.best.length if self.best else -math.inf
        selects = outcome.selects or [math.inf] * len(outcome.best)
        for tip, by_worker in zip(outcome.best, selects, strict=True):
            live = effective(tip.candidate)
            cost = price * len(live)
            if not self._is_new(canonical_key(live)) or by_worker - cost <= highest:
                continue
            result = self.judge.select.evaluate(live)
            if result.fitness is None or result.fitness - cost <= highest:
                continue
            search = on_search(live)
            if self.config.run.engine == "native" and abs(search - tip.fitness) > FRAGILE:
                figures = {"float32": tip.fitness, "float64": search}
                self.folder.record_notice("fragile", **figures, text=live.text())
                continue
            best, highest = (tip, live, search, result), result.fitness - cost
        return best

    def _is_new(self, key: int) -> bool:
        """Return whether a program was not judged yet; from now on it was."""
        if key in self.judged:
            return False
        self.judged[key] = None
        if len(self.judged) > JUDGED:
            del self.judged[next(iter(self.judged))]
        return True

    def _on_both(self, on_search: Callable[[Candidate], float], mix: int, candidate: Candidate) -> float:
        """Return the mean fitness over search and selection tasks together."""
        many, few = len(self.judge.search_sets[mix].tasks), len(self.judge.select_tasks.tasks)
        sums = many * on_search(candidate) + few * self.judge.select.fitness(candidate)
        return sums / (many + few)
