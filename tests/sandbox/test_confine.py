"""The layers of the sandbox, each tried in a process that has only that one, and all together."""

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from sandbox_handlers import initialise  # noqa: F401  # the module must be importable where workers look
from systems import wants_linux

from synth.errors import SandboxUnavailable
from synth.sandbox import seccomp
from synth.sandbox.confine import Layer, Profile, require
from synth.sandbox.in_force import doctor
from synth.sandbox.probe import ATTEMPTS
from synth.sandbox.process import Worker

pytestmark = wants_linux("Landlock and seccomp are Linux")

HANDLERS = "sandbox_handlers"


def alone(layer: str, texts: Sequence[str], readable: Sequence[Path] = ()) -> list[str]:
    """Attempt expressions in a process that has one layer alone."""
    with Worker(HANDLERS, "native", level="off") as worker:
        worker.start({})
        header = {"do": "layers_one_by_one", "layer": layer, "readable": [str(path) for path in readable]}
        return [*worker.request({**header, "texts": texts}, timeout=30)[0]["answers"]]


def test_landlock_alone(tmp_path: Path) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    for folder in (allowed, other):
        folder.mkdir()
        (folder / "task").write_text("1")
    texts = [
        f"open({str(allowed / 'task')!r}).read()",
        f"os.listdir({str(allowed)!r})",
        f"open({str(other / 'task')!r}).read()",
        f"os.listdir({str(other)!r})",
        f"open({str(allowed / 'task')!r}, 'w')",
        f"os.truncate({str(allowed / 'task')!r}, 0)",
        f"open({str(allowed / 'new')!r}, 'w')",
        f"os.mkdir({str(allowed / 'new')!r})",
        f"os.unlink({str(allowed / 'task')!r})",
        f"os.rename({str(allowed / 'task')!r}, {str(allowed / 'moved')!r})",
        "open('/etc/passwd')",
        "os.execv('/bin/true', ['true'])",
    ]
    assert alone("landlock", texts, [allowed]) == ["", ""] + ["PermissionError"] * 10
    assert (allowed / "task").read_text() == "1" and sorted(p.name for p in allowed.iterdir()) == ["task"]


def test_limits_alone(tmp_path: Path) -> None:
    texts = [
        "np.zeros(100 << 30)",
        "np.zeros(100)",
        f"open({str(tmp_path / 'file')!r}, 'w').write('x' * 99999)",
    ]
    assert alone("limits", texts) == ["MemoryError", "", "OSError"]


def test_the_limit_of_memory_is_the_one_given() -> None:
    with Worker(HANDLERS, "native", memory=2 << 30) as worker:
        worker.start({})
        texts = ["np.zeros(1 << 27)", "np.zeros(2 << 27)"]
        assert worker.request({"do": "attempt", "texts": texts})[0]["answers"] == ["", "MemoryError"]


def test_landlock_leaves_a_candidate_nothing_even_without_seccomp() -> None:
    with Worker(HANDLERS, "native", level="off") as worker:
        worker.start({})
        texts = ["open(np.__file__)", "os.listdir('/')", "1"]
        answers = worker.request({"do": "candidate_without", "texts": texts})[0]["answers"]
        assert answers[:2] == ["PermissionError", "PermissionError"] and answers[2] == ""


EVERYWHERE_REFUSED = [
    "socket.socket()",
    "socket.socketpair()",
    "os.execv('/bin/true', ['true'])",
    "threading.Thread(target=len).start()",
    "os.unlink('/nowhere')",
    "os.mkdir('/nowhere')",
    "os.chmod('/nowhere', 0)",
    "os.memfd_create('x')",
    "os.setuid(0)",
    "open('/tmp/written', 'w')",
    "mmap.mmap(-1, 4096, prot=7)",
]


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("NATIVE", ["os.kill(os.getppid(), 0)", "os.fork()"]),
        ("CANDIDATE", ["os.kill(os.getppid(), 0)", "os.fork()", "open('/etc/passwd')", "os.listdir('/')"]),
        ("FORKER", ["open('/etc/passwd')", "os.listdir('/')"]),
    ],
)
def test_seccomp_alone(name: str, also: list[str]) -> None:
    texts = [*EVERYWHERE_REFUSED, *also, "np.ones((300, 300)) @ np.ones((300, 300))", "os.urandom(5)"]
    answers = dict(zip(texts, alone(name, texts), strict=True))
    assert set(list(answers.values())[:-2]) <= {"PermissionError", "RuntimeError"}, answers
    assert list(answers.values())[-2:] == ["", ""]


def test_a_native_worker_reads_its_folders_and_makes_no_code(tmp_path: Path) -> None:
    (tmp_path / "task").write_text("1")
    with Worker(HANDLERS, "native", readable=[tmp_path]) as worker:
        worker.start({})
        texts = [f"open({str(tmp_path / 'task')!r}).read()", "os.listdir(os.path.dirname(np.__file__))"]
        assert worker.request({"do": "attempt", "texts": texts})[0]["answers"] == ["", ""]
        texts = [f"open({str(tmp_path / 'new')!r}, 'w')", "open('/etc/passwd')", *EVERYWHERE_REFUSED]
        answers = worker.request({"do": "attempt", "texts": texts})[0]["answers"]
        assert set(answers) <= {"PermissionError", "RuntimeError"}
        assert worker.request({"do": "code_from"})[0]["refused"]
        assert all(layer.in_force for layer in worker.layers)
        assert {layer.name for layer in worker.layers} >= {
            "landlock",
            "seccomp",
            "parent death",
            "own session",
        }


