"""A city in the middle of its week, to look at: the sample programme, its people, reports in every state, a week's report."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.cli import ScriptInfo

from server import sample_people
from server.accounts.models import Person
from server.kit import clock
from server.messages.models import Delivery
from server.messages.rules import MAIL_OUTLET, Channel, DeliveryState
from server.photos.models import Original, Renditions
from server.programme.models import Site, WorkItem
from server.programme.rules import WorkType
from server.weekly.models import WeeklyReport
from tests.browser.conftest import PHONE
from tests.browser.doubted import covered, doubted
from tests.browser.drawing import picture
from tests.browser.loop import all_round
from tests.browser.queue_file import Filled, packed
from tests.city import City, founded, until
from tests.evidence.sampling.drawn import second_look
from tests.factories import PASSWORD, Someone, photo_entry, report_body
from tests.residents.word import turn_on

INSPECTOR, SUPERVISOR, CONTRACTOR = "inspector.yingze", "supervisor.yingze", "contractor.a"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running city and what stands on it: a site, a report that waits, one of which much is noticed and its photo that is
    a copy, a photo with a cover, issues in every state and the one with the most to show, a week's report, a broken
    phone's outbox.
    """

    city: City
    site: str
    site_name: str
    waiting: str
    approved: str
    doubted: str
    copy: str
    covered: str
    issue: str
    issues: dict[str, str]
    week: str
    office: uuid.UUID
    queue_file: bytes = field(repr=False)


