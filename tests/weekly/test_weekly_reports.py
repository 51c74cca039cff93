"""Asking for a week's report, making it as a job, reading it, and who may."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import docx
import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from server.audit.models import AuditEvent
from server.issues.models import IssueEvent
from server.issues.rules import IssueState
from server.kit import apart, clock
from server.kit.jobs import HANDLERS, Job, JobState, LaterError, Work
from server.programme.rules import Stage
from server.weekly import files, own_words, render
from server.weekly.figures import unpacked
from server.weekly.models import WeeklyReport
from server.weekly.rules import StockBrokenError
from server.weekly.words import TITLES
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone
from tests.weekly.conftest import LONG_AGO
from tests.weekly.made import Made, at

WEEK = {"iso_year": 2026, "iso_week": 47}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def desk(office: SiteOffice, tuesday: None) -> Someone:
    return office.person("office", "office")


def work(app: Flask, told: list[int] | None = None, kind: str = "weekly-report") -> None:
    """What the worker does: every weekly job that waits, oldest first."""
    database = app.extensions["dudao"].database
    with database.read() as db:
        jobs = list(db.scalars(sa.select(Job).where(Job.kind == kind, Job.state == JobState.QUEUED)))
    for job in jobs:
        progress = told.append if told is not None else lambda _per_cent: None
        task = Work(database=database, app=app, job_id=job.id, payload=job.payload, progress=progress)
        while not done(task, job.kind):  # it gave way to others
            continue
        database.write(lambda db, job_id=job.id: db.execute(
            sa.update(Job).where(Job.id == job_id).values(state=JobState.DONE)
        ))


def done(task: Work, kind: str) -> bool:
    """Do a job once; False where it has more to do, after others."""
    try:
        HANDLERS[kind](task)
    except LaterError:
        return False
    return True


def path(answer: Any, *more: str) -> str:
    return "/".join([f"/weekly-reports/{answer.json['id']}", *more])


def test_the_office_asks_the_worker_makes_and_everybody_reads_the_same(
    desk: Someone, app: Flask, week47: dict[str, Any]
) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    assert asked.status_code == 202
    assert (asked.json["state"], asked.json["progress"]) == ("queued", 0)
    assert (asked.json["starts_on"], asked.json["ends_on"], asked.json["district"]) == ("2026-11-16", "2026-11-22", None)
    for more in (("figures",), ("files", "xlsx")):
        early = desk.get(path(asked, *more))
        assert (early.status_code, early.json["code"]) == (404, "not-ready")
        assert int(early.headers["Retry-After"]) > 0

    told: list[int] = []
    work(app, told)
    assert told == sorted(told)
    assert told[-1] == 99
    ready = desk.get(path(asked)).json
    assert (ready["state"], ready["progress"], ready["why"]) == ("ready", 100, None)

    figures = desk.get(path(asked, "figures"))
    assert figures.status_code == 200
    assert figures.json["totals"]["visits"] == 5
    told_json = desk.get(path(asked, "files", "json"))
    assert told_json.json == figures.json
    assert hashlib.sha256(told_json.data).hexdigest() == ready["figures_digest"]
    xlsx = desk.get(path(asked, "files", "xlsx"))
    assert xlsx.content_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with CalamineWorkbook.from_filelike(io.BytesIO(xlsx.data)) as book:
        assert book.sheet_names[:4] == ["本周要情", "图表", "表1 各区进展及排名", "表2 检查与整改情况"]
    register = desk.get(path(asked, "files", "csv"))
    assert register.content_type == "text/csv; charset=utf-8"
    assert len(list(csv.reader(io.StringIO(register.data.decode("utf-8-sig"))))) == 7


def test_counted_and_printed_in_another_process_it_is_the_same(
    desk: Someone, app: Flask, week47: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    work(app)
    here = desk.get(path(asked)).json["figures_digest"]
    monkeypatch.setattr(apart, "_on", True)
    desk.post("/weekly-reports", WEEK)
    told: list[int] = []
    work(app, told)
    assert told == sorted(told)
    assert len(told) > 3
    assert desk.get(path(asked)).json["figures_digest"] == here
    database = app.extensions["dudao"].database
    printing = Work(database, app, uuid.uuid4(), {"weekly_id": asked.json["id"]}, told.append)
    house = files.House(app.config["DUDAO"], app.extensions["dudao-store"])
    assert not done(printing, "weekly-print"), "one form, then others' jobs have their turn"
    with database.read() as db:
        printed = files.made(db, db.get_one(WeeklyReport, uuid.UUID(asked.json["id"])))
    assert len(files.missing(house, printed)) == len(files.printed()) - 1


def test_whoever_waits_for_a_report_has_its_figures_read_once(
    desk: Someone, app: Flask, week47: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are megabytes, and every phone that sends meanwhile would wait with this process's others."""
    asked = desk.post("/weekly-reports", WEEK)
    work(app)
    read: list[bytes] = []
    monkeypatch.setattr(own_words, "unpacked", lambda packed: read.append(packed) or unpacked(packed))
    monkeypatch.setattr(own_words, "_drafts", {})
    points = desk.get(path(asked)).json["words"]["key_points"]
    desk.post("/weekly-reports", WEEK)
    assert [desk.get(path(asked)).json["words"]["key_points"] for _ in range(3)] == [points] * 3
    assert points["zh"]
    assert len(read) == 1


