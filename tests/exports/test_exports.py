"""Exports from asking to sweeping: whose they are, what they show to whom, resumed, killed, expired, pressed twice."""

from __future__ import annotations

import os
import random
import signal
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.accounts.models import PersonDistrict
from server.audit.models import AuditEvent
from server.exports import making, service
from server.exports.models import Export
from server.exports.rules import ExportState
from server.kit import clock, leases
from server.kit.jobs import MAX_ATTEMPTS, Job, JobState
from tests.city import until
from tests.exports.made import ask, everything, made, some_id, table, work_off
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, report_body
from tests.issues.loop import Loop
from tests.kit.worker_process import worker_process


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


def numbers(data: bytes, head: str) -> list[str]:
    return [row[head] for row in table(data)]


def test_each_sees_in_an_export_what_the_list_shows(loop: Loop) -> None:
    loop.issued()
    sj = loop.office.person("sj", "supervisor", districts=(JINYUAN,))
    far = loop.office.site("外区小区", district=JINYUAN, inspectors=(loop.wang,))
    photo, data = loop.picture(item="ELEV-A05")
    failed = {"item": "ELEV-A05", "value": "fail", "photos": [photo["id"]]}
    report = loop.wang.send(report_body(far, answers=[failed], photos=[photo]), {photo["id"]: data})
    assert sj.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1}).status_code == 201
    people = [loop.wang, loop.zhao, loop.su, loop.jia, loop.bing, loop.office.person("clerk", "office"),
              loop.office.person("boss", "admin"), sj]
    shown = set()
    for who in people:
        for kind, head, key in (
            ("reports", "报告编号", "number"), ("issues", "问题编号", "number"), ("sites", "项目编号", "code"),
        ):
            _, data = made(loop.office, who, kind, "csv")
            listed = [one[key] for one in everything(who, f"/{kind}")]
            assert numbers(data, head) == listed, (who.username, kind)
            shown.add((kind, len(listed)))
    assert {("reports", 0), ("reports", 1), ("reports", 2), ("issues", 0), ("issues", 1), ("issues", 2)} <= shown


def test_an_export_is_of_what_its_maker_may_see_when_it_is_made(loop: Loop) -> None:
    loop.opened()
    lost = ask(loop.su, "reports", "csv")
    gone = ask(loop.sun, "reports", "csv")
    loop.office.write(lambda db: db.execute(sa.delete(PersonDistrict).where(PersonDistrict.person_id == loop.su.id)))
    disable(loop.office, loop.sun)
    work_off(loop.office)
    assert table(loop.su.get(f"/exports/{lost['id']}/file").data) == []
    row = loop.office.read(sa.select(Export).where(Export.id == uuid.UUID(gone["id"])))[0]
    assert (row.state, row.key) == (ExportState.FAILED, None)
    assert "停用" in row.why


def disable(office: SiteOffice, who: Someone) -> None:
    from server.accounts.models import Person

    office.write(lambda db: db.execute(sa.update(Person).where(Person.id == who.id).values(active=False)))


def test_an_export_is_its_makers_alone(loop: Loop) -> None:
    mine, _ = made(loop.office, loop.su, "sites", "csv")
    boss = loop.office.person("boss", "admin")
    for other in (loop.sun, boss, loop.wang, loop.jia):
        for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
            assert other.ask(method, f"/exports/{mine['id']}{path}").status_code == 404
        assert other.get("/exports").json["items"] == []
    assert [one["id"] for one in loop.su.get("/exports").json["items"]] == [mine["id"]]
    link = mine["links"]["file"]
    browser = loop.office.app.test_client()
    assert browser.get(link).status_code == 200
    assert browser.get(link.split("?")[0]).status_code == 401


def test_equal_requests_under_way_are_one(loop: Loop) -> None:
    first = ask(loop.su, "issues", "csv", filters={"district": YINGZE})
    assert ask(loop.su, "issues", "csv", filters={"district": YINGZE})["id"] == first["id"]
    others = [ask(loop.sun, "issues", "csv", filters={"district": YINGZE}), ask(loop.su, "issues", "xlsx"),
              ask(loop.su, "issues", "csv"), ask(loop.su, "issues", "csv", lang="en")]
    assert len({first["id"], *(one["id"] for one in others)}) == 5
    assert len(loop.office.read(sa.select(Job).where(Job.kind == "export"))) == 5
    ask(loop.su, "sites")
    refused = loop.su.post("/exports", {"kind": "sites", "format": "csv"})
    assert (refused.status_code, refused.json["code"]) == (429, "too-many-exports")
    assert refused.headers["Retry-After"]
    work_off(loop.office)
    assert ask(loop.su, "issues", "csv", filters={"district": YINGZE})["id"] != first["id"]


