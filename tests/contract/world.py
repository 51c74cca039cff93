"""A small programme with one real thing of every kind, and a person of every role, for tests that knock at every door."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from server.accounts import queries
from server.accounts.models import Person
from server.evidence.sampling.models import SecondLook
from server.issues.models import Extension, Issue, IssueEvent, Objection
from server.issues.rules import IssueState, ResidentsAnswer
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import HANDLERS, Job, JobState, Work
from server.kit.severity import Severity
from server.messages import service as messages
from server.messages.models import Delivery, Webhook
from server.messages.rules import DeliveryState
from server.photos.models import Flag, Redaction
from server.photos.service import raise_flag
from server.programme.models import Assignment, Site
from server.reports.models import Report
from server.reports.rules import State
from tests import tus
from tests.evidence.sampling.drawn import second_look
from tests.factories import YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg
from tests.residents.word import put_question

NOBODY = "nobody"
ROLES = ("inspector", "supervisor", "contractor", "office", "admin", NOBODY)
PHONE = "phone-1"
BOXES = {"boxes": [{"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2}], "reason": "遮盖人脸"}


class World:
    """`ids` holds real ids by the name of the path parameter that takes them; `heal` undoes what a caller broke."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.office = SiteOffice(app)
        self.office.checklists()
        firm = self.office.organisation("施工甲公司")
        self.people: dict[str, Someone] = {
            role: self.office.person(
                f"{role}.one", role, districts=(YINGZE,) if role in {"inspector", "supervisor"} else (),
                organisation=firm if role == "contractor" else None,
            )
            for role in ROLES if role != NOBODY
        }
        spare = self.office.person("spare", "inspector", districts=(YINGZE,))
        successor = self.office.person("successor", "inspector", districts=(YINGZE,))
        self.office.person("visitor", "inspector")
        self.site = self.office.site(inspectors=(self.people["inspector"],), contractor=firm)
        self.app.test_client().post("/api/v1/auth/login", json={
            "username": "spare", "password": "Correct-horse-7", "device": {"id": PHONE, "name": "红米"},
        })
        approved, photo = self._approved()
        issue, extension = self._asked_for_time()
        self.ids: dict[str, list[str]] = {
            "site_id": [str(self.site)],
            "person_id": [str(spare.id), str(successor.id)],
            "device_id": [PHONE],
            "organisation_id": [str(firm)],
            "report_id": [approved],
            "hold_id": [self.hold(approved)], "photo_id": [photo], "redaction_id": [self.redaction(photo)],
            "issue_id": [issue], "extension_id": [extension], "flag_id": [self.flag(approved)],
            "upload_id": [str(tus.upload_id(tus.begin(self.people["inspector"], b"x" * 4096)))],
            "weekly_id": [self.weekly()],
            "export_id": [self.export()],
            "message_id": [one["id"] for one in self.people["supervisor"].get("/messages").json["items"]],
            "webhook_id": [self.webhook()], "delivery_id": [self.given_up()],
            "document_id": [self.paper()], "kind": ["rectification_notice"],
            "job_id": [one["id"] for one in self.people["office"].get("/jobs").json["items"]][:3],
            "code": ["ELEV"], "version": ["1"], "revision": ["1"], "format": ["xlsx", "csv", "json", "docx"],
            "name": ["phone.js"],
        }
        self.asked = self.ids["issue_id"][0]  # the residents' question stays with it when tests take other issues
        answered = put_question(self.office, self.asked, answer=ResidentsAnswer.YES, photo=jpeg(64, 48))
        self.ids["question_id"] = [str(answered.id)]
        self.closed = self._closed(firm)
        self.ids["report_id"].append(self.submitted())
        looked_at = uuid.UUID(self.submitted())  # a report that no other test decides: whoever does may not look again
        self.ids["look_id"] = [second_look(self.office, looked_at)]
        empty = [name for name, found in self.ids.items() if not found]
        if empty:
            raise RuntimeError(f"the world lacks {empty}")

    def _asked_for_time(self) -> tuple[str, str]:
        """The issue of the approved report under its notice, and the firm's request for more time."""
        issue = self.people["office"].get("/issues").json["items"][0]["id"]
        given = self.people["supervisor"].post(f"/issues/{issue}/notice")
        assert given.status_code == 201, given.text
        asked = self.people["contractor"].post(
            f"/issues/{issue}/extensions", {"reason": "连日降雨", "due_on": "2099-01-01"}
        )
        assert asked.status_code == 201, asked.text
        return issue, asked.json["extensions"][0]["id"]

    def flag(self, report: str) -> str:
        """A fact about the report that nobody has settled, as the worker raises it."""
        self.office.write(lambda db: raise_flag(
            db, "no-position", "report", uuid.UUID(report), report_id=uuid.UUID(report),
            numbers={"photos": 1, "with_position": 0},
        ))
        return str(self.office.read(sa.select(Flag.id).where(Flag.report_id == uuid.UUID(report)))[0])

    def redaction(self, photo: str) -> str:
        """Boxes over that photo, lifted again, so that it stays what other tests take it for."""
        supervisor = self.people["supervisor"]
        laid = supervisor.post(f"/photos/{photo}/redactions", BOXES)
        if laid.status_code != 201:
            raise RuntimeError(laid.text)
        found: str = laid.json["redactions"][0]["id"]
        supervisor.post(f"/photos/{photo}/redactions/{found}/lifting", {"reason": "误遮"})
        return found

    def hold(self, report: str) -> str:
        """A legal hold on that report, which nobody has lifted."""
        laid = self.people["office"].post("/holds", {"kind": "report", "id": report, "reason": f"案件 {uuid.uuid4()}"})
        assert laid.status_code == 201, laid.text
        return str(laid.json["id"])

    def paper(self) -> str:
        """A numbered paper: a hand-over list, which moves no issue."""
        supervisor = self.people["supervisor"]
        issue = supervisor.get("/issues").json["items"][0]["id"]
        made = supervisor.post("/documents", {"kind": "handover_list", "issue_ids": [issue]})
        if made.status_code != 201:
            raise RuntimeError(made.text)
        found: str = made.json["id"]
        return found

    def _approved(self) -> tuple[str, str]:
        data = jpeg(320, 240, seed=1)
        photo = photo_entry(data, item="ELEV-A05")
        body = report_body(self.site, photos=[photo], answers=[
            {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]],
             "issue": {"severity": "critical"}},
            {"item": "ELEV-A01", "value": "pass"},
        ])
        report = self.people["inspector"].send(body, {photo["id"]: data})
        self.work_off()
        done = self.people["supervisor"].post(
            f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1}
        )
        assert done.status_code == 201, done.text
        self.office.write(lambda db: messages.send(
            db, [one.id for one in self.people.values()], "critical-failure", "seen", {"number": "1"},
        ))
        return report["id"], photo["id"]

    def _closed(self, firm: uuid.UUID) -> str:
        """An issue that went all the way round: each of its papers is there."""
        inspector, supervisor, contractor = (self.people[role] for role in ("inspector", "supervisor", "contractor"))
        site = self.office.site("另一小区", inspectors=(inspector,), contractor=firm)
        (before, old), (after, new) = ((photo_entry(data), data) for data in (jpeg(64, 48, seed=8), jpeg(64, 48, seed=9)))
        failed = {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [before["id"]]}
        body = report_body(site, answers=[failed], photos=[before | {"item": "ELEV-A05"}])
        report = inspector.send(body, {before["id"]: old})["id"]
        review = supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
        issue: str = review.json["issues"][0]
        supervisor.post(f"/issues/{issue}/notice")
        reply = {"id": str(uuid.uuid4()), "measure": "已更换", "done_at": clock.now().isoformat(), "photos": [after]}
        contractor.post(f"/issues/{issue}/replies", reply)
        contractor.upload(reply["id"], after, new)
        done = supervisor.post(
            f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格", "reason": "现场核对"}
        )
        if done.status_code != 201:
            raise RuntimeError(done.text)
        return issue

    def submitted(self) -> str:
        """A new report that waits for a decision."""
        return str(self.people["inspector"].send(report_body(self.site))["id"])

    def weekly(self) -> str:
        """The report of the running week, made from what there is now."""
        iso = clock.today().isocalendar()
        asked = self.people["office"].post("/weekly-reports", {"iso_year": iso.year, "iso_week": iso.week})
        assert asked.status_code in {200, 202}, asked.text  # 200: it is frozen
        self.work_off()
        return str(asked.json["id"])

    def renew_weekly(self) -> None:
        """A report that can still be worded: that of the newest week which is not frozen."""
        day = clock.today()
        while self.people["office"].get(f"/weekly-reports/{self.ids['weekly_id'][0]}").json["frozen_at"]:
            day -= timedelta(days=7)
            iso = day.isocalendar()
            asked = self.people["office"].post("/weekly-reports", {"iso_year": iso.year, "iso_week": iso.week})
            self.ids["weekly_id"][0] = str(asked.json["id"])
        self.work_off()

    def export(self) -> str:
        """The office's register of communities, made."""
        asked = self.people["office"].post("/exports", {"kind": "sites", "format": "csv"})
        assert asked.status_code == 202, asked.text
        self.work_off()
        return str(asked.json["id"])

    def webhook(self) -> str:
        """An address that needs no look-up and is never called: what is sent to it stays in the table here."""
        given = {"name": f"推送{uuid.uuid4()}", "url": "https://8.8.8.8/hook?key=1", "preset": "dingtalk"}
        made = self.people["office"].post("/webhooks", given)
        assert made.status_code == 201, made.text
        self.people["office"].post(f"/webhooks/{made.json['id']}/test")
        return str(made.json["id"])

    def renew_delivery(self) -> None:
        """It waits to be sent again by hand."""
        self.ids["delivery_id"][0] = self.given_up()

    def given_up(self) -> str:
        """A message that could not be delivered, for good."""
        found = self.people["office"].get("/deliveries").json["items"][0]["id"]
        self.office.write(lambda db: db.execute(
            sa.update(Delivery).where(Delivery.id == uuid.UUID(found)).values(state=DeliveryState.PARKED, why="410")
        ))
        return str(found)

    def uncover(self) -> None:
        """No boxes stand on any photo: a copy with them would have to be drawn first, and there is no worker here."""
        person = self.people["supervisor"].id
        self.office.write(lambda db: db.execute(
            sa.update(Redaction).where(Redaction.lifted_at.is_(None)).values(lifted_at=clock.now(), lifted_by=person)
        ))

    def work_off(self, *kinds: str) -> None:
        """Do the jobs that wait, as the worker would."""
        wanted = kinds or ("renditions", "redaction", "weekly-report", "export")
        waiting = sa.select(Job).where(Job.kind.in_(wanted), Job.state == JobState.QUEUED).order_by(Job.created_at)
        for job in self.office.read(waiting):
            with self.app.app_context():
                HANDLERS[job.kind](Work(self.office.database, self.app, job.id, job.payload, lambda _percent: None))
            done = sa.update(Job).where(Job.id == job.id).values(state=JobState.DONE)
            self.office.write(lambda db, done=done: db.execute(done))

    def headers(self, role: str) -> dict[str, str]:
        if role == NOBODY:
            return {}
        return {"Authorization": f"Bearer {self.people[role].tokens['access_token']}"}

    def signed_in(self, role: str) -> bool:
        payload = self.people[role].tokens["access_token"].split(".")[1]
        sign_in_id = uuid.UUID(json.loads(base64.urlsafe_b64decode(payload + "=="))["sid"])
        with self.office.database.read() as db:
            return queries.actor_of(db, sign_in_id) is not None

    def heal(self) -> None:
        """Everybody signed in, the inspector at the site, the site in its district, a report to review, no job waiting."""
        for role, someone in self.people.items():
            if not self.signed_in(role):
                self.people[role] = self.office.sign_in(someone.username, someone.id)

        self.work_off("redaction")  # a photo that is to be covered has no preview until it is

        def restore(db: Any) -> None:
            db.execute(sa.update(Site).where(Site.id == self.site).values(district_code=YINGZE))
            db.execute(sa.update(Assignment).where(
                Assignment.site_id == self.site, Assignment.person_id == self.people["inspector"].id
            ).values(ended_at=None))
            for name in self.ids["person_id"]:
                db.execute(sa.update(Person).where(Person.id == uuid.UUID(name)).values(active=True))

            # there is no worker here, and what waits for one makes the service not ready
            db.execute(sa.update(Job).where(Job.state == JobState.QUEUED).values(state=JobState.DONE))

        self.office.write(restore)
        self.renew_report()
        self.renew_flag()
        self.renew_look()
        if self.people["office"].get(f"/exports/{self.ids['export_id'][0]}").status_code != 200:
            self.ids["export_id"][0] = self.export()
        known = uuid.UUID(self.ids["webhook_id"][0])
        if not self.office.read(sa.select(Webhook.id).where(Webhook.id == known)):
            self.ids["webhook_id"][0] = self.webhook()
            self.ids["delivery_id"][0] = self.given_up()

    def renew_issue(self, state: IssueState) -> None:
        """A new issue of the firm that stands in this state, with an objection and a request that wait."""
        issue_id, extension_id, moment = new_id(), new_id(), clock.now()
        ended = {"closed_at": moment, "closed_by": new_id()} if state is IssueState.CLOSED else {}
        due = date(2099, 1, 1)

        def write(db: Any) -> None:
            author = self.people["inspector" if state is IssueState.DRAFT else "supervisor"].id
            db.add(Issue(
                id=issue_id, number=f"W-{issue_id}", state=state, site_id=self.site, district_code=YINGZE,
                severity=Severity.MINOR, description="护栏松动", due_on=due, first_due_on=due, opened_by=author,
                contractor_id=uuid.UUID(self.ids["organisation_id"][0]), created_at=moment, changed_at=moment,
                issued_at=moment, replied_by=new_id(), **ended,
            ))
            db.flush()
            if state is not IssueState.DRAFT:  # the week's stock is told by the history
                db.add(IssueEvent(
                    issue_id=issue_id, at=moment, by=author, round=1, verb="opened", from_state=None, to_state=state.value,
                    facts={},
                ))
            if state is IssueState.RECTIFYING:
                firm, by = uuid.UUID(self.ids["organisation_id"][0]), self.people["contractor"].id
                db.add(Objection(issue_id=issue_id, contractor_id=firm, reason="有证", by=by, at=moment))
                db.add(Extension(
                    id=extension_id, issue_id=issue_id, round=1, reason="下雨", due_on=date(2099, 2, 1), by=by,
                    at=moment,
                ))

        self.office.write(write)
        self.ids["issue_id"][0], self.ids["extension_id"][0] = str(issue_id), str(extension_id)

    def renew_look(self) -> None:
        """Nobody has taken the second look yet."""
        fresh = dict.fromkeys(("verdict", "comment", "looked_by", "looked_at"))
        self.office.write(lambda db: db.execute(sa.update(SecondLook).values(fresh)))

    def renew_hold(self) -> None:
        """A hold that stands."""
        self.ids["hold_id"][0] = self.hold(self.ids["report_id"][0])

    def renew_flag(self) -> None:
        """The flag is neither settled nor answered."""
        fresh = dict.fromkeys(("settled_by", "settled_at", "settled_reason", "answered_by", "answered_at", "answer"))
        self.office.write(lambda db: db.execute(sa.update(Flag).values(fresh)))

    def renew_report(self) -> None:
        """The last of the reports waits for a decision."""
        newest = uuid.UUID(self.ids["report_id"][-1])
        if self.office.read(sa.select(Report.state).where(Report.id == newest)) != [State.SUBMITTED]:
            self.ids["report_id"][-1] = self.submitted()