@contextmanager
def staged(home: Path, database_url: str) -> Iterator[Stage]:
    """The stage, with its server; both end with the block."""
    with founded(home, database_url) as city:
        app, database = city.office.app, city.office.database
        for command in (("districts", "load"), ("sample", "load"), ("calendar", "load")):
            app.cli.main([*command], prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
        sample_people.prepare(database, app.config["DUDAO"], PASSWORD)
        inspector, supervisor, contractor, office = (
            _sign_in(city, name) for name in (INSPECTOR, SUPERVISOR, CONTRACTOR, "office")
        )
        first = _sites_of(city, inspector)[0].id
        place = PHONE["geolocation"]
        city.office.write(lambda db: db.execute(  # so that the phone of the pictures stands at the first site
            sa.update(Site).where(Site.id == first).values(
                lat=place["latitude"], lng=place["longitude"], lat_wgs84=place["latitude"], lng_wgs84=place["longitude"],
            )
        ))
        sites = _sites_of(city, inspector)
        [firm] = city.office.read(sa.select(Person.organisation_id).where(Person.id == contractor.id))
        city.office.write(lambda db: db.execute(
            sa.update(Site).where(Site.id == sites[1].id).values(contractor_id=firm)
        ))
        approved = _visit(inspector, sites[1], "FACADE", seed=1, failing=9)
        _review(supervisor, approved, decision="approve")
        _work(city, supervisor, sites[1], sites[2])
        turn_on(city.office)  # what is closed from here on is asked about
        issues = all_round(city, inspector, supervisor, contractor, sites[1])
        returned = _visit(inspector, sites[2], "CABLE", seed=2, failing=1)
        _review(supervisor, returned, decision="return", comment="2 号井的照片看不清，请补拍", items=[
            {"item": "CABLE-A01", "comment": "请补拍铭牌"},
        ])
        # the oldest that waits: the one that is looked at
        waiting = _visit(inspector, sites[0], "FACADE", seed=4, failing=3, spot=True)
        _visit(inspector, sites[3], "PARK", seed=3, failing=0)
        _visit(inspector, sites[0], "ELEV", seed=5, failing=1)
        much, copy = doubted(city, inspector, supervisor, sites[4], sites[5])
        hidden = covered(city, supervisor, returned)
        second_look(city.office, uuid.UUID(approved))
        _lose_mail(city, contractor, office)
        unsent = [_filled(inspector, sites[at], "CABLE", seed=6 + at, failing=at - 3) for at in (3, 4)]
        week = office.post("/weekly-reports", dict(zip(("iso_year", "iso_week"), clock.now().isocalendar(), strict=False)))
        ready = sa.select(WeeklyReport.id).where(WeeklyReport.state == "ready")
        until(lambda: city.office.read(ready), "the week's report is made", seconds=180)
        pending = sa.select(Original.sha256).where(Original.renditions == Renditions.PENDING).limit(1)
        until(lambda: not city.office.read(pending), "every picture can be shown", seconds=180)
        yield Stage(
            city, str(sites[0].id), sites[0].name, waiting, approved, much, copy, hidden, issues["pending_verification"],
            issues, week.json["id"], office.id, packed(_name(inspector), unsent),
        )


def _work(city: City, supervisor: Someone, proven: Site, waiting: Site) -> None:
    """A façade whose approved report proves what is verified, and one where what was entered waits for a report."""
    for site, amounts in ((proven, (5200, 4100, 3600)), (waiting, (1800, 1750, 0))):
        item = dict(zip(("planned", "reported", "verified"), amounts, strict=True))
        answer = supervisor.patch(f"/sites/{site.id}", {"work_items": [{"type": "facade", **item}]})
        assert answer.status_code == 200, answer.text
    entered = sa.update(WorkItem).where(WorkItem.site_id == waiting.id, WorkItem.type == WorkType.FACADE)
    city.office.write(lambda db: db.execute(entered.values(verified_entered=1500)))


def _lose_mail(city: City, *people: Someone) -> None:
    """E-mails that no server took: days ago, and under no job any more."""
    facts = {"site": "老军营小区", "number": "并老改督〔2026〕12号", "count": 3, "due_on": "2026-11-29", "item": "FACADE-A01"}
    why = "邮件服务器拒收：550 5.1.1 no such user / the mail server refused it: 550 5.1.1 no such user"
    now = clock.now()
    city.office.write(lambda db: db.add_all(
        Delivery(
            channel=Channel.EMAIL, person_id=one.id, outlet=MAIL_OUTLET, key=f"lost:{one.id}", kind=kind, facts=facts,
            district_code="140106", state=DeliveryState.PARKED, attempts=1, why=why, created_at=now - timedelta(days=2),
            tried_at=now - timedelta(days=2),
        ) for one, kind in zip(people, ("issue-notice", "issue-late-7"), strict=True)
    ))


def _sign_in(city: City, name: str) -> Someone:
    [person_id] = city.office.read(sa.select(Person.id).where(Person.username == name))
    return city.office.sign_in(name, person_id)


def _sites_of(city: City, inspector: Someone) -> list[Site]:
    own = [uuid.UUID(one["id"]) for one in inspector.get("/sites").json["items"]]
    found = city.office.read(sa.select(Site).where(Site.id.in_(own)).order_by(Site.is_model.desc(), Site.code))
    return [site for site in found if site.lat is not None]


def _name(someone: Someone) -> dict[str, str]:
    person = someone.get("/me").json
    return {"id": person["id"], "name": person["name"]}


def _visit(
    inspector: Someone, site: Site, checklist: str, *, seed: int, failing: int, spot: bool = False
) -> str:
    """A report that is filled in and sent; its id. `spot`: the first failure was put right on the spot."""
    _, body, files = _filled(inspector, site, checklist, seed=seed, failing=failing)
    if spot:
        first = next(answer for answer in body["answers"] if answer["value"] == "fail")
        first["issue"] = {"fixed_on_spot": True, "after": first["photos"][1:]}
    return str(inspector.send(body, files)["id"])


def _filled(inspector: Someone, site: Site, checklist: str, *, seed: int, failing: int) -> Filled:
    """A report on every item of a checklist, of which the first so many that can fail do, with two photos each."""
    content = inspector.get(f"/checklists/{checklist}").json
    began = clock.now() - timedelta(minutes=50 + seed)
    answers, photos, files = [], [], {}
    for entry in (entry for section in content["sections"] for entry in section["items"]):
        answer: dict[str, Any] = {"item": entry["code"], "value": _usual(entry)}
        fails = entry["type"] == "pass_fail_na" and failing > 0
        if fails:
            failing -= 1
            answer |= {"value": "fail", "note": f"{entry['zh']}：现场发现缺陷，已要求施工单位整改。"}
        if fails or entry["photo"] == "always":
            for number in (1, 2) if fails else (1,):
                data = picture(seed * 10 + number, at=began + timedelta(minutes=len(photos)), place=(site.lat, site.lng))
                photo = photo_entry(
                    data, item=entry["code"], captured_at=began.isoformat(),
                    location={"lat": site.lat, "lng": site.lng, "accuracy_m": 8},
                )
                photos.append(photo)
                files[photo["id"]] = data
            answer["photos"] = [photo["id"] for photo in photos if photo["item"] == entry["code"]]
        if answer["value"] is not None or answer.get("photos"):
            answers.append(answer)
    body = report_body(
        site.id, answers=answers, photos=photos, checklist={"code": content["code"], "version": content["version"]},
        started_at=began.isoformat(), finished_at=(began + timedelta(minutes=40)).isoformat(),
        location={"lat": site.lat, "lng": site.lng, "accuracy_m": 8, "captured_at": began.isoformat()},
        summary="总体受控，问题已当场告知项目负责人。", device=None,
    )
    return site.name, body, files


def _usual(entry: dict[str, Any]) -> Any:
    """A value that passes."""
    if entry["type"] == "pass_fail_na":
        return "pass"
    if entry["type"] == "number":
        low, high = entry.get("min"), entry.get("max")
        if high is not None:
            return round(((low or 0) + high) / 2, 2)
        return low or 24
    if entry["type"] == "choice":
        return next(option["value"] for option in entry["options"] if not option.get("fails"))
    return None


def _review(supervisor: Someone, report: str, **decision: Any) -> None:
    answer = supervisor.post(f"/reports/{report}/reviews", {"revision": 1, **decision})
    assert answer.status_code == 201, answer.text
