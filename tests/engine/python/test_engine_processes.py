"""The python engine's processes: one that is killed is replaced, and none is left behind."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from python_helpers import LINEAR, TASKS, module, session, worker_of
from systems import wants_linux

from synth.engine.python.engine import PythonEngine
from synth.sandbox.process import Worker, WorkerDied, WorkerFailed
from synth.sandbox.wire import Header

pytestmark = wants_linux("the whole sandbox is Linux")


def test_the_worker_is_replaced_when_it_is_killed(engine: PythonEngine) -> None:
    before = engine.evaluate(LINEAR)
    os.kill(worker_of(engine), 9)
    assert engine.evaluate(LINEAR) == before


def test_a_worker_that_is_killed_while_it_starts_gets_another_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = iter([True, False, True, True, True])
    start = Worker.start

    def killed(worker: Worker, header: Header) -> None:
        if next(deaths, False):
            worker.kill()
        start(worker, header)

    monkeypatch.setattr(Worker, "start", killed)
    with PythonEngine(TASKS) as engine:
        assert engine.evaluate(LINEAR).status == "ok"
    with pytest.raises(WorkerDied, match="signal 9"), PythonEngine(TASKS):
        pass


SLOW = module(head="import time", setup="time.sleep(2)")


@pytest.mark.parametrize("who", ["worker", "keeper", "child"])
def test_a_module_is_run_again_when_something_of_it_is_killed(who: str) -> None:
    """Each of the three processes, once the module has begun."""
    with PythonEngine(TASKS[:1]) as engine, ThreadPoolExecutor(1) as thread:
        result = thread.submit(engine.evaluate, SLOW, "m.py")
        worker = worker_of(engine)
        while len(found := sorted(session(worker))) < 3 and not result.done():
            time.sleep(0.005)
        os.kill(found[["worker", "keeper", "child"].index(who)], 9)
        assert result.result() == engine.evaluate(module())


def test_a_module_that_kills_itself_has_three_chances() -> None:
    with PythonEngine(TASKS, sandbox="off") as engine:
        result = engine.evaluate(module(setup="os.kill(os.getpid(), 9)"), "m.py")
    assert result.status == "crashed" and "signal 9" in (result.error or "")


def test_an_engine_leaves_no_process_behind() -> None:
    with PythonEngine(TASKS) as engine:
        worker = worker_of(engine)
        assert all(layer.in_force for layer in engine.layers)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


STARTER = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from python_helpers import TASKS, module, worker_of
from synth.engine.python.engine import PythonEngine
with PythonEngine(TASKS) as engine:
    print(worker_of(engine), flush=True)
    engine.evaluate(module(setup="while True: pass"))
"""


def test_worker_and_candidate_die_with_a_parent_that_is_killed() -> None:
    command = [sys.executable, "-c", STARTER, json.dumps(sys.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        worker = int(starter.stdout.readline())
        while len(session(worker)) < 2:  # until the candidate runs
            time.sleep(0.02)
        starter.kill()
    deadline = time.monotonic() + 20
    while session(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not session(worker)


def test_closing_an_engine_ends_what_it_evaluates() -> None:
    endless = module(setup="while True: pass")
    with ThreadPoolExecutor(1) as thread, PythonEngine(TASKS[:1], time_limit=300) as engine:
        result = thread.submit(engine.evaluate, endless)
        while len(session(worker_of(engine))) < 3:
            time.sleep(0.005)
        engine.close()
        assert isinstance(result.exception(timeout=120), WorkerFailed)
    with pytest.raises(WorkerFailed, match="the python engine is closed"):
        engine.evaluate(LINEAR)
