"""The pool: jobs go in order to whichever worker is idle, deaths are reported and mended."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sandbox_handlers import initialise  # noqa: F401  # the module must be importable where workers look

from synth.sandbox.pool import Answer, Pool
from synth.sandbox.process import Worker, WorkerDied, WorkerFailed
from synth.sandbox.wire import Arrays, Header


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(2, "sandbox_handlers", {"name": "ann"}) as started:
        yield started


def test_each_job_is_answered_with_the_state_of_the_setup(pool: Pool) -> None:
    jobs = {pool.submit({"do": "echo", "n": n}, [np.full(2, n)]): n for n in range(8)}
    answers = [pool.wait(30) for _ in jobs]
    assert {answer.job for answer in answers} == set(jobs)
    for answer in answers:
        n = jobs[answer.job]
        assert answer.worker in (0, 1) and not answer.died
        assert answer.header == {"do": "echo", "n": n, "name": "ann"} and answer.arrays[0].tolist() == [n, n]


def test_jobs_go_in_order_where_a_worker_is_idle(pool: Pool) -> None:
    pool.submit({"do": "sleep", "seconds": 600})  # one worker is busy until the pool is closed
    jobs = [pool.submit({"do": "double"}) for _ in range(5)]
    assert [pool.wait(30).job for _ in jobs] == jobs


def test_waiting_too_long(pool: Pool) -> None:
    pool.submit({"do": "sleep", "seconds": 30})
    with pytest.raises(TimeoutError, match=r"within 0\.1 seconds"):
        pool.wait(0.1)


def test_a_death_is_reported_with_its_job_and_mended(pool: Pool) -> None:
    for _ in range(2):
        deadly = [pool.submit({"do": "die"}) for _ in range(2)]
        dead = [pool.wait(30) for _ in deadly]
        assert {answer.job for answer in dead} == set(deadly)
        assert {answer.worker: answer.died for answer in dead} == dict.fromkeys(
            (0, 1), "ended with exit code 3"
        )
    pool.submit({"do": "echo"})
    assert pool.wait(30).header["name"] == "ann"


def answered(pool: Pool, what: str) -> Answer:
    pool.submit({"do": what})
    return pool.wait(30)


def test_a_worker_that_is_ended_from_outside_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Worker.request

    def ended(worker: Worker, header: Header, *arguments: Any) -> tuple[Header, Arrays]:
        if header.get("do") == "sleep":  # the worker was alive when it was given the job
            os.kill(worker.pid, signal.SIGTERM)
        return request(worker, header, *arguments)

    monkeypatch.setattr(Worker, "request", ended)
    with Pool(1, "sandbox_handlers", {"name": "ann"}) as pool:
        first = answered(pool, "double").header["pid"]
        pool.submit({"do": "sleep", "seconds": 60})
        assert pool.wait(30).died == "was ended by signal 15 (SIGTERM)"
        second = answered(pool, "double").header["pid"]
        os.kill(second, signal.SIGTERM)
        os.waitid(os.P_PID, second, os.WEXITED | os.WNOWAIT)
        assert answered(pool, "double").header["pid"] not in (first, second)


def test_an_exception_in_a_handler_is_raised_and_the_worker_goes_on(pool: Pool) -> None:
    pool.submit({"do": "raise_error"})
    with pytest.raises(WorkerFailed, match="the round is empty"):
        pool.wait(30)
    pool.submit({"do": "double"})
    assert not pool.wait(30).died


def test_a_pool_that_is_closed_waits_for_no_job(pool: Pool) -> None:
    for _ in range(4):
        pool.submit({"do": "sleep", "seconds": 60})
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 30


def test_a_pool_whose_start_fails_leaves_nothing() -> None:
    with pytest.raises(WorkerFailed, match="no such kernel"):
        Pool(2, "sandbox_handlers", {"fail": True})


def test_a_worker_that_is_ended_while_it_starts_gets_another_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = iter([True, False, True, True, True])
    start = Worker.start

    def killed(worker: Worker, *arguments: object) -> None:
        if next(deaths, False):
            worker.kill()
        start(worker, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Worker, "start", killed)
    with Pool(1, "sandbox_handlers", {"name": "ann"}) as pool:
        pool.submit({"do": "die"})
        assert pool.wait(30).died == "ended with exit code 3"
        pool.submit({"do": "echo"})
        with pytest.raises(WorkerDied, match="signal 9"):
            pool.wait(30)
