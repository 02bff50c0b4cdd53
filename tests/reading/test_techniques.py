"""Techniques are found where they are, and nowhere else."""

import pytest
from native_programs import program, template

from synth.language.candidate import Candidate
from synth.reading.equations.equations import equations_of
from synth.reading.learner import Learner
from synth.reading.names import named_text
from synth.reading.simplify.passes import normal_form
from synth.reading.techniques import Technique, find_techniques
from synth.reading.webs import split_addresses

PREDICT = "m.s1 = np.dot(m.v0, m.v1)"
ERROR = "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.v2 = m.s3 * m.v0"
STEP = f"{ERROR}; m.v1 = m.v1 + m.v2"
RATE = "m.s2 = 0.01"

FOUND = {
    "linear": (template("linear"), ["gradient step"]),
    "neural_net": (template("neural_net"), ["gradient step"] * 4 + ["ReLU"]),
    "averaged_net": (
        template("averaged_net"),
        ["gradient step", "normalised gradient", "averaged weights", "bilinear", "noise", "sigmoid"],
    ),
    "empty": (template("empty"), []),
    "weight decay, in two statements": (
        program(f"{RATE}; m.s5 = 0.999", PREDICT, f"{ERROR}; m.v1 = m.s5 * m.v1; m.v1 = m.v1 + m.v2"),
        ["gradient step", "weight decay"],
    ),
    "weight decay, by a difference": (
        program(
            f"{RATE}; m.s5 = 0.001",
            PREDICT,
            f"{ERROR}; m.v3 = m.s5 * m.v1; m.v1 = m.v1 - m.v3; m.v1 = m.v1 + m.v2",
        ),
        ["gradient step", "weight decay"],
    ),
    "momentum": (
        program(
            f"{RATE}; m.s5 = 0.9",
            PREDICT,
            f"{ERROR}; m.v3 = m.s5 * m.v3; m.v3 = m.v3 + m.v2; m.v1 = m.v1 + m.v3",
        ),
        ["gradient step", "momentum"],
    ),
    "a learning rate that fades": (
        program(f"{RATE}; m.s5 = 0.999", PREDICT, f"m.s2 = m.s2 * m.s5; {STEP}"),
        ["gradient step", "learning-rate decay"],
    ),
    "a learning rate that its arc tangent replaces": (
        program(RATE, PREDICT, f"m.s2 = np.arctan(m.s2); {STEP}"),
        ["gradient step", "learning-rate decay"],
    ),
    "an error that is squashed": (
        program(RATE, PREDICT, STEP.replace("m.s3 = m.s2 * m.s3", "m.s3 = np.sin(m.s3); m.s3 = m.s2 * m.s3")),
        ["gradient step"],
    ),
    "a learning rate over a count": (
        program("m.s5 = 1.0", PREDICT, f"m.s6 = m.s6 + m.s5; m.s2 = 1.0 / m.s6; {STEP}"),
        ["gradient step", "learning-rate decay"],
    ),
    "a step divided by the norm of the features": (
        program(
            "m.s8 = 0.01",
            PREDICT,
            f"m.s7 = np.linalg.norm(m.v0); m.s2 = m.s8 / m.s7; {STEP}",
        ),
        ["gradient step", "normalised gradient"],
    ),
    "noise on the features of predictions": (
        program(
            RATE, "m.v4 = m.rng.normal(0.0, 0.1, m.F); m.v4 = m.v4 + m.v0; m.s1 = np.dot(m.v4, m.v1)", STEP
        ),
        ["gradient step", "noise"],
    ),
    "ReLU as a product with a step function": (
        program(
            f"{RATE}; m.m0 = m.rng.normal(0.0, 0.1, (m.F, m.F))",
            "m.v3 = np.dot(m.m0, m.v0); m.v4 = np.heaviside(m.v3, 0.0); m.v5 = m.v3 * m.v4; "
            "m.s1 = np.dot(m.v5, m.v1)",
            ERROR.replace("m.v0", "m.v5") + "; m.v1 = m.v1 + m.v2",
        ),
        ["gradient step", "ReLU"],
    ),
    "examples added up by their labels": (
        program("", PREDICT, "m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2"),
        ["sum of examples"],
    ),
    "a step by label and prediction without their difference": (
        program("", PREDICT, "m.s3 = m.s0 * m.s1; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2"),
        ["step by label and prediction"],
    ),
    "weights kept in two places in turn": (
        program(
            RATE, f"{PREDICT}; m.v1 = m.v5 + m.v6", f"{ERROR.replace('m.v2', 'm.v6')}; m.v5 = m.v1 + m.v7"
        ),
        ["gradient step"],
    ),
    "the maximum of two values that both vary": (
        program(RATE, "m.v3 = np.maximum(m.v0, m.v1); m.s1 = np.dot(m.v3, m.v1)", STEP),
        ["gradient step"],
    ),
    "a draw in setup": (
        program(f"{RATE}; m.v1 = m.rng.normal(0.0, 1.0, m.F)", PREDICT, STEP),
        ["gradient step"],
    ),
    "a norm that nothing is divided by": (
        program(RATE, PREDICT, f"m.s7 = np.linalg.norm(m.v0); m.s2 = m.s2 * m.s7; {STEP}"),
        ["gradient step"],
    ),
    "an error that the next prediction has in it too": (
        program(
            RATE,
            "m.s4 = np.dot(m.v0, m.v1); m.s1 = m.s4 + m.s9",
            "m.s9 = m.s0 - m.s1; m.s3 = m.s2 * m.s9; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2",
        ),
        ["gradient step"],
    ),
    "what does not reach a prediction": (
        program(RATE, PREDICT, f"{STEP}; m.v8 = m.rng.normal(0.0, 1.0, m.F); m.v8 = m.v8 + m.v0"),
        ["gradient step"],
    ),
}


