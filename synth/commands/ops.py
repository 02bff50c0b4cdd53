"""`synth ops`: the op table."""

from synth.commands.common import AsJson, print_json, stdout


def ops(as_json: AsJson = False) -> None:
    """List the ops that programs are made of: id, name, statement, constants, cost."""
    from synth.report.documents import ops_document
    from synth.report.tables import ops_result

    document = ops_document()
    if as_json:
        print_json(document)
    else:
        stdout().print(ops_result(document))
