"""`synth doctor`: what of synth works on this machine."""

from synth.commands.common import AsJson, print_result


def doctor(as_json: AsJson = False) -> None:
    """Check this machine: versions, processor, sandbox layers, data sets, folders."""
    from synth.report.terminal.tables import doctor_result
    from synth.study.doctor import examine

    print_result(examine(), as_json, doctor_result)
