"""A line that can lead elsewhere: to the sign-in page of somebody's Wi-Fi, which answers every address, or to nobody."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

PAGE = b"<!doctype html><html><body><h1>Hotel WiFi</h1><form>room number</form></body></html>"
HEAD = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"


class Wifi:
    """Stands between a browser and a server. What is asked for goes to the server, until one of these is said."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        self._status: bytes | None = None
        self._silent = re.compile(r"(?!)")
        self._unanswered: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def wants_a_sign_in(self, status: bytes = b"200 OK") -> None:
        """Whatever is asked for is answered with the same page."""
        self._status = status

    def swallows(self, what: str) -> None:
        """Requests whose first line this finds are taken and never answered."""
        self._silent = re.compile(what)

    def is_open(self) -> None:
        self._status, self._silent = None, re.compile(r"(?!)")

    def ends(self) -> None:
        self._listening.close()
        for one in self._unanswered:
            one.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listening.accept()[0],), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with suppress(OSError):
            head, _, rest = _until_blank(browser).partition(b"\r\n\r\n")
            first, *lines = head.split(b"\r\n")
            if self._silent.search(first.decode("latin-1")):
                self._unanswered.append(browser)
                return
            with closing(browser):
                if self._status is not None:
                    _drain(browser, lines, len(rest))
                    browser.sendall(HEAD % (self._status, len(PAGE)) + (b"" if first.startswith(b"HEAD") else PAGE))
                    return
                with socket.create_connection(("127.0.0.1", self._server_port)) as server:
                    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
                    server.sendall(b"\r\n".join([first, *kept, b"Connection: close"]) + b"\r\n\r\n" + rest)
                    threading.Thread(target=_pour, args=(browser, server), daemon=True).start()
                    _pour(server, browser)


def _until_blank(browser: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = browser.recv(65536)
        if not piece:
            raise OSError("nothing was asked for")
        head += piece
    return head


def _drain(browser: socket.socket, lines: list[bytes], got: int) -> None:
    """Closed with a body unread, a connection is reset, which is no answer."""
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while got < length and (piece := browser.recv(65536)):
        got += len(piece)


def _pour(source: socket.socket, drain: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            drain.sendall(piece)


@contextmanager
def wifi(server_port: int) -> Iterator[Wifi]:
    made = Wifi(server_port)
    try:
        yield made
    finally:
        made.ends()
