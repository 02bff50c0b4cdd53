"""What works on this machine: what `synth doctor` says."""

import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from synth.errors import SynthError
from synth.search.executors.processors import usable_processors
from synth.version import __version__

PACKAGES = ("numpy", "libcst", "black", "typer", "rich", "llvmlite", "scikit-learn", "pooch")


def examine() -> dict[str, Any]:
    """Return the findings as the JSON document of `synth doctor`: name, ok and detail of each check."""
    checks = [
        {"name": name, "ok": ok, "detail": detail}
        for part in (_versions, _processor, _sandbox, _data, _folders)
        for name, ok, detail in part()
    ]
    return {"schema": 1, "version": __version__, "checks": checks}


Finding = tuple[str, bool, str]


def _versions() -> Iterator[Finding]:
    python = f"{platform.python_version()} at {sys.executable}"
    yield "python", sys.version_info >= (3, 11), f"{python} on {platform.platform()}"
    installed, missing = [], []
    for package in PACKAGES:
        try:
            installed.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    detail = ", ".join(installed) + (f"; missing: {', '.join(missing)}" if missing else "")
    yield "packages", not missing, detail


def _processor() -> Iterator[Finding]:
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    widest = next(
        (name for name in ("avx512f", "avx2", "avx", "sse2", "neon") if features.get(name)), "no SIMD"
    )
    cores = f"{usable_processors()} of {os.cpu_count()} cores to use"
    yield "processor", True, f"{llvm.get_host_cpu_name()}, {cores}, {widest}"


def _sandbox() -> Iterator[Finding]:
    from synth.sandbox.in_force import doctor

    for layer in doctor():
        yield f"sandbox: {layer.name}", layer.in_force, layer.detail


def _data() -> Iterator[Finding]:
    from synth.tasks.names import CIFAR10, DIGITS
    from synth.tasks.sources import cifar10

    try:
        folder = cifar10.find()
        yield (
            f"data: {CIFAR10}",
            folder is not None,
            str(folder or "not here; synth data cifar10 downloads it"),
        )
    except SynthError as error:
        yield f"data: {CIFAR10}", False, str(error)
    yield f"data: {DIGITS}", True, "part of scikit-learn"


def _folders() -> Iterator[Finding]:
    from synth.runs.folder import runs_root
    from synth.tasks.sources.cache import cache_dir

    for name, folder in {"runs": runs_root().absolute(), "cache": cache_dir()}.items():
        yield f"folder: {name}", _writable(folder), str(folder)


def _writable(folder: Path) -> bool:
    """Return whether a folder, or the nearest one above it that exists, can be written to."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return existing.is_dir() and os.access(existing, os.W_OK)
