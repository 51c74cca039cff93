"""Calling somebody outside: to addresses that were judged, with TLS for the name, one time limit over all of it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from server.kit.addresses import NoAddressError, Place, addresses

MAX_ANSWER = 64 * 1024
TRIED_ADDRESSES = 3


class NotReachedError(Exception):
    """Nobody answered as HTTP has it. `maybe_taken`: what was sent may have been taken all the same."""

    def __init__(self, why: str, *, maybe_taken: bool) -> None:
        super().__init__(why)
        self.maybe_taken = maybe_taken


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` holds MAX_ANSWER bytes at most."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Deadline:
    """Ends an exchange that takes too long, however busily the other side drips: a socket's own timeout begins anew with
    every byte. As a context manager it hangs up the line that `watch` was given once the time is over."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._timer = threading.Timer(seconds, self._hang_up)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self.passed = False

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._let_go()

    def left(self) -> float:
        """Seconds, never none: a socket reads 0 as "do not wait"."""
        return max(0.01, self._end - monotonic())

    def watch(self, line: socket.socket) -> None:
        """This is the line now. A second handle of it is kept, since TLS takes the first one over."""
        with self._lock:
            self._let_go()
            self._line = line.dup()
            if self.passed:
                self._cut()

    def _hang_up(self) -> None:
        with self._lock:
            self.passed = True
            self._cut()

    def _cut(self) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


class _Line(http.client.HTTPConnection):
    """A connection to one of the judged addresses; the name is for TLS and the Host header alone."""

    def __init__(self, where: Place, found: list[str], deadline: Deadline) -> None:
        super().__init__(where.host, where.port)
        self._where, self._found, self._deadline = where, found, deadline

    def connect(self) -> None:
        line = self._reach()
        self._deadline.watch(line)
        self.sock = line
        if self._where.scheme == "https":
            context = ssl.create_default_context()
            wrapped = context.wrap_socket(line, server_hostname=self._where.host, do_handshake_on_connect=False)
            self.sock = wrapped
            wrapped.do_handshake()

    def _reach(self) -> socket.socket:
        failure: OSError = NoAddressError("no address")
        tried = self._found[:TRIED_ADDRESSES]
        for number, address in enumerate(tried):
            share = self._deadline.left() / (len(tried) - number)  # one that is silent leaves time for the next
            try:
                line = socket.create_connection((address, self._where.port), timeout=share)
            except OSError as error:
                failure = error
            else:
                line.settimeout(self._deadline.left())
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return line
        raise failure


def post(where: Place, headers: Mapping[str, str], body: bytes, *, allow_private: bool, seconds: float) -> Answer:
    """POST once. Redirects are answers like others; nothing is followed, no proxy is asked.

    Raises ForbiddenError where the name leads to a forbidden address, NotReachedError where no answer came.
    """
    handed_over = False
    with Deadline(seconds) as deadline:
        line: _Line | None = None
        try:
            line = _Line(where, addresses(where, allow_private=allow_private, seconds=seconds), deadline)
            line.connect()
            handed_over = True  # from here on nobody knows, unless an answer comes
            line.putrequest("POST", where.path, skip_host=True, skip_accept_encoding=True)
            given = {"Host": where.authority, "Content-Length": str(len(body)), "Connection": "close", **headers}
            for name, value in given.items():
                line.putheader(name, value)
            line.endheaders(body)
            came = line.getresponse()
            return Answer(came.status, {name.lower(): value for name, value in came.getheaders()}, _read(came))
        except (OSError, http.client.HTTPException) as error:
            why = "超过时限 / took too long" if deadline.passed else _said(error)
            raise NotReachedError(why, maybe_taken=handed_over) from None
        finally:
            if line is not None:
                line.close()


def _read(came: http.client.HTTPResponse) -> bytes:
    """The body, or nothing where it never ends: the status has said already what counts."""
    try:
        return came.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException):
        return b""


def _said(error: Exception) -> str:
    """The reason for people, without what might hold the URL."""
    if isinstance(error, NoAddressError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"证书未通过验证 / its certificate was not accepted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "超过时限 / took too long"
    if isinstance(error, http.client.RemoteDisconnected):
        return "没有答复即断开 / it hung up without an answer"
    if isinstance(error, http.client.HTTPException):
        return f"答复不是 HTTP / its answer is not HTTP ({type(error).__name__})"
    return f"无法连接 / cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}"
