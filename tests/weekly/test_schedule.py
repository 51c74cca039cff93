"""By itself: at the cut-off figures are held, on Monday at eight reports are frozen, printed and mailed, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from server.kit import clock
from server.kit.jobs import MAX_ATTEMPTS, Job, JobState
from server.kit.runner import Runner
from server.messages.models import Delivery
from server.weekly import schedule
from server.weekly.models import WeeklyReport, WeeklyRun
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone
from tests.messages.outside import mail_server
from tests.messages.outside import work as deliver
from tests.weekly.made import at

KINDS = (schedule.HOLD, schedule.RUN)


@pytest.fixture
def begun(office: SiteOffice) -> SiteOffice:
    """A house that has been running since the Friday of week 47 of 2026."""
    clock.set_source(lambda: at("11-20"))
    look(office)
    return office


def at_clock(moment: datetime) -> None:
    clock.set_source(lambda: moment)


def look(office: SiteOffice) -> int:
    conf = office.app.config["DUDAO"]
    count: int = office.write(lambda db: schedule.begin(db, conf))
    return count


def work(office: SiteOffice, *, kinds: tuple[str, ...] = KINDS) -> None:
    """What a worker does with the jobs of the week that are due."""
    runner = Runner(office.app, backoff_s=0.0)
    query = sa.select(Job.id).where(Job.kind.in_(kinds), Job.state == JobState.QUEUED, Job.run_at <= clock.now())
    for job_id in office.read(query.order_by(Job.created_at, Job.id)):
        runner._do(job_id)


def frozen(office: SiteOffice) -> dict[tuple[int, str], int | None]:
    """{(week, scope): bulletin number} of every report that is frozen."""
    query = sa.select(WeeklyReport).where(WeeklyReport.frozen_at.is_not(None))
    return {(one.iso_week, one.scope): one.serial for one in office.read(query)}


def scopes(office: SiteOffice) -> list[str]:
    from server.programme.models import District

    return ["", *office.read(sa.select(District.code))]


def test_a_new_house_begins_with_the_week_that_runs(begun: SiteOffice) -> None:
    assert look(begun) == 0
    work(begun)
    assert frozen(begun) == {}
    assert begun.read(sa.select(WeeklyReport)) == []


def test_figures_are_held_at_the_cut_off_and_frozen_on_monday_at_eight(begun: SiteOffice) -> None:
    at_clock(at("11-23", "00:01"))
    assert look(begun) == 0
    work(begun)
    held = begun.read(sa.select(WeeklyReport))
    assert sorted(one.scope for one in held) == sorted(scopes(begun))
    assert {one.counted_to for one in held} == {at("11-23", "00:00")}
    assert frozen(begun) == {}

    at_clock(at("11-23", "07:59"))
    assert look(begun) == 0
    at_clock(at("11-23", "08:00"))
    assert look(begun) == len(scopes(begun))
    assert look(begun) == 0
    work(begun)
    assert frozen(begun) == {(47, scope): 1 for scope in scopes(begun)}
    work(begun)
    assert {one.state for one in begun.read(sa.select(Job).where(Job.kind.in_(KINDS)))} == {JobState.DONE}


def test_two_schedulers_at_once_run_each_report_once(begun: SiteOffice) -> None:
    at_clock(at("11-23", "08:00"))
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: look(begun), range(8)))
    assert sorted(counts) == [0] * 7 + [len(scopes(begun))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: work(begun), range(4)))
    work(begun)
    assert set(frozen(begun).values()) == {1}
    assert len(begun.read(sa.select(WeeklyRun).where(WeeklyRun.job_id.is_not(None)))) == len(scopes(begun))


def test_weeks_that_a_worker_slept_through_are_run_in_their_order(begun: SiteOffice) -> None:
    at_clock(at("12-07", "09:30"))  # a Monday, two weeks and more later
    assert look(begun) == 3 * len(scopes(begun))
    for _ in range(4):
        work(begun)
        at_clock(clock.now().replace(second=(clock.now().second + 10) % 60))
    city = {week: serial for (week, scope), serial in frozen(begun).items() if scope == ""}
    assert city == {47: 1, 48: 2, 49: 3}


def test_a_clock_that_jumps_back_and_forth_runs_nothing_twice(begun: SiteOffice) -> None:
    for moment in (at("11-23", "08:00"), at("11-20"), at("11-23", "09:00"), at("11-16"), at("11-23", "10:00")):
        at_clock(moment)
        look(begun)
        work(begun)
    assert frozen(begun) == {(47, scope): 1 for scope in scopes(begun)}


def test_by_setting_it_does_not_happen_by_itself(begun: SiteOffice) -> None:
    begun.app.config["DUDAO"] = replace(begun.app.config["DUDAO"], week_run="")
    at_clock(at("11-25"))
    assert look(begun) == 0
    work(begun)
    assert frozen(begun) == {}
    assert {one.held_at is not None for one in begun.read(sa.select(WeeklyReport))} == {True}


@pytest.fixture
def clerk(office: SiteOffice) -> Someone:
    return office.person("clerk", "office")


def recipients(clerk: Someone, *addresses: str, district: str | None = None) -> None:
    where = f"?district={district}" if district else ""
    answer = clerk.put(f"/weekly-recipients{where}", {"recipients": [{"name": "", "email": one} for one in addresses]})
    assert answer.status_code == 200, answer.text


def test_each_recipient_is_mailed_own_scopes_report_once(office: SiteOffice, clerk: Someone, begun: SiteOffice) -> None:
    recipients(clerk, "mayor@example.cn", "bureau@example.cn")  # nothing is printed twice for the second
    recipients(clerk, "yingze@example.cn", district=YINGZE)
    at_clock(at("11-23", "08:00"))
    with mail_server(office) as box:
        look(office)
        work(office)
        deliver(office)
        look(office)
        work(office)
        deliver(office)
    letters = {letter["To"]: letter for letter in box.letters}
    assert sorted(letters) == ["bureau@example.cn", "mayor@example.cn", "yingze@example.cn"]
    assert len(box.letters) == 3
    assert letters["yingze@example.cn"]["Subject"] == "迎泽区督导周报：2026年第47周"
    weekly = office.read(sa.select(WeeklyReport.id).where(WeeklyReport.scope == ""))[0]
    text = letters["mayor@example.cn"].get_body(("plain",)).get_content()
    assert f"https://dudao.example.cn/desk#/weekly/{weekly}" in text
    assert "第 1 期" in text
    brought = {one.get_filename(): one.get_content() for one in letters["yingze@example.cn"].iter_attachments()}
    stem = "太原市老旧小区改造督导周报_迎泽区_2026年第47周_20261116-20261122"
    assert {name: data[:4] for name, data in brought.items()} == {f"{stem}.pdf": b"%PDF", f"{stem}.docx": b"PK\x03\x04"}
    shown = clerk.get(f"/weekly-reports/{weekly}").json["mails"]
    assert [(one["address"], one["state"]) for one in shown] == [
        ("mayor@example.cn", "sent"), ("bureau@example.cn", "sent")
    ]
    told = [one["kind"] for one in clerk.get("/messages").json["items"]]
    assert told.count("weekly-report") == len(scopes(office))


@pytest.mark.parametrize("setting", ["link", "attachment"])
def test_by_setting_a_mail_brings_the_link_or_the_files_alone(
    office: SiteOffice, clerk: Someone, begun: SiteOffice, setting: str
) -> None:
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], week_mail=setting)
    recipients(clerk, "jinyuan@example.cn", district=JINYUAN)
    at_clock(at("11-23", "08:00"))
    with mail_server(office) as box:
        look(office)
        work(office)
        deliver(office)
    (letter,) = box.letters
    text = letter.get_body(("plain",)).get_content()
    assert ("desk#/weekly/" in text) == (setting == "link")
    assert len(list(letter.iter_attachments())) == (2 if setting == "attachment" else 0)


def test_a_recipient_added_later_gets_it_and_the_others_not_again(
    office: SiteOffice, clerk: Someone, begun: SiteOffice
) -> None:
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], week_mail="link")
    recipients(clerk, "mayor@example.cn")
    at_clock(at("11-23", "08:00"))
    with mail_server(office) as box:
        look(office)
        work(office)
        deliver(office)
        recipients(clerk, "mayor@example.cn", "new@example.cn")
        weekly = office.read(sa.select(WeeklyReport.id).where(WeeklyReport.scope == ""))[0]
        for _ in range(2):
            assert clerk.post(f"/weekly-reports/{weekly}/sending").status_code == 200
        deliver(office)
    assert [letter["To"] for letter in box.letters] == ["mayor@example.cn", "new@example.cn"]


def test_what_is_not_frozen_is_not_sent(office: SiteOffice, clerk: Someone, tuesday: None) -> None:
    weekly = clerk.post("/weekly-reports", {"iso_year": 2026, "iso_week": 47}).json["id"]
    answer = clerk.post(f"/weekly-reports/{weekly}/sending")
    assert (answer.status_code, answer.json["code"]) == (409, "weekly-not-frozen")
    assert office.read(sa.select(Delivery)) == []


def test_a_run_that_fails_is_tried_again_and_then_told_to_the_office(
    office: SiteOffice, clerk: Someone, begun: SiteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_clock(at("11-23", "08:00"))
    office.write(lambda db: db.execute(sa.text(
        "insert into weekly_series (scope, year, last) values ('', 2026, 9223372036854775807)"  # no number is left
    )))
    look(office)
    for _ in range(MAX_ATTEMPTS + 1):
        work(office)
        office.write(lambda db: db.execute(
            sa.update(Job).where(Job.kind == schedule.RUN, Job.state == JobState.QUEUED).values(run_at=clock.now())
        ))
    states = {one.key: one.state for one in office.read(sa.select(Job).where(Job.kind == schedule.RUN))}
    assert states.pop("2026-W47:") is JobState.PARKED
    assert set(states.values()) == {JobState.DONE}  # the districts' are not held up by the city's
    (told,) = [one for one in clerk.get("/messages").json["items"] if one["kind"] == "weekly-failed"]
    assert "太原市 2026年第47周" in told["title"]["zh"] if isinstance(told["title"], dict) else told["title"]


def test_recipients_are_the_offices_affair(office: SiteOffice, clerk: Someone) -> None:
    wrong = clerk.put("/weekly-recipients", {"recipients": [{"name": "甲", "email": "not-an-address"}]})
    assert wrong.status_code == 422
    assert "recipients.0.email" in wrong.json["errors"]
    assert clerk.put("/weekly-recipients?district=999999", {"recipients": []}).status_code == 422
    recipients(clerk, "A@example.cn", "b@example.cn")
    recipients(clerk, "b@example.cn", "a@example.cn")
    kept = [one["email"] for one in clerk.get("/weekly-recipients").json["recipients"]]
    assert sorted(kept) == ["a@example.cn", "b@example.cn"]
    assert clerk.get(f"/weekly-recipients?district={JINYUAN}").json == {"district": JINYUAN, "recipients": []}
    assert office.person("jin", "supervisor", districts=[JINYUAN]).get("/weekly-recipients").status_code == 403


