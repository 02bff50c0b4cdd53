"""The equations and the data flow of a program on the page: whole, in order, inside of their frames."""

import re

import pytest
from native_programs import template

from synth.language.candidate import Candidate
from synth.reading.equations.equations import equations_of
from synth.report.page.dataflow import UPDATE, VALUE, _boxes, _layers, data_flow
from synth.report.page.mathematics import mathematics

NAMES = ["linear", "quadratic", "neural_net", "averaged_net", "empty"]


def test_vectors_are_bold_and_nothing_is_left_unescaped() -> None:
    found = mathematics(equations_of(template("neural_net")))
    lines = [text for part in found["parts"] for text, _ in part["lines"]]
    assert "<b>h</b><sub>1</sub> = <i>M</i> <b>x</b> + <b>b</b><sub>1</sub>" in lines
    assert "<b>g</b> = <i>δ</i> <b>w</b> ⊙ [<b>h</b><sub>1</sub> &gt; 0]" in lines
    assert r"\begin{align*}" in found["latex"]


@pytest.mark.parametrize("name", NAMES)
def test_values_stand_right_after_what_they_are_made_of_or_where_it_passes(name: str) -> None:
    layers = _layers(_boxes(equations_of(template(name))))
    place = {box: number for number, layer in enumerate(layers) for box in layer}
    assert all(place[source] + 1 == place[box] for box in place for source in box.sources)


@pytest.mark.parametrize("name", NAMES)
def test_boxes_and_lines_lie_inside_of_both_drawings(name: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", data_flow(equations_of(template(name))), re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', drawing)[0])
        for box in re.findall(r'<rect x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"', drawing):
            x, y, across, down = map(float, box)
            assert x >= 0 and y >= 0 and x + across <= width and y + down <= height
        for end in re.findall(r"(-?[\d.]+) (-?[\d.]+)", " ".join(re.findall(r' d="(.*?)"', drawing))):
            assert 0 <= float(end[0]) <= width
            assert 0 <= float(end[1]) <= height


def test_what_a_step_updates_is_a_kind_of_its_own() -> None:
    boxes = _boxes(equations_of(template("quadratic")))
    assert [box.label for box in boxes if box.kind == UPDATE] == ["b ←", "w ←", "M ←"]
    assert [box.label for box in boxes if box.kind == VALUE] == ["prediction", "p", "δ", "g"]
    assert 'data-tip="M ← M + η₂ g xᵀ; weights"' in data_flow(equations_of(template("quadratic")))


def test_nothing_is_drawn_of_nothing() -> None:
    assert "prediction ←" in data_flow(equations_of(Candidate()))
