"""A phone that costs next to nothing: prepared bytes over one kept-alive connection, answers read by Content-Length."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from server.kit.ids import new_id


class Line:
    """One HTTP/1.1 connection that is opened again when the server closes it."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.socket: socket.socket | None = None
        self.left = b""

    def ask(self, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
        """Send one request and return status and body of its answer."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, 60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(body) < 65536:
            self.socket.sendall(head + body)
        else:
            self.socket.sendall(head)
            self.socket.sendall(body)
        return self._answer()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _answer(self) -> tuple[int, bytes]:
        assert self.socket is not None
        data = self.left
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed")
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(rest) < length:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed")
            rest += more
        self.left = rest[length:]
        return status, rest[:length]


@dataclass(slots=True)
class Phone:
    """Sends whole reports, photos first, so that the report's own answer brings the receipt."""

    line: Line
    token: str
    site_id: str
    photo: bytes
    photos_each: int
    prefix: str = "/api/v1"
    waited: list[float] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    def _head(self, method: str, path: str, length: int, more: str = "") -> bytes:
        return (
            f"{method} {self.prefix}{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Length: {length}\r\n{more}\r\n"
        ).encode()

    def send_report(self) -> None:
        """One report with fresh photos (their first bytes differ, so nothing is known from before)."""
        self._send(fresh(self.photo) for _ in range(self.photos_each))

    def send_photo_report(self, data: bytes) -> str:
        """One report with this photo as it is; the photo's id."""
        return self._send([data])[0]

    def _send(self, photos: Iterable[bytes]) -> list[str]:
        started = time.perf_counter()
        report_id = str(new_id())  # of version 7, as phones make them
        entries = []
        for data in photos:
            photo_id = str(new_id())
            sha256 = hashlib.sha256(data).hexdigest()
            pairs = {"report": report_id, "photo": photo_id, "sha256": sha256, "filename": "照片.jpg"}
            metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())
            head = self._head("POST", "/uploads", len(data), (
                f"Tus-Resumable: 1.0.0\r\nUpload-Length: {len(data)}\r\nUpload-Metadata: {metadata}\r\n"
                "Content-Type: application/offset+octet-stream\r\n"
            ))
            self._timed(head, data, 201)
            entries.append(photo_entry(photo_id, sha256, len(data)))
        body = json.dumps(report(self.site_id, entries), ensure_ascii=False).encode()
        answer = self._timed(
            self._head("PUT", f"/reports/{report_id}", len(body), "Content-Type: application/json\r\n"), body, 201
        )
        receipt = json.loads(answer)["receipt"]
        if not receipt:
            raise RuntimeError(f"no receipt: {answer[:300]!r}")
        self.receipts.append(report_id)
        self.waited.append(time.perf_counter() - started)
        return [entry["id"] for entry in entries]

    def _timed(self, head: bytes, body: bytes, wanted: int) -> bytes:
        started = time.perf_counter()
        status, answer = self.line.ask(head, body)
        self.calls.append(time.perf_counter() - started)
        if status != wanted:
            raise RuntimeError(f"{status}: {answer[:500]!r}")
        return answer


def fresh(photo: bytes) -> bytes:
    """The same picture with other bytes: a JPEG comment of 16 random bytes after its first marker."""
    return photo[:2] + b"\xff\xfe\x00\x12" + os.urandom(16) + photo[2:] if photo else photo


def photo_entry(photo_id: str, sha256: str, size: int) -> dict[str, Any]:
    return {
        "id": photo_id, "sha256": sha256, "size": size, "media_type": "image/jpeg", "item": "ELEV-A01",
        "captured_at": "2026-11-20T09:15:00+08:00", "source": "camera", "caption": "三单元底坑",
        "location": {"lat": 37.8601, "lng": 112.5502, "crs": "wgs84", "accuracy_m": 8.5,
                     "captured_at": "2026-11-20T09:15:00+08:00"},
    }


ANSWERS: list[dict[str, Any]] = [
    *({"item": f"ELEV-A0{n}", "value": "pass"} for n in range(1, 6)),
    {"item": "ELEV-B03", "value": 3.5}, {"item": "ELEV-B05", "value": "pass", "note": "焊缝外观良好,防火涂层已补刷"},
    {"item": "ELEV-B06", "value": "pass"}, {"item": "ELEV-C02", "value": 4.2}, {"item": "ELEV-C03", "value": 1.25},
    {"item": "ELEV-D01", "value": 31}, {"item": "ELEV-D02", "value": 4.5}, {"item": "ELEV-D03", "value": 8},
    {"item": "ELEV-D04", "value": -3}, {"item": "ELEV-E01", "value": 2.1}, {"item": "ELEV-F01", "value": 1.4},
    {"item": "ELEV-F02", "value": 1.6},
]


def report(site_id: str, photos: list[dict[str, Any]]) -> dict[str, Any]:
    """A lift report with seventeen answers, as an inspector fills it."""
    return {
        "revision": 1, "site_id": site_id, "checklist": {"code": "ELEV", "version": 1}, "visit": "unannounced",
        "started_at": "2026-11-20T09:12:00+08:00", "finished_at": "2026-11-20T09:58:10+08:00",
        "device": {"id": "phone-1", "sent_at": "2026-11-20T12:01:03+08:00"},
        "location": {"lat": 37.8601, "lng": 112.5502, "crs": "wgs84", "accuracy_m": 12.0,
                     "captured_at": "2026-11-20T09:12:30+08:00"},
        "summary": "三单元电梯井道施工,现场整洁,围挡完好。",
        "answers": ANSWERS, "photos": photos,
    }