def techniques(candidate: Candidate) -> list[Technique]:
    return find_techniques(Learner(candidate))


@pytest.mark.parametrize("name", FOUND)
def test_techniques(name: str) -> None:
    candidate, expected = FOUND[name]
    assert [technique.name for technique in techniques(candidate)] == expected


def one(candidate: Candidate, name: str) -> Technique:
    (found,) = (technique for technique in techniques(candidate) if technique.name == name)
    return found


def test_a_technique_names_the_statements_that_it_stands_on_with_the_program_s_own_addresses() -> None:
    candidate = template("averaged_net")
    found = one(candidate, "averaged weights")
    texts = [candidate.bodies[at.function][at.line].text for at in found.statements]
    assert texts == [
        "m.s6 = m.s6 + m.s3",
        "m.s4 = 1.0 / m.s6",
        "m.m2 = m.m1 - m.m0",
        "m.m2 = m.s4 * m.m2",
        "m.m0 = m.m0 + m.m2",
    ]
    assert found.what == "m.m0 is the running average of m.m1"


@pytest.mark.parametrize(
    ("update", "word"),
    [
        ("m.v5 = m.v5 + m.v1", "sum"),
        ("m.v6 = m.v1 - m.v5; m.v6 = m.s2 * m.v6; m.v5 = m.v5 + m.v6", "average"),
    ],
)
def test_a_sum_is_not_called_an_average(update: str, word: str) -> None:
    """In technique, comment and equations alike."""
    candidate = normal_form(program(RATE, "m.s1 = np.dot(m.v0, m.v5)", f"{STEP}; {update}"))
    assert one(candidate, "averaged weights").what == f"m.v1 is the running {word} of m.v3"
    assert f"# Update m.v1, the {word} of the weights m.v3." in named_text(candidate)
    assert f"running {word}" in [said for one in equations_of(candidate).learn for said in one.words]


OUT = {
    ("averaged_net", "normalised gradient"): {"m.s12 = np.maximum(m.s2, m.s2)"},
    ("averaged_net", "averaged weights"): {"m.m0 = np.maximum(m.m1, m.m1)"},
    ("averaged_net", "noise"): {"m.v6 = np.maximum(m.v2, m.v2)", "m.v7 = np.maximum(m.v0, m.v0)"},
    ("neural_net", "ReLU"): {"m.v6 = np.maximum(m.v4, m.v4)", "m.v10 = np.maximum(m.v8, m.v8)"},
    ("weight decay, in two statements", "weight decay"): {"m.v3 = np.maximum(m.v1, m.v1)"},
    ("weight decay, by a difference", "weight decay"): {"m.v4 = np.maximum(m.v1, m.v1)"},
    ("momentum", "momentum"): {"m.v3 = np.maximum(m.v2, m.v2)"},
    ("a learning rate that fades", "learning-rate decay"): set(),
    ("a learning rate that its arc tangent replaces", "learning-rate decay"): set(),
    ("a learning rate over a count", "learning-rate decay"): {"m.s3 = np.maximum(m.s2, m.s2)"},
}


@pytest.mark.parametrize(("name", "technique"), OUT)
def test_a_technique_is_taken_out(name: str, technique: str) -> None:
    candidate, _ = FOUND[name]
    split = split_addresses(candidate)
    without = one(candidate, technique).without(split)
    assert without is not None
    texts = {statement.text for statement in split}
    assert {statement.text for statement in without} - texts == OUT[name, technique]
    assert len(without) == len(split) - (not OUT[name, technique])


def test_what_has_no_part_to_take_out_stays() -> None:
    assert (
        one(template("averaged_net"), "bilinear").without(split_addresses(template("averaged_net"))) is None
    )
