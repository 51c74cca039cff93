"""Connections that hold a thread and bring nothing: cut, so that phones gone silent and slow bodies keep nobody out.

The web server waits for a body as long as its line stands (it has no limit for bodies and does not say which line a
request came by). The kernel knows of every line how much has come and gone, and from outside a cut looks like the line
breaking: whoever reads the body learns that it was cut short, and the phone goes on at the byte.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import structlog

PACE = 273  # bytes a second, over a window: a bad line of the second generation (GPRS) brings four times as much
SLOW_WINDOWS = 2
WINDOWS = 4  # of them, one silence long
_TOTALS = struct.Struct("=QQ")  # tcpi_bytes_acked, tcpi_bytes_received of linux/tcp.h's struct tcp_info
_TOTALS_AT = 120
log = structlog.get_logger()


@dataclass(slots=True)
class Line:
    """What was seen of one connection. Times are seconds of the monotonic clock."""

    sent: int
    received: int
    moved_at: float
    window_at: float
    window_from: int  # what had been received when the window began
    slow: int = 0  # windows with a little and too little


class Lines:
    """The accepted connections of this process on `port`. Cuts one on which nothing has moved for `silence_s`, and one
    that twice brought less than PACE over a quarter of that while nothing was answered."""

    def __init__(self, port: int, silence_s: float) -> None:
        self._port, self._silence_s = port, silence_s
        self._window_s = silence_s / WINDOWS
        self._known: dict[str, Line] = {}

    def watch(self) -> None:
        """Look again and again, in a thread of its own."""
        threading.Thread(target=self._look_often, name="lines", daemon=True).start()

    def _look_often(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._window_s / 6):
            try:
                self.look(monotonic())
            except Exception as error:  # noqa: BLE001 - a look that failed is made again, phones are served meanwhile
                log.warning("lines-not-seen", error=str(error)[:300])

    def look(self, now: float) -> int:
        """Look at every line once; the number of those that were cut."""
        seen: dict[str, Line] = {}
        cut = 0
        for name, line, (sent, received) in self._open():
            with line:
                known = self._known.get(name) or Line(sent, received, now, now, received)
                if self._overdue(known, sent, received, now):
                    cut += 1
                    with suppress(OSError):  # it may have ended just now
                        line.shutdown(socket.SHUT_RDWR)
                else:
                    seen[name] = known
        self._known = seen
        if cut:
            log.info("lines-cut", lines=cut, standing=len(seen))
        return cut

    def _overdue(self, line: Line, sent: int, received: int, now: float) -> bool:
        """Note what has moved since the last look; whether this line has brought too little for too long."""
        if sent != line.sent:  # what had come was answered: it begins anew
            line.window_at, line.window_from, line.slow = now, received, 0
        if (sent, received) != (line.sent, line.received):
            line.sent, line.received, line.moved_at = sent, received, now
        if now - line.window_at >= self._window_s:
            came = received - line.window_from
            if came >= PACE * self._window_s:
                line.slow = 0
            elif came:  # a window without a byte tells nothing: its request is being worked on, or it is the silence's
                line.slow += 1
            line.window_at, line.window_from = now, received
        return line.slow >= SLOW_WINDOWS or now - line.moved_at >= self._silence_s

    def _open(self) -> Iterator[tuple[str, socket.socket, tuple[int, int]]]:
        """The lines that stand: the kernel's name of the socket, a handle to be closed, bytes sent and received."""
        for entry in Path("/proc/self/fd").iterdir():
            try:
                name = str(entry.readlink())
                if not name.startswith("socket:"):
                    continue
                line = socket.socket(fileno=os.dup(int(entry.name)))
            except OSError:
                continue  # closed meanwhile
            try:
                totals = self._totals(line)
            except OSError:
                totals = None
            if totals is None:
                line.close()
            else:
                yield name, line, totals

    def _totals(self, line: socket.socket) -> tuple[int, int] | None:
        """Bytes that the other side has taken and sent; None for what is no line of a client."""
        if line.family not in {socket.AF_INET, socket.AF_INET6} or line.type != socket.SOCK_STREAM:
            return None
        if line.getsockname()[1] != self._port or line.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return None
        told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TOTALS_AT + _TOTALS.size)
        if len(told) < _TOTALS_AT + _TOTALS.size:
            return None  # a kernel that does not count
        sent, received = _TOTALS.unpack_from(told, _TOTALS_AT)
        return sent, received

