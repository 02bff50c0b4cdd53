"""A worker process: clean at the start, answering, and never left behind."""

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from sandbox_handlers import initialise  # noqa: F401  # the module must be importable where workers look
from systems import wants_linux

from synth.errors import SynthError
from synth.sandbox.process import Worker, WorkerFailed, WorkerTimeout
from synth.sandbox.wire import Header, WireError

HANDLERS = "sandbox_handlers"


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker(HANDLERS, "native") as started:
        started.start({"name": "ann"})
        yield started


def gone(pid: int, seconds: int = 10) -> bool:
    """Wait until a process is no more."""
    for _ in range(int(seconds * 50)):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_clean_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    read, write = os.pipe()
    os.set_inheritable(read, True)
    try:
        with Worker(HANDLERS, "native") as worker:
            worker.start({})
            setup, _ = worker.request({"do": "at_the_start"})
            assert os.getsid(worker.pid) == worker.pid
    finally:
        os.close(read)
        os.close(write)
    assert {"OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE"} <= set(setup["environment"])
    assert not {"SECRET_TOKEN", "PYTHONSTARTUP", "HOME", "PATH", "PYTEST_CURRENT_TEST"} & set(
        setup["environment"]
    )
    assert len(setup["open"]) == 5  # the three standard ones lead nowhere, and two pipes


def test_requests_are_answered_with_the_state_of_the_setup(worker: Worker) -> None:
    header, arrays = worker.request({"do": "echo", "x": [1, "é"]}, [np.arange(3.0)])
    assert header == {"do": "echo", "x": [1, "é"], "name": "ann"} and arrays[0].tolist() == [0, 1, 2]


def test_large_arrays_go_both_ways(worker: Worker) -> None:
    array = np.arange(3_000_000.0)
    assert np.array_equal(worker.request({"do": "double"}, [array])[1][0], 2 * array)


def test_printing_does_not_get_into_the_answers(worker: Worker, capfd: pytest.CaptureFixture[str]) -> None:
    assert worker.request({"do": "prints"}) == ({}, [])
    assert worker.request({"do": "double"})[0]["pid"] == worker.pid
    assert capfd.readouterr() == ("", "")


def test_an_exception_is_answered_and_the_worker_goes_on(worker: Worker) -> None:
    with pytest.raises(WorkerFailed, match="the round is empty") as caught:
        worker.request({"do": "raise_error"})
    assert "raise_error" in caught.value.__notes__[0]
    with pytest.raises(WorkerFailed, match="a frame cannot hold this header"):
        worker.request({"do": "unspeakable"})
    with pytest.raises(WireError):
        worker.request({"do": "echo", "x": float("nan")})
    assert worker.request({"do": "double"})[0]["pid"] == worker.pid


@pytest.mark.parametrize(("what", "message"), [("die", "exit code 3"), ("crash", r"signal 11 \(SIGSEGV\)")])
def test_a_worker_that_dies_says_how(worker: Worker, what: str, message: str) -> None:
    with pytest.raises(WorkerFailed, match=message):
        worker.request({"do": what})
    assert not worker.alive
    for _ in range(2):
        with pytest.raises(WorkerFailed, match=message):
            worker.request({"do": "double"}, timeout=30)


def test_a_worker_that_babbles_is_ended(worker: Worker) -> None:
    with pytest.raises(WorkerFailed, match="not a frame"):
        worker.request({"do": "babble"})
    assert gone(worker.pid)


def test_an_answer_may_be_no_larger_than_said(worker: Worker) -> None:
    assert len(worker.request({"do": "double"}, [np.zeros(12)], limit=100)[1][0]) == 12
    with pytest.raises(WorkerFailed, match="at most 100 bytes here, not 104"):
        worker.request({"do": "double"}, [np.zeros(13)], limit=100)
    assert gone(worker.pid)


