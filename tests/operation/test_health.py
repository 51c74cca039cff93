"""Alive, ready, measured: what whoever runs it sees, and who may see it."""

from __future__ import annotations

import html
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import config
from server import create_app, schema
from server.accounts.models import Person
from server.kit import clock
from server.kit.jobs import Job, JobState, enqueue
from tests.factories import YINGZE, SiteOffice


def test_it_is_ready_when_all_it_needs_is_there(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json["checks"]) == {"database", "migration", "jobs", "storage"}


def test_alive_asks_nobody(conf: config.Config, tmp_path: Path) -> None:
    app = create_app(config.load(
        {}, env="test", secret_key=conf.secret_key, data_dir=tmp_path, uploads_dir=tmp_path / "up",
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing", log_level="ERROR",
    ))
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/").status_code == 200
    away = client.get("/readyz", headers={"Accept-Language": "en"})
    assert away.status_code == 503
    assert away.content_type == "application/problem+json"
    assert away.json["away"] == ["database"]
    assert int(away.headers["Retry-After"]) > 0


def test_tables_of_another_version_are_not_ready(office: SiteOffice) -> None:
    def stand_at(version: str | None) -> None:
        move = sa.text("update alembic_version set version_num = :version")
        office.write(lambda db: db.execute(move, {"version": version}))

    stand_at("older")
    try:
        answer = office.app.test_client().get("/readyz")
    finally:
        stand_at(schema.newest())
    assert (answer.status_code, answer.json["away"]) == (503, ["migration"])


def test_a_store_that_is_gone_is_not_ready(app: Flask, conf: config.Config) -> None:
    conf.uploads_dir.rmdir() if not any(conf.uploads_dir.iterdir()) else pytest.fail("a new place is empty")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["away"]) == (503, ["storage"])


def late_job(db: Session) -> None:
    enqueue(db, "test", {}, key="late", delay=timedelta(minutes=-10))


def test_jobs_that_nobody_does_are_not_ready_but_a_long_queue_is(office: SiteOffice) -> None:
    office.write(late_job)
    answer = office.app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["away"]) == (503, ["jobs"])

    def somebody_works(db: Session) -> None:
        enqueue(db, "test", {}, key="held")
        lease = clock.now() + timedelta(seconds=30)
        db.execute(sa.update(Job).where(Job.key == "held").values(state=JobState.RUNNING, lease_until=lease))

    office.write(somebody_works)
    assert office.app.test_client().get("/readyz").status_code == 200


def test_metrics_count_what_stands_in_the_database(office: SiteOffice) -> None:
    office.write(late_job)
    client = office.app.test_client()
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'dudao_jobs{state="queued"} 1.0' in text
    assert "dudao_uploads_open 0.0" in text
    assert 'dudao_requests_total{route="GET /healthz",status="200"}' in text
    assert "dudao_disk_free_bytes" in text
    assert "dudao_audit_unchained_seconds" in text


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "192.0.2.7", 404),
        ({"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 404),
        ({"Forwarded": "for=192.0.2.7"}, "127.0.0.1", 404),
    ],
)
def test_metrics_are_for_this_machine_alone(
    app: Flask, headers: dict[str, str], address: str, status: int
) -> None:
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_or_for_who_holds_the_token(conf: config.Config, tmp_path: Path) -> None:
    app = create_app(config.load(
        {}, env="test", secret_key=conf.secret_key, data_dir=tmp_path, uploads_dir=tmp_path / "up",
        database_url=conf.database, metrics_token="scrape-me", log_level="ERROR",
    ))
    client = app.test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer scrape-me"}).status_code == 200
    app.extensions["dudao"].database.dispose()


def test_every_answer_has_an_id_and_text_goes_out_compressed(app: Flask) -> None:
    client = app.test_client()
    named = client.get("/healthz", headers={"X-Request-Id": "phone-12345678"})
    assert named.headers["X-Request-Id"] == "phone-12345678"
    forged = client.get("/healthz", headers={"X-Request-Id": 'x"} injected'})
    assert forged.headers["X-Request-Id"] != 'x"} injected'
    packed = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "br"
    plain = client.get("/api/v1/openapi.json")
    assert len(packed.data) < len(plain.data) / 4


def test_the_log_tells_the_route_and_no_secret(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    from server.kit import logs

    logs.set_up(True, "INFO")
    try:
        app.test_client().post(
            "/api/v1/auth/login?sig=signed-secret", json={"username": "wang", "password": "my-own-secret"},
            headers={"Authorization": "Bearer token-secret"},
        )
    finally:
        logs.set_up(True, "WARNING")
    told = capfd.readouterr().err
    assert '"route": "POST /api/v1/auth/login"' in told
    assert "secret" not in told


@pytest.mark.parametrize(("path", "who"), [("/", "inspector.yingze"), ("/desk", "supervisor.yingze")])
def test_how_to_sign_in_as_a_sample_person_is_shown_where_there_is_one(
    app: Flask, office: SiteOffice, path: str, who: str
) -> None:
    client = app.test_client()
    for language in ("zh", "en"):
        bare = client.get(f"{path}?lang={language}").text
        assert "make run" not in bare
        assert "curl" not in bare
    office.person(who, who.partition(".")[0], districts=(YINGZE,))
    assert f'"username": "{who}"' in html.unescape(client.get(path).text)
    office.write(lambda db: db.execute(sa.update(Person).values(active=False)))
    assert who not in client.get(path).text


@pytest.mark.parametrize("path", ["/", "/desk"])
def test_the_first_pages_say_what_runs_here(app: Flask, path: str) -> None:
    client = app.test_client()
    zh, en = client.get(path), client.get(f"{path}?lang=en")
    assert 'lang="zh-CN"' in zh.text
    assert "督" in zh.text or "审核" in zh.text
    assert "/api/v1/docs" in en.text
    assert "default-src 'none'" in en.headers["Content-Security-Policy"]
    assert client.get(path, headers={"Host": '"><script>'}).text.count("<script>") == 0
