"""Records by which Python and machine code speak: `ctypes` structures of eight bytes a field."""

import ctypes
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import I64, POINTER

NUMBER, ADDRESS = ctypes.c_uint64, ctypes.c_void_p
CODE = ctypes.c_char_p
"""Bytes, whose address ctypes takes at once."""


def field_pointer(builder: ir.IRBuilder, kind: type[ctypes.Structure], record: Any, name: str) -> Any:
    """The address of a field of a record."""
    return builder.gep(record, [I64(getattr(kind, name).offset // 8)], source_etype=I64)


def read_field(builder: ir.IRBuilder, kind: type[ctypes.Structure], record: Any, name: str) -> Any:
    """The value of a field."""
    value_type = I64 if (name, NUMBER) in kind._fields_ else POINTER
    return builder.load(field_pointer(builder, kind, record, name), typ=value_type)
