"""`synth bench`: how fast this machine is."""

from synth.commands.common import AsJson, print_result


def bench(as_json: AsJson = False) -> None:
    """Measure how fast the engines run on this machine (takes less than a minute)."""
    from synth.report.terminal.tables import bench_result
    from synth.study.bench import measure

    print_result({"schema": 1, **measure()}, as_json, bench_result)
