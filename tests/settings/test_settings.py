"""Settings: where they come from, which wins, what is refused and how it is said."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thorough import examples

from synth.errors import UsageError
from synth.mutation.kinds import DATA_FLOW, weighted
from synth.settings.presets import preset_description, preset_names
from synth.settings.resolve import read, resolve, to_toml
from synth.settings.schema import (
    FLAGS,
    HINTS,
    RANGES,
    Config,
    DataConfig,
    LimitsConfig,
    SearchConfig,
)
from synth.settings.values import as_text


def resolved(**options: object) -> Config:
    return resolve(**{"environment": {}, **options})  # type: ignore[arg-type]


def toml(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text)
    return path


def test_each_source_wins_over_the_next(tmp_path: Path) -> None:
    file = toml(tmp_path, "[search]\npopulation = 3")
    environment = {"SYNTH_SEARCH__POPULATION": "4"}
    sets = ["search.population=5"]
    flags = {"--population": 6}
    assert Config().search.population == 100
    assert resolved(preset="linear").search.population == 1000
    assert resolved(preset="linear", config_file=file).search.population == 3
    assert resolved(config_file=file, environment=environment).search.population == 4
    assert resolved(config_file=file, environment=environment, sets=sets).search.population == 5
    assert resolved(config_file=file, environment=environment, sets=sets, flags=flags).search.population == 6


def test_the_preset_comes_from_any_source(tmp_path: Path) -> None:
    file = toml(tmp_path, 'preset = "affine"\nseed = 3')
    assert resolved().preset == "quick"
    assert resolved(config_file=file).preset == "affine"
    assert resolved(config_file=file).seed == 3
    assert resolved(config_file=file, environment={"SYNTH_PRESET": "main"}).preset == "main"
    assert (
        resolved(preset="linear", config_file=file, environment={"SYNTH_PRESET": "main"}).preset == "linear"
    )
    assert resolved(preset="linear", config_file=file).data.name == "linear"


def test_a_flag_that_is_not_given_sets_nothing() -> None:
    assert resolved(flags=dict.fromkeys(FLAGS)) == resolved()


def test_every_flag_is_a_setting() -> None:
    assert set(FLAGS.values()) <= set(HINTS)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("program.predict_ops=1, 31,48", "predict_ops", (1, 31, 48)),
        ("program.predict_ops=[1, 31]", "predict_ops", (1, 31)),
        ("program.predict_ops=1,56-58", "predict_ops", (1, 56, 57, 58)),
        ("program.scalars=7", "scalars", 7),
    ],
)
def test_texts_become_values(text: str, key: str, value: object) -> None:
    assert getattr(resolved(sets=[text]).program, key) == value


def test_none_switches_and_numbers() -> None:
    sets = ["limits.seconds=none", "search.fec=off", "limits.candidates=1e6", "limits.target=0.5"]
    config = resolved(sets=[*sets, "mutation.kinds=insert,remove"])
    assert config.limits == LimitsConfig(seconds=None, candidates=1_000_000, train_steps=None, target=0.5)
    assert config.search.fec is False
    assert config.mutation.kinds == ("insert", "remove")


@pytest.mark.parametrize("preset", preset_names())
def test_presets_are_whole_and_read_back_equal(preset: str, tmp_path: Path) -> None:
    config = resolved(preset=preset, flags={"--seed": 12})
    assert config.preset == preset
    assert preset_description(preset).endswith(".")
    path = toml(tmp_path, to_toml(config))
    assert read(path) == config
    assert sum(
        len(table) if isinstance(table, dict) else 1 for table in tomllib.loads(path.read_text()).values()
    ) == len(HINTS)


def test_presets_follow_the_public_scripts() -> None:
    linear, baseline, main = (resolved(preset=name) for name in ("linear", "baseline", "main"))
    assert (linear.program.scalars, linear.program.vectors, linear.program.matrices) == (4, 3, 1)
    assert linear.program.learn_ops == (2, 3, 18, 23, 27, 56)
    assert linear.limits.target == 0.9999
    assert linear.data == replace(
        DataConfig("linear", 4, 10, 100, 100),
        select_tasks=100,
        select_train=1000,
        select_valid=100,
        redraw=True,
    )
    assert baseline.program.learn_max == 23
    assert baseline.search.fec is False
    assert resolved(preset="full").search.fec is True
    assert main.program.predict_ops == tuple(range(1, 59))
    assert main.fitness.combine == "median"
    assert set(weighted(main.mutation.kinds)[0]) == DATA_FLOW - {"update_constant"}
    assert resolved(preset="adapt").search.start == "neural_net"


@examples(100)
@given(st.text(max_size=20), st.one_of(st.none(), st.floats(0.001, 1e9)), st.integers(0, 2**63 - 1))
def test_any_value_survives_writing(start: str, seconds: float | None, seed: int) -> None:
    config = Config(seed=seed, search=SearchConfig(start=start), limits=LimitsConfig(seconds=seconds))
    document = tomllib.loads(to_toml(config))
    assert document["seed"] == seed
    assert document["search"]["start"] == start
    assert document["limits"]["seconds"] == ("none" if seconds is None else seconds)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"preset": "linaer"}, "there is no preset 'linaer' (from --preset); did you mean linear?"),
        ({"environment": {"SYNTH_PRESET": "zzz"}}, "no preset 'zzz' (from SYNTH_PRESET); there are adapt, "),
        ({"sets": ["search.popluation=3"]}, "no setting search.popluation; did you mean search.population?"),
        ({"sets": ["data.metric=AUC"]}, "did you mean auc?"),
        ({"sets": ["population=3"]}, "no setting population; did you mean search.population?"),
        ({"sets": ["search.population"]}, "has no value; write --set section.field=value"),
        (
            {"environment": {"SYNTH_SEARCH__POPULATIN": "3"}},
            "SYNTH_SEARCH__POPULATIN names no setting; did you mean SYNTH_SEARCH__POPULATION?",
        ),
        (
            {"sets": ["search.population=many"]},
            "(from --set search.population) is 'many'; it must be a whole number",
        ),
        ({"sets": ["search.population=1.5"]}, "it must be a whole number"),
        ({"sets": ["search.population=inf"]}, "it must be a whole number"),
        ({"sets": ["limits.seconds=nan"]}, "it must be a finite number"),
        ({"sets": ["search.fec=maybe"]}, "it must be true or false"),
        ({"sets": ["fitness.combine=meadian"]}, "it must be one of mean, median; did you mean median?"),
        ({"flags": {"--features": 0}}, "data.features (from --features) is 0; it must be at least 1"),
        ({"flags": {"--population": 0}}, "search.population (from --population) is 0; it must be at least 1"),
        ({"flags": {"--tournament": 0}}, "it must be at least 1"),
        ({"flags": {"--islands": -1}}, "it must be at least 1"),
        ({"flags": {"--workers": 0}}, "it must be at least 1"),
        ({"flags": {"--seed": -1}}, "it must be at least 0"),
        ({"flags": {"--max-seconds": -1.0}}, "it must be at least 0"),
        ({"flags": {"--target": 1.5}}, "it must be at least 0 and at most 1"),
        ({"sets": ["mutation.probability=1.1"]}, "it must be at least 0 and at most 1"),
        ({"sets": ["program.scalars=1"]}, "it must be at least 2"),
        ({"sets": ["program.scalars=101"]}, "it must be at most 100"),
        ({"sets": ["program.predict_ops=1,65"]}, "there is no op 65 to choose; ids go from 1 to 64"),
        ({"sets": ["program.predict_ops=0"]}, "there is no op 0 to choose"),
        ({"sets": ["program.matrices=0"]}, "(MATRIX_UNIFORM_SET) in program.setup_ops needs at least 1"),
        ({"sets": ["program.vectors=1"]}, "(VECTOR_UNIFORM_SET) in program.setup_ops needs at least 2"),
        ({"sets": ["program.learn_min=30"]}, "it must be at most program.learn_max, 23"),
        ({"sets": ["mutation.kinds=insert,removed"]}, "there is no mutation 'removed' among "),
        ({"sets": ["mutation.kinds="]}, "evolution needs at least one mutation"),
        (
            {"flags": {"--class-weights": "balnced"}},
            "data.class_weights (from --class-weights) is 'balnced'; it must be none, balanced, or "
            "class:weight pairs such as no:1,yes:10; did you mean balanced?",
        ),
        (
            {"sets": ["data.class_weights=no:-1"]},
            "'no:-1'; the weight of class no is -1; it must be at least",
        ),
        ({"flags": {"--start": "neural_nett"}}, "did you mean neural_net?"),
        ({"flags": {"--start": "random"}}, "a random start needs a size, such as program.predict_start"),
        ({"flags": {"--start": "missing.py"}}, "(from --start) is 'missing.py'; there is no such file"),
        ({"flags": {"--data": "cifar01"}}, "did you mean cifar10?"),
        ({"sets": ["search.budget_program=net"]}, "(from --set search.budget_program) is 'net'"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolved(**{"environment": {"SYNTH_PRESET": "baseline"}, **options})
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[search]\npopulaton = 3",
            "own.toml: there is no setting search.populaton; did you mean search.population?",
        ),
        ("[serch]\npopulation = 3", "there is no setting serch.population; did you mean search.population?"),
        ("search = 3", "there is no setting search"),
        ("[search", "is not TOML"),
        ("[search]\npopulation = true", "is True; it must be a whole number"),
        ("[search]\nstart = 3", "is 3; it must be a text"),
        ("[program]\npredict_ops = 3", "is 3; it must be a list"),
        ("[program.x]\npredict_ops = 3", "there is no setting program.x"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolved(config_file=toml(tmp_path, text))
    assert sentence in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.toml cannot be read: No such file or directory"):
        resolved(config_file=tmp_path / "no.toml")


def test_reserved_names_are_no_settings() -> None:
    environment = {"SYNTH_DATA_DIR": "/x", "SYNTH_CACHE_DIR": "/y", "SYNTH_RUNS_DIR": "/z", "OTHER": "1"}
    assert resolved(environment=environment) == resolved()


def test_files_are_recorded_by_their_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.npz").write_bytes(b"")
    (tmp_path / "my.py").write_text("")
    config = resolved(flags={"--data": "my.npz", "--start": "my.py"})
    assert config.data.name == str(tmp_path / "my.npz")
    assert config.search.start == str(tmp_path / "my.py")


def test_every_setting_is_explained() -> None:
    """Each field of each section has a line that says what it is: the documentation is made of them."""
    import ast
    import inspect

    import synth.settings.schema

    for definition in ast.parse(inspect.getsource(synth.settings.schema)).body:
        if isinstance(definition, ast.ClassDef) and definition.name.endswith("Config"):
            kinds = [type(statement).__name__ for statement in definition.body]
            for place, kind in enumerate(kinds):
                if kind == "AnnAssign" and definition.name != "Config":
                    assert kinds[place + 1 :][:1] == ["Expr"], definition.body[place].target.id  # type: ignore[attr-defined]


def test_every_number_has_a_least_value() -> None:
    kinds = (int, float, int | None, float | None)
    numbers = {key for key, hint in HINTS.items() if getattr(hint, "__origin__", hint) in kinds}
    assert numbers == set(RANGES)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((1, 2, 3, 5, 6, 8), "1-3,5,6,8"),
        (tuple(range(1, 65)), "1-64"),
        ((3, 2, 1, 7), "3,2,1,7"),
        (("insert", "remove"), "insert,remove"),
        ({"no": 1, 3: 0.5}, "no:1,3:0.5"),
        ((), ""),
    ],
)
def test_lists_as_text_are_short_and_read_back(values: object, text: str) -> None:
    assert as_text(values) == text
    if isinstance(values, tuple) and values and isinstance(values[0], int):
        read = resolve(sets=[f"program.learn_ops={text}"], environment={})
        assert read.program.learn_ops == values
