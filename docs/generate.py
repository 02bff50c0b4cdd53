"""Write the parts of the pages that come from the source: `python docs/generate.py`; `--check` only compares.

A page holds `<!-- generated: NAME -->` and `<!-- end -->`; what stands between them is made anew, and so
are the pictures of the notebook's programs.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.models import ArgumentInfo

import synth.settings.schema
from synth.cli import app
from synth.language.ops import CONSTANT_NAMES, OPS, Op
from synth.language.parser import candidate_of
from synth.language.random_source import LEARN, SETUP, TRAIN_PREDICT, Draw, normals, philox, uniforms
from synth.reading.equations.equations import equations_of
from synth.report.page.dataflow import data_flow
from synth.settings.presets import preset_description, preset_names
from synth.settings.schema import FLAGS, Config
from synth.settings.values import as_text

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE.parent / "examples" / "first_steps.ipynb"
BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Row = list[str]

VALUES = {bool: "", int: "N", float: "X", str: "TEXT", Path: "PATH"}
"""What stands for a value in a table of options."""


def table(head: Row, rows: Iterator[Row] | list[Row]) -> str:
    """Return a table; bars in its cells are escaped."""
    lines = [head, ["--"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# The language


def ops() -> str:
    """The op table."""
    return table(["id", "name", "statement", "constants", "cost"], [_op(op) for op in OPS])


def _op(op: Op) -> Row:
    values = {"a": "1", "b": "2", "out": "3"} | {name: name for name in CONSTANT_NAMES}
    constants = ", ".join(
        f"{name} {constant.kind} [{constant.low:g}, {constant.high:g})"
        for name, constant in zip(CONSTANT_NAMES, op.constants, strict=False)
    )
    return [str(op.id), op.name, f"`{op.template.format(**values)}`", constants, f"{op.cost:,}"]


# The command line


def commands() -> str:
    """Every command with its arguments and options."""
    parts = []
    for command in app.registered_commands:
        assert command.callback is not None
        paragraphs = [" ".join(text.split()) for text in (command.callback.__doc__ or "").split("\n\n")]
        parameters = inspect.signature(command.callback, eval_str=True).parameters.values()
        rows = [_parameter(one) for one in parameters if hasattr(one.annotation, "__metadata__")]
        parts += [f"## synth {command.name}", *filter(None, paragraphs), table(["", "default", "what"], rows)]
    return "\n\n".join(parts)


def _parameter(one: inspect.Parameter) -> Row:
    """One parameter of a command: how it is written, its default, what it is for."""
    kind, info = one.annotation.__origin__, one.annotation.__metadata__[0]
    required = one.default is inspect.Parameter.empty
    # What stands first in an annotation's `typer.Option(...)` is kept as its default.
    names = [name for name in (info.default, *(info.param_decls or ())) if str(name).startswith("-")]
    value = info.metavar or _values(kind)
    if isinstance(info, ArgumentInfo):
        written = value if required or value.startswith("[") else f"[{value}]"
    else:
        flags = ", ".join(map(str, names)) or f"--{one.name.replace('_', '-')}"
        written = f"{flags} {value}".strip()
    default = "" if one.default is None or one.default is False or required else f"`{one.default}`"
    default = info.show_default if isinstance(info.show_default, str) else default
    return [f"`{written}`", "required" if required else default, (info.help or "").strip()]


def _values(kind: Any) -> str:
    """What stands for a value of a type: its choices, or its name."""
    options = [option for option in get_args(kind) if option is not type(None)]
    if get_origin(kind) is Literal:
        return "|".join(map(str, options))
    return _values(options[0]) if options else VALUES[kind]


# Settings


def settings() -> str:
    """Every setting by section, with what its docstring says."""
    flags = {key: flag for flag, key in FLAGS.items()}
    parts = []
    defaults = Config()
    for section in fields(Config):
        value = getattr(defaults, section.name)
        if not is_dataclass(value):
            continue
        meanings = _docstrings(type(value).__name__)
        rows = [
            [
                f"`{section.name}.{field.name}`",
                f"`{flag}`" if (flag := flags.get(f"{section.name}.{field.name}")) else "",
                f"`{written}`" if (written := as_text(getattr(value, field.name))) else "",
                meanings[field.name],
            ]
            for field in fields(value)
        ]
        about = " ".join((type(value).__doc__ or "").split())
        parts += [f"### {section.name}", about, table(["setting", "flag", "default", "what"], rows)]
    return "\n\n".join(parts)


def _docstrings(class_name: str) -> dict[str, str]:
    """Return what stands beneath each field of a class of the settings."""
    tree = ast.parse(Path(synth.settings.schema.__file__).read_text(encoding="utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name)
    meanings = {}
    for field, below in zip(found.body, found.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(field.target, ast.Name) and isinstance(below.value, ast.Constant)
            meanings[field.target.id] = " ".join(str(below.value.value).split())
    return meanings


def presets() -> str:
    """Every preset."""
    return table(["preset", "what"], [[f"`{name}`", preset_description(name)] for name in preset_names()])


# The random source


def words() -> str:
    """Known answers of the generator."""
    ones = 0xFFFFFFFF
    pi = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    cases = [((0, 0, 0, 0), (0, 0)), ((ones,) * 4, (ones,) * 2), (pi, (0xA4093822, 0x299F31D0))]
    rows = [[_hex(counter), _hex(key), _hex(philox(counter, key))] for counter, key in cases]
    return table(["counter", "key", "words"], rows)


def _hex(numbers: tuple[int, ...]) -> str:
    return f"`{' '.join(f'{number:08x}' for number in numbers)}`"


def draws() -> str:
    """Draws by name: what `m.rng` returns at places of the procedure."""
    names = {SETUP: "setup", TRAIN_PREDICT: "training predict", LEARN: "learn"}
    rows = []
    for draw in (
        Draw(0, 0, SETUP, 0, 0),
        Draw(0, 0, SETUP, 0, 1),
        Draw(7, 3, LEARN, 12, 2),
        Draw(7, 3, TRAIN_PREDICT, 12, 2),
    ):
        place = [str(draw.seed), str(draw.task), names[draw.phase], str(draw.example), str(draw.k)]
        for kind, values in (
            ("uniform(0.0, 1.0, 3)", uniforms(draw, 3)),
            ("normal(0.0, 1.0, 3)", normals(draw, 3)),
        ):
            rows.append([*place, f"`{kind}`", f"`{', '.join(f'{value:.10f}' for value in values)}`"])
    return table(["seed", "task", "phase", "example", "k", "draw", "values"], rows)


# The notebook

PICTURE_STYLE = """<style>
  .ground { fill: #ffffff; } .box { fill: #f4f6fb; stroke: #8ea0c8; stroke-width: 1.5; }
  .box.net { stroke: #0f7b57; } .box.best { stroke: #3451d1; } .box.linear { stroke: #b45309; }
  .flow-line { fill: none; stroke: #8d96a3; } .flow-line.linear { stroke: #b45309; }
  text { fill: #1d2127; text-anchor: middle; }
  text { font: 15px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14171b; } .box { fill: #20262e; stroke: #5a6b8f; } .box.net { stroke: #4cc79a; }
    .box.best { stroke: #8ea4ff; } .box.linear { stroke: #f0a04b; } .flow-line { stroke: #7d8794; }
    .flow-line.linear { stroke: #f0a04b; } text { fill: #e4e8ed; }
  }
</style>
<rect class="ground" width="100%" height="100%" rx="10"/>"""


def first_steps() -> str:
    """The notebook, as a page: its text, its code and what that prints."""
    return "\n\n".join(part for cell in _cells() for part in _page_of(cell))


def _cells() -> list[dict[str, Any]]:
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]  # type: ignore[no-any-return]


def _page_of(cell: dict[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source.replace("](../docs/", "](")
        return
    # Tests run each block of `python` by itself. These need each other, and run as the notebook.
    yield f"```py\n{source}\n```"
    for output in _outputs(cell):
        kind = "diff" if output.startswith("---") else "py" if output.startswith('"""') else "text"
        yield f"```{kind}\n{output}\n```"


def _outputs(cell: dict[str, Any]) -> list[str]:
    """What a cell of code prints and shows, as plain text."""
    found = (output.get("text") or output["data"]["text/plain"] for output in cell.get("outputs", ()))
    return ["".join(lines).rstrip("\n") for lines in found]


def pictures() -> dict[Path, str]:
    """The data flow of the program that the notebook starts from, and of the one that it finds."""
    cells = {cell["id"]: cell for cell in _cells()}
    (mine,) = _modules("".join(cells["mine"]["source"]))
    (best,) = _outputs(cells["best"])
    images = HERE / "images"
    return {images / "first_steps_mine.svg": _picture(mine), images / "first_steps_best.svg": _picture(best)}


def _modules(source: str) -> list[str]:
    """The modules that stand in strings of a cell."""
    strings = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [text for text in strings if isinstance(text, str) and "def setup" in text]


def _picture(module: str) -> str:
    """The data flow of a module, as a file of its own."""
    drawing, _, _ = str(data_flow(equations_of(candidate_of(module)))).partition("</svg>")
    head, _, rest = drawing.strip().partition(">")
    width, height = re.findall(r'viewBox="0 0 (\d+) (\d+)"', head)[0]
    size = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    return f"{head}{size}\n{PICTURE_STYLE}{rest}</svg>\n"


PARTS: dict[str, Callable[[], str]] = {
    "ops": ops,
    "commands": commands,
    "settings": settings,
    "presets": presets,
    "words": words,
    "draws": draws,
    "first_steps": first_steps,
}


def filled(text: str) -> str:
    """Return a page with its generated parts made anew."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[3]}", text)


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which would change."""
    pages = {path: filled(path.read_text(encoding="utf-8")) for path in sorted(HERE.rglob("*.md"))}
    stale = []
    for path, new in (pages | pictures()).items():
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            stale.append(str(path.relative_to(HERE.parent)))
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"not up to date, python docs/generate.py writes: {', '.join(stale)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
