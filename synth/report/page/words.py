"""How figures read in a report."""

from dataclasses import dataclass

from synth.runs.record import Record
from synth.statistics import Difference
from synth.tasks.metrics import METRICS, beside, fitness_name

BASELINES = {"linear": ("linear program", "linear"), "neural_net": ("neural net", "net")}
"""The name and the colour's class of each template that a run's best program is compared with."""


@dataclass(frozen=True)
class FitnessScale:
    """How fitness is written: accuracy in percent, other metrics as they are.

    Where the fitness is not the metric itself, the metric in its own unit stands beside it.
    """

    metric: str
    scale: float | None = None

    @property
    def name(self) -> str:
        """What the fitness is."""
        return fitness_name(self.metric)

    @property
    def percent(self) -> bool:
        """Whether it reads well in percent."""
        return self.metric in METRICS and METRICS[self.metric].percent

    def write(self, value: float | None) -> str:
        """Return a fitness: 71.3 %, 0.9871, or 0.5461 (rmse 54.3)."""
        if value is None:
            return "–"
        if self.percent:
            return f"{100 * value:.1f}\N{NO-BREAK SPACE}%"
        return f"{value:.4f}{beside(self.metric, value, self.scale)}"

    def tick(self, value: float) -> str:
        """Return a fitness in as few digits as an axis needs."""
        return f"{100 * value:.4g}\N{NO-BREAK SPACE}%" if self.percent else f"{value:.4g}"

    def change(self, value: float) -> str:
        """Return a difference with its sign: +2.6, in percentage points, or +0.0013."""
        text = f"{100 * value:+.1f}" if self.percent else f"{value:+.4f}"
        return text.replace("-", "−") if text.strip("+-0.") else text[1:]

    @property
    def unit(self) -> str:
        """What differences are counted in."""
        return "percentage points" if self.percent else "units of fitness"

    def compare(self, other: str, difference: Difference) -> str:
        """Say how the best program stands to another, and whether that could be chance."""
        low, high = self.change(difference.low), self.change(difference.high)
        interval = f"95 % interval {low} to {high}"
        if difference.low <= 0.0 <= difference.high:
            return (
                f"The best program and {other} differ by {self.change(difference.mean)} {self.unit} "
                f"({interval}), which could be chance."
            )
        if not self.change(difference.mean).strip("0."):
            return f"The best program and {other} are level ({interval})."
        side = "above" if difference.mean > 0 else "below"
        size = self.change(abs(difference.mean)).removeprefix("+")
        return f"The best program is {size} {self.unit} {side} {other} ({interval})."


def baselines(record: Record, split: str) -> list[tuple[str, str, float]]:
    """Return name, class and fitness of the templates whose fitness on a split is known."""
    return [
        (name, kind, record.figures[template][split])
        for template, (name, kind) in BASELINES.items()
        if split in record.figures.get(template, {})
    ]
