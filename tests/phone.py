"""A phone over real HTTP: exact bytes on a raw line, nothing taken for whole that was cut, resume and resend.

It never believes more than the contract says, and it checks the server's claims against what the line let through:
a photo that the server calls received, or a byte that it calls durable, must have left the phone whole.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import rfc8785

LONGEST_S = 30  # without a byte, whatever is said of the line
PAUSE_S = 0.05  # of a phone that does not reach the server
TUS = "Tus-Resumable: 1.0.0\r\n"
OCTETS = "Content-Type: application/offset+octet-stream\r\n"
CREATED = {200, 201}


class LineCutError(Exception):
    """The line ended, or fell silent, before a whole answer was here."""


class NoLineError(LineCutError):
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the whole body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The refusal's name; None where it is no problem document, or the answer to HEAD, which has no body."""
        if self.headers.get("content-type") != "application/problem+json" or not self.body:
            return None
        return str(self.json["code"])


class Line:
    """One HTTP/1.1 connection. `sent` counts all bytes of it; no more than `ceiling` of them can have got through.

    After a silence of `patience_s` it asks `is_dead` whether to give the line up.
    """

    def __init__(
        self, port: int, *, patience_s: float = 30, ceiling: float = float("inf"),
        is_dead: Callable[[], bool] = lambda: True,
    ) -> None:
        self.sent, self.ceiling = 0, ceiling
        self._is_dead = is_dead
        self._left = b""
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), patience_s)
        except OSError as error:
            raise NoLineError(str(error)) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, head: bytes, body: bytes = b"") -> Answer:
        """Send a request and read its answer. Raises LineCutError unless all of that answer came."""
        try:
            self.sent += len(head) + len(body)
            left = memoryview(head + body)
            while left:
                left = left[self._patiently(lambda left=left: self._socket.send(left)):]
            return self._answer(method)
        except OSError as error:
            raise LineCutError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        self._socket.close()

    def _patiently(self, do: Callable[[], Any]) -> Any:
        until = time.monotonic() + LONGEST_S
        while True:
            try:
                return do()
            except TimeoutError:
                if self._is_dead() or time.monotonic() > until:
                    raise

    def _more(self) -> bytes:
        piece: bytes = self._patiently(lambda: self._socket.recv(1 << 18))
        if not piece:
            raise LineCutError("ended")
        return piece

    def _answer(self, method: str) -> Answer:
        data = self._left
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        assert "transfer-encoding" not in headers, "an answer without a length: a cut one would pass for whole"
        length = 0 if method == "HEAD" or status in {204, 304} else int(headers["content-length"])
        pieces, here = [rest], len(rest)
        while here < length:
            pieces.append(self._more())
            here += len(pieces[-1])
        body = b"".join(pieces)
        self._left = body[length:]
        return Answer(status, headers, body[:length])


