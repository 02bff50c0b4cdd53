"""Compiling a machine for a processor, and the cache of compiled machines.

The cache holds machine code, so a file of it is used only if its folder and itself belong to this user and
nobody else can write there, and if its digest is right; anything else is compiled again.
"""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from synth.engine.native.codegen import machine, program
from synth.engine.native.codegen.emitter import Shape
from synth.language.candidate import Candidate
from synth.tasks.sources.cache import cache_dir

SYNTH = Path(__file__).parents[2]
SOURCES = (SYNTH / "engine", SYNTH / "language", SYNTH / "tasks")
"""The rooms that the code of a machine comes from."""


llvm.initialize_native_target()
llvm.initialize_native_asmprinter()


def host() -> tuple[str, str]:
    """Return name and features of this processor."""
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def target_machine(processor: tuple[str, str] | None = None) -> llvm.TargetMachine:
    """Return the code generator for a processor (this one unless named), optimisation level 2."""
    name, features = processor or host()
    triple = llvm.get_process_triple()
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=name, features=features, opt=2, reloc="pic", codemodel="jitdefault"
    )


def compile_machine(shape: Shape, processor: tuple[str, str] | None = None) -> bytes:
    """Return the object code of a machine."""
    return _compiled(machine.build(shape), shape, processor)


def compile_program(shape: Shape, candidate: Candidate) -> bytes:
    """Return the object code of one program."""
    return _compiled(program.build_program(shape, candidate), shape)


def _compiled(source: Any, shape: Shape, processor: tuple[str, str] | None = None) -> bytes:
    target = target_machine(processor)
    module = llvm.parse_assembly(str(source))
    module.triple = target.triple
    module.data_layout = str(target.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = shape.lanes == 1
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(target.emit_object(module))


@lru_cache(maxsize=1)
def _version() -> str:
    """Return a digest of what the code depends on besides shape and processor."""
    digest = hashlib.sha256(llvmlite.__version__.encode())
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def object_code(shape: Shape) -> bytes:
    """Return the object code of a machine for this processor, from the cache or compiled now."""
    key = hashlib.sha256(repr((_version(), shape, host())).encode()).hexdigest()
    path = cache_dir() / "kernels" / f"{key}.o"
    code = _read(path)
    if code is None:
        code = compile_machine(shape)
        _write(path, code)
    return code


def _private(path: Path) -> bool:
    """Return whether it is ours, and nobody else can write it."""
    state = path.lstat()
    ours = not hasattr(os, "getuid") or state.st_uid == os.getuid()
    return ours and not stat.S_ISLNK(state.st_mode) and not state.st_mode & 0o022


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        if _private(path.parent) and _private(path):
            content = path.read_bytes()
            code, digest = content[:-32], content[-32:]
            if code and hashlib.sha256(code).digest() == digest:
                return code
    return None


def _write(path: Path, code: bytes) -> None:
    """Keep it for later; a cache that cannot be written costs time only."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _private(path.parent):
            return
        handle, unfinished = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(code + hashlib.sha256(code).digest())
            os.replace(unfinished, path)
        finally:
            Path(unfinished).unlink(missing_ok=True)
