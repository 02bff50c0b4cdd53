"""The pool: jobs for one worker or any, in order, with deaths reported and mended."""

import numpy as np
import pytest
from sandbox_handlers import initialise  # noqa: F401  # the module must be importable where workers look

from synth.sandbox.pool import Pool
from synth.sandbox.process import Worker, WorkerDied, WorkerFailed


@pytest.fixture
def pool():
    with Pool(2, "sandbox_handlers", {"name": "ann"}) as started:
        yield started


def test_jobs_for_a_worker_stay_with_it_and_keep_their_order(pool):
    jobs = {pool.submit({"do": "echo", "n": n}, [np.full(2, n)], worker=n % 2): n for n in range(8)}
    answers = [pool.wait(30) for _ in jobs]
    assert {answer.job for answer in answers} == set(jobs)
    for answer in answers:
        n = jobs[answer.job]
        assert answer.worker == n % 2 and answer.died is None
        assert answer.header == {"do": "echo", "n": n, "name": "ann"} and answer.arrays[0].tolist() == [n, n]
    for worker in (0, 1):
        own = [answer.job for answer in answers if answer.worker == worker]
        assert own == sorted(own)


def test_jobs_for_any_worker_go_where_one_is_idle(pool):
    slow = pool.submit({"do": "sleep", "seconds": 0.5})
    jobs = [pool.submit({"do": "double"}) for _ in range(5)]
    answers = [pool.wait(30) for _ in range(6)]
    assert [answer.job for answer in answers] == [*jobs, slow]


def test_waiting_for_nothing_or_too_long(pool):
    with pytest.raises(ValueError, match="no job is under way"):
        pool.wait()
    pool.submit({"do": "sleep", "seconds": 30})
    with pytest.raises(TimeoutError):
        pool.wait(0.1)


def test_a_death_is_reported_with_all_jobs_of_the_worker_and_mended(pool):
    deadly = pool.submit({"do": "die"}, worker=0)
    after = pool.submit({"do": "double"}, worker=0)
    other = pool.submit({"do": "double"}, worker=1)
    answers = {answer.job: answer for answer in (pool.wait(30) for _ in range(3))}
    assert answers[deadly].died.code == answers[after].died.code == 3 and answers[other].died is None
    late = pool.submit({"do": "double"}, worker=0)
    assert pool.wait(30).died.reason == "ended with exit code 3" and late
    anywhere = pool.submit({"do": "double"})
    assert pool.wait(30).worker == 1 and anywhere
    pool.replace(0)
    pool.submit({"do": "echo"}, worker=0)
    assert pool.wait(30).header["name"] == "ann"


def test_when_all_are_dead_every_job_is_answered_so(pool):
    for worker in (0, 1):
        pool.submit({"do": "die"}, worker=worker)
    assert all(pool.wait(30).died for _ in range(2))
    pool.submit({"do": "double"})
    assert pool.wait(30).died


def test_replacing_a_busy_worker_loses_its_job_and_no_other_answer(pool):
    stuck = pool.submit({"do": "sleep", "seconds": 60}, worker=0)
    queued = pool.submit({"do": "double"}, worker=1)
    pool.replace(0)
    again = pool.submit({"do": "double"}, worker=0)
    answers = {answer.job: answer for answer in (pool.wait(30) for _ in range(3))}
    assert answers[stuck].died and not answers[queued].died and not answers[again].died


def test_a_stuck_worker_can_be_stopped(pool):
    stuck = pool.submit({"do": "sleep", "seconds": 60}, worker=0)
    pool.stop(0)
    answer = pool.wait(30)
    assert answer.job == stuck and answer.died.code == -9


def test_an_exception_in_a_handler_is_raised_and_the_worker_goes_on(pool):
    pool.submit({"do": "raise_error"}, worker=0)
    with pytest.raises(WorkerFailed, match="the round is empty"):
        pool.wait(30)
    pool.submit({"do": "double"}, worker=0)
    assert pool.wait(30).died is None


def test_a_pool_whose_start_fails_leaves_nothing():
    with pytest.raises(WorkerFailed, match="no such kernel"):
        Pool(2, "sandbox_handlers", {"fail": True})


def test_a_worker_that_is_ended_while_it_starts_gets_another_chance(monkeypatch):
    deaths = iter([True, False, True, True, True])
    started = Worker.started

    def killed(worker, *arguments):
        if next(deaths, False):
            worker.kill()
        return started(worker, *arguments)

    monkeypatch.setattr(Worker, "started", killed)
    with Pool(1, "sandbox_handlers", {"name": "ann"}) as pool:
        pool.submit({"do": "echo"})
        assert pool.wait(30).header["name"] == "ann"
        with pytest.raises(WorkerDied, match="signal 9"):
            pool.replace(0)
