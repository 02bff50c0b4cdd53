"""From settings to the rules that every round of a run shares."""

from dataclasses import asdict
from pathlib import Path

from synth.errors import UsageError
from synth.language.analysis import cost
from synth.language.candidate import Candidate
from synth.language.parser import parse, parse_file, read_text
from synth.language.templates import template_names, template_path
from synth.mutation.kinds import weighted
from synth.mutation.own import own_mutations
from synth.mutation.space import Space
from synth.mutation.valid import valid_types
from synth.runs.stated import is_of_synth, without_claims
from synth.search.evolution.round import Rules
from synth.settings.schema import Config
from synth.standalone.parts import own_text

_STARTS = ("setup_start", "predict_start", "learn_start")


def space_for(config: Config) -> Space:
    """Return the space of programs of a run; raises UsageError for a mutation that cannot be imported."""
    program = {name: value for name, value in asdict(config.program).items() if name not in _STARTS}
    kinds, weights = weighted(config.mutation.kinds)
    return Space(
        **program,
        kinds=kinds,
        weights=weights,
        own=own_mutations(kinds, config.run.plugins),
        families=config.mutation.families,
        constants=config.mutation.constants,
        frozen=config.search.freeze,
    )


def template(name: str) -> Candidate:
    """Return a template by name."""
    return parse_file(template_path(name)).candidate


def start_program(config: Config, space: Space) -> Candidate:
    """Return the program that a run starts from; raises UsageError when it lies outside of the space."""
    start = config.search.start
    if start in ("empty", "random"):
        return Candidate()
    if start == "valid":
        valid_types(space, config.search.feedback_islands > 0)  # refuses op lists that allow none
        return Candidate()
    if start in template_names():
        candidate = template(start)
    else:
        path = Path(start)
        if not path.is_file():
            names = ", ".join(("random", *template_names()))
            raise UsageError(f"there is no start program {start!r}; give a module's path or one of {names}")
        candidate = parse_file(start).candidate
    space.refuse(candidate)
    return candidate


def persons_module(config: Config) -> str | None:
    """Return the text of the module that a person wrote for a run to start from, without a standing part.

    None where there is none: templates hold nothing but statements, and modules that synth wrote are
    written anew.
    """
    start = config.search.start
    if start in ("empty", "random", "valid", *template_names()):
        return None
    text = own_text(read_text(start))
    return None if is_of_synth(parse(text).docstring) else without_claims(text)


def rules_for(config: Config) -> Rules:
    """Return the rules of a run, or of one of its mixes of tasks, whose data sizes are settled."""
    space = space_for(config)
    examples = (config.data.train or 0) * config.data.epochs
    limit = 0
    if config.search.budget_factor > 0:
        unit = cost(template(config.search.budget_program), examples)
        limit = int(config.search.budget_factor * unit)
    return Rules(config, space, start_program(config, space), limit, examples)
