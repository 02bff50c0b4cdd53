"""What is known about a run while it goes on, and the sentences that say it."""

import time
from collections import deque
from dataclasses import dataclass, field

from synth.report.text import clock, cluster_sentence, ended, number
from synth.runs.cluster import Cluster
from synth.runs.events import (
    ClusterChanged,
    Counts,
    Event,
    FigureBegun,
    Improved,
    Notice,
    Program,
    Resumed,
    RoundFinished,
    RunFinished,
    RunStarted,
    SearchEnded,
)
from synth.search.evolution.restarts import UNITS, in_restarts
from synth.settings.schema import SearchConfig
from synth.tasks.metrics import beside, unit_of, unit_text
from synth.tasks.names import counted

WINDOW = 5.0
"""Seconds over which speeds are taken."""


@dataclass
class RunProgress:
    """The state of a run, from its events so far."""

    title: str = ""
    """The preset's name."""
    limit: float | None = None
    """Seconds after which the run ends."""
    downloaded: tuple[int, int | None] | None = None
    """Bytes of a data set that are there, and that there will be, while it is fetched."""
    started: RunStarted | None = None
    ended: SearchEnded | None = None
    figure: FigureBegun | None = None
    """The final figure that is being taken."""
    finished: bool = False
    best: Program | None = None
    previous: Program | None = None
    """The best program before `best`."""
    totals: Counts = field(default_factory=Counts)
    islands: dict[int, float] = field(default_factory=dict)
    """The best search fitness of each island now."""
    cluster: Cluster | None = None
    """The nodes, where rounds are played on a cluster."""
    search: SearchConfig = field(default_factory=SearchConfig)
    round: int = 0
    """The latest that ended."""
    _seconds: float = 0.0
    """Seconds of the latest event."""
    _heard: float = field(default_factory=time.monotonic)
    _samples: deque[tuple[float, Counts]] = field(default_factory=lambda: deque([(0.0, Counts())]))

    def add(self, event: Event) -> None:
        """Take in the next event."""
        if not isinstance(event, Notice | ClusterChanged | FigureBegun | RunFinished):
            self._seconds = 0.0 if isinstance(event, RunStarted) else event.seconds
            self._heard = time.monotonic()
        if isinstance(event, RunStarted):
            self.started = event
        elif isinstance(event, RoundFinished):
            self.totals, self.islands[event.island] = event.totals, event.best_search
            self.round = event.round
            self._samples.append((event.seconds, event.totals))
            while len(self._samples) > 2 and event.seconds - self._samples[1][0] > WINDOW:
                self._samples.popleft()
        elif isinstance(event, Improved):
            self.best, self.previous = event.program, event.previous
        elif isinstance(event, Resumed):
            self.best, self.totals = event.best, event.totals
            self._samples = deque([(event.seconds, event.totals)])
        elif isinstance(event, SearchEnded):
            self.ended = event
        elif isinstance(event, FigureBegun):
            self.figure = event
        elif isinstance(event, RunFinished):
            self._seconds, self.finished = self.seconds, True
        elif isinstance(event, ClusterChanged):
            self.cluster = event.cluster

    @property
    def seconds(self) -> float:
        """Seconds since the search began, those since the latest event and of final figures included."""
        if self.started is None or self.finished:
            return self._seconds
        return self._seconds + time.monotonic() - self._heard

    def speed(self, count: str) -> float:
        """Return by how much a count of `totals` grows a second, over the last seconds."""
        (first, before), (last, now) = self._samples[0], self._samples[-1]
        done = getattr(now, count) - getattr(before, count)
        return float(done) / (last - first) if last > first else 0.0

    @property
    def scale(self) -> float | None:
        """What a label of 1 is in the data's units; None where labels are exact, or before the search."""
        return self.started.scale if self.started else None

    @property
    def metric(self) -> str:
        """How programs are scored; nothing before the search."""
        return self.started.metric if self.started else ""

    @property
    def best_text(self) -> str:
        """The selection fitness of the best program as it is told; nothing before there is one."""
        return (
            f"{self.best.select:.4f}{beside(self.metric, self.best.select, self.scale)}" if self.best else ""
        )

    @property
    def figures(self) -> str:
        """How far final figures are, in words; nothing before the search has ended."""
        if self.ended is None:
            return ""
        one = self.figure
        return (
            f"taking final figure {one.number} of {one.total}: {one.what}" if one else "taking final figures"
        )

    @property
    def phase(self) -> str:
        """What islands do at present, if they restart; otherwise nothing."""
        unit = self.search.restart_rounds
        if not unit:
            return ""
        cycle = f"cycle {self.round // (UNITS * unit) + 1}"
        return f"restarts of {cycle}" if in_restarts(self.search, self.round) else f"pool of {cycle}"

    def share(self, count: int) -> str:
        """Return a count as a share of all candidates considered."""
        return f"{100 * count / self.totals.candidates:.0f} %" if self.totals.candidates else "0 %"


def start_line(progress: RunProgress, event: RunStarted) -> str:
    """Say what runs on what."""
    layers = ", ".join(event.sandbox) or "off"
    tasks = f"{event.search_tasks} search and {event.select_tasks} selection tasks"
    data = f"{event.data}, F = {event.features}, {tasks}, {counted(event.workers, 'worker')}"
    return f"{progress.title}: {data}; sandbox: {layers}"


def improvement_line(progress: RunProgress, event: Improved) -> str:
    """Say how good the new best program is."""
    program, previous = event.program, event.previous
    gain = ""
    if previous:
        change = round(program.select - previous.select, 4) + 0.0  # no -0.0000
        gain = f" ({change:+.4f}{_shorter(program, previous)})"
    metric, scale = progress.metric, progress.scale
    unit = unit_of(metric, scale)
    error = f", {unit} {unit_text(metric, program.select, scale)}" if unit else ""
    return (
        f"[{clock(progress.seconds)}] improvement {program.number}: "
        f"selection {program.select:.4f}{gain}{error}, search {program.search:.4f} "
        f"(island {program.island}, round {program.round})"
    )


def _shorter(program: Program, previous: Program) -> str:
    """Say by how much a program is shorter, if it is not fitter."""
    fewer = len(previous.candidate) - len(program.candidate)
    if program.select > previous.select or fewer <= 0:
        return ""
    return f", {counted(fewer, 'statement')} shorter"


def heartbeat_line(progress: RunProgress) -> str:
    """Say that the run goes on, and how fast."""
    if progress.ended is not None:
        return f"[{clock(progress.seconds)}] {progress.figures}"
    totals = progress.totals
    best = progress.best_text
    best = f"best {best}" if best else "no learner yet"
    best += f", {progress.phase}" if progress.phase else ""
    cluster = f"; {cluster_sentence(progress.cluster)}" if progress.cluster else ""
    return (
        f"[{clock(progress.seconds)}] {best}; {number(totals.candidates)} candidates "
        f"({number(progress.speed('candidates'))}/s), {number(totals.train_steps)} train steps "
        f"({number(progress.speed('train_steps'))}/s), {progress.share(totals.cached)} cached, "
        f"{progress.share(totals.rejected)} rejected{cluster}"
    )


def end_line(progress: RunProgress, event: SearchEnded) -> str:
    """Say what ended the search, and what follows."""
    return f"[{clock(progress.seconds)}] ended: {ended(event.stopped_by)}; taking final figures"
