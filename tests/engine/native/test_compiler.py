"""The cache of compiled machines: used when it is whole and ours alone, otherwise left aside."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import llvmlite
import pytest
from native_programs import evaluator, program, some_tasks
from rights import wants_root

from synth.engine.native import compiler
from synth.engine.native.batch import Batch
from synth.engine.native.codegen import machine
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.evaluator import Evaluator, Machine

SHAPE = Shape(2, 4, "float64")
wants_posix = pytest.mark.wants(lambda: os.name == "posix", "permissions are not those of POSIX")


class Compiler:
    """Stands for the compilation of a machine: no two results are alike."""

    def __init__(self) -> None:
        self.compiled: list[bytes] = []

    def __call__(self, shape: Shape) -> bytes:
        self.compiled.append(f"{shape}, number {len(self.compiled)}".encode())
        return self.compiled[-1]


@pytest.fixture
def cache(fresh_cache: Path) -> Iterator[Path]:
    """The folder of compiled machines, empty."""
    yield fresh_cache / "kernels"
    compiler._version.cache_clear()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Compiler:
    compile_machine = Compiler()
    monkeypatch.setattr(compiler, "compile_machine", compile_machine)
    return compile_machine


def only_file(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


def test_a_machine_is_compiled_once_and_runs_from_the_cache(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compiler.object_code(SHAPE)
    monkeypatch.setattr(compiler, "compile_machine", None)
    second = compiler.object_code(SHAPE)
    assert first == second and len(list(cache.iterdir())) == 1
    tasks, candidate = some_tasks(4, 2), program("", "m.s1 = np.mean(m.v0)")
    again = Evaluator(Machine(SHAPE, second), Batch.of(tasks, SHAPE))
    again.run(candidate.code)
    runner = evaluator(tasks, SHAPE)
    runner.run(candidate.code)
    assert again.fitness.tobytes() == runner.fitness.tobytes()


def test_each_shape_has_its_own_file(cache: Path, fake: Compiler) -> None:
    shapes = [SHAPE, Shape(3, 4, "float64"), Shape(2, 8, "float64"), Shape(2, 4, "float32")]
    codes = [compiler.object_code(shape) for shape in shapes]
    assert len(set(codes)) == len(list(cache.iterdir())) == 4
    assert [compiler.object_code(shape) for shape in shapes] == codes == fake.compiled


@pytest.mark.parametrize("host", [("other", ""), (None, "+avx")])
def test_each_processor_has_its_own_file(
    cache: Path, fake: Compiler, monkeypatch: pytest.MonkeyPatch, host: tuple[str | None, str]
) -> None:
    first = compiler.object_code(SHAPE)
    name, features = compiler.host()
    monkeypatch.setattr(compiler, "host", lambda: (host[0] or name, host[1] or features))
    assert compiler.object_code(SHAPE) != first and len(fake.compiled) == 2


def test_another_source_or_compiler_makes_another_machine(
    cache: Path, fake: Compiler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "room" / "source.py"
    source.parent.mkdir()
    monkeypatch.setattr(compiler, "SOURCES", (*compiler.SOURCES, source.parent))
    codes = set()
    for text, version in (("ONE = 1\n", "1"), ("ONE = 2\n", "1"), ("ONE = 2\n", "2")):
        source.write_text(text)
        monkeypatch.setattr(llvmlite, "__version__", version)
        compiler._version.cache_clear()
        codes.add(compiler.object_code(SHAPE))
    assert len(codes) == 3


def test_all_sources_of_the_machine_code_are_in_the_key() -> None:
    """What the modules that write the code import is in the key too."""
    rooms = tuple(f"synth.{folder.relative_to(compiler.SYNTH).name}." for folder in compiler.SOURCES)
    paths = list(Path(str(machine.__file__)).parent.glob("*.py"))
    assert len(paths) > 10
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("synth."):
                assert f"{node.module}.".startswith(rooms), f"{path.name}: {ast.unparse(node)}"


@pytest.mark.parametrize("damage", ["changed", "truncated", "extended", "empty", "zeros"])
def test_a_damaged_file_is_noticed_and_replaced(cache: Path, fake: Compiler, damage: str) -> None:
    compiler.object_code(SHAPE)
    path = only_file(cache)
    content = path.read_bytes()
    path.write_bytes(
        {
            "changed": bytes([content[0] ^ 1]) + content[1:],
            "truncated": content[:-1],
            "extended": content + b"\0",
            "empty": b"",
            "zeros": bytes(len(content)),
        }[damage]
    )
    second = compiler.object_code(SHAPE)
    assert second == fake.compiled[1]
    assert compiler.object_code(SHAPE) == second and len(fake.compiled) == 2


@wants_posix
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_is_replaced(cache: Path, fake: Compiler, mode: int) -> None:
    compiler.object_code(SHAPE)
    only_file(cache).chmod(mode)
    assert compiler.object_code(SHAPE) == fake.compiled[1]
    assert not only_file(cache).stat().st_mode & 0o077
    assert compiler.object_code(SHAPE) == fake.compiled[1]


@wants_posix
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o1777])
def test_a_folder_that_others_can_write_is_not_used(cache: Path, fake: Compiler, mode: int) -> None:
    compiler.object_code(SHAPE)
    before = only_file(cache).read_bytes()
    cache.chmod(mode)
    assert [compiler.object_code(SHAPE) for _ in range(2)] == fake.compiled[1:]
    assert only_file(cache).read_bytes() == before
    cache.chmod(0o700)
    assert compiler.object_code(SHAPE) == fake.compiled[0]


@wants_posix
def test_a_link_is_not_followed(cache: Path, fake: Compiler, tmp_path: Path) -> None:
    compiler.object_code(SHAPE)
    path, elsewhere = only_file(cache), tmp_path / "elsewhere.o"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert compiler.object_code(SHAPE) == fake.compiled[1]
    assert not path.is_symlink() and fake.compiled[0] in elsewhere.read_bytes()
    cache.rename(tmp_path / "moved")
    cache.symlink_to(tmp_path / "moved")
    assert [compiler.object_code(SHAPE) for _ in range(2)] == fake.compiled[2:]


@wants_root
def test_what_belongs_to_others_is_not_used(cache: Path, fake: Compiler) -> None:
    compiler.object_code(SHAPE)
    os.chown(only_file(cache), 65534, -1)
    assert compiler.object_code(SHAPE) == fake.compiled[1]
    os.chown(cache, 65534, -1)
    assert compiler.object_code(SHAPE) == fake.compiled[2]


def test_the_folder_is_made_for_the_user_alone(cache: Path, fake: Compiler) -> None:
    compiler.object_code(SHAPE)
    assert not cache.stat().st_mode & 0o077 and not only_file(cache).stat().st_mode & 0o077


def test_a_cache_that_cannot_be_written_costs_time_only(
    cache: Path, fake: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert [compiler.object_code(SHAPE) for _ in range(2)] == fake.compiled
    cache.parent.unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert compiler.object_code(SHAPE) == fake.compiled[2]
    assert list(cache.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_costs_time_only(cache: Path, fake: Compiler) -> None:
    compiler.object_code(SHAPE)
    path = only_file(cache)
    path.unlink()
    path.mkdir()
    assert compiler.object_code(SHAPE) == fake.compiled[1]
    assert only_file(cache) == path
