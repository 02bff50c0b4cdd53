"""Bad modules in the python engine: each gets its status, whatever it tries, and harms nothing."""

import time
from pathlib import Path

import numpy as np
import pytest
from python_helpers import LINEAR, TASKS, left_alone, make_task, module, worker_of
from systems import wants_linux

from synth.engine.python.engine import PythonEngine
from synth.tasks.task import Task

pytestmark = wants_linux("the whole sandbox is Linux")


HOSTILE_EXCEPTION = """
class Meta(type):
    @property
    def __name__(cls):
        os._exit(0)

class Evil(Exception, metaclass=Meta):
    def __str__(self):
        raise RuntimeError("no")
    __repr__ = __str__
    @property
    def __class__(self):
        os._exit(0)
"""
LONG_EXCEPTION = "class Long(Exception):\n    def __str__(self):\n        return '\\x1b[31m\\n' + 'x' * 10**6"
FORGED = """
def forge(*parts):
    os.write(3, b"".join(parts))
    os._exit(0)
"""
BAD_PREDICTIONS = (
    "from synth.sandbox.wire import write_frame\n"
    "import io\n"
    "def forge(*arrays, **header):\n"
    "    stream = io.BytesIO()\n"
    "    write_frame(stream, header, arrays)\n"
    "    os.write(3, stream.getvalue())\n"
    "    os._exit(0)\n"
)
NOTHING_LIKE_IT = "returned something that is not a prediction"


