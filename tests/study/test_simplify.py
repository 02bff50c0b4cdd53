"""Simplification with proof: what changes a fitness is refused, what is said of it is true."""

from dataclasses import replace
from pathlib import Path

import pytest
from native_programs import program, template
from study_tasks import small

from synth.engine.native.engine import NativeEngine
from synth.errors import SynthError
from synth.language.candidate import Candidate
from synth.language.parser import parse
from synth.reading.simplify.passes import Pass, normal_form
from synth.runs.stated import Conditions, StatedFigure
from synth.search import simplification as module
from synth.search.simplification import Proof, Simplified, simplify
from synth.standalone.parts import MODEL_PART, with_model, with_sklearn
from synth.study.simplify import simplified_text, still_true

PREDICT = "m.s1 = np.dot(m.v0, m.v1)"
LEARN = "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2"
RATE = "m.s2 = 0.01"


@pytest.fixture(scope="module")
def proof() -> Proof:
    return Proof(small().tasks, sandbox="process")


def outcomes(found: Simplified) -> dict[str, str]:
    return {step.name: step.outcome for step in found.steps}


def fitness(candidate: Candidate) -> tuple[float, ...] | None:
    return NativeEngine(small().tasks).evaluate(candidate).per_task


def test_a_program_with_much_to_remove(proof: Proof) -> None:
    candidate = program(
        f"{RATE}; m.v7 = m.rng.normal(0.0, 1.0, m.F); m.s9 = 0.5",
        f"{PREDICT}; m.s5 = m.s1 + m.s9; m.v5 = m.v0 * m.v7; m.s4 = m.s8 * m.s1; m.s1 = m.s1 + m.s4",
        f"m.s9 = m.s9 * m.s9; {LEARN}",
    )
    found = simplify(candidate, proof)
    assert [statement.text for statement in found.after] == [
        statement.text for statement in template_linear()
    ]
    assert fitness(found.after) == fitness(candidate)
    assert found.confirmed
    assert found.fitness == found.fitness_before
    assert outcomes(found) == {
        "dead": "kept",
        "addresses": "kept",
        "share": "nothing to do",
        "algebra": "kept",
        "signs": "nothing to do",
        "round": "nothing to do",
        "hoist": "nothing to do",
        "quieten": "nothing to do",
        "arrange": "kept",
    }


def template_linear() -> Candidate:
    return program(
        RATE, PREDICT, LEARN.replace("m.s3 = m.s2 * m.s3; m.v2 = m.s3", "m.s4 = m.s2 * m.s3; m.v2 = m.s4")
    )


def test_a_step_that_would_change_a_fitness_is_refused(proof: Proof) -> None:
    # x / 0 is infinite, zero times that is nan, and nan ends the training.
    nan = "m.v5 = m.v0 / m.v6; m.v5 = m.v5 * m.v6; m.s5 = np.mean(m.v5)"
    candidate = program(RATE, f"{PREDICT}; {nan}; m.s1 = m.s1 + m.s5", LEARN)
    found = simplify(candidate, proof)
    refused = [step for step in found.steps if step.outcome == "refused"]
    assert [step.name for step in refused] == ["algebra", "round"]
    assert refused[0].why.startswith("fitness would change on 3 of 3 tasks (native engine), by +")
    assert fitness(found.after) == fitness(candidate)
    assert len(found.after) == len(candidate)


