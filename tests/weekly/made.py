"""Rows of a week made by hand: sites with their history, reports as received, issues with every step."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.issues.models import Issue, IssueEvent
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.programme.models import SiteState
from server.programme.rules import Stage
from server.reports.models import Report, Revision
from server.reports.rules import State, Visit
from tests.factories import YINGZE, SiteOffice


def at(day: str, time: str = "12:00") -> datetime:
    """A moment by the clock of Asia/Shanghai: `at("11-17", "23:59:59.999999")` in 2026, or with a year."""
    day = day if day.count("-") == 2 else f"2026-{day}"
    return datetime.fromisoformat(f"{day}T{time}+08:00").astimezone(UTC)


class Made:
    """Writes what happened into the programme of a test, without the weeks it took."""

    def __init__(self, office: SiteOffice) -> None:
        self.office = office
        self.inspector, self.contractor, self.firm = new_id(), new_id(), new_id()
        self.numbers = 0

        def people(db: Session) -> None:
            db.add(Person(id=self.inspector, username="li", name="李督导", active=True, created_at=clock.now()))
            db.add(Organisation(id=self.firm, name="示例施工甲公司", kind="contractor"))

        office.write(people)

    def site(
        self, name: str, *history: tuple[datetime, Stage, int], district: str = YINGZE, households: int = 100,
        planned_yuan: int = 1_000_000, **values: Any,
    ) -> uuid.UUID:
        """A site and its states: (from when on, stage, yuan invested)."""
        site_id = self.office.site(name, district=district, stage=history[-1][1], contractor=self.firm, **values)
        states = [
            {"site_id": site_id, "at": moment, "by": None, "stage": stage, "carried_out": stage is not Stage.NOT_STARTED,
             "households": households, "investment_planned_fen": planned_yuan * 100, "investment_done_fen": yuan * 100}
            for moment, stage, yuan in history
        ]
        self.office.write(lambda db: db.execute(sa.insert(SiteState), states))
        return site_id

    def report(
        self, site_id: uuid.UUID, received: datetime, state: State = State.APPROVED, *, passed: int = 1, failed: int = 0,
        district: str = YINGZE, checklist: str = "ELEV", finished: datetime | None = None,
        corrected: datetime | None = None, visit: Visit | None = Visit.UNANNOUNCED,
    ) -> uuid.UUID:
        """A report whose first receipt was given at `received`; `corrected` is when a correction's receipt was."""
        report_id, done = new_id(), finished or received - timedelta(hours=1)
        self.numbers += 1
        number = f"{district}-R{self.numbers:03d}"

        def write(db: Session) -> None:
            db.add(Report(
                id=report_id, number=number, inspector_id=self.inspector, site_id=site_id, district_code=district,
                checklist_code=checklist, checklist_version=1, revision=2 if corrected else 1, state=state, visit=visit,
                started_at=done - timedelta(hours=1), finished_at=done, received_at=received,
                submitted_at=None if state is State.INCOMPLETE else corrected or received, first_submitted_at=received,
                passed=passed, failed=failed,
            ))
            db.flush()
            for revision, moment in enumerate([received, corrected] if corrected else [received], 1):
                db.add(Revision(
                    report_id=report_id, revision=revision, content="{}", digest="0" * 64, received_at=moment,
                    receipt_at=moment, receipt_number=f"{number}-R{revision}", verdicts={},
                    correction_reason="笔误" if revision == 2 else None,
                ))

        self.office.write(write)
        return report_id

    def issue(
        self, site_id: uuid.UUID, report_id: uuid.UUID, created: datetime, due: str,
        steps: Iterable[tuple[datetime, IssueState]] = (), *, severity: Severity = Severity.MINOR,
        district: str = YINGZE, checklist: str = "ELEV", description: str = "护栏松动", recurs: bool = False,
        state: IssueState | None = None,
    ) -> uuid.UUID:
        """An issue with its whole history; `state` (and only that) may be made to disagree with it."""
        issue_id = new_id()
        self.numbers += 1
        path = [(created, IssueState.PENDING_ISSUE), *steps]
        final = state or path[-1][1]
        issued = [moment for moment, came in path if came is IssueState.ISSUED]

        def write(db: Session) -> None:
            db.add(Issue(
                id=issue_id, number=f"{district}-{self.numbers:04d}", state=final, site_id=site_id,
                district_code=district, report_id=report_id, item=f"{checklist}-{self.numbers}",
                checklist_code=checklist, checklist_version=1, severity=severity, description=description,
                due_on=_day(due), first_due_on=_day(due), contractor_id=self.firm, opened_by=self.inspector,
                recurrence_of=new_id() if recurs else None, created_at=created, issued_at=issued[0] if issued else created,
                closed_at=path[-1][0] if final is IssueState.CLOSED else None, replied_by=self.contractor,
                closed_by=self.inspector if final is IssueState.CLOSED else None, changed_at=path[-1][0],
            ))
            db.flush()
            before: str | None = None
            for moment, came in path:
                db.add(IssueEvent(issue_id=issue_id, at=moment, by=self.inspector, verb=came.value, from_state=before,
                                  to_state=came.value, facts={}))
                db.flush()
                before = came.value

        self.office.write(write)
        return issue_id


def _day(text: str) -> date:
    return date.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")
