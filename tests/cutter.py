"""A bad line: a proxy that lets exactly so many bytes through one way, and then ends the connection as it is told."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

PIECE = 1 << 16
DRAIN_S = 10.0
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER of no time: close() sends RST


class Way(StrEnum):
    """up is from the phone to the server."""

    UP = "up"
    DOWN = "down"


class How(StrEnum):
    """How it ends. After FIN and RST both sides know at once; HALF ends only the way that is cut, the other goes on;
    STALL lets nothing more through and tells nobody; LATE does the same until everything is over, and then lets the
    rest through after all."""

    FIN = "fin"
    RST = "rst"
    HALF = "half"
    STALL = "stall"
    LATE = "late"

    @property
    def silent(self) -> bool:
        return self in {How.STALL, How.LATE}


@dataclass(frozen=True, slots=True)
class Cut:
    """After `after` bytes of `way` the line ends by `how`."""

    way: Way
    after: int
    how: How

    def __str__(self) -> str:
        return f"{self.way} after {self.after} by {self.how}"


class Cutter:
    """Listens on `port` and forwards to a server. A cut that is armed meets the next connection, and that one alone."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port: int = self._listener.getsockname()[1]
        self._armed: Cut | None = None
        self._lines: list[threading.Thread] = []
        self._released = threading.Event()
        self.happened = False  # whether the armed cut came to pass
        self.counted = {Way.UP: 0, Way.DOWN: 0}  # bytes that the last whole connection let through
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept; close alone does not
        self._listener.close()

    def arm(self, cut: Cut) -> None:
        self._armed, self.happened = cut, False
        self._released.clear()

    def settle(self) -> None:
        """Let what is stalled go on or end, and wait until every line has ended."""
        self._released.set()
        for line in self._lines:
            line.join(DRAIN_S)
            assert not line.is_alive(), "a line does not end"
        self._lines.clear()

    def _listen(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            cut, self._armed = self._armed, None
            line = threading.Thread(target=self._carry, args=(phone, cut), daemon=True)
            self._lines.append(line)
            line.start()

    def _carry(self, phone: socket.socket, cut: Cut | None) -> None:
        with phone, contextlib.suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self._server_port), DRAIN_S)
            with server:
                for end in (phone, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._forward(phone, server, cut)

    def _forward(self, phone: socket.socket, server: socket.socket, cut: Cut | None) -> None:
        other = {phone: server, server: phone}
        way_of = {phone: Way.UP, server: Way.DOWN}
        passed = {Way.UP: 0, Way.DOWN: 0}
        dropped: Way | None = None  # this way is half-closed: what still comes is thrown away
        with selectors.DefaultSelector() as ready:
            for end in (phone, server):
                ready.register(end, selectors.EVENT_READ)
            while ready.get_map():
                if cut is not None and passed[cut.way] >= cut.after:
                    self.happened = True
                    how, from_end = cut.how, phone if cut.way is Way.UP else server
                    if how is How.HALF:
                        dropped = cut.way
                        _end_sending(other[from_end])
                    elif not self._end(how, phone, server):
                        return
                    cut = None
                for source in _readable(ready):
                    way = way_of[source]
                    room = PIECE if cut is None or cut.way is not way else min(PIECE, cut.after - passed[way])
                    if not room:
                        continue
                    piece = source.recv(room)
                    if not piece:
                        ready.unregister(source)
                        if dropped is not way:
                            _end_sending(other[source])
                    elif dropped is not way:
                        other[source].sendall(piece)
                        passed[way] += len(piece)
        self.counted = passed

    def _end(self, how: How, phone: socket.socket, server: socket.socket) -> bool:
        """End the line; True where it goes on after all."""
        if how is How.RST:
            for end in (phone, server):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        elif how is How.FIN:
            for end in (phone, server):
                _end_sending(end)
            for end in (phone, server):  # bytes left unread would make close() a reset
                _drain(end)
        else:
            self._released.wait()
        return how is How.LATE


def _readable(ready: selectors.BaseSelector) -> Iterator[socket.socket]:
    for key, _ in ready.select():
        assert isinstance(key.fileobj, socket.socket)
        yield key.fileobj


def _end_sending(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_WR)


def _drain(end: socket.socket) -> None:
    end.settimeout(DRAIN_S)
    with contextlib.suppress(OSError):
        while end.recv(PIECE):
            pass
