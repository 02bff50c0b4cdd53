"""Measures the table `LANES` of `synth/engine/native/lanes.py`: prints the lanes that are quickest per task.

    python benchmarks/lanes.py

Processor time of whole evaluations with as many tasks as lanes; the best of several runs.
"""

from time import process_time as clock

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.compiler import compile_machine
from synth.engine.native.evaluator import Evaluator, Machine
from synth.search.evolution.rules import template
from synth.study.bench import EXAMPLES, linear_task

FEATURES = (2, 4, 8, 16, 32, 64)
CHOICES = (4, 8, 16, 32, 64)
PROGRAMS = {"without matrices": "linear", "with matrices": "neural_net"}


def nanoseconds(machine: Machine, batch: Batch, program: str) -> float:
    """Of a train step of one task."""
    candidate = template(program)
    evaluator = Evaluator(machine, batch)
    code = candidate.code
    best = float("inf")
    for _ in range(5):
        start = clock()
        steps = evaluator.run(code)
        best = min(best, (clock() - start) / steps)
    return best * 1e9


def main() -> None:
    """Print one line for each F and number format."""
    for dtype in ("float32", "float64"):
        for features in FEATURES:
            found: dict[str, dict[int, float]] = {kind: {} for kind in PROGRAMS}
            for lanes in CHOICES:
                shape = Shape(features, lanes, dtype)
                machine = Machine(shape, compile_machine(shape))
                batch = Batch.of([linear_task(features, n, EXAMPLES // 4) for n in range(lanes)], shape)
                for kind, program in PROGRAMS.items():
                    found[kind][lanes] = nanoseconds(machine, batch, program)
            for kind, times in found.items():
                best = min(times, key=times.__getitem__)
                listed = ", ".join(f"{lanes}: {value:.1f}" for lanes, value in times.items())
                print(f"{dtype} F = {features:2d} {kind:16s} best {best:2d}   ns: {listed}", flush=True)


if __name__ == "__main__":
    main()