BAD = {
    "not python": ("def setup(m:", "rejected", "m.py:1:10: this is not Python"),
    "null bytes": ("x = 1\0", "rejected", "not Python"),
    "deep": ("x = " + "(" * 5000 + ")" * 5000, "rejected", "not Python"),
    "too long": ("#" * 2**21, "rejected", "at most"),
    "no function": ("def setup(m): pass\ndef learn(m): pass", "failed", "no function predict(m)"),
    "no callable": ("setup = predict = learn = 1", "failed", "no function setup(m)"),
    "raises": (module(learn="raise ValueError('too bad')"), "failed", "m.py:12: ValueError: too bad"),
    "raises at import": ("import numpy\n\n1 / 0", "failed", "m.py:3: ZeroDivisionError"),
    "wrong shape": (module(predict="m.v1 = 1.0"), "failed", "m.py:9: TypeError: m.v1 takes"),
    "unknown name": (module(predict="m.x1 = 1.0"), "failed", "m.py:9: AttributeError: memory has no 'x1'"),
    "complex": (module(predict="m.s1 = 1j"), "failed", "m.py:9: TypeError"),
    "bad arguments": ("def setup(): pass\npredict = learn = setup", "failed", "m.py:1: TypeError"),
    "no recursion": (module(predict="predict(m)"), "failed", "m.py:9: RecursionError"),
    "no prediction": (module(predict="m.__dict__['s1'] = 'x'"), "failed", "TypeError"),
    "generator": (module(predict="raise StopIteration"), "failed", "m.py:9: StopIteration"),
    "interrupt": (module(predict="raise KeyboardInterrupt"), "failed", "m.py:9: KeyboardInterrupt"),
    "missing package": ("import sklearn", "failed", "m.py:1: ModuleNotFoundError"),
    "hostile exception": (module(predict="raise Evil", head=HOSTILE_EXCEPTION), "failed", "m.py:22: Evil"),
    "long exception": (module(predict="raise Long", head=LONG_EXCEPTION), "failed", "Long: [31m xxx"),
    "exit": (module(predict="os._exit(0)"), "crashed", "exit code 0 without a result"),
    "exit with a code": (module(predict="os._exit(3)"), "crashed", "exit code 3"),
    "system exit": (module(predict="sys.exit('bye')"), "crashed", "m.py:9: SystemExit: bye"),
    "segmentation fault": (
        module(predict="__import__('ctypes').string_at(0)", head="import ctypes"),
        "crashed",
        "signal 11 (SIGSEGV)",
    ),
    "100 GB": (
        module(predict="np.zeros(100 << 27).sum()"),
        "crashed",
        "m.py:9: MemoryError: Unable to allocate 100. GiB",
    ),
    "5 GB": (module(predict="np.zeros(5 << 27)"), "crashed", "m.py:9: MemoryError"),
    "100 GB of list": (module(predict="[0] * (100 << 27)"), "crashed", "m.py:9: MemoryError"),
    "file written": (module(predict="open('FOLDER/written', 'w')"), "failed", "m.py:9: PermissionError"),
    "folder made": (module(predict="os.mkdir('FOLDER/made')"), "failed", "m.py:9: PermissionError"),
    "file read": (module(predict="open('FOLDER/secret').read()"), "failed", "m.py:9: PermissionError"),
    "file of python read": (module(predict="open(np.__file__).read()"), "failed", "m.py:9: PermissionError"),
    "folder listed": (module(predict="os.listdir('/')"), "failed", "m.py:9: PermissionError"),
    "file removed": (module(predict="os.unlink('FOLDER/secret')"), "failed", "m.py:9: PermissionError"),
    "memory of the parent": (
        module(predict="open(f'/proc/{os.getppid()}/mem', 'rb')"),
        "failed",
        "m.py:9: PermissionError",
    ),
    "socket": (module(predict="socket.socket()", head="import socket"), "failed", "m.py:9: PermissionError"),
    "program started": (module(predict="os.execv('/bin/true', ['true'])"), "failed", "PermissionError"),
    "fork": (module(predict="os.fork()"), "failed", "m.py:9: PermissionError"),
    "fork bomb": (
        module(predict="[bomb() for _ in range(1000)]", head="def bomb():\n    os.fork()"),
        "failed",
        "m.py:4: PermissionError",
    ),
    "thread": (
        module(predict="threading.Thread(target=setup).start()", head="import threading"),
        "failed",
        "RuntimeError",
    ),
    "signal to the parent": (module(predict="os.kill(os.getppid(), 9)"), "failed", "m.py:9: PermissionError"),
    "signal to all": (module(predict="os.kill(-1, 9)"), "failed", "m.py:9: PermissionError"),
    "new session": (module(predict="os.setsid()"), "failed", "m.py:9: PermissionError"),
    "limits raised": (
        module(predict="r.setrlimit(r.RLIMIT_CPU, (-1, -1))", head="import resource as r"),
        "failed",
        "m.py",
    ),
    "garbage written": (module(setup="forge(b'\\xff' * 100)", head=FORGED), "failed", NOTHING_LIKE_IT),
    "too much written": (module(setup="forge(b'\\0' * 10**6)", head=FORGED), "failed", NOTHING_LIKE_IT),
    "forged and wrong": (
        module(setup="forge(np.zeros((1, 31)), np.zeros(0), status='ok')", head=BAD_PREDICTIONS),
        "failed",
        NOTHING_LIKE_IT,
    ),
    "forged integers": (
        module(setup="forge(np.zeros((1, 30), int), np.zeros(0), status='ok')", head=BAD_PREDICTIONS),
        "failed",
        NOTHING_LIKE_IT,
    ),
    "forged epochs": (
        module(setup="forge(np.zeros((2, 30)), np.zeros(0), status='ok')", head=BAD_PREDICTIONS),
        "failed",
        NOTHING_LIKE_IT,
    ),
    "forged status": (
        module(setup="forge(status='timeout', error='x')", head=BAD_PREDICTIONS),
        "failed",
        NOTHING_LIKE_IT,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_module_gets_its_status_and_harms_nothing(
    engine: PythonEngine, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text("x")
    before = engine.evaluate(LINEAR)
    worker = worker_of(engine)
    text, status, message = BAD[name]
    result = engine.evaluate(text.replace("FOLDER", str(tmp_path)), "m.py")
    assert (result.status, result.fitness, result.per_task) == (status, None, None)
    assert result.error is not None and message in result.error
    assert len(result.error) <= 300 and result.error.isprintable()
    assert engine.evaluate(LINEAR) == before
    assert left_alone(worker)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    "predict",
    [
        "while True: pass",
        "import time; time.sleep(1000)",
        "sum(range(10**12))",
        "os.close(3); import time; time.sleep(9)",
    ],
)
def test_the_clock_ends_a_module_and_nothing_else(predict: str) -> None:
    with PythonEngine(TASKS, time_limit=0.5) as engine:
        before, worker = engine.evaluate(LINEAR), worker_of(engine)
        result = engine.evaluate(module(predict=predict), "m.py")
        if "close" in predict:  # it left without a result, and was ended for it
            assert result.status == "crashed" and "signal 9" in (result.error or "")
        else:
            assert result.status == "timeout" and result.error == "m.py: it did not finish within 0.5 seconds"
        assert before.status == "ok" and engine.evaluate(LINEAR) == before
        assert left_alone(worker)


def test_the_time_limit_is_for_all_tasks_together() -> None:
    tasks = [make_task(seed, train=1, valid=1) for seed in range(20)]
    started = time.monotonic()
    with PythonEngine(tasks, time_limit=1.5) as engine:
        assert engine.evaluate(module(head="import time", setup="time.sleep(1)")).status == "timeout"
    assert time.monotonic() - started < 18.0  # and not a second for each


def test_nothing_stays_from_one_module_or_task_to_the_next(engine: PythonEngine) -> None:
    nosy = module(
        head="import builtins\nif hasattr(builtins, 'left'): raise RuntimeError('found')\nbuiltins.left = 1",
        setup="np.float64 = float; sys.modules.clear()",
    )
    for _ in range(2):
        assert engine.evaluate(nosy).status == "ok"
    assert engine.evaluate(LINEAR).status == "ok"


def test_validation_labels_and_heavy_packages_are_not_in_the_process() -> None:
    """A module looks in everything that Python's collector knows for labels, and finds features only."""
    task = make_task(0)
    mark, label = 123456.789, 98765.4321
    features = np.array(task.valid_features)
    features[0, 0] = mark
    labels = np.array(task.valid_labels)
    labels[0] = label
    head = (
        "import gc\n\n"
        "def holds(value):\n"
        "    gc.unfreeze()\n"
        "    seen = gc.get_objects()\n"
        "    seen += [r for o in seen if type(o) in (list, tuple, dict) for r in gc.get_referents(o)]\n"
        "    arrays = [o for o in seen if type(o) is np.ndarray and o.dtype == float]\n"
        "    return any((a == value).any() for a in arrays)\n"
    )
    setup = (
        f"raise SystemExit(str([holds({mark}), holds({label}), 'llvmlite' in sys.modules,"
        " 'sklearn' in sys.modules, 'synth.tasks.task' in sys.modules]))"
    )
    with PythonEngine([Task(task.train_features, task.train_labels, features, labels, "rms")]) as engine:
        result = engine.evaluate(module(head=head, setup=setup))
    assert "[True, False, False, False, False]" in (result.error or "")


def test_less_of_the_sandbox_can_be_asked_for(tmp_path: Path) -> None:
    with PythonEngine(TASKS) as engine:
        before = engine.evaluate(LINEAR)
    (tmp_path / "file").write_text("x")
    reads = module(setup=f"open({str(tmp_path / 'file')!r}).read()")
    for level in ("process", "off"):
        with PythonEngine(TASKS, sandbox=level, time_limit=5) as engine:
            assert engine.evaluate(LINEAR) == before
            assert engine.evaluate(reads).status == "ok"
            assert engine.evaluate(module(setup="os._exit(1)")).status == "crashed"
    with PythonEngine(TASKS, sandbox="process") as engine:
        result = engine.evaluate(module(setup=f"open({str(tmp_path / 'new')!r}, 'w').write('x' * 9999)"))
        assert result.status == "failed" and not (tmp_path / "new").read_text()
