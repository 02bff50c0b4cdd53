"""`synth ops`: the op table."""

from synth.commands.common import AsJson, print_result


def ops(as_json: AsJson = False) -> None:
    """List the ops that programs are made of, with their statements, constants and costs."""
    from synth.report.terminal.tables import ops_result
    from synth.study.ops import ops_document

    print_result(ops_document(), as_json, ops_result)