def test_code_could_be_made_before_the_sandbox_closed() -> None:
    with Worker(HANDLERS, "native", level="process") as worker:
        worker.start({})
        assert not worker.request({"do": "code_from"})[0]["refused"]


@pytest.mark.parametrize("setup", [{"no_landlock": True}, {"thread": True}])
def test_the_python_profile_fails_closed_and_the_native_one_says_so(setup: dict[str, bool]) -> None:
    with Worker(HANDLERS, "python") as worker, pytest.raises(SandboxUnavailable) as caught:
        worker.start(setup)
    assert "'landlock'" in str(caught.value) and "--sandbox process" in str(caught.value)
    with Worker(HANDLERS, "native") as worker:
        worker.start(setup)
        assert [layer.name for layer in worker.layers if not layer.in_force] == ["landlock"]
    with Worker(HANDLERS, "python", level="process") as worker:
        worker.start(setup)


@pytest.mark.parametrize("profile", ["native", "python"])
def test_nothing_of_root_is_kept(profile: Profile) -> None:
    with Worker(HANDLERS, profile, level="process") as worker:
        worker.start({})
        status = "open('/proc/self/status').read()"
        texts = [f"{{1: ''}}['{name}:\\t' + '0' * 16 in {status}]" for name in ("CapEff", "CapPrm", "CapInh")]
        assert worker.request({"do": "attempt", "texts": texts})[0]["answers"] == ["", "", ""]


def test_require_names_the_missing_layer() -> None:
    require([Layer("a", True, "")])
    with pytest.raises(SandboxUnavailable, match=r"layers 'a', 'c' and 'd' are not available here \(x; y\)"):
        require(
            [Layer("a", False, "x"), Layer("b", True, ""), Layer("c", False, "x"), Layer("d", False, "y")]
        )
    with pytest.raises(SandboxUnavailable, match=r"'b' is not available here \(broken\)"):
        require([Layer("a", True, ""), Layer("b", False, "broken")])


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("rules", [seccomp.NATIVE, seccomp.FORKER, seccomp.CANDIDATE])
def test_filters_decide_as_listed(machine: str, rules: seccomp.Filter) -> None:
    """Interpret the BPF program for every call number and compare with the lists."""
    program = seccomp.assemble(rules, machine)
    column = seccomp.ARCHITECTURES[machine][1]
    numbers = {name: columns[column] for name, columns in seccomp.NUMBERS.items()}
    names, write = {number: name for name, number in numbers.items()}, numbers["write"]
    assert write is not None
    allow, refuse, missing = 0x7FFF0000, 0x00050001, 0x00050026
    for number in range(500):
        name = names.get(number, "")
        plain = interpret(program, machine, number, 0)
        if name in rules.allowed or name in rules.without:
            assert plain == allow, name
        else:
            assert plain == (missing if name == "clone3" else refuse), (number, name)
        if name in rules.without:
            argument, bits = rules.without[name]
            for bit in (1 << position for position in range(32) if bits >> position & 1):
                assert interpret(program, machine, number, bit, argument) == refuse
            assert interpret(program, machine, number, 0xFFFFFFFF & ~bits, argument) == allow
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[machine]
    assert interpret(program, other, write, 0) == refuse
    if machine == "x86_64":
        assert interpret(program, machine, 0x40000000 | write, 0) == refuse


def interpret(program: bytes, machine: str, number: int, value: int, argument: int = 0) -> int:
    """Run a BPF program over the data of a call whose arguments are 0, but for one."""
    data = bytearray(struct.pack("<IIQ6Q", number, seccomp.ARCHITECTURES[machine][0], 0, *[0] * 6))
    struct.pack_into("<Q", data, 16 + 8 * argument, value)
    position, accumulator = 0, 0
    while True:
        code, if_true, if_false, operand = struct.unpack_from("<HBBI", program, 8 * position)
        position += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: accumulator & operand}[
                code
            ]
            position += if_true if holds else if_false


def test_doctor_tries_everything_and_finds_it_refused() -> None:
    layers = doctor()
    assert [layer for layer in layers if not layer.in_force] == []
    names = [layer.name for layer in layers]
    assert len(set(names)) == len(names)
    for what in ATTEMPTS:
        assert f"native code cannot {what}" in names and f"python code cannot {what}" in names


def test_doctor_says_what_a_lower_level_leaves_open() -> None:
    open_at = {
        level: {layer.name for layer in doctor(level) if not layer.in_force} for level in ("process", "off")
    }
    assert "python code cannot use the network" in open_at["process"] & open_at["off"]
    assert "python code cannot write files" in open_at["off"] - open_at["process"]