def test_files_bear_the_names_the_office_uses(desk: Someone, app: Flask, made: Made) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    own = desk.post("/weekly-reports", {**WEEK, "district": YINGZE})
    work(app)
    header = desk.get(path(asked, "files", "xlsx")).headers["Content-Disposition"]
    assert header.startswith('attachment; filename="weekly-report_2026-W47_20261116-20261122.xlsx"; filename*=UTF-8\'\'')
    assert unquote(header.rpartition("''")[2]) == "太原市老旧小区改造督导周报_2026年第47周_20261116-20261122.xlsx"
    header = desk.get(path(own, "files", "csv")).headers["Content-Disposition"]
    assert unquote(header.rpartition("''")[2]) == "太原市老旧小区改造督导周报_迎泽区_2026年第47周_20261116-20261122.csv"


def test_english_is_given_by_preference_or_by_asking(desk: Someone, app: Flask, made: Made) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    work(app)
    file = path(asked, "files", "csv")
    chinese, english = desk.get(file), desk.get(f"{file}?lang=en")
    preferred = desk.get(file, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert chinese.data.decode("utf-8-sig").startswith("序号,")
    assert english.data.decode("utf-8-sig").startswith("No.,")
    assert preferred.data == english.data
    assert english.headers["Content-Language"] == "en"
    assert "Accept-Language" in english.headers["Vary"]
    assert desk.get(f"{file}?lang=fr").status_code == 422
    again = desk.get(file, headers={"If-None-Match": chinese.headers["ETag"]})
    assert again.status_code == 304
    assert desk.get(f"{file}?lang=en", headers={"If-None-Match": chinese.headers["ETag"]}).status_code == 200


def test_a_link_of_the_answer_is_followed_without_a_token(desk: Someone, app: Flask, made: Made) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    assert asked.json["links"] == {}
    work(app)
    links = desk.get(path(asked)).json["links"]
    assert set(links) == {"docx", "pdf", "xlsx", "csv", "json", "zip"}
    stranger = app.test_client()
    assert stranger.get(links["csv"]).status_code == 200
    assert stranger.get(links["csv"].partition("?")[0]).status_code == 401
    assert stranger.get(links["csv"].replace("/csv", "/xlsx")).status_code == 401


def test_the_zip_holds_the_workbook_the_figures_and_every_table(
    desk: Someone, app: Flask, week47: dict[str, Any]
) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    work(app)
    answer = desk.get(path(asked, "files", "zip"))
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    stem = "太原市老旧小区改造督导周报_2026年第47周_20261116-20261122"
    assert unquote(answer.headers["Content-Disposition"]).endswith(f"{stem}.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.testzip() is None
        held = {entry.filename: packed.read(entry) for entry in packed.infolist()}
        assert all(entry.flag_bits & 0x800 for entry in packed.infolist())  # UTF-8, as the names are Chinese
        assert {entry.date_time for entry in packed.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    tables = [TITLES[name][0] for name in render.TABLES]
    assert set(held) == {
        "说明.txt", *(f"{stem}.{form}" for form in ("docx", "pdf", "xlsx")),
        f"{stem}.json", f"{stem}_文字.json", *(f"{title}.csv" for title in tables), "照片清单.csv",
    }
    assert held[f"{stem}.xlsx"] == desk.get(path(asked, "files", "xlsx")).data
    assert held[f"{stem}.json"] == desk.get(path(asked, "files", "json")).data
    assert held["附件1 销号台账.csv"] == desk.get(path(asked, "files", "csv")).data
    assert all(held[f"{title}.csv"].startswith(b"\xef\xbb\xbf") for title in tables)
    ranking = list(csv.reader(io.StringIO(held["表1 各区进展及排名.csv"].decode("utf-8-sig"))))
    assert [row[1] for row in ranking] == ["区", "迎泽区", "晋源区", "合计"]
    english = desk.get(path(asked, "files", "zip"), query_string={"lang": "en"})
    with zipfile.ZipFile(io.BytesIO(english.data)) as packed:
        assert "T7 Issue register.csv" in packed.namelist()


def test_word_and_pdf_say_the_week_and_other_forms_there_are_none(desk: Someone, app: Flask, week47: dict[str, Any]) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    work(app)
    word = desk.get(path(asked, "files", "docx"), query_string={"lang": "zh"})
    assert word.status_code == 200
    said = "\n".join(one.text for one in docx.Document(io.BytesIO(word.data)).paragraphs)
    assert "太原市" in said
    assert "草稿" in said
    pdf = desk.get(path(asked, "files", "pdf"), query_string={"lang": "en"})
    assert pdf.content_type == "application/pdf"
    with pypdfium2.PdfDocument(pdf.data) as book:
        assert "Taiyuan" in book[0].get_textpage().get_text_range()
    assert desk.get(path(asked, "files", "exe")).status_code == 404


def test_asking_again_while_it_is_made_gives_the_same_and_afterwards_makes_it_anew(
    desk: Someone, app: Flask, made: Made, office: SiteOffice
) -> None:
    first = desk.post("/weekly-reports", WEEK)
    again = desk.post("/weekly-reports", WEEK)
    assert again.status_code == 202
    assert again.json["id"] == first.json["id"]
    assert len(office.read(sa.select(Job.id).where(Job.kind == "weekly-report"))) == 1
    work(app)
    before = desk.get(path(first)).json["figures_digest"]

    made.report(made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0)), at("11-18"))
    third = desk.post("/weekly-reports", WEEK)
    assert (third.json["id"], third.json["state"]) == (first.json["id"], "queued")
    assert desk.get(path(first, "figures")).json["totals"]["visits"] == 0  # the last good ones, until there are newer
    assert desk.get(path(first, "files", "xlsx")).status_code == 200
    assert third.json["figures_digest"] == before
    assert set(third.json["links"]) == {"docx", "pdf", "xlsx", "csv", "json", "zip"}
    work(app)
    after = desk.get(path(first)).json
    assert after["figures_digest"] != before
    assert desk.get(path(first, "figures")).json["totals"]["visits"] == 1

    desk.post("/weekly-reports", WEEK)
    work(app)
    assert desk.get(path(first)).json["figures_digest"] == after["figures_digest"]  # made again it is the same
    verbs = office.read(sa.select(AuditEvent.verb).where(AuditEvent.object_kind == "weekly_report"))
    assert sorted(verbs) == ["weekly_report_made"] * 3 + ["weekly_report_requested"] * 3


def test_figures_that_were_made_outlast_an_attempt_that_fails(
    desk: Someone, app: Flask, made: Made, office: SiteOffice
) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    first = desk.post("/weekly-reports", WEEK)
    work(app)
    good = desk.get(path(first)).json
    files = {form: desk.get(path(first, "files", form)).data for form in good["links"]}
    broken = made.issue(site, made.report(site, at("11-18")), at("11-18"), "11-30", state=IssueState.CLOSED)
    desk.post("/weekly-reports", WEEK)
    with pytest.raises(StockBrokenError):
        work(app)
    failed = desk.get(path(first)).json
    assert (failed["state"], failed["progress"] < 100, YINGZE in failed["why"]) == ("failed", True, True)
    assert {name: failed[name] for name in ("made_at", "figures_digest")} == {
        name: good[name] for name in ("made_at", "figures_digest")
    }
    assert desk.get(path(first, "figures")).json["totals"]["visits"] == 0
    assert {form: desk.get(path(first, "files", form)).data for form in failed["links"]} == files
    office.write(lambda db: db.add(IssueEvent(
        issue_id=broken, at=at("11-18", "13:00"), by=None, verb="pass", from_state="pending_issue", to_state="closed",
        facts={},
    )))
    work(app)
    assert desk.get(path(first, "figures")).json["totals"]["visits"] == 1


def test_eight_requests_at_once_are_one_report_and_one_job(desk: Someone, app: Flask, office: SiteOffice) -> None:
    def ask(_: int) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {desk.tokens['access_token']}"}
        answer = app.test_client().post("/api/v1/weekly-reports", json=WEEK, headers=headers)
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert len(answers) == 1
    assert answers.pop()[0] == 202
    assert len(office.read(sa.select(Job.id).where(Job.kind == "weekly-report"))) == 1


def test_a_job_that_was_given_up_does_not_stand_in_the_way(
    desk: Someone, app: Flask, made: Made, office: SiteOffice
) -> None:
    first = desk.post("/weekly-reports", WEEK)
    office.write(lambda db: db.execute(sa.update(Job).values(state=JobState.PARKED)))
    desk.post("/weekly-reports", WEEK)
    assert len(office.read(sa.select(Job.id).where(Job.state == JobState.QUEUED))) == 1
    work(app)
    assert desk.get(path(first)).json["state"] == "ready"


def test_a_job_done_twice_does_no_harm_and_one_that_was_overtaken_does_nothing(
    desk: Someone, app: Flask, made: Made, office: SiteOffice
) -> None:
    first = desk.post("/weekly-reports", WEEK)
    [job] = office.read(sa.select(Job))
    twice = Work(database=office.database, app=app, job_id=job.id, payload=job.payload, progress=lambda _per_cent: None)
    HANDLERS["weekly-report"](twice)
    ready = desk.get(path(first)).json
    HANDLERS["weekly-report"](twice)
    assert desk.get(path(first)).json["figures_digest"] == ready["figures_digest"]
    office.write(lambda db: db.execute(sa.update(Job).values(state=JobState.DONE)))
    desk.post("/weekly-reports", WEEK)
    HANDLERS["weekly-report"](twice)
    assert desk.get(path(first)).json["state"] == "queued"


def test_a_stock_that_does_not_add_up_fails_the_report_and_says_so(desk: Someone, app: Flask, made: Made) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    made.issue(site, made.report(site, at("11-18")), at("11-18"), "11-30", state=IssueState.CLOSED)
    with pytest.raises(StockBrokenError):
        work(app)
    failed = desk.get(path(asked)).json
    assert failed["state"] == "failed"
    assert YINGZE in failed["why"]
    assert desk.get(path(asked, "figures")).status_code == 404


def test_printing_gives_way_to_others_after_every_form(desk: Someone, app: Flask, made: Made) -> None:
    desk.post("/weekly-reports", WEEK)
    work(app)
    database = app.extensions["dudao"].database
    with database.read() as db:
        job = db.scalars(sa.select(Job).where(Job.kind == "weekly-print")).one()
    told: list[int] = []
    task = Work(database=database, app=app, job_id=job.id, payload=job.payload, progress=told.append)
    turns = 1
    while not done(task, job.kind):
        turns += 1
    assert turns == len(files.printed())
    assert told == sorted(set(told))
    assert done(task, job.kind), "done again it does nothing"
    assert len(told) == turns


def test_a_file_that_the_store_lost_is_printed_again_from_the_figures(
    desk: Someone, app: Flask, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    work(app)
    work(app, kind="weekly-print")
    before = desk.get(path(asked, "files", "xlsx")).data
    folder: Path = app.config["DUDAO"].uploads_dir
    kept = sorted((folder / "weekly" / asked.json["id"]).iterdir())
    assert len(kept) == 9  # DOCX, PDF, XLSX and CSV in two languages, JSON
    for file in kept:
        file.unlink()
    assert desk.get(path(asked, "files", "xlsx")).data == before
    newer = files.FORMATS["csv"]._replace(version=99)  # a newer print is not given the older one's file
    monkeypatch.setitem(files.FORMATS, "csv", newer)
    assert desk.get(path(asked, "files", "csv")).status_code == 200
    assert len(list((folder / "weekly" / asked.json["id"]).iterdir())) == 2
    assert not list((folder / "staging").glob("weekly-*"))


# --- what may be asked


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"iso_year": 2027, "iso_week": 53}, "iso_week"),
    ({"iso_year": 2026, "iso_week": 49}, "iso_week"),  # not begun
    ({"iso_year": 2027, "iso_week": 1}, "iso_week"),
    ({"iso_year": 2026, "iso_week": 0}, "iso_week"),
    ({"iso_year": 2026, "iso_week": 54}, "iso_week"),
    ({"iso_year": 1999, "iso_week": 1}, "iso_year"),
    ({"iso_year": 2**63, "iso_week": 1}, "iso_year"),
    ({"iso_year": 2026, "iso_week": "47"}, "iso_week"),
    ({"iso_year": 2026, "iso_week": True}, "iso_week"),
    ({"iso_year": 2026}, "iso_week"),
    ({**WEEK, "district": "999999"}, "district"),
    ({**WEEK, "district": "x" * 500}, "district"),
    ({**WEEK, "district": "\u0000"}, "district"),
    ({**WEEK, "district": ""}, "district"),
    ({**WEEK, "district": 140106}, "district"),
    ({**WEEK, "week": 1}, "week"),
]


