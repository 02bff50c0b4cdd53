"""Records by which Python and machine code speak: fields of eight bytes each."""

import ctypes
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import I64
from synth.language.candidate import FUNCTIONS


class Layout:
    """Names and types (`I64` or `POINTER`) of a record's fields, in order."""

    def __init__(self, fields: tuple[tuple[str, Any], ...]) -> None:
        self._fields = fields
        self._index = {name: position for position, (name, _) in enumerate(fields)}

    def ctypes(self) -> list[tuple[str, Any]]:
        """The fields of a `ctypes.Structure`.

        Code is given as bytes, whose address ctypes takes at once; other pointers as numbers.
        """
        return [(name, _c_type(name, kind)) for name, kind in self._fields]

    def pointer(self, builder: ir.IRBuilder, record: Any, name: str) -> Any:
        """The address of a field of a record."""
        return builder.gep(record, [I64(self._index[name])], source_etype=I64)

    def read(self, builder: ir.IRBuilder, record: Any, name: str) -> Any:
        """The value of a field."""
        kind = self._fields[self._index[name]][1]
        return builder.load(self.pointer(builder, record, name), typ=kind)


def _c_type(name: str, kind: Any) -> Any:
    if kind is I64:
        return ctypes.c_uint64
    return ctypes.c_char_p if name in ("code", *FUNCTIONS) else ctypes.c_void_p
