"""`synth doctor`: what of synth works on this machine."""

from synth.commands.common import AsJson, print_json, stdout


def doctor(as_json: AsJson = False) -> None:
    """Say what is in force here: versions, processor, sandbox layers, data sets, folders."""
    from rich.text import Text

    from synth.report.terminal.tables import plain_table
    from synth.study.doctor import examine

    document = examine()
    if as_json:
        print_json(document)
        return
    table = plain_table("", "", "")
    table.show_header = False
    for check in document["checks"]:
        mark = Text("ok", "green") if check["ok"] else Text("no", "yellow")
        table.add_row(mark, Text(check["name"]), Text(check["detail"]))
    stdout().print(table)
