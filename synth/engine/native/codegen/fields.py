"""Records by which Python and machine code speak: `ctypes` structures of eight bytes a field."""

import ctypes
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import I64, POINTER

NUMBER, ADDRESS = ctypes.c_uint64, ctypes.c_void_p
CODE = ctypes.c_char_p
"""Bytes, whose address ctypes takes at once."""


class Record:
    """A record as the code sees it that a builder emits: its address, and fields of a structure."""

    def __init__(self, builder: ir.IRBuilder, structure: type[ctypes.Structure], address: Any) -> None:
        self.builder, self.structure, self.address = builder, structure, address

    def read(self, name: str) -> Any:
        """Read a field."""
        kind = I64 if (name, NUMBER) in self.structure._fields_ else POINTER
        return self.builder.load(self._pointer(name), typ=kind)

    def write(self, name: str, value: Any) -> None:
        """Write a field."""
        self.builder.store(value, self._pointer(name))

    def _pointer(self, name: str) -> Any:
        index = I64(getattr(self.structure, name).offset // 8)
        return self.builder.gep(self.address, [index], source_etype=I64)