def test_what_only_the_python_engine_sees_is_refused(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient(NativeEngine):
        def evaluate(self, candidate: Candidate) -> object:  # type: ignore[override]
            return super().evaluate(template("linear"))

    monkeypatch.setattr(module, "NativeEngine", Lenient)
    worse = Pass(
        "worse", "drops the learning rate", lambda candidate: Candidate((), *candidate.bodies[1:]), False
    )
    monkeypatch.setattr(module, "PASSES", (worse,))
    (step,) = simplify(template("linear"), Proof(small().tasks, sandbox="process")).steps
    assert step.outcome == "refused"
    assert "(python engine)" in step.why


def test_a_pass_that_promises_bits_and_changes_them_is_a_bug(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Pass("broken", "drops setup", lambda candidate: Candidate((), *candidate.bodies[1:]))
    monkeypatch.setattr(module, "PASSES", (broken,))
    with pytest.raises(SynthError, match="the pass broken changed the program: fitness"):
        simplify(template("linear"), proof)


def test_draws_without_effect_go_where_fitness_stays_on_average(proof: Proof) -> None:
    candidate = program(
        f"{RATE}; m.m0 = m.rng.normal(0.0, 1.0, (m.F, m.F)); m.v1 = m.rng.normal(0.0, 0.1, m.F)",
        PREDICT,
        LEARN,
    )
    kept = simplify(candidate, proof)
    assert [statement.op.draws for statement in kept.after.setup] == [False, True, True]
    dropped = simplify(candidate, proof, drop_draws=True)
    step = dropped.steps[-1]
    assert (step.name, step.outcome) == ("draws", "kept")
    assert step.why.startswith("the random numbers changed: over 20 seeds fitness differs by ")
    assert len(dropped.after) == len(kept.after) - 1


def test_draws_stay_where_their_loss_shows(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Proof, "over_seeds", lambda *_: (-0.1, 0.01))
    candidate = program(
        f"{RATE}; m.m0 = m.rng.normal(0.0, 1.0, (m.F, m.F)); m.v1 = m.rng.normal(0.0, 0.1, m.F)",
        PREDICT,
        LEARN,
    )
    found = simplify(candidate, proof, drop_draws=True)
    assert found.steps[-1].outcome == "refused"
    assert found.after == simplify(candidate, proof).after


def test_pruning_stops_at_the_loss_that_is_allowed(proof: Proof) -> None:
    # A tiny step toward the features does next to nothing, but is no dead statement.
    candidate = program(f"{RATE}; m.s7 = 1e-06", PREDICT, f"{LEARN}; m.v5 = m.s7 * m.v0; m.v1 = m.v1 + m.v5")
    assert len(simplify(candidate, proof).after) == len(candidate)
    found = simplify(candidate, proof, prune=0.01)
    assert found.fitness_before - found.fitness <= 0.01
    assert len(found.after) <= len(template("linear"))
    assert found.steps[-1].name == "prune"
    everything = simplify(candidate, proof, prune=1.0)
    assert len(everything.after) == 0


def test_text_keeps_docstring_and_constant_parts() -> None:
    candidate = template("linear")
    head = '"""Evolved by synth: mean accuracy 0.7 on 9 selection tasks.\n\nImprovement 3 of run x.\n"""'
    exported = with_sklearn(head + with_model(candidate.text()).split("\n", 1)[1].join(["\n", ""]))
    new = simplified_text(exported, Candidate(), names=False)
    assert new.startswith(head + "\n")
    assert MODEL_PART.rstrip("\n") in new
    assert new.endswith(exported[-200:])
    assert parse(new).candidate == Candidate()
    bare = simplified_text("def setup(m): pass\ndef predict(m): pass\ndef learn(m): pass\n", candidate)
    assert bare.startswith("import numpy as np\n\n\ndef setup(m):\n    m.s2 = 0.01\ndef predict(m):\n")
    assert parse(bare).candidate == normal_form(candidate)


def test_names(tmp_path: Path) -> None:
    new = simplified_text(template("linear").text("Mine."), template("linear"), names=True)
    assert new.startswith('"""Mine."""\n')
    assert "m.v1_weights = m.v1_weights + m.v2_gradient" in new


def test_what_is_still_true_of_a_simpler_program() -> None:
    chosen, longer = small(), program(RATE, f"{PREDICT}; m.s5 = m.s1 + m.s9", LEARN)
    (tasks,) = chosen.sets
    here = StatedFigure("select", "0.9000", Conditions.of(tasks, chosen.seed, chosen.epochs))
    others = [
        StatedFigure("test", "0.9000", replace(here.conditions, digest="0" * 16)),
        StatedFigure("report", "0.9000", replace(here.conditions, seed=1)),
        StatedFigure("search", "0.9000", replace(here.conditions, epochs=2)),
    ]
    figures = [here, *others]
    shorter = Simplified(longer, template_linear(), (), 0.9, 0.9, True)
    assert still_true(figures, shorter, chosen, exact=True) == [here]
    assert still_true(figures, shorter, chosen, exact=False) == []
    same = Simplified(longer, longer, (), 0.9, 0.9, True)
    assert still_true(figures, same, chosen, exact=False) == [here, *others]
