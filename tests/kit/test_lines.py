"""Whoever holds a line and brings nothing is cut; slow phones, answered ones and work that takes long are not."""

from __future__ import annotations

import fcntl
import socket
import sys
import termios
from collections.abc import Iterator

import pytest

from server.kit.lines import PACE, Lines
from tests.city import until

SILENCE_S = 120
WINDOW_S = 30


class Wire:
    """A line of a client to a listener of this process, and what watches the listener's lines."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.client = socket.create_connection(self.listener.getsockname())
        self.server, _ = self.listener.accept()
        self.lines = Lines(self.listener.getsockname()[1], SILENCE_S)
        self.client.settimeout(10)
        self.server.settimeout(10)

    def send(self, count: int) -> None:
        self.client.sendall(b"x" * count)
        self._arrive(self.server, count)

    def answer(self, count: int = 100) -> None:
        self.server.sendall(b"y" * count)
        self._arrive(self.client, count)
        until(lambda: not self._unconfirmed(), "the client's kernel says that it has them")

    def _unconfirmed(self) -> int:
        """Bytes of which the other side has not yet said that it has them."""
        told = fcntl.ioctl(self.server, termios.TIOCOUTQ, bytes(4))
        return int.from_bytes(told, sys.byteorder)

    @staticmethod
    def _arrive(where: socket.socket, count: int) -> None:
        while count:
            count -= len(where.recv(count))

    @property
    def is_cut(self) -> bool:
        self.client.setblocking(False)
        try:
            return self.client.recv(1) == b""
        except BlockingIOError:
            return False
        finally:
            self.client.settimeout(10)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    for one in (made.listener, made.client, made.server):
        one.close()


def test_a_line_that_has_gone_silent_is_cut_after_two_minutes(wire: Wire) -> None:
    wire.send(200)
    assert wire.lines.look(0) == 0
    assert wire.lines.look(119) == 0
    assert not wire.is_cut
    assert wire.lines.look(120) == 1
    assert wire.is_cut
    assert wire.server.recv(1) == b"", "whoever waits for its bytes learns that no more come"
    assert wire.listener.fileno() > 0, "the listener stays"


def test_a_body_that_drips_is_cut_after_a_minute(wire: Wire) -> None:
    wire.lines.look(0)
    cut_at = None
    for second in range(5, 125, 5):
        wire.send(1)
        if wire.lines.look(second):
            cut_at = second
            break
    assert cut_at == 2 * WINDOW_S
    assert wire.is_cut


def test_one_that_drips_so_seldom_that_windows_stay_empty_is_cut_too(wire: Wire) -> None:
    wire.lines.look(0)
    for second in range(35, 600, 35):
        wire.send(1)
        if wire.lines.look(second):
            break
    assert wire.is_cut
    assert second < 300


def test_a_slow_phone_is_not_cut(wire: Wire) -> None:
    wire.lines.look(0)
    for second in range(5, 605, 5):
        wire.send(PACE * 5 + 1)
        assert wire.lines.look(second) == 0
    assert not wire.is_cut


def test_a_phone_that_asks_a_little_every_now_and_then_is_not_cut(wire: Wire) -> None:
    wire.lines.look(0)
    for second in range(10, 600, 10):
        wire.send(50)
        wire.answer()
        assert wire.lines.look(second) == 0
    assert not wire.is_cut


def test_a_request_that_is_worked_on_for_long_is_not_taken_for_one_that_drips(wire: Wire) -> None:
    wire.lines.look(0)
    wire.send(300)
    for second in range(5, 120, 5):
        assert wire.lines.look(second) == 0
    wire.answer()
    assert wire.lines.look(120) == 0
    assert not wire.is_cut


def test_a_slow_download_is_not_cut(wire: Wire) -> None:
    wire.send(300)
    for second in range(0, 600, 60):
        wire.answer(10)
        assert wire.lines.look(second) == 0
    assert not wire.is_cut


def test_lines_to_other_ports_are_no_concern(wire: Wire) -> None:
    others = Lines(wire.listener.getsockname()[1] - 1, SILENCE_S)
    assert others.look(0) == 0
    assert others.look(1000) == 0
    assert not wire.is_cut, "our own lines to a database or a mail server end by their own rules"
