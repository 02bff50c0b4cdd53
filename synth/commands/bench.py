"""`synth bench`: how fast this machine is."""

from synth.commands.common import AsJson, print_json, stdout


def bench(as_json: AsJson = False) -> None:
    """Measure the engines on this machine (under a minute)."""
    from synth.report.terminal.tables import bench_result
    from synth.study.bench import measure

    document = {"schema": 1, **measure()}
    if as_json:
        print_json(document)
    else:
        stdout().print(bench_result(document))
