"""The Jinja templates of a run's page; all that they insert is escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from synth.report.text import number

FOLDER = Path(__file__).parent / "templates"


def compact(value: float) -> str:
    """Return a number with at most two decimals and no zeros at their end, as SVG has it."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"compact": compact, "number": number}


def render(template: str, /, **context: Any) -> Markup:
    """Return a template filled in with a context."""
    return Markup(_ENVIRONMENT.get_template(template).render(**context))
