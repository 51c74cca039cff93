"""Weeks of a city for bench/weekly.py: visits with photos, issues, notices, replies with pairs, verifications, all from
one seed. Half as many issues as visits; nine of ten are closed again, one verification of five fails at first."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from server.accounts.models import Person
from server.checklists import files as checklist_files
from server.checklists.service import publish
from server.documents.models import Document
from server.documents.rules import Kind
from server.issues.models import Issue, IssueDocument, IssueEntry, IssueEvent, IssuePair, IssuePhoto
from server.issues.rules import EntryKind, EntryState, IssueState, Result
from server.kit import clock
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.photos.models import Original, Photo
from server.programme.models import Site
from server.reports.models import Report
from server.reports.rules import State, Visit
from server.residents.models import Question
from server.weekly.rules import Week

CHECKLISTS = ("ELEV", "FACADE", "ROAD", "SAFE", "CABLE", "PARK")
PHOTOS = 4  # of a visit
ORDER = (Report, Original, Photo, Issue, IssueEvent, IssueEntry, IssuePhoto, IssuePair, Document, IssueDocument, Question)
S = IssueState
Rows = dict[Any, list[dict[str, Any]]]


def fill(app: Flask, per_week: int, weeks: list[Week]) -> None:
    """The sample programme, and what happened in these weeks."""
    runner = app.test_cli_runner()
    assert runner.invoke(args=["sample", "load"]).exit_code == 0
    database = app.extensions["dudao"].database
    database.write(lambda db: publish(db, checklist_files.read_all()))
    people = [
        Person(id=new_id(), username=f"bench{n}", name=name, active=True, created_at=clock.now())
        for n, name in enumerate(("王督导", "张工", "李主任"))
    ]
    ids = [person.id for person in people]
    database.write(lambda db: db.add_all(people))
    with database.read() as db:
        sites = db.execute(sa.select(Site.id, Site.district_code, Site.contractor_id).order_by(Site.code)).all()
    city = _City(random.Random(47), sites, ids)
    for week in weeks:
        rows = city.week(week, per_week)
        for table in ORDER:
            for start in range(0, len(rows[table]), 5000):
                part = rows[table][start:start + 5000]
                database.write(lambda db, table=table, part=part: db.execute(sa.insert(table), part))


class _City:
    def __init__(self, dice: random.Random, sites: Any, people: list[uuid.UUID]) -> None:
        self.dice, self.sites = dice, sites
        self.inspector, self.firm, self.supervisor = people
        self.serial, self.taken = 0, set[tuple[uuid.UUID, str]]()

    def week(self, week: Week, per_week: int) -> Rows:
        rows: Rows = defaultdict(list)
        for n in range(per_week):
            site, code = self.dice.choice(self.sites), self.dice.choice(CHECKLISTS)
            at = week.start + timedelta(seconds=self.dice.randrange(7 * 86400))
            report = self._report(site, code, at)
            rows[Report].append(report)
            photos = [self._photo(rows, self.inspector, at) for _ in range(PHOTOS)]
            item = f"{code}-{self.dice.choice('ABC')}{self.dice.randrange(10_000):02d}"
            if n % 2 == 0 and (site.id, item) not in self.taken:
                self.taken.add((site.id, item))
                self._issue(rows, site, report, item, photos[:2])
        return rows

    def _report(self, site: Any, code: str, at: datetime) -> dict[str, Any]:
        return {
            "id": new_id(), "number": uuid.uuid4().hex, "inspector_id": self.inspector, "site_id": site.id,
            "district_code": site.district_code, "checklist_code": code, "checklist_version": 1, "revision": 1,
            "state": self.dice.choice([State.APPROVED, State.APPROVED, State.SUBMITTED]), "visit": Visit.ROUTINE,
            "started_at": at - timedelta(hours=30), "finished_at": at - timedelta(hours=29), "received_at": at,
            "submitted_at": at, "first_submitted_at": at, "passed": 18, "failed": 2, "not_applicable": 1,
            "unanswered": 0, "has_critical": False, "photos_expected": PHOTOS, "photos_received": PHOTOS,
        }

    def _photo(self, rows: Rows, owner: uuid.UUID, at: datetime) -> uuid.UUID:
        photo_id = new_id()
        sha256 = hashlib.sha256(photo_id.bytes).hexdigest()
        rows[Original].append({"sha256": sha256, "size": 3_500_000, "media_type": "image/jpeg", "width": 4032,
                               "height": 3024, "stored_at": at})
        rows[Photo].append({"id": photo_id, "owner_id": owner, "sha256": sha256, "filename": "照片.jpg", "received_at": at})
        return photo_id

    def _issue(self, rows: Rows, site: Any, report: dict[str, Any], item: str, before: list[uuid.UUID]) -> None:
        dice, issue_id, opened = self.dice, new_id(), report["received_at"] + timedelta(hours=5)
        issued, due = opened + timedelta(hours=1), clock.day_of(opened) + timedelta(days=dice.choice([3, 7]))
        path = [("opened", None, S.PENDING_ISSUE, opened, self.supervisor),
                ("notice", S.PENDING_ISSUE, S.ISSUED, issued, self.supervisor)]
        round_, at = 1, issued
        ends = dice.random() < 0.9
        while ends and path[-1][2] is not S.CLOSED:
            at += timedelta(hours=dice.randrange(12, 150))
            passed = round_ > 1 or dice.random() < 0.8
            after = self._photo(rows, self.firm, at)
            steps = [
                ("acknowledge", path[-1][2], S.RECTIFYING, at - timedelta(hours=6), self.firm),
                ("reply", S.RECTIFYING, S.PENDING_VERIFICATION, at, self.firm),
                ("pass" if passed else "fail", S.PENDING_VERIFICATION, S.CLOSED if passed else S.REJECTED,
                 at + timedelta(hours=9), self.supervisor),
            ]
            come = [step for step in steps if step[3] <= clock.now()]
            path += come
            self._entries(rows, issue_id, round_, [step for step in come if step[0] != "acknowledge"])
            if len(come) > 1:
                rows[IssuePair].append({"issue_id": issue_id, "round": round_, "position": 0,
                                        "before_photo_id": before[0], "after_photo_id": after})
                rows[IssuePhoto].append({"issue_id": issue_id, "photo_id": after, "kind": "after",
                                         "position": 10 + round_, "captured_at": at})
            if len(come) < 3:
                break
            round_, at = round_ + (not passed), at + timedelta(hours=9)
        last = path[-1]
        closed = last[2] is S.CLOSED
        rows[Issue].append({
            "id": issue_id, "number": uuid.uuid4().hex, "site_id": site.id, "district_code": site.district_code,
            "report_id": report["id"], "item": item, "checklist_code": report["checklist_code"], "checklist_version": 1,
            "severity": dice.choices(list(Severity), [70, 25, 5])[0], "description": "护栏高度不足1.05米,局部松动",
            "due_on": due, "first_due_on": due, "contractor_id": site.contractor_id, "opened_by": self.supervisor,
            "created_at": opened, "issued_at": issued, "closed_at": last[3] if closed else None, "state": last[2],
            "round": round_, "replied_by": self.firm if len(path) > 3 else None, "changed_by": last[4],
            "closed_by": self.supervisor if closed else None, "changed_at": last[3],
        })
        rows[IssueEvent].extend(
            {"issue_id": issue_id, "at": when, "by": by, "round": 1, "verb": verb, "from_state": came and came.value,
             "to_state": to.value, "facts": {}}
            for verb, came, to, when, by in path
        )
        rows[IssuePhoto].extend(
            {"issue_id": issue_id, "photo_id": photo, "kind": "before", "position": n, "captured_at": report["finished_at"]}
            for n, photo in enumerate(before)
        )
        self._notice(rows, site, issue_id, issued)
        if closed and dice.random() < 0.3:
            rows[Question].append({"id": new_id(), "issue_id": issue_id, "round": round_, "created_at": last[3],
                                   "expires_at": last[3] + timedelta(days=14)})

    def _entries(self, rows: Rows, issue_id: uuid.UUID, round_: int, steps: list[Any]) -> None:
        for verb, _, _, when, by in steps:
            reply = verb == "reply"
            rows[IssueEntry].append({
                "id": new_id(), "kind": EntryKind.REPLY if reply else EntryKind.VERIFICATION, "issue_id": issue_id,
                "round": round_, "state": EntryState.COMPLETE, "by": by, "content": "{}" + " " * 600, "digest": "0" * 64,
                "received_at": when, "receipt_at": when, "doubts": [], "result": None if reply else Result(verb),
                "replied_by": None if reply else self.firm, "measure": "更换护栏立柱并重新焊接" if reply else None,
                "responsible_person": "赵工" if reply else None, "done_at": when if reply else None,
            })

    def _notice(self, rows: Rows, site: Any, issue_id: uuid.UUID, at: datetime) -> None:
        """Three issues to a paper."""
        self.serial += 1
        if self.serial % 3 == 1 or not rows[Document]:
            rows[Document].append({
                "id": new_id(), "kind": Kind.RECTIFICATION_NOTICE, "year": clock.day_of(at).year, "serial": self.serial,
                "number": f"并老改督〔{clock.day_of(at).year}〕{self.serial}号", "site_id": site.id,
                "district_code": site.district_code, "content": {"text": "整改" * 400}, "issued_at": at,
            })
        rows[IssueDocument].append({"issue_id": issue_id, "document_id": rows[Document][-1]["id"], "round": 1})
