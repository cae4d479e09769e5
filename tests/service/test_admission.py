"""Who has a seat, and what those are told who have none in time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from glyphic.service.admission import Admission
from glyphic.service.problems import Problem
from glyphic.service.settings import Settings


def answered(work, count: int, seconds: float) -> list:
    """What so many requests at a time are answered, of which one is read at a time."""
    async def run() -> list:
        admission = Admission(Settings(workers=1))
        deadline = asyncio.get_running_loop().time() + seconds
        return await asyncio.gather(*(admission.run(work, deadline) for _ in range(count)), return_exceptions=True)

    with ThreadPoolExecutor(1) as thread:  # where other tests' browsers left a loop running, none runs
        return thread.submit(asyncio.run, run()).result()


def test_one_picture_a_worker_is_read_at_a_time():
    working = 0

    async def work() -> int:
        nonlocal working
        working += 1
        await asyncio.sleep(0.01)
        working -= 1
        return working

    assert answered(work, 5, 10.0) == [0] * 5


def test_what_is_read_for_too_long_and_what_waited_in_vain_are_told_apart():
    cancelled = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    found = answered(work, 2, 0.05)
    assert all(isinstance(problem, Problem) for problem in found)
    assert [(problem.status, problem.code) for problem in found] == [(504, "too-slow"), (503, "too-busy")]
    assert int(found[1].headers["Retry-After"]) >= 1 and cancelled == [1]


def test_what_work_raises_leaves_the_seat_to_the_next():
    async def work() -> None:
        raise ValueError

    assert [type(error) for error in answered(work, 3, 10.0)] == [ValueError] * 3
