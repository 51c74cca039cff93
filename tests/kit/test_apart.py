"""Work in a process of its own: what it says and returns, what it raises, and what becomes of one that dies."""

from __future__ import annotations

import os
import signal

import pytest

from server.errors import Refusal
from server.kit import apart
from server.weekly.rules import StockBrokenError


@pytest.fixture
def apart_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_on", True)


def double(number: int, tell: apart.Tell) -> tuple[int, int]:
    os.write(1, b"this is nobody's answer")
    tell(50)
    return 2 * number, os.getpid()


def break_stock(tell: apart.Tell) -> None:
    tell(1)
    raise StockBrokenError("140106", "1 + 1 is 3")


def refuse(tell: apart.Tell) -> None:
    raise Refusal("storage-away", "no store")


def die(tell: apart.Tell) -> None:
    tell(7)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("apart_here")
def test_it_is_done_elsewhere_and_tells_its_way() -> None:
    told: list[int] = []
    found, pid = apart.run(double, 21, tell=told.append)
    assert (found, told) == (42, [50])
    assert pid != os.getpid()


@pytest.mark.usefixtures("apart_here")
def test_what_it_raises_is_raised_here_with_the_same_words() -> None:
    with pytest.raises(RuntimeError, match="StockBrokenError: 140106: 1 \\+ 1 is 3"):
        apart.run(break_stock)
    with pytest.raises(Refusal) as refused:
        apart.run(refuse)
    assert (refused.value.code, refused.value.detail) == ("storage-away", "no store")


@pytest.mark.usefixtures("apart_here")
def test_one_that_dies_is_an_error_and_no_wait() -> None:
    told: list[int] = []
    with pytest.raises(apart.LostError, match="die"):
        apart.run(die, tell=told.append)
    assert told == [7]


def test_commands_and_tests_do_their_work_themselves() -> None:
    assert apart.run(double, 4) == (8, os.getpid())
