"""A module's three functions on torch tensors: statements are spelled anew, what is between them stays."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.constants import render_constant
from synth.language.instruction import Instruction
from synth.language.ops import CONSTANT_NAMES, Op
from synth.standalone.parts import TORCH_IMPORTS, TORCH_PART

SPELLINGS = {
    "s * v": "{a}[:, None] * {b}",
    "s * m": "{a}[:, None, None] * {b}",
    "np.heaviside(s, 1.0)": "_heaviside({a}, 1.0)",
    "np.heaviside(v, 0.0)": "_heaviside({a}, 0.0)",
    "np.heaviside(m, 0.0)": "_heaviside({a}, 0.0)",
    "np.full(m.F, s)": "{a}[:, None].expand(-1, m.F)",
    "np.dot(v, v)": "torch.linalg.vecdot({a}, {b})",
    "np.dot(m, v)": 'torch.einsum("tij,tj->ti", {a}, {b})',
    "np.outer(v, v)": 'torch.einsum("ti,tj->tij", {a}, {b})',
    "np.broadcast_to(v[:, None], (m.F, m.F))": "{a}[:, :, None].expand(-1, m.F, m.F)",
    "np.broadcast_to(v, (m.F, m.F))": "{a}[:, None, :].expand(-1, m.F, m.F)",
    "m.T": "{a}.mT",
    "np.linalg.norm(v)": "torch.linalg.vector_norm({a}, dim=1)",
    "np.linalg.norm(m)": "torch.linalg.vector_norm({a}, dim=(1, 2))",
    "np.linalg.norm(m, axis=0)": "torch.linalg.vector_norm({a}, dim=1)",
    "np.linalg.norm(m, axis=1)": "torch.linalg.vector_norm({a}, dim=2)",
    "np.mean(v)": "torch.mean({a}, dim=1)",
    "np.mean(m)": "torch.mean({a}, dim=(1, 2))",
    "np.mean(m, axis=1)": "torch.mean({a}, dim=2)",
    "np.std(v)": "torch.std({a}, dim=1, correction=0)",
    "np.std(m)": "torch.std({a}, dim=(1, 2), correction=0)",
    "np.std(m, axis=1)": "torch.std({a}, dim=2, correction=0)",
}
"""What torch does not spell as numpy does, with a dimension of tasks in front: expressions of the op table,
where s, v and m stand for operands, and those of torch."""

_OPERAND = re.compile(r"m\.([svm])\{[ab]\}")
_NAME = re.compile(r"\bm\.[svm](\d\w*)", re.ASCII)


@cache
def torch_template(op: Op) -> str:
    """Return an op's statement on torch tensors, with the slots of its template."""
    target, _, expression = op.template.partition(" = ")
    spelling = SPELLINGS.get(_OPERAND.sub(r"\1", expression))
    if spelling is not None:
        operands = (f"m.{kind}{{{slot}}}" for kind, slot in zip(op.inputs, "ab", strict=False))
        expression = spelling.format(**dict(zip("ab", operands, strict=False)))
    return f"{target.replace('[', '[:, ', 1)} = {expression.replace('np.', 'torch.')}"


def torch_text(docstring: str, text: str, candidate: Candidate) -> str:
    """Return a module on torch tensors, as black writes it, with this docstring, a Python string's source.

    `text` is a module of the language, without standing parts, and `candidate` what it holds. Its names,
    comments and order stay.
    """
    import black

    algorithm = f"{docstring}\n\n{TORCH_IMPORTS}\n\n{_functions(text, candidate).strip()}\n"
    return black.format_str(algorithm, mode=black.Mode()) + TORCH_PART


def _functions(text: str, candidate: Candidate) -> str:
    """Return the text with its statements on torch tensors, without docstring and import."""
    tree = ast.parse(text)
    new: dict[ast.stmt, str | None] = {one: None for one in tree.body if not isinstance(one, ast.FunctionDef)}
    new |= {node: _spelled(node, one) for node, one in _statements(tree, candidate)}
    lines = [line.encode() for line in text.split("\n")]
    for node in sorted(new, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        _replace(lines, node, new[node])
    return b"\n".join(lines).decode()


def _statements(tree: ast.Module, candidate: Candidate) -> Iterator[tuple[ast.stmt, Instruction]]:
    """Yield each statement of the three functions with its instruction."""
    bodies = dict(zip(FUNCTIONS, candidate.bodies, strict=True))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            assignments = [one for one in function.body if isinstance(one, ast.Assign)]
            yield from zip(assignments, bodies[function.name], strict=True)


def _spelled(node: ast.stmt, instruction: Instruction) -> str:
    """Return a statement on torch tensors, with the names that it has."""
    out, *operands = _NAME.findall(ast.unparse(node))
    constants = dict(zip(CONSTANT_NAMES, map(render_constant, instruction.constants), strict=False))
    slots = dict(zip("ab", operands, strict=False))
    return torch_template(instruction.op).format(out=out, **slots, **constants)


def _replace(lines: list[bytes], node: ast.stmt, new: str | None) -> None:
    """Put text in place of a statement; without any, leave its lines empty."""
    assert node.end_lineno is not None, "it was parsed"
    first, last = node.lineno - 1, node.end_lineno - 1
    if new is None:
        lines[first : last + 1] = [b""] * (last + 1 - first)
    else:
        before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        lines[first : last + 1] = [before + new.encode() + after]
