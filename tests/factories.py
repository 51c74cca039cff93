"""People, sites, checklists and reports for tests: made as the product makes them, named as a story names them."""

from __future__ import annotations

import base64
import functools
import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.accounts import passwords
from server.accounts.models import Organisation, Person, PersonDistrict, PersonRole
from server.checklists import files
from server.checklists.service import publish
from server.kit import clock
from server.kit.actor import Role
from server.kit.db import Database
from server.kit.ids import new_id
from server.programme.models import Assignment, District, Site
from server.programme.rules import Stage

PASSWORD = "Correct-horse-7"
YINGZE, JINYUAN = "140106", "140110"


_versions = functools.cache(files.read_all)  # reading the data takes longer than a whole test


class Someone:
    """A person who speaks to the API, and signs in when there is first something to say: most of a test's people only
    stand by. Whoever must be signed in before something happens calls `sign_in`."""

    def __init__(
        self, client: FlaskClient, person_id: uuid.UUID, username: str, tokens: dict[str, Any] | None = None
    ) -> None:
        self.client, self.id, self.username = client, person_id, username
        self._tokens = tokens

    @property
    def tokens(self) -> dict[str, Any]:
        if self._tokens is None:
            self.sign_in()
        assert self._tokens is not None
        return self._tokens

    @tokens.setter
    def tokens(self, given: dict[str, Any]) -> None:
        self._tokens = given

    def sign_in(self) -> Someone:
        answer = self.client.post("/api/v1/auth/login", json={"username": self.username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self._tokens = answer.json
        return self

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", **options.pop("headers", {})}
        full = path if path.startswith("/api/") else f"/api/v1{path}"
        return self.client.open(full, method=method, headers=headers, buffered=True, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.ask("GET", path, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.ask("PUT", path, json=json, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.ask("POST", path, json={} if json is None and "data" not in options else json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.ask("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.ask("DELETE", path, **options)

    def upload(self, report_id: str, photo: dict[str, Any], data: bytes, **headers: str) -> TestResponse:
        """Send a whole photo in one request, as the phone does (tus creation-with-upload)."""
        pairs = {"report": report_id, "photo": photo["id"], "sha256": photo["sha256"], "filename": "照片.jpg"}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        return self.ask("POST", "/uploads", data=data, headers={
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": metadata,
            "Content-Type": "application/offset+octet-stream", **headers,
        })

    def send(
        self, body: dict[str, Any], photos: dict[str, bytes] | None = None, *, report_id: str | None = None
    ) -> Any:
        """Send a report and its photos (bytes by photo id); returns the report as the phone then reads it."""
        report_id = report_id or str(new_id())
        put = self.put(f"/reports/{report_id}", body)
        assert put.status_code in {200, 201}, put.text
        for entry in body["photos"]:
            sent = self.upload(report_id, entry, (photos or {})[entry["id"]])
            assert sent.status_code == 201, sent.text
        return self.get(f"/reports/{report_id}").json


class SiteOffice:
    """The programme of a test: two districts, and whoever and whatever a test asks for. `at_work`: people are signed in
    from the start, for tests of signing in itself."""

    def __init__(self, app: Flask, *, at_work: bool = False) -> None:
        self.app, self._at_work = app, at_work
        self.database: Database = app.extensions["dudao"].database
        self.people: dict[str, Someone] = {}
        self.write(self._districts)

    def write(self, verb: Any) -> Any:
        return self.database.write(verb)

    def read(self, query: sa.Select[Any]) -> list[Any]:
        with self.database.read() as db:
            return list(db.scalars(query))

    @staticmethod
    def _districts(db: Session) -> None:
        db.add_all([
            District(code=YINGZE, zh="迎泽区", en="Yingze", position=2),
            District(code=JINYUAN, zh="晋源区", en="Jinyuan", position=6),
        ])

    def checklists(self) -> None:
        """Publish the checklists that come with the product."""
        self.write(lambda db: publish(db, _versions()))

    def organisation(self, name: str, kind: str = "contractor") -> uuid.UUID:
        organisation = Organisation(id=new_id(), name=name, kind=kind)
        self.write(lambda db: db.add(organisation))
        return organisation.id

    def person(
        self, username: str, *roles: str, districts: tuple[str, ...] = (), organisation: uuid.UUID | None = None
    ) -> Someone:
        """Make a person, who can sign in; asked again for the same name, the same person."""
        if username in self.people:
            return self.people[username]
        person_id = new_id()

        def hire(db: Session) -> None:
            db.add(Person(
                id=person_id, username=username, name=username.title(), organisation_id=organisation,
                password_hash=passwords.make(PASSWORD), active=True, created_at=clock.now(),
                roles=[PersonRole(role=Role(role)) for role in roles],
                districts=[PersonDistrict(district_code=code) for code in districts],
            ))

        self.write(hire)
        self.people[username] = Someone(self.app.test_client(), person_id, username)
        if self._at_work:
            self.people[username].sign_in()
        return self.people[username]

    def sign_in(self, username: str, person_id: uuid.UUID) -> Someone:
        """Another session of a person who is there."""
        return Someone(self.app.test_client(), person_id, username).sign_in()

    def site(
        self, name: str = "老军营小区", *, district: str = YINGZE, contractor: uuid.UUID | None = None,
        inspectors: tuple[Someone, ...] = (), **values: Any,
    ) -> uuid.UUID:
        site_id = new_id()
        code = values.pop("code", f"{district}-{site_id.hex[-6:]}")

        def found(db: Session) -> None:
            usual = {
                "search": f"{code} {name}".lower(), "lat": 37.86, "lng": 112.55,
                "lat_wgs84": 37.86, "lng_wgs84": 112.55,
                "stage": Stage.IN_PROGRESS, "carried_out": True, "updated_at": clock.now(),
            }
            db.add(Site(
                id=site_id, code=code, name=name, district_code=district, contractor_id=contractor, **usual | values,
            ))
            db.flush()
            db.add_all(Assignment(site_id=site_id, person_id=one.id, since=clock.now()) for one in inspectors)

        self.write(found)
        return site_id


def photo_entry(data: bytes, *, item: str | None = None, photo_id: str | None = None, **more: Any) -> dict[str, Any]:
    """The entry of a photo in a report, for these bytes."""
    return {
        "id": photo_id or str(new_id()), "sha256": hashlib.sha256(data).hexdigest(), "size": len(data),
        "media_type": "image/jpeg", "item": item, "captured_at": "2026-11-20T09:15:00+08:00", "source": "camera",
        **more,
    }


def mark(**more: Any) -> dict[str, Any]:
    """One stroke on a photo."""
    return {"colour": "red", "width": 0.008, "points": [[0.1234, 0.2], [0.5, 0.25], [0.9, 0.8]], **more}


def representative(**more: Any) -> dict[str, Any]:
    """Who spoke for the site, and signed with two strokes."""
    return {
        "name": "李工", "signed_at": "2026-11-20T09:57:00+08:00",
        "signature": [[[0, 0.1], [0.4, 0.3]], [[0.6, 0], [1, 0.35]]], **more,
    }


def report_body(site_id: uuid.UUID | str, *, answers: list[dict[str, Any]] | None = None,
                photos: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A whole report as a phone sends it: lift checklist, one pass and one measured value unless told otherwise."""
    start = datetime(2026, 11, 20, 1, 12, tzinfo=UTC)
    return {
        "revision": 1, "site_id": str(site_id), "checklist": {"code": "ELEV", "version": 1}, "visit": "unannounced",
        "started_at": start.isoformat(), "finished_at": (start + timedelta(minutes=46)).isoformat(),
        "device": {"id": "phone-1", "sent_at": "2026-11-20T12:01:03+08:00"},
        "location": {"lat": 37.8601, "lng": 112.5502, "crs": "wgs84", "accuracy_m": 12.0,
                     "captured_at": "2026-11-20T09:12:30+08:00"},
        "summary": "现场整洁 🏗️ 𬭎",
        "answers": answers if answers is not None else [
            {"item": "ELEV-A01", "value": "pass"}, {"item": "ELEV-C02", "value": 4.2},
        ],
        "photos": photos or [], **more,
    }
