"""A phone's side of tus, for tests: the headers, and one call per request."""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import Any

from werkzeug.test import TestResponse

from server.kit.ids import new_id
from tests.factories import Someone

VERSION = {"Tus-Resumable": "1.0.0"}
BODY = {"Content-Type": "application/offset+octet-stream"}


def b64(value: str | bytes) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def metadata(
    data: bytes, *, photo: str | None = None, report: str | None = None, filename: str | bytes | None = None,
    **more: str,
) -> str:
    """Upload-Metadata for these bytes; `more` replaces or adds values."""
    values: dict[str, str | bytes] = {
        "report": report or str(new_id()), "photo": photo or str(new_id()), "sha256": hashlib.sha256(data).hexdigest(),
        **more,
    }
    if filename is not None:
        values["filename"] = filename
    return ",".join(f"{key} {b64(value)}" for key, value in values.items())


def creation(data: bytes, **given: Any) -> dict[str, str]:
    """The headers of a POST that announces these bytes."""
    return {**VERSION, "Upload-Length": str(len(data)), "Upload-Metadata": metadata(data, **given)}


def send_whole(phone: Someone, data: bytes, **given: Any) -> TestResponse:
    """creation-with-upload: one POST with the whole photo."""
    return phone.ask("POST", "/uploads", headers={**creation(data, **given), **BODY}, data=data)


def store(phone: Someone, data: bytes, *, photo: str | None = None, report: str | None = None) -> str:
    """Store a photo and give its id."""
    photo = photo or str(new_id())
    answer = send_whole(phone, data, photo=photo, report=report)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Upload-Offset"] == str(len(data))
    return photo


def begin(phone: Someone, data: bytes, **given: Any) -> str:
    """Open an upload without bytes and give its address."""
    answer = phone.ask("POST", "/uploads", headers=creation(data, **given))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def patch(phone: Someone, address: str, offset: int, data: bytes, **headers: str) -> TestResponse:
    given = {**VERSION, **BODY, "Upload-Offset": str(offset), **{k.replace("_", "-"): v for k, v in headers.items()}}
    return phone.ask("PATCH", address, headers=given, data=data)


def offset(phone: Someone, address: str) -> int:
    answer = phone.ask("HEAD", address, headers=VERSION)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def upload_id(address: str) -> uuid.UUID:
    return uuid.UUID(address.rsplit("/", 1)[1])
