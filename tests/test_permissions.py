"""Route × role × relation: one written table, and a walk that calls every route as everybody.

`own` means inside the role's reach: the inspector's report and assigned site, the supervisor's district, the
contractor's firm; `other` means the same kind of thing outside it. A route that is not in the table fails the walk.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from server import permissions
from server.accounts.models import Person
from server.documents.drawing import default_template
from server.documents.rules import Kind
from server.issues.rules import ResidentsAnswer
from server.kit import clock
from server.kit.actor import Role
from server.kit.ids import new_id
from server.kit.jobs import Job
from server.messages import service as messages
from server.messages.models import Message
from server.photos.models import Flag
from server.photos.service import raise_flag
from server.weekly.models import WeeklyReport
from tests import web
from tests.evidence.sampling.drawn import second_look
from tests.factories import JINYUAN, PASSWORD, YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg
from tests.residents.word import put_question, turn_on

ROLES = ("inspector", "supervisor", "contractor", "office", "admin")

# ok: let through (whatever the state of the thing then says); a/b: own/other; anybody: needs no sign-in.
TABLE = """
route                                                     inspector supervisor contractor office admin
GET     /                                                 anybody
GET     /desk                                             anybody
GET     /assets/{name}                                    anybody
GET     /sw.js                                            anybody
GET     /manifest.webmanifest                             anybody
GET     /healthz                                          anybody
GET     /readyz                                           anybody
GET     /metrics                                          anybody
GET     /api/v1/openapi.json                              anybody
GET     /api/v1/docs                                      anybody
GET     /r/{code}                                         anybody
POST    /r/{code}                                         anybody
GET     /r/{code}/before.jpg                              anybody
GET     /r/{code}/after.jpg                               anybody
POST    /api/v1/auth/login                                anybody
POST    /api/v1/auth/refresh                              anybody
POST    /api/v1/auth/password                             anybody
OPTIONS /api/v1/uploads                                   anybody
OPTIONS /api/v1/uploads/{upload_id}                       anybody
POST    /api/v1/auth/logout                               ok        ok         ok         ok     ok
GET     /api/v1/me                                        ok        ok         ok         ok     ok
POST    /api/v1/me/password                               ok        ok         ok         ok     ok
GET     /api/v1/people                                    403       403        403        403    ok
POST    /api/v1/people                                    403       403        403        403    ok
POST    /api/v1/people/import                             403       403        403        403    ok
GET     /api/v1/people/{person_id}                        404       404        404        404    ok
PATCH   /api/v1/people/{person_id}                        404       404        404        404    ok
POST    /api/v1/people/{person_id}/password-reset         404       404        404        404    ok
POST    /api/v1/people/{person_id}/handover               404       404        404        404    ok
GET     /api/v1/people/{person_id}/devices                404       404        404        404    ok
DELETE  /api/v1/people/{person_id}/devices                404       404        404        404    ok
DELETE  /api/v1/people/{person_id}/devices/{device_id}    404       404        404        404    ok
GET     /api/v1/organisations                             403       ok         403        ok     ok
POST    /api/v1/organisations                             403       403        403        ok     ok
GET     /api/v1/audit                                     403       ok         403        ok     ok
GET     /api/v1/districts                                 ok        ok         ok         ok     ok
GET     /api/v1/areas                                     ok        ok         ok         ok     ok
GET     /api/v1/sites                                     ok        ok         ok         ok     ok
POST    /api/v1/sites                                     403       403        403        ok     ok
POST    /api/v1/sites/import                              403       403        403        ok     ok
GET     /api/v1/sites.geojson                             ok        ok         ok         ok     ok
GET     /api/v1/sites/{site_id}                           ok/404    ok/404     404        ok     ok
PATCH   /api/v1/sites/{site_id}                           403/404   ok/404     404        ok     ok
GET     /api/v1/sites/{site_id}/changes                   403/404   ok/404     404        ok     ok
GET     /api/v1/sites/{site_id}/assignments               403/404   ok/404     404        ok     ok
PUT     /api/v1/sites/{site_id}/assignments               403/404   ok/404     404        ok     ok
GET     /api/v1/sites/{site_id}/limits                    ok/404    ok/404     404        ok     ok
PUT     /api/v1/sites/{site_id}/limits                    403/404   ok/404     404        ok     ok
GET     /api/v1/programme/summary                         403       ok         403        ok     ok
GET     /api/v1/programme/policy                          403       ok         403        ok     ok
PATCH   /api/v1/programme/policy                          403       403        403        ok     ok
GET     /api/v1/programme/policy/changes                  403       ok         403        ok     ok
GET     /api/v1/calendar                                  403       ok         403        ok     ok
POST    /api/v1/calendar/import                           403       403        403        ok     ok
GET     /api/v1/programme/matrix                          403       ok         403        ok     ok
GET     /api/v1/programme/matrix.xlsx                     403       ok         403        ok     ok
GET     /api/v1/programme/unvisited                       403       ok         403        ok     ok
GET     /api/v1/programme/unvisited.xlsx                  403       ok         403        ok     ok
GET     /api/v1/programme/schedule                        403       ok         403        ok     ok
GET     /api/v1/programme/schedule.xlsx                   403       ok         403        ok     ok
GET     /api/v1/sites/{site_id}/standing                  403/404   ok/404     404        ok     ok
GET     /api/v1/checklists                                ok        ok         ok         ok     ok
GET     /api/v1/checklists/burden                         403       ok         403        ok     ok
GET     /api/v1/checklists/{code}                         ok        ok         ok         ok     ok
GET     /api/v1/checklists/{code}/versions/{version}      ok        ok         ok         ok     ok
GET     /api/v1/reports                                   ok        ok         ok         ok     ok
PUT     /api/v1/reports/{report_id}                       ok/404    403        403        403    403
GET     /api/v1/reports/{report_id}                       ok/404    ok/404     404        ok     ok
GET     /api/v1/reports/{report_id}.pdf                   ok/404    ok/404     404        ok     ok
GET     /api/v1/reports/{report_id}.docx                  ok/404    ok/404     404        ok     ok
GET     /api/v1/reports/{report_id}/revisions/{revision}  ok/404    ok/404     404        ok     ok
GET     /api/v1/reports/{report_id}/conflicts             403/404   ok/404     404        ok     ok
POST    /api/v1/reports/{report_id}/reviews               403/404   ok/404     404        403    403
POST    /api/v1/uploads                                   ok/404    404        404        403    403
HEAD    /api/v1/uploads/{upload_id}                       ok/404    404        404        404    404
PATCH   /api/v1/uploads/{upload_id}                       ok/404    404        404        404    404
DELETE  /api/v1/uploads/{upload_id}                       ok/404    404        404        404    404
GET     /api/v1/photos/{photo_id}                         ok/404    ok/404     ok/404     ok     ok
GET     /api/v1/photos/{photo_id}/likeness                ok/404    ok/404     ok/404     ok     ok
GET     /api/v1/photos/{photo_id}/original                ok/404    ok/404     ok/404     ok     ok
GET     /api/v1/photos/{photo_id}/preview                 ok/404    ok/404     ok/404     ok     ok
GET     /api/v1/photos/{photo_id}/thumb                   ok/404    ok/404     ok/404     ok     ok
POST    /api/v1/flags/{flag_id}/answer                    ok/404    403/404    404        403    403
POST    /api/v1/flags/{flag_id}/settlement                403/404   ok/404     404        403    403
GET     /api/v1/photos/{photo_id}/custody                 ok/404    ok/404     403/404    ok     ok
GET     /api/v1/reports/{report_id}/evidence              403/404   ok/404     404        ok     ok
GET     /api/v1/reports/{report_id}/evidence/contents     403/404   ok/404     404        ok     ok
GET     /api/v1/issues/{issue_id}/evidence                403/404   ok/404     403/404    ok     ok
GET     /api/v1/issues/{issue_id}/evidence/contents       403/404   ok/404     403/404    ok     ok
GET     /api/v1/photos/{photo_id}/stamped                 ok/404    ok/404     ok/404     ok     ok
POST    /api/v1/photos/{photo_id}/redactions              403/404   ok/404     403/404    ok     403
POST    /api/v1/photos/{photo_id}/redactions/{redaction_id}/lifting 403/404 ok/404 403/404 ok     403
GET     /api/v1/retention                                 403       403        403        ok     ok
GET     /api/v1/holds                                     403       403        403        ok     ok
POST    /api/v1/holds                                     403       403        403        ok     ok
POST    /api/v1/holds/{hold_id}/lifting                   404       404        404        ok     ok
GET     /api/v1/issues                                    ok        ok         ok         ok     ok
GET     /api/v1/issues/counts                             ok        ok         ok         ok     ok
GET     /api/v1/issues/{issue_id}                         ok/404    ok/404     ok/404     ok     ok
GET     /api/v1/issues.xlsx                                        ok        ok        ok        ok        ok
GET     /api/v1/issues/{issue_id}/notice.docx                      ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/issues/{issue_id}/notice.pdf                       ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/issues/{issue_id}/reply.docx                       ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/issues/{issue_id}/reply.pdf                        ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/issues/{issue_id}/verification.docx                ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/issues/{issue_id}/verification.pdf                 ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/documents                                          ok        ok        ok        ok        ok
POST    /api/v1/documents                                          403       ok/404    403       ok        403
GET     /api/v1/documents/{document_id}.docx                       ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/documents/{document_id}.pdf                        ok/404    ok/404    ok/404    ok        ok
GET     /api/v1/documents/templates                       403       403        403        ok     ok
GET     /api/v1/documents/templates/{kind}                403       403        403        ok     ok
PUT     /api/v1/documents/templates/{kind}                403       403        403        ok     ok
DELETE  /api/v1/documents/templates/{kind}                403       403        403        ok     ok
POST    /api/v1/documents/templates/{kind}/preview        403       403        403        ok     ok
POST    /api/v1/issues                                            ok/404    ok/404     403        403    403
PATCH   /api/v1/issues/{issue_id}                                 403/404   ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/submission                      403/404   403/404    403/404    403    403
POST    /api/v1/issues/{issue_id}/discard                         403/404   403/404    403/404    403    403
GET     /api/v1/second-looks                              403       ok         403        ok     ok
POST    /api/v1/second-looks/{look_id}                    403/404   ok/404     404        403    403
GET     /api/v1/follow-ups                                ok        ok         403        ok     ok
POST    /api/v1/notices                                           403       ok/404     403        403    403
POST    /api/v1/issues/{issue_id}/notice                          403/404   ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/acknowledgement                 403/404   403/404    ok/404     403    403
POST    /api/v1/issues/{issue_id}/objection                       403/404   403/404    ok/404     403    403
POST    /api/v1/issues/{issue_id}/objection/settlement            403/404   ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/extensions                      403/404   403/404    ok/404     403    403
POST    /api/v1/issues/{issue_id}/extensions/{extension_id}/settlement 403/404   ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/replies                         403/404   403/404    ok/404     403    403
POST    /api/v1/issues/{issue_id}/verifications                   ok/404    ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/follow-ups                      ok/404    ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/reopening                       403/404   ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/affirmation                     403/404   ok/404     403/404    403    403
POST    /api/v1/issues/{issue_id}/void                            403/404   ok/404     403/404    403    403
GET     /api/v1/issues/{issue_id}/residents                       ok/404    ok/404     403/404    ok     ok
POST    /api/v1/issues/{issue_id}/residents                       403/404   ok/404     403/404    403    403
GET     /api/v1/issues/{issue_id}/residents.svg                   ok/404    ok/404     403/404    ok     ok
GET     /api/v1/issues/{issue_id}/residents/{question_id}/photo   ok/404    ok/404     403/404    ok     ok
POST    /api/v1/weekly-reports                            403       403        403        ok     ok
GET     /api/v1/weekly-reports                            403       ok         403        ok     ok
GET     /api/v1/weekly-reports/{weekly_id}                404       ok/404     404        ok     ok
GET     /api/v1/weekly-reports/{weekly_id}/figures        404       ok/404     404        ok     ok
GET     /api/v1/weekly-reports/{weekly_id}/files/{format} 404       ok/404     404        ok     ok
PATCH   /api/v1/weekly-reports/{weekly_id}                404       403/404    404        ok     ok
POST    /api/v1/weekly-reports/{weekly_id}/freeze         404       403/404    404        ok     ok
POST    /api/v1/weekly-reports/{weekly_id}/sending        404       403/404    404        ok     ok
GET     /api/v1/weekly-recipients                         403       403        403        ok     ok
PUT     /api/v1/weekly-recipients                         403       403        403        ok     ok
GET     /api/v1/sync                                      ok        ok         ok         ok     ok
GET     /api/v1/settings                                  ok        ok         ok         ok     ok
GET     /api/v1/messages                                  ok        ok         ok         ok     ok
POST    /api/v1/messages/{message_id}/read                ok/404    ok/404     ok/404     ok/404 ok/404
GET     /api/v1/webhooks                                  403       403        403        ok     ok
POST    /api/v1/webhooks                                  403       403        403        ok     ok
PATCH   /api/v1/webhooks/{webhook_id}                     404       404        404        ok     ok
DELETE  /api/v1/webhooks/{webhook_id}                     404       404        404        ok     ok
POST    /api/v1/webhooks/{webhook_id}/test                404       404        404        ok     ok
GET     /api/v1/webhooks/{webhook_id}/deliveries          404       404        404        ok     ok
GET     /api/v1/deliveries                                403       403        403        ok     ok
POST    /api/v1/deliveries/{delivery_id}/again            404       404        404        ok     ok
POST    /api/v1/exports                                   ok        ok         ok         ok     ok
GET     /api/v1/exports                                   ok        ok         ok         ok     ok
GET     /api/v1/exports/{export_id}                       ok/404    ok/404     ok/404     ok/404 ok/404
GET     /api/v1/exports/{export_id}/file                  ok/404    ok/404     ok/404     ok/404 ok/404
DELETE  /api/v1/exports/{export_id}                       ok/404    ok/404     ok/404     ok/404 ok/404
GET     /api/v1/jobs                                      403       403        403        ok     ok
GET     /api/v1/jobs/{job_id}                             404       404        404        ok     ok
"""

# What a list shows: own (inside the reach alone), all, or none.
LISTS = """
list                                    holds     inspector supervisor contractor office admin
/api/v1/sites?limit=200                 site_id   own       own        none       all    all
/api/v1/sites?limit=200&q=小区          site_id   own       own        none       all    all
/api/v1/sites?near=37.86,112.55         site_id   own       own        none       all    all
/api/v1/sites.geojson                   site_id   own       own        none       all    all
/api/v1/programme/matrix?limit=200      site_id   -         own        -          all    all
/api/v1/programme/unvisited?days=1      site_id   -         own        -          all    all
/api/v1/programme/schedule?limit=200    site_id   -         own        -          all    all
/api/v1/reports?limit=200               report_id own       own        none       all    all
/api/v1/reports?limit=200&q=小区        report_id own       own        none       all    all
/api/v1/issues?limit=200                issue_id  own       own        own        all    all
/api/v1/documents?limit=200             document_id own     own        own        all    all
/api/v1/weekly-reports?limit=200        weekly_id -         own        -          all    all
/api/v1/sync                            issue_id  own       own        own        all    all
"""


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()[1:]]


EXPECTED: dict[str, list[str]] = {f"{method} {path}": said for method, path, *said in _rows(TABLE)}


class World:
    """One thing of each kind in Yingze (`own`) and in Jinyuan (`other`), and a person of each role in Yingze."""

    def __init__(self, office: SiteOffice) -> None:
        self.office = office
        office.checklists()
        web.build(office.app.config["DUDAO"].web_dir)
        self.boss = office.person("boss", "admin")
        self.things = {
            "own": self._district("y", YINGZE, "迎泽示例小区"), "other": self._district("j", JINYUAN, "晋源示例小区"),
        }
        office.person("clerk", "office")
        self.actors = {
            role: office.people[name] for role, name in zip(ROLES, ("iy", "sy", "cy", "clerk", "boss"), strict=True)
        }
        self.stranger = stranger = office.person("stranger", "inspector")
        for someone in (*self.actors.values(), stranger):
            office.write(lambda db, one=someone: messages.send(db, [one.id], "critical-failure", "k", {}))
        self.messages = {
            row.person_id: row.id for row in office.read(sa.select(Message)) if row.person_id != stranger.id
        }
        self.strangers_message = office.read(sa.select(Message.id).where(Message.person_id == stranger.id))[0]

    def _district(self, letter: str, district: str, name: str) -> dict[str, Any]:
        office = self.office
        firm = office.organisation(f"施工单位{letter}")
        inspector = office.person(f"i{letter}", "inspector")
        supervisor = office.person(f"s{letter}", "supervisor", districts=(district,))
        contractor = office.person(f"c{letter}", "contractor", organisation=firm)
        spare = office.person(f"spare{letter}", "inspector")
        phone = {"username": spare.username, "password": PASSWORD, "device": {"id": "phone/1"}}
        assert office.app.test_client().post("/api/v1/auth/login", json=phone).status_code == 200
        site = office.site(name, district=district, contractor=firm, inspectors=(inspector,),
                           search=f"{letter} {name}")
        data = jpeg(64, 48, seed=ord(letter))
        photo = photo_entry(data, item="ELEV-A05")
        failed = {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]]}
        body = report_body(site, answers=[failed], photos=[photo])
        report = inspector.send(body, {photo["id"]: data})["id"]
        approved = supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
        assert approved.status_code == 201, approved.text
        issue = approved.json["issues"][0]
        assert supervisor.post(f"/issues/{issue}/notice").status_code == 201
        asked = contractor.post(f"/issues/{issue}/extensions", {"reason": "连日降雨", "due_on": "2099-01-01"})
        assert asked.status_code == 201, asked.text
        closed = self._closed(inspector, supervisor, contractor, letter, district)
        notice = supervisor.get(f"/issues/{closed}").json["documents"][0]["id"]
        open_report, looked_at = (inspector.send(report_body(site))["id"] for _ in range(2))
        week = {"iso_year": 2026, "iso_week": 47, "district": district}
        weekly = self.boss.post("/weekly-reports", week)
        assert weekly.status_code == 202, weekly.text
        return {
            "inspector": inspector, "body": body, "photo": photo, "site_id": site, "report_id": report,
            "photo_id": photo["id"], "person_id": spare.id, "spare": spare, "district": district, "revision": 1,
            "open_report": open_report, "weekly_id": weekly.json["id"], "format": "csv",
            "kind": "rectification_notice", "device_id": "phone/1", "code": "ELEV", "version": 1, "name": "phone.js",
            **self._residents(issue), "closed_issue": closed, "document_id": notice, "issue_id": issue,
            "extension_id": asked.json["extensions"][0]["id"], "look_id": second_look(office, uuid.UUID(looked_at)),
            "flag_id": self._flag(report),
            "job_id": office.read(sa.select(Job.id).where(Job.kind.like("weekly%")))[0],
        }

    def _flag(self, report: str) -> uuid.UUID:
        """One on the report, as the worker raises it."""
        self.office.write(lambda db: raise_flag(
            db, "no-position", "report", uuid.UUID(report), report_id=uuid.UUID(report), numbers={"photos": 1}
        ))
        found: uuid.UUID = self.office.read(sa.select(Flag.id).where(Flag.report_id == uuid.UUID(report)))[0]
        return found

    def _residents(self, issue: str) -> dict[str, Any]:
        """What a resident answered about an issue, with a photo, and a link that holds."""
        turn_on(self.office)
        answered = put_question(self.office, issue, answer=ResidentsAnswer.YES, photo=jpeg(64, 48))
        code = put_question(self.office, issue).code
        return {"question_id": answered.id, "residents_code": code}

    def _closed(self, inspector: Someone, supervisor: Someone, contractor: Someone, letter: str, district: str) -> str:
        """An issue that went all the way round, so that there is each of its papers."""
        site = self.office.site(f"{letter}2", district=district, contractor=contractor_firm(self.office, contractor),
                                inspectors=(inspector,))
        data = jpeg(64, 48, seed=100 + ord(letter))
        photo = photo_entry(data, item="ELEV-A05")
        failed = {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]]}
        report = inspector.send(report_body(site, answers=[failed], photos=[photo]), {photo["id"]: data})["id"]
        issue: str = supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1}).json["issues"][0]
        assert supervisor.post(f"/issues/{issue}/notice").status_code == 201
        after_data = jpeg(64, 48, seed=200 + ord(letter))
        after = photo_entry(after_data)
        reply = {"id": str(new_id()), "measure": "已更换", "done_at": clock.now().isoformat(), "photos": [after]}
        assert contractor.post(f"/issues/{issue}/replies", reply).status_code == 201
        assert contractor.upload(reply["id"], after, after_data).status_code == 201
        verdict = {"result": "pass", "comment": "合格", "reason": "现场核对"}
        answer = supervisor.post(f"/issues/{issue}/verifications", verdict)
        assert answer.status_code == 201, answer.text
        return issue

    def path(self, route: str, relation: str, actor: Someone | None) -> str:
        """The route with ids of things in that relation to the actor."""
        things = dict(self.things[relation])
        if "{upload_id}" in route:
            things["upload_id"] = self._upload(things)
        if "{redaction_id}" in route:
            made = self.office.people["clerk"].post(f"/photos/{things['photo_id']}/redactions", BOXES)
            assert made.status_code == 201, made.text
            things["redaction_id"] = made.json["redactions"][-1]["id"]
        if "{hold_id}" in route:
            things["hold_id"] = self.office.people["clerk"].post("/holds", _hold(things)).json["id"]
        if "{message_id}" in route:
            own = self.messages[actor.id] if actor and relation == "own" else self.strangers_message
            things["message_id"] = own
        if "{export_id}" in route:
            things["export_id"] = self._export(actor if actor and relation == "own" else self.stranger)
        if " /r/" in route:
            things["code"] = things["residents_code"]
        if "{webhook_id}" in route or "{delivery_id}" in route:
            things["webhook_id"] = self._webhook()
        if "{delivery_id}" in route:
            things["delivery_id"] = self.boss.post(f"/webhooks/{things['webhook_id']}/test").json["id"]
        if route.endswith("/reviews"):
            things["report_id"] = things["open_report"]
        if "/reply." in route or "/verification." in route:
            things["issue_id"] = things["closed_issue"]
        return route.split(" ")[1].format_map(things)

    def _export(self, whose: Someone) -> str:
        made = whose.post("/exports", {"kind": "issues", "format": "csv"})
        assert made.status_code == 202, made.text
        export: str = made.json["id"]
        return export

    def _webhook(self) -> str:
        made = self.boss.post("/webhooks", _webhook_call(self, {})["json"])
        assert made.status_code == 201, made.text
        webhook: str = made.json["id"]
        return webhook

    def _upload(self, things: dict[str, Any]) -> str:
        photo = photo_entry(str(new_id()).encode())
        inspector: Someone = things["inspector"]
        made = inspector.upload(things["report_id"], photo, b"", **{"Upload-Length": "1000"})
        assert made.status_code == 201, made.text
        upload: str = made.headers["Location"].rsplit("/", 1)[1]
        return upload


def contractor_firm(office: SiteOffice, contractor: Someone) -> uuid.UUID:
    found: uuid.UUID = office.read(sa.select(Person.organisation_id).where(Person.id == contractor.id))[0]
    return found


TUS = {"Tus-Resumable": "1.0.0"}
BOXES = {"boxes": [{"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2}], "reason": "遮盖人脸"}
WORD = {
    "data": default_template(Kind.RECTIFICATION_NOTICE, "zh"), "headers": {"Content-Type": "application/octet-stream"},
}
CSV = {"data": "用户名,姓名,角色\n".encode(), "headers": {"Content-Type": "text/csv"}}


def _upload_call(_world: World, things: dict[str, Any]) -> dict[str, Any]:
    import base64

    photo = photo_entry(str(new_id()).encode())
    pairs = {"report": things["report_id"], "photo": photo["id"], "sha256": photo["sha256"], "filename": "x.jpg"}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return {"headers": {**TUS, "Upload-Length": "1000", "Upload-Metadata": metadata}}


Caller = Callable[[World, dict[str, Any]], dict[str, Any]]


def _hold(things: dict[str, Any]) -> dict[str, str]:
    """A new one each time: the same reason again is the same hold, which may be lifted by then."""
    return {"kind": "report", "id": str(things["report_id"]), "reason": f"案件 {uuid.uuid4()}"}


def _webhook_call(_world: World, _things: dict[str, Any]) -> dict[str, Any]:
    """An address that needs no look-up and is never called here: no worker runs."""
    url = "https://[2606:4700:4700::1111]/hook"
    return {"json": {"name": f"推送{uuid.uuid4()}", "url": url, "preset": "dingtalk"}}


# How to call what is not a plain GET: a body that would be taken, so that nothing but permission stands in the way.
CALLS: dict[str, Caller] = {
    "POST /api/v1/auth/login": lambda _w, t: {"json": {"username": t["spare"].username, "password": PASSWORD}},
    "POST /api/v1/auth/refresh": lambda w, t: {"headers": {"Authorization": "Bearer " + w.office.sign_in(
        t["spare"].username, t["spare"].id).tokens["refresh_token"]}},
    "POST /api/v1/auth/password": lambda _w, _t: {"json": {"code": "x", "new_password": "Another-horse-8"}},
    "POST /api/v1/auth/logout": lambda _w, _t: {},
    "POST /api/v1/me/password": lambda _w, _t: {"json": {"old_password": "not it", "new_password": PASSWORD}},
    "POST /api/v1/people": lambda _w, _t: {"json": {
        "username": f"n{uuid.uuid4().hex[:12]}", "name": "新人", "roles": ["inspector"]}},
    "POST /api/v1/people/import": lambda _w, _t: CSV,
    "PATCH /api/v1/people/{person_id}": lambda _w, _t: {"json": {"name": "改名"}},
    "POST /api/v1/people/{person_id}/password-reset": lambda _w, _t: {"json": {}},
    "POST /api/v1/people/{person_id}/handover": lambda w, _t: {"json": {"to": str(w.boss.id)}},
    "DELETE /api/v1/people/{person_id}/devices": lambda _w, _t: {},
    "DELETE /api/v1/people/{person_id}/devices/{device_id}": lambda _w, _t: {},
    "POST /api/v1/organisations": lambda _w, _t: {"json": {"name": f"单位{uuid.uuid4()}"}},
    "POST /api/v1/sites": lambda _w, t: {"json": {
        "code": uuid.uuid4().hex[:12], "name": "新小区", "district": t["district"]}},
    "POST /api/v1/sites/import": lambda _w, _t: CSV,
    "PATCH /api/v1/sites/{site_id}": lambda _w, _t: {"json": {"street": "迎泽大街"}},
    "PUT /api/v1/sites/{site_id}/assignments": lambda _w, t: {"json": {"person_ids": [str(t["inspector"].id)]}},
    "PATCH /api/v1/programme/policy": lambda _w, _t: {"json": {"stale_days": 14}},
    "POST /api/v1/calendar/import": lambda _w, _t: CSV,
    "PUT /api/v1/sites/{site_id}/limits": lambda _w, _t: {"json": {"items": {}}},
    "PUT /api/v1/reports/{report_id}": lambda _w, t: {"json": t["body"]},
    "POST /api/v1/reports/{report_id}/reviews": lambda _w, _t: {"json": {"decision": "approve", "revision": 1}},
    "POST /api/v1/flags/{flag_id}/answer": lambda _w, _t: {"json": {"text": "信号不好"}},
    "POST /api/v1/flags/{flag_id}/settlement": lambda _w, _t: {"json": {"reason": "已核实"}},
    "POST /api/v1/issues": lambda _w, t: {"json": {
        "site_id": t["site_id"], "description": "居民来电：路灯不亮", "severity": "minor", "source": "hotline"}},
    "PATCH /api/v1/issues/{issue_id}": lambda _w, _t: {"json": {"description": "三单元焊工无证"}},
    "POST /api/v1/notices": lambda _w, t: {"json": {"issue_ids": [str(t["issue_id"])]}},
    **{f"POST /api/v1/issues/{{issue_id}}/{word}": lambda _w, _t: {"json": {}} for word in (
        "submission", "discard", "notice", "acknowledgement")},
    **{f"POST /api/v1/issues/{{issue_id}}/{word}": lambda _w, _t: {"json": {"reason": "说明"}} for word in (
        "objection", "reopening", "affirmation", "void")},
    "POST /api/v1/issues/{issue_id}/objection/settlement": lambda _w, _t: {
        "json": {"result": "kept", "comment": "维持"}},
    "POST /api/v1/issues/{issue_id}/extensions": lambda _w, _t: {"json": {"reason": "雨天", "due_on": "2099-01-01"}},
    "POST /api/v1/issues/{issue_id}/extensions/{extension_id}/settlement": lambda _w, _t: {
        "json": {"result": "granted"}},
    "POST /api/v1/issues/{issue_id}/replies": lambda _w, _t: {"json": {
        "id": str(new_id()), "measure": "已更换", "done_at": "2026-11-20T10:00:00+08:00",
        "photos": [photo_entry(str(new_id()).encode())]}},
    "POST /api/v1/issues/{issue_id}/verifications": lambda _w, _t: {"json": {"result": "pass"}},
    "POST /api/v1/second-looks/{look_id}": lambda _w, _t: {"json": {"verdict": "agree"}},
    "POST /api/v1/issues/{issue_id}/follow-ups": lambda _w, _t: {"json": {"result": "holds"}},
    "POST /api/v1/issues/{issue_id}/residents": lambda _w, _t: {"json": {}},
    "POST /r/{code}": lambda _w, _t: {"data": {"answer": "yes"}, "content_type": "multipart/form-data"},
    "POST /api/v1/photos/{photo_id}/redactions": lambda _w, _t: {"json": BOXES},
    "POST /api/v1/photos/{photo_id}/redactions/{redaction_id}/lifting": lambda _w, _t: {"json": {"reason": "误遮"}},
    "POST /api/v1/holds": lambda _w, t: {"json": _hold(t)},
    "POST /api/v1/holds/{hold_id}/lifting": lambda _w, _t: {"json": {"reason": "案件已结"}},
    "POST /api/v1/uploads": _upload_call,
    "OPTIONS /api/v1/uploads": lambda _w, _t: {},
    "OPTIONS /api/v1/uploads/{upload_id}": lambda _w, _t: {},
    "HEAD /api/v1/uploads/{upload_id}": lambda _w, _t: {"headers": TUS},
    "PATCH /api/v1/uploads/{upload_id}": lambda _w, _t: {
        "data": io.BytesIO(b"x"),
        "headers": {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}},
    "DELETE /api/v1/uploads/{upload_id}": lambda _w, _t: {"headers": TUS},
    "POST /api/v1/documents": lambda _w, t: {"json": {"kind": "handover_list", "issue_ids": [str(t["issue_id"])]}},
    "PUT /api/v1/documents/templates/{kind}": lambda _w, _t: WORD,
    "DELETE /api/v1/documents/templates/{kind}": lambda _w, _t: {},
    "POST /api/v1/documents/templates/{kind}/preview": lambda _w, _t: WORD,
    "PATCH /api/v1/weekly-reports/{weekly_id}": lambda _w, _t: {"json": {"office": "专班"}},
    "POST /api/v1/weekly-reports/{weekly_id}/freeze": lambda _w, _t: {},
    "POST /api/v1/weekly-reports/{weekly_id}/sending": lambda _w, _t: {},
    "PUT /api/v1/weekly-recipients": lambda _w, _t: {"json": {"recipients": []}},
    "POST /api/v1/weekly-reports": lambda _w, _t: {"json": {"iso_year": 2026, "iso_week": 46}},
    "POST /api/v1/exports": lambda _w, _t: {"json": {"kind": "sites", "format": "xlsx"}},
    "DELETE /api/v1/exports/{export_id}": lambda _w, _t: {},
    "POST /api/v1/webhooks": _webhook_call,
    "PATCH /api/v1/webhooks/{webhook_id}": lambda _w, _t: {"json": {"enabled": False}},
    "DELETE /api/v1/webhooks/{webhook_id}": lambda _w, _t: {},
    "POST /api/v1/webhooks/{webhook_id}/test": lambda _w, _t: {},
    "POST /api/v1/deliveries/{delivery_id}/again": lambda _w, _t: {},
    "POST /api/v1/messages/{message_id}/read": lambda _w, _t: {"json": {}},
}


@pytest.fixture
def world(office: SiteOffice) -> World:
    return World(office)


def _routes(app: Flask) -> set[str]:
    """Every route of the application; HEAD beside a GET is that GET without its body."""
    from server.kit.http import _openapi_path

    pairs = {(method, _openapi_path(rule.rule)) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    return {f"{method} {path}" for method, path in pairs if method != "HEAD" or ("GET", path) not in pairs}


def _call(world: World, route: str, relation: str, actor: Someone | None, token: str | None) -> TestResponse:
    method, _, _ = route.partition(" ")
    make = CALLS.get(route)
    assert make is not None or method == "GET", f"{route}: CALLS does not say how to call it"
    options = make(world, world.things[relation]) if make else {}
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
    path = world.path(route, relation, actor)
    answer = world.office.app.test_client().open(path, method=method, headers=headers, **options)
    answer.get_data()
    return answer


def _outcome(answer: TestResponse) -> str:
    """401, 403, 404, or ok for what was let through; a thing that is seen but not made yet is let through."""
    if answer.status_code == 404 and answer.data and answer.is_json and answer.json["code"] != "not-found":
        return "ok"
    if answer.status_code >= 500:
        return str(answer.status_code)
    return str(answer.status_code) if answer.status_code in {401, 403, 404} else "ok"


def _expected(said: list[str], role: str, relation: str) -> str:
    cell = said[ROLES.index(role)] if len(said) > 1 else said[0]
    own, _, other = cell.partition("/")
    return own if relation == "own" or not other else other


def test_the_application_the_permissions_and_this_table_name_the_same_routes(app: Flask) -> None:
    routes = _routes(app)
    assert routes - set(permissions.MAY) == set()
    assert set(permissions.MAY) - routes == set()
    assert set(EXPECTED) == set(permissions.MAY)
    assert all(said == ["anybody"] or len(said) == len(ROLES) for said in EXPECTED.values())
    assert tuple(Role) == ROLES


def test_the_table_and_the_permissions_agree_on_who_may(app: Flask) -> None:
    """A role that is let through somewhere is named in MAY, and one that is not named never is."""
    for route, said in EXPECTED.items():
        if said == ["anybody"]:
            assert permissions.MAY[route] == permissions.ANYBODY, route
            assert app.extensions["dudao"].endpoints[route].public, route
            continue
        assert not app.extensions["dudao"].endpoints[route].public, route
        let_in = {role for role in ROLES if "ok" in _expected(said, role, "own")}
        assert let_in <= set(permissions.MAY[route]), route


def test_every_route_answers_every_role_as_the_table_says(world: World) -> None:
    wrong = []
    for route, said in EXPECTED.items():
        if said == ["anybody"]:
            continue
        for role in ROLES:
            someone = world.actors[role]
            for relation in ("own", "other"):
                tokens = someone.tokens
                if route.endswith("/logout"):
                    tokens = world.office.sign_in(someone.username, someone.id).tokens
                token = tokens["access_token"]
                answer = _call(world, route, relation, someone, token)
                found, wanted = _outcome(answer), _expected(said, role, relation)
                if found != wanted:
                    wrong.append(f"{route} as {role}, {relation}: {answer.status_code} instead of {wanted}: "
                                 f"{answer.get_data(as_text=True)[:200]}")
    assert not wrong, "\n".join(wrong)


def test_without_a_good_token_every_route_but_the_open_ones_is_401(world: World) -> None:
    wrong = []
    for route, said in EXPECTED.items():
        for token in (None, "a.b.c"):
            answer = _call(world, route, "own", None, token)
            found, wanted = _outcome(answer), "ok" if said == ["anybody"] else "401"
            if found != wanted:
                wrong.append(f"{route} with {token}: {answer.status_code} instead of {wanted}")
    assert not wrong, "\n".join(wrong)


def test_an_id_that_is_nobodys_is_404_for_whoever_may_ask(world: World) -> None:
    wrong = []
    for route in EXPECTED:
        if "_id}" not in route or route.startswith(("OPTIONS", "PUT /api/v1/reports")):
            continue
        things = world.things["own"]
        nothing = {**things, **{key: str(uuid.uuid4()) for key in things if key.endswith("_id")},
                   "upload_id": str(uuid.uuid4()), "message_id": str(uuid.uuid4()),
                   "webhook_id": str(uuid.uuid4()), "delivery_id": str(uuid.uuid4()), "export_id": str(uuid.uuid4()),
                   "redaction_id": str(uuid.uuid4()), "hold_id": str(uuid.uuid4()), "device_id": "phone-9"}
        method, _, path = route.partition(" ")
        for role in ROLES:
            options = CALLS[route](world, things) if route in CALLS else {}
            answer = world.actors[role].ask(method, path.format_map(nothing), **options)
            if answer.status_code != 404:
                wrong.append(f"{route} as {role}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_list_shows_what_is_in_reach_and_nothing_else(world: World) -> None:
    wrong = []
    for path, main, *said in _rows(LISTS):
        for role, wanted in zip(ROLES, said, strict=True):
            answer = world.actors[role].get(path)
            if wanted == "-" or answer.status_code != 200:
                if (wanted, answer.status_code) != ("-", 403):
                    wrong.append(f"{path} as {role}: {answer.status_code}")
                continue
            shown = answer.get_data(as_text=True)
            for relation in ("own", "other"):
                things = world.things[relation]
                if wanted in {"all", relation}:
                    if str(things[main]) not in shown:
                        wrong.append(f"{path} as {role} leaves out {relation} {main}")
                else:
                    ids = ("site_id", "report_id", "issue_id", "photo_id", "weekly_id", "document_id")
                    wrong += [f"{path} as {role} shows {relation} {key}" for key in ids if str(things[key]) in shown]
    assert not wrong, "\n".join(wrong)


def test_ids_inside_bodies_are_held_to_the_same_reach(world: World) -> None:
    """Another's site in a report, another's photo id, another's district in a site or a week."""
    inspector, supervisor = world.actors["inspector"], world.actors["supervisor"]
    other = world.things["other"]
    stolen = inspector.put(f"/reports/{new_id()}", report_body(other["site_id"]))
    unknown = inspector.put(f"/reports/{new_id()}", report_body(new_id()))
    assert stolen.status_code == unknown.status_code
    assert stolen.status_code in {404, 422}
    assert stolen.json["code"] == unknown.json["code"]
    moved = supervisor.patch(f"/sites/{world.things['own']['site_id']}", {"district": JINYUAN})
    assert moved.status_code in {403, 404, 422}
    assert supervisor.get(f"/reports?site={other['site_id']}").json["items"] == []
    assert supervisor.get(f"/reports?district={JINYUAN}").json["items"] == []
    assert supervisor.get(f"/issues?district={JINYUAN}").json["items"] == []
    assert inspector.get(f"/reports?inspector={other['inspector'].id}").json["items"] == []


def test_the_weekly_report_of_the_city_is_not_a_districts(world: World) -> None:
    weekly = world.boss.post("/weekly-reports", {"iso_year": 2026, "iso_week": 45}).json["id"]
    assert world.actors["supervisor"].get(f"/weekly-reports/{weekly}").status_code == 404
    assert world.actors["office"].get(f"/weekly-reports/{weekly}").status_code == 200
    assert len(world.office.read(sa.select(WeeklyReport.id))) == 3