def test_what_is_wrong_is_named(desk: Someone, office: SiteOffice) -> None:
    for body, field in WRONG:
        answer = desk.post("/weekly-reports", body)
        assert (answer.status_code, answer.json["code"]) == (422, "invalid"), body
        assert list(answer.json["errors"]) == [field]
    assert not office.read(sa.select(WeeklyReport.id))


def test_the_running_week_and_week_53_may_be_asked(desk: Someone, app: Flask, made: Made) -> None:
    running = desk.post("/weekly-reports", {"iso_year": 2026, "iso_week": 48})
    assert running.status_code == 202
    work(app)
    assert desk.get(path(running, "figures")).json["week"]["is_over"] is False
    clock.set_source(lambda: at("2027-01-02"))
    turn = office_again(app).post("/weekly-reports", {"iso_year": 2026, "iso_week": 53})
    assert (turn.json["starts_on"], turn.json["ends_on"]) == ("2026-12-28", "2027-01-03")


def office_again(app: Flask) -> Someone:
    """Signed in anew, since weeks have gone by."""
    office = object.__new__(SiteOffice)
    office.app, office.people = app, {}
    return office.sign_in("office", uuid.UUID(int=0))


def test_a_list_asked_wrongly_is_refused(desk: Someone) -> None:
    for query in ("limit=0", "cursor=x", "iso_week=54", "iso_year=x", "state=made", "q=1", "iso_week=1&iso_week=2"):
        assert desk.get(f"/weekly-reports?{query}").status_code == 422, query


