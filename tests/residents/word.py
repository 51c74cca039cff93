"""Residents in tests: the policy switched on, questions put directly, answers sent as a browser sends its form."""

from __future__ import annotations

import secrets
import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from server.issues.rules import ResidentsAnswer
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import HANDLERS, Work
from server.programme import policy
from server.residents.models import Picture, Question, picture_key
from server.residents.rules import code_of, hash_of
from tests.factories import SiteOffice


def turn_on(office: SiteOffice, **settings: Any) -> None:
    """The programme asks its residents."""
    conf = office.app.config["DUDAO"]
    office.write(lambda db: policy.change(db, conf, None, {"residents_asked": True, **settings}))


@dataclass(frozen=True, slots=True)
class Put:
    id: uuid.UUID
    code: str


def put_question(
    office: SiteOffice, issue: str, *, answer: ResidentsAnswer | None = None, photo: bytes | None = None
) -> Put:
    """A question as a row, whatever the issue's state, with its photo in the store."""
    app, now = office.app, clock.now()
    question_id, nonce, picture_id = new_id(), secrets.token_hex(16), new_id() if photo else None
    code = code_of(app.config["DUDAO"].secret_key, question_id, nonce)

    def put(db: Any) -> None:
        db.add(Question(
            id=question_id, issue_id=uuid.UUID(issue), round=1, nonce=nonce, code_hash=hash_of(code), created_at=now,
            expires_at=now + timedelta(days=14), answer=answer, answered_at=now if answer else None,
            photo_id=picture_id,
        ))
        if picture_id:
            db.flush()
            db.add(Picture(id=picture_id, question_id=question_id, made_at=now))

    if photo and picture_id:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "photo"
            path.write_bytes(photo)
            app.extensions["dudao-store"].adopt(path, picture_key(picture_id))
    office.write(put)
    return Put(question_id, code)


def form(parts: list[tuple[str, str | None, bytes]]) -> tuple[bytes, str]:
    """A form's body and its type; (name, name of the file, what it holds) for each part."""
    boundary = secrets.token_hex(16)
    lines = []
    for name, filename, data in parts:
        shown = f'; filename="{filename}"\r\nContent-Type: image/jpeg' if filename is not None else ""
        lines.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'.encode() + data)
    return b"\r\n".join([*lines, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def send(
    app: Flask, code: str, answer: str | None = "yes", *, comment: str = "", photos: tuple[bytes, ...] = (),
    address: str = "203.0.113.7", language: str = "zh-CN",
) -> TestResponse:
    """The page's form, as a browser sends it: an empty file where none was chosen."""
    parts = [("answer", None, answer.encode())] if answer is not None else []
    parts += [("comment", None, comment.encode()), *(("photo", f"{one}.jpg", data) for one, data in enumerate(photos))]
    if not photos:
        parts.append(("photo", "", b""))
    body, content_type = form(parts)
    return app.test_client().post(
        f"/r/{code}", data=body, content_type=content_type, buffered=True,
        environ_overrides={"REMOTE_ADDR": address}, headers={"Accept-Language": language},
    )


def look(app: Flask, path: str, *, address: str = "203.0.113.7", language: str = "zh-CN") -> TestResponse:
    return app.test_client().get(
        f"/r/{path}", buffered=True, environ_overrides={"REMOTE_ADDR": address}, headers={"Accept-Language": language},
    )


def sweep(office: SiteOffice) -> None:
    """The hourly job."""
    with office.app.app_context():
        HANDLERS["residents-sweep"](Work(office.database, office.app, new_id(), {}, lambda _percent: None))


def make_renditions(office: SiteOffice) -> None:
    """The small pictures, as the worker makes them."""
    import sqlalchemy as sa

    from server.kit.jobs import Job

    for job in office.read(sa.select(Job).where(Job.kind == "renditions")):
        with office.app.app_context():
            HANDLERS["renditions"](Work(office.database, office.app, job.id, job.payload, lambda _percent: None))