@pytest.mark.parametrize(("body", "field"), [
    ({"kind": "reports", "format": "zip"}, "format"),
    ({"kind": "photos", "format": "xlsx"}, "format"),
    ({"kind": "all", "format": "csv"}, "kind"),
    ({"kind": "sites", "format": "csv", "rows": "answers"}, "rows"),
    ({"kind": "reports", "format": "csv", "filters": {"state": "lost"}}, "filters.state"),
    ({"kind": "reports", "format": "csv", "filters": {"limit": "10"}}, "filters.limit"),
    ({"kind": "reports", "format": "csv", "filters": {"q": "a\x00"}}, "filters.q"),
    ({"kind": "reports", "format": "csv", "filters": {"site": "x"}}, "filters.site"),
    ({"kind": "issues", "format": "csv", "filters": {"state": ["closed"]}}, "filters.state"),
    ({"kind": "issues", "format": "csv", "filters": {"due_to": "soon"}}, "filters.due_to"),
    ({"kind": "sites", "format": "csv", "filters": {"bbox": "1,2"}}, "filters.bbox"),
    ({"kind": "sites", "format": "csv", "filters": {"near": "37,112"}}, "filters.near"),
    ({"kind": "photos", "format": "zip", "filters": {"report": 5}}, "filters.report"),
    ({"kind": "photos", "format": "zip", "lang": "fr"}, "lang"),
])
def test_what_is_wrong_is_named(office: SiteOffice, body: dict[str, Any], field: str) -> None:
    clerk = office.person("clerk", "office")
    answer = clerk.post("/exports", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), answer.text
    assert office.read(sa.select(Job).where(Job.kind == "export")) == []


