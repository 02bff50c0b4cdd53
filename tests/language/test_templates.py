"""The templates: in the language, as rendered, able to learn, and found in a checkout and in a wheel."""

import runpy
import shutil
import tomllib
from pathlib import Path

import black
import numpy as np
import pytest

from synth.errors import UsageError
from synth.language import templates
from synth.language.candidate import Candidate
from synth.language.ops import OPS
from synth.language.parser import parse_file
from synth.language.rejection import can_learn
from synth.language.templates import template_names, template_path
from synth.standalone.parts import with_model

ROOT = Path(__file__).parent.parent.parent


def test_names() -> None:
    assert template_names() == ("averaged_net", "empty", "linear", "neural_net", "quadratic")
    with pytest.raises(UsageError, match="no template 'nets'; there are averaged_net, empty"):
        template_path("nets")


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_what_synth_would_write(name: str) -> None:
    parsed = parse_file(template_path(name))
    text = template_path(name).read_text(encoding="utf-8")
    assert parsed.candidate.text(parsed.docstring) == text
    assert black.format_str(text, mode=black.Mode()) == text
    assert parsed.notices == ()
    assert can_learn(parsed.candidate) == (name != "empty")


def test_costs_are_those_of_the_reference() -> None:
    net = parse_file(template_path("neural_net")).candidate
    costs = [sum(one.op.cost for one in body) for body in net.bodies]
    assert costs == [358864510, 26984126, 54920587]
    linear = parse_file(template_path("linear")).candidate
    assert [one.op for one in linear] == [OPS[56], OPS[27], OPS[2], OPS[3], OPS[18], OPS[23]]
    assert parse_file(template_path("empty")).candidate == Candidate()


def accuracy(name: str, quadratic: bool) -> float:
    """Of a template on two classes in four features, told apart by a plane or by a product of features."""
    random = np.random.default_rng(0)
    X = random.normal(size=(1500, 4))
    score = X[:, 0] * X[:, 1] if quadratic else X @ [1.0, -1.0, 0.5, 0.0]
    namespace: dict[str, type] = {}
    exec(with_model(parse_file(template_path(name)).candidate.text()), namespace)
    model = namespace["Model"](4).fit(X[:1000], score[:1000] > 0)
    return float(np.mean(model.predict(X[1000:]) == (score[1000:] > 0)))


@pytest.mark.parametrize("name", ["linear", "neural_net", "averaged_net", "quadratic"])
def test_a_template_learns(name: str) -> None:
    assert accuracy(name, quadratic=False) > 0.93


@pytest.mark.parametrize("name", ["averaged_net", "quadratic"])
def test_not_all_are_linear(name: str) -> None:
    assert accuracy(name, quadratic=True) > 0.85
    assert accuracy("linear", quadratic=True) < 0.65


def test_the_wheel_ships_them(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["templates"] == "synth/templates"
    for folder in ("language", "templates"):
        (tmp_path / "synth" / folder).mkdir(parents=True)
    shipped = tmp_path / "synth" / "templates" / "one.py"
    shipped.write_text("", encoding="utf-8")
    module = shutil.copy(templates.__file__, tmp_path / "synth" / "language")
    installed = runpy.run_path(str(module))
    assert installed["template_names"]() == ("one",)
    assert installed["template_path"]("one") == shipped