def test_reports_are_listed_the_newest_week_first(desk: Someone) -> None:
    for week, district in ((45, None), (47, None), (47, YINGZE), (46, None)):
        assert desk.post("/weekly-reports", {"iso_year": 2026, "iso_week": week, "district": district}).status_code == 202
    first = desk.get("/weekly-reports?limit=3").json
    rest = desk.get(f"/weekly-reports?limit=3&cursor={first['next_cursor']}").json
    assert [item["iso_week"] for item in first["items"] + rest["items"]] == [47, 47, 46, 45]
    assert rest["next_cursor"] is None
    only = desk.get(f"/weekly-reports?iso_year=2026&iso_week=47&district={YINGZE}&state=queued").json["items"]
    assert [item["district"] for item in only] == [{"code": YINGZE, "name": "迎泽区"}]


# --- who may


def test_a_supervisor_reads_the_reports_of_own_districts_and_asks_for_none(
    desk: Someone, app: Flask, office: SiteOffice, made: Made
) -> None:
    city = desk.post("/weekly-reports", WEEK)
    own = desk.post("/weekly-reports", {**WEEK, "district": YINGZE})
    other = desk.post("/weekly-reports", {**WEEK, "district": JINYUAN})
    work(app)
    supervisor = office.person("chen", "supervisor", districts=(YINGZE,))
    assert [item["id"] for item in supervisor.get("/weekly-reports").json["items"]] == [own.json["id"]]
    for more in ((), ("figures",), ("files", "xlsx")):
        assert supervisor.get(path(own, *more)).status_code == 200
        for hidden in (city, other):
            assert supervisor.get(path(hidden, *more)).status_code == 404
    assert supervisor.post("/weekly-reports", {**WEEK, "district": YINGZE}).status_code == 403
    nowhere = office.person("nowhere", "supervisor")
    assert nowhere.get("/weekly-reports").json["items"] == []