def test_a_file_is_resumed_wherever_it_broke_off(loop: Loop) -> None:
    for number in range(40):
        loop.office.site(f"小区{number}")
    shown, whole = made(loop.office, loop.su, "sites", "xlsx")
    path, etag = f"/exports/{shown['id']}/file", f'"{shown["sha256"]}"'
    cuts = [1, 2, len(whole) // 2, len(whole) - 1, *random.Random(7).sample(range(1, len(whole)), 10)]
    for cut in cuts:
        rest = loop.su.get(path, headers={"Range": f"bytes={cut}-", "If-Range": etag})
        assert (rest.status_code, rest.data) == (206, whole[cut:])
        assert rest.headers["Content-Range"] == f"bytes {cut}-{len(whole) - 1}/{len(whole)}"
    other = loop.su.get(path, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (other.status_code, other.data) == (200, whole)
    assert loop.su.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert loop.su.get(path, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    name = loop.su.get(path).headers["Content-Disposition"]
    assert "filename*=UTF-8''%E5%B0%8F%E5%8C%BA" in name
    assert f'filename="communities-{clock.today().isoformat()}.xlsx"' in name
    told = [one.verb for one in loop.office.read(sa.select(AuditEvent).where(
        AuditEvent.object_kind == "export").order_by(AuditEvent.id))]
    assert told == ["export_asked", "export_made", "export_fetched", "export_fetched", "export_fetched"]


def test_one_that_is_not_made_yet_says_so_and_goes_when_told(loop: Loop) -> None:
    asked = ask(loop.su, "sites")
    assert (asked["state"], asked["progress"], asked["rows"], asked["links"]) == ("queued", 0, 0, {})
    early = loop.su.get(f"/exports/{asked['id']}/file")
    assert (early.status_code, early.json["code"]) == (404, "not-ready")
    assert loop.su.delete(f"/exports/{asked['id']}").status_code == 204
    work_off(loop.office)
    assert loop.su.get(f"/exports/{asked['id']}").status_code == 404
    shown, _ = made(loop.office, loop.su, "sites")
    key = loop.office.read(sa.select(Export.key))[0]
    assert loop.office.app.extensions["dudao-store"].size(key) == shown["size"]
    assert loop.su.delete(f"/exports/{shown['id']}").status_code == 204
    assert loop.office.app.extensions["dudao-store"].size(key) is None
    assert list((loop.office.app.config["DUDAO"].uploads_dir / "staging").iterdir()) == []


SITES = {"district": None, "stage": None, "work_type": None, "q": None, "bbox": None}


def test_one_that_is_taken_away_while_it_is_made_is_not_made_to_the_end(loop: Loop) -> None:
    asked = ask(loop.su, "sites", "csv")
    export = loop.office.read(sa.select(Export))[0]
    conf, files = loop.office.app.config["DUDAO"], loop.office.app.extensions["dudao-store"]
    tell = making.teller(loop.office.database, export.id, export.job_id)

    def gone_meanwhile(**values: Any) -> bool:
        assert loop.su.delete(f"/exports/{asked['id']}").status_code in {204, 404}
        return tell(**values)

    with pytest.raises(making.UnwantedError):
        making.make(loop.office.database, conf, files, export, SITES, gone_meanwhile)
    assert not list(conf.uploads_dir.glob("exports/*"))
    assert not list((conf.uploads_dir / "staging").glob("export-*"))


def test_a_worker_that_was_thought_dead_takes_nothing_from_the_one_after_it(loop: Loop) -> None:
    asked = ask(loop.su, "sites", "csv")
    export = loop.office.read(sa.select(Export))[0]
    conf, files = loop.office.app.config["DUDAO"], loop.office.app.extensions["dudao-store"]
    tell = making.teller(loop.office.database, export.id, export.job_id)
    first = making.make(loop.office.database, conf, files, export, SITES, tell)
    loop.office.site("后来的小区")
    second = making.make(loop.office.database, conf, files, export, SITES, tell)
    assert first != second

    def made(key: str) -> Any:
        return loop.office.write(lambda db: service.made(db, conf, export.id, export.job_id, key))

    assert not made(first)
    assert made(second)
    assert made(second), "the same bytes, made twice"
    assert len(table(loop.su.get(f"/exports/{asked['id']}/file").data)) == 2


def test_files_go_when_their_days_are_over(loop: Loop) -> None:
    shown, _ = made(loop.office, loop.su, "sites", "csv")
    conf = loop.office.app.config["DUDAO"]
    key = loop.office.read(sa.select(Export.key))[0]
    left = conf.uploads_dir / "staging" / f"{making.FOLDER}{some_id()}-x"
    left.mkdir()
    (left / "export.csv").write_text("x")
    os.utime(left, (0, 0))
    loop.office.write(leases.set_duties)
    work_off(loop.office, "exports-sweep")
    assert loop.su.get(f"/exports/{shown['id']}/file").status_code == 200
    assert not left.exists()
    over = clock.now() + timedelta(days=conf.exports_days, seconds=1)
    clock.set_source(lambda: over)
    loop.su.tokens = loop.office.sign_in("su", loop.su.id).tokens
    assert loop.su.get(f"/exports/{shown['id']}/file").status_code == 404
    assert loop.su.get("/exports").json["items"] == []
    work_off(loop.office, "exports-sweep")
    assert loop.office.app.extensions["dudao-store"].size(key) is None
    assert loop.office.read(sa.select(Export)) == []


def test_one_that_cannot_be_made_says_why(loop: Loop) -> None:
    asked = ask(loop.su, "sites")
    job = loop.office.read(sa.select(Job).where(Job.kind == "export"))[0]
    loop.office.write(lambda db: db.execute(sa.update(Job).where(Job.id == job.id).values(
        state=JobState.RUNNING, leased_by="w", attempts=MAX_ATTEMPTS, lease_until=clock.now())))
    with loop.office.app.app_context():
        loop.office.write(lambda db: leases.failed(
            db, job.id, "w", "OSError: the disk", attempts=MAX_ATTEMPTS, backoff=1))
    shown = loop.su.get(f"/exports/{asked['id']}").json
    assert (shown["state"], shown["why"], shown["links"]) == ("failed", "OSError: the disk", {})
    assert shown["expires_at"]
    assert ask(loop.su, "sites")["id"] != asked["id"]


def test_a_file_that_the_store_has_lost_says_so(loop: Loop) -> None:
    shown, _ = made(loop.office, loop.su, "sites")
    loop.office.app.extensions["dudao-store"].delete(loop.office.read(sa.select(Export.key))[0])
    answer = loop.su.get(f"/exports/{shown['id']}/file")
    assert (answer.status_code, answer.json["code"]) == (404, "export-lost")


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(loop: Loop, tmp_path: Path) -> None:
    for number in range(300):
        loop.office.site(f"小区{number}", code=f"K{number:04}")
    for _ in range(3):
        loop.wang.send(report_body(loop.site))
    asked = ask(loop.su, "sites", "xlsx")
    staging = loop.office.app.config["DUDAO"].uploads_dir / "staging"
    with worker_process(loop.office, tmp_path) as first:
        until(lambda: list(staging.glob(f"export-{asked['id']}-*/*")), "the worker never began")
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
    half = loop.su.get(f"/exports/{asked['id']}").json
    with worker_process(loop.office, tmp_path):
        until(lambda: loop.su.get(f"/exports/{asked['id']}").json["state"] == "ready", "it was never made")
    shown = loop.su.get(f"/exports/{asked['id']}").json
    assert half["state"] in {"running", "ready"}
    assert (shown["rows"], shown["progress"]) == (301, 100)
    assert loop.su.get(f"/exports/{asked['id']}/file").headers["ETag"] == f'"{shown["sha256"]}"'
    assert not list(staging.glob("export-*"))
    files = [path.name for path in (staging.parent / "exports").iterdir()]
    assert files == [f"{asked['id']}-{shown['sha256'][:16]}.xlsx"]
