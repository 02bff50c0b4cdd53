"""JSON documents of reading commands, from the tables that hold the facts."""

from typing import Any

from synth.language.ops import CONSTANT_NAMES, OPS, Op


def ops_document() -> dict[str, Any]:
    """Return the op table as `synth ops --json` prints it."""
    return {"schema": 1, "ops": [_op(op) for op in OPS]}


def _op(op: Op) -> dict[str, Any]:
    constants = [
        {"name": name, "low": constant.low, "high": constant.high, "kind": constant.kind}
        for name, constant in zip(CONSTANT_NAMES, op.constants, strict=False)
    ]
    return {
        "id": op.id,
        "name": op.name,
        "template": op.template,
        "inputs": list(op.inputs),
        "output": op.output,
        "constants": constants,
        "cost": op.cost,
    }