def test_others_see_nothing_of_it(desk: Someone, office: SiteOffice) -> None:
    asked = desk.post("/weekly-reports", WEEK)
    for role in ("inspector", "contractor"):
        someone = office.person(role, role, districts=(YINGZE,))
        assert someone.get("/weekly-reports").status_code == 403
        assert someone.post("/weekly-reports", WEEK).status_code == 403
        for more in ((), ("figures",), ("files", "xlsx")):
            assert someone.get(path(asked, *more)).status_code == 404
    assert office.app.test_client().get(f"/api/v1{path(asked)}").status_code == 401


# --- the command line


def test_the_command_line_makes_a_report_here_and_now(app: Flask, made: Made, office: SiteOffice, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    done = run.invoke(args=["weekly", "make", "--year", "2026", "--week", "47", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    [weekly] = office.read(sa.select(WeeklyReport))
    assert (weekly.state.value, weekly.scope, weekly.job_id) == ("ready", "", None)
    assert str(weekly.id) in done.output
    assert str(weekly.figures_digest) in done.output
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == [f"weekly-report_2026-W47_20261116-20261122.{form}" for form in ("csv", "docx", "json", "pdf", "xlsx")]
    assert run.invoke(args=["weekly", "make", "--district", YINGZE]).exit_code == 0  # of the last whole week
    assert {(one.iso_week, one.scope) for one in office.read(sa.select(WeeklyReport))} == {(47, ""), (47, YINGZE)}


def test_the_command_line_says_what_is_wrong(app: Flask, made: Made) -> None:
    run = app.test_cli_runner()
    wrong = run.invoke(args=["weekly", "make", "--year", "2027", "--week", "53"])
    assert wrong.exit_code == 1
    assert re.search("2027 has no week 53", wrong.output)
    assert run.invoke(args=["weekly", "make", "--year", "2026"]).exit_code == 2
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    made.issue(site, made.report(site, at("11-18")), at("11-18"), "11-30", state=IssueState.CLOSED)
    broken = run.invoke(args=["weekly", "make", "--year", "2026", "--week", "47"])
    assert broken.exit_code == 1
    assert "do not add up" in broken.output


def test_the_offices_own_template_draws_the_week(desk: Someone, app: Flask, made: Made) -> None:
    """Tried on a sample before it is taken; then the Word file is drawn with it, and with the default again afterwards."""
    asked, at_templates = desk.post("/weekly-reports", WEEK), "/documents/templates/weekly_report"
    work(app)
    before = desk.get(path(asked, "files", "docx"), query_string={"lang": "zh"}).data
    own = docx.Document(io.BytesIO(desk.get(at_templates).data))
    own.paragraphs[0].insert_paragraph_before("专班自用版")
    written = io.BytesIO()
    own.save(written)
    kept = desk.ask("PUT", at_templates, data=written.getvalue(), content_type=WORD)
    assert kept.status_code == 200, kept.text
    drawn = docx.Document(io.BytesIO(desk.get(path(asked, "files", "docx"), query_string={"lang": "zh"}).data))
    assert "专班自用版" in [one.text for one in drawn.paragraphs]

    own.add_paragraph("{{ no.such.name }}")
    wrong = io.BytesIO()
    own.save(wrong)
    refused = desk.ask("PUT", at_templates, data=wrong.getvalue(), content_type=WORD)
    assert (refused.status_code, refused.json["code"]) == (422, "template-unfit")
    assert refused.json["unknown"] == ["no.such.name"]
    desk.delete(at_templates)
    assert desk.get(path(asked, "files", "docx"), query_string={"lang": "zh"}).data == before