@dataclass(slots=True)
class Sending:
    """A report as the phone keeps it until it has the receipt."""

    body: dict[str, Any]
    photos: dict[str, bytes] = field(default_factory=dict)  # bytes by photo id
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    uploads: dict[str, str] = field(default_factory=dict)  # photo id → address of an upload under way
    passed: dict[str, float] = field(default_factory=dict)  # photo id → bytes that can have reached the server

    @property
    def content(self) -> bytes:
        """Canonical JSON of the body without device.sent_at: what the receipt's digest is of."""
        device = self.body.get("device")
        if device is None:
            return rfc8785.dumps(self.body)
        return rfc8785.dumps({**self.body, "device": {key: value for key, value in device.items() if key != "sent_at"}})

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class Phone:
    """Who sends: signed in by `token`, to the server on `port`. `open_line` may put something in between."""

    port: int
    token: str
    chunk: int | None = None  # bytes of one PATCH; None sends a photo in the request that creates its upload
    patience_s: float = 60.0  # until a report has its receipt
    open_line: Callable[[], Line] | None = None
    tolerated: frozenset[int] = frozenset()  # 5xx that may be met and are asked again
    line: Line | None = None
    cuts: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None

    def ask(self, method: str, path: str, body: bytes = b"", more: str = "") -> Answer:
        """One request on the open line, or on a new one. Raises LineCutError, after which the line is closed."""
        head = self.head(method, path, len(body), more)
        if self.line is None:
            self.line = self.open_line() if self.open_line else Line(self.port)
        try:
            answer = self.line.ask(method, head, body)
        except LineCutError:
            self.cuts += 1
            self.hang_up()
            raise
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if answer.headers.get("connection") == "close":
            self.hang_up()
        return answer

    def head(self, method: str, path: str, length: int, more: str = "") -> bytes:
        full = path if path.startswith("/api/") else f"/api/v1{path}"
        sized = f"Content-Length: {length}\r\n" if length or method in {"POST", "PUT", "PATCH"} else ""
        return (f"{method} {full} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {self.token}\r\n"
                f"{sized}{more}\r\n").encode()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def send_json(self, method: str, path: str, body: Any) -> Answer:
        data = json.dumps(body, ensure_ascii=False).encode()
        return self.ask(method, path, data, "Content-Type: application/json\r\n")

    # -- one report, however often the line breaks ---------------------------------------------------------------

    def deliver(self, sending: Sending) -> dict[str, Any]:
        """Send a report and its photos until the receipt is here, and give that receipt."""
        deadline = time.monotonic() + self.patience_s
        while True:
            assert time.monotonic() < deadline, f"no receipt for {sending.id}; answers so far: {self.statuses}"
            try:
                receipt = self._round(sending)
            except NoLineError:
                time.sleep(PAUSE_S)
                continue
            except LineCutError:
                continue
            if receipt is not None:
                assert receipt["digest"] == sending.digest, (receipt, sending.id)
                return receipt

    def _round(self, sending: Sending) -> dict[str, Any] | None:
        """Tell the report, send what is missing, tell it again: the receipt, or None to begin anew."""
        for _ in range(2):
            answer = self._tell(sending)
            if answer is None:
                return None
            if answer["receipt"]:
                return dict(answer["receipt"])
            for entry in answer["photos"]["missing"]:
                self._send_photo(sending, entry["id"], entry.get("upload"))
        return None

    def _tell(self, sending: Sending) -> dict[str, Any] | None:
        answer = self.send_json("PUT", f"/reports/{sending.id}", sending.body)
        if self._line_trouble(answer, CREATED):
            return None
        got: dict[str, Any] = answer.json
        assert got["photos"]["refused"] == [], got
        missing = {entry["id"] for entry in got["photos"]["missing"]}
        assert got["photos"]["expected"] == len(sending.photos)
        assert got["photos"]["received"] == len(sending.photos) - len(missing)
        for photo_id, data in sending.photos.items():
            if photo_id not in missing:
                assert sending.passed.get(photo_id, 0) >= len(data), f"photo {photo_id} cannot be there whole"
        assert (got["receipt"] is not None) == (not missing), got
        return got

    def _send_photo(self, sending: Sending, photo_id: str, known: str | None) -> None:
        data = sending.photos[photo_id]
        address = sending.uploads.get(photo_id) or known
        offset = None
        if address is not None:
            offset = self._offset(sending, photo_id, address)
            if offset is None:
                return
        if address is None or offset == -1:
            first, more = b"" if self.chunk else data, creation(sending, photo_id, data)
            answer = self._upload(sending, photo_id, "POST", "/uploads", 0, first, {201}, more)
            if answer is None:
                return
            address = sending.uploads[photo_id] = answer.headers["location"]
            offset = int(answer.headers["upload-offset"])
            assert offset <= sending.passed.get(photo_id, 0)
        assert address is not None
        while offset is not None and offset < len(data):
            piece, more = data[offset:offset + (self.chunk or len(data))], f"Upload-Offset: {offset}\r\n"
            answer = self._upload(sending, photo_id, "PATCH", address, offset, piece, {204}, more)
            if answer is None:
                return
            offset = int(answer.headers["upload-offset"])
            assert offset <= sending.passed.get(photo_id, 0), "more is called durable than was sent"

    def _offset(self, sending: Sending, photo_id: str, address: str) -> int | None:
        """How much of an upload is durable; -1 where it has ended, None to begin anew."""
        answer = self.ask("HEAD", address, more=TUS)
        if answer.status in {404, 410}:
            sending.uploads.pop(photo_id, None)
            return -1
        if self._line_trouble(answer, {200}):
            return None
        sending.uploads[photo_id] = address
        offset = int(answer.headers["upload-offset"])
        assert offset <= sending.passed.get(photo_id, 0), f"{offset} bytes are called durable and were never sent"
        assert int(answer.headers["upload-length"]) == len(sending.photos[photo_id])
        return offset

    def _upload(
        self, sending: Sending, photo_id: str, method: str, address: str, offset: int, piece: bytes, wanted: set[int],
        more: str,
    ) -> Answer | None:
        more = f"{TUS}{OCTETS if piece else ''}{more}"
        if self.line is None:
            self.line = self.open_line() if self.open_line else Line(self.port)
        start = self.line.sent + len(self.head(method, address, len(piece), more))
        through = min(len(piece), max(0.0, self.line.ceiling - start))
        sending.passed[photo_id] = max(sending.passed.get(photo_id, 0), offset + through)
        answer = self.ask(method, address, piece, more)
        if answer.status in {404, 410} and method == "PATCH":
            sending.uploads.pop(photo_id, None)
            return None
        return None if self._line_trouble(answer, wanted) else answer

    def _line_trouble(self, answer: Answer, wanted: set[int]) -> bool:
        """Whether to ask again; whatever else is not `wanted` is a failure."""
        if answer.status in wanted:
            return False
        if answer.status in self.tolerated:
            return True
        # A half-closed line: the server has heard that no more comes, and says so.
        again = answer.status == 423 or answer.code in {"body-cut-short", "upload-offset"}
        assert again or (answer.status == 400 and answer.code is None), (answer.status, answer.body[:500])
        if answer.code != "upload-offset":
            self.hang_up()
        return True


def creation(sending: Sending, photo_id: str, data: bytes) -> str:
    """The headers that announce a photo."""
    sha256 = hashlib.sha256(data).hexdigest()
    pairs = {"report": sending.id, "photo": photo_id, "sha256": sha256, "filename": "照片.jpg"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return f"Upload-Length: {len(data)}\r\nUpload-Metadata: {metadata}\r\n"