def test_a_worker_that_is_late_is_ended(worker: Worker) -> None:
    with pytest.raises(WorkerTimeout, match=r"did not answer within 0\.2 seconds"):
        worker.request({"do": "sleep", "seconds": 60}, timeout=0.2)
    assert gone(worker.pid)


@pytest.mark.parametrize(
    ("setup", "message"), [({"fail": True}, "no such kernel"), ({"exit": True}, "ended with exit code 7")]
)
def test_a_start_that_fails(setup: Header, message: str) -> None:
    with Worker(HANDLERS, "native") as worker, pytest.raises(WorkerFailed, match=message):
        worker.start(setup)
    with Worker("no_such_module", "native") as worker, pytest.raises(SynthError, match="no_such_module"):
        worker.start({})


def test_nothing_is_left_after_the_with_block_or_without_a_reference() -> None:
    with Worker(HANDLERS, "native") as worker:
        worker.start({})
    assert not worker.alive and gone(worker.pid)
    dropped = Worker(HANDLERS, "native")
    dropped.start({})
    pid = dropped.pid
    del dropped
    gc.collect()
    assert gone(pid)


def test_a_worker_outlives_the_thread_that_started_it() -> None:
    workers: list[Worker] = []
    thread = threading.Thread(target=lambda: workers.append(Worker(HANDLERS, "native")))
    thread.start()
    thread.join()
    with workers[0] as worker:
        worker.start({})
        time.sleep(0.1)
        assert worker.request({"do": "double"})[0]["pid"] == worker.pid


@pytest.mark.wants(lambda: hasattr(os, "fork"), "there is no fork")
def test_a_worker_for_any_code_handles_each_request_in_a_fork_and_stays_as_it_was() -> None:
    with Worker(HANDLERS, "python", level="process") as worker:
        worker.start({"name": "ann"})
        answers = [worker.request({"do": "remember", "name": name})[0] for name in ("bob", "eve")]
        assert [answer["before"] for answer in answers] == ["ann", "ann"]
        assert {answer["parent"] for answer in answers} == {worker.pid}
        assert len({worker.pid, *(answer["pid"] for answer in answers)}) == 3
        with pytest.raises(WorkerFailed, match="the round is empty"):
            worker.request({"do": "raise_error"})
        assert worker.request({"do": "remember", "name": "x"})[0]["before"] == "ann"
        with pytest.raises(WorkerFailed, match="ended with exit code 1"):
            worker.request({"do": "die"})
        assert gone(worker.pid)


STARTER = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from synth.sandbox.process import Worker
busy, idle = Worker("sandbox_handlers", "native"), Worker("sandbox_handlers", "native")
busy.start({}), idle.start({})
print(busy.pid, idle.pid, flush=True)
busy.request({"do": "sleep", "seconds": 60})
"""


@wants_linux("elsewhere a busy worker notices only when it answers")
def test_workers_die_with_a_parent_that_is_killed() -> None:
    command = [sys.executable, "-c", STARTER, json.dumps(sys.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        assert len(pids) == 2
        starter.kill()
    assert all(gone(pid) for pid in pids)


STARTED_AT_ONCE = """
import concurrent.futures, json, sys, time
from threading import Thread
sys.path[:] = json.loads(sys.argv[1])

made = []

class SlowToMake(concurrent.futures.ThreadPoolExecutor):
    def __init__(self, *arguments):
        made.append(self)
        time.sleep(0.3)
        super().__init__(*arguments)

concurrent.futures.ThreadPoolExecutor = SlowToMake
from synth.sandbox.process import Worker
workers = []
threads = [Thread(target=lambda: workers.append(Worker("sandbox_handlers", "native"))) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(made), *(worker.alive for worker in workers))
"""


def test_workers_that_two_threads_start_at_once_have_one_parent_thread() -> None:
    """On Linux a worker dies with the thread that started it."""
    command = [sys.executable, "-c", STARTED_AT_ONCE, json.dumps(sys.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["1", "True", "True"]
