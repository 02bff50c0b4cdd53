"""`synth ops`: the op table."""

from synth.commands.common import AsJson, print_json, stdout


def ops(as_json: AsJson = False) -> None:
    """List the ops that programs are made of: id, name, statement, constants, cost."""
    from synth.report.terminal.tables import ops_result
    from synth.study.ops import ops_document

    document = ops_document()
    if as_json:
        print_json(document)
    else:
        stdout().print(ops_result(document))
