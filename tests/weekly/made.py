"""Rows of a week made by hand: sites with their history, reports as received, issues with every step."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.documents.models import Document
from server.documents.rules import Kind
from server.issues.models import Issue, IssueDocument, IssueEntry, IssueEvent, IssuePair, IssuePhoto
from server.issues.rules import MOVES, EntryKind, EntryState, IssueState, Move, Result
from server.kit import clock
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.photos.models import Original, Photo
from server.programme.models import SiteState
from server.programme.rules import Stage
from server.reports.models import Report, Revision
from server.reports.rules import State, Visit
from tests.factories import YINGZE, SiteOffice

S = IssueState


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
            db.add(Person(id=self.contractor, username="zhao", name="赵工", active=True, created_at=clock.now()))
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

    def story(
        self, site_id: uuid.UUID, report_id: uuid.UUID | None, opened: datetime, due: str,
        moves: Iterable[tuple[datetime, Move]] = (), *, first_due: str | None = None, draft: bool = False,
        severity: Severity = Severity.MINOR, district: str = YINGZE, item: str = "ELEV-A05",
    ) -> uuid.UUID:
        """An issue brought along by moves of the table, with the replies and verifications that made them. Its due date
        may be a later one than the first."""
        issue_id, state, round_ = new_id(), S.DRAFT if draft else S.PENDING_ISSUE, 1
        self.numbers += 1
        events: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []

        def note(moment: datetime, verb: str, before: S | None, after: S | None) -> None:
            events.append({
                "issue_id": issue_id, "at": moment, "by": self.inspector, "round": round_, "verb": verb,
                "from_state": before.value if before else None, "to_state": after.value if after else None, "facts": {},
            })

        note(opened, "drafted" if draft else "opened", None, None if draft else state)
        created, last, issued = opened, opened, None
        for moment, move in moves:
            came = MOVES[move].to or state
            assert state in MOVES[move].states, (move, state)
            if move in {Move.REPLY, Move.PASS, Move.FAIL}:
                entries.append(self._entry(issue_id, move, moment, round_))
            discarded = move is Move.DISCARD
            note(moment, move.value, None if discarded else state, None if discarded else came)
            created = moment if move is Move.SUBMIT else created
            issued = moment if move is Move.NOTICE else issued
            round_ += came is not state and came in {S.REJECTED, S.REOPENED}
            state, last = came, moment

        def write(db: Session) -> None:
            db.add(Issue(
                id=issue_id, number=f"{district}-{self.numbers:04d}", state=state, site_id=site_id,
                district_code=district, report_id=report_id, item=item,
                checklist_code=item.partition("-")[0], checklist_version=1, severity=severity, description="护栏松动",
                due_on=_day(due), first_due_on=_day(first_due or due), contractor_id=self.firm, opened_by=self.inspector,
                created_at=created, issued_at=issued or created, round=round_,
                closed_at=last if state is S.CLOSED else None, replied_by=self.contractor,
                closed_by=self.inspector if state is S.CLOSED else None, changed_at=last,
            ))
            db.flush()
            db.execute(sa.insert(IssueEvent), events)
            if entries:
                db.execute(sa.insert(IssueEntry), entries)

        self.office.write(write)
        return issue_id

    def _entry(self, issue_id: uuid.UUID, move: Move, moment: datetime, round_: int) -> dict[str, Any]:
        reply = move is Move.REPLY
        return {
            "id": new_id(), "kind": EntryKind.REPLY if reply else EntryKind.VERIFICATION, "issue_id": issue_id,
            "round": round_, "state": EntryState.COMPLETE, "by": self.contractor if reply else self.inspector,
            "content": "{}", "digest": "0" * 64, "received_at": moment - timedelta(hours=1), "receipt_at": moment,
            "doubts": [], "result": None if reply else Result(move.value),
            "replied_by": None if reply else self.contractor, "measure": f"第{round_}次整改" if reply else None,
            "responsible_person": "孙工" if reply else None, "done_at": moment - timedelta(days=1) if reply else None,
        }

    def photo(self, issue_id: uuid.UUID, kind: str, position: int, captured: datetime | None = None) -> uuid.UUID:
        """A photo of an issue, its bytes known by their sum alone."""
        photo_id = new_id()
        sha256 = hashlib.sha256(photo_id.bytes).hexdigest()

        def write(db: Session) -> None:
            db.add(Original(sha256=sha256, size=1, media_type="image/jpeg", stored_at=clock.now()))
            db.flush()
            db.add(Photo(id=photo_id, owner_id=self.inspector, sha256=sha256, received_at=clock.now()))
            db.add(IssuePhoto(issue_id=issue_id, photo_id=photo_id, kind=kind, position=position, captured_at=captured))

        self.office.write(write)
        return photo_id

    def pair(self, issue_id: uuid.UUID, before: uuid.UUID | None, after: uuid.UUID, *, round_: int = 1, no: int = 0) -> None:
        self.office.write(lambda db: db.add(IssuePair(
            issue_id=issue_id, round=round_, position=no, before_photo_id=before, after_photo_id=after,
        )))

    def paper(
        self, kind: Kind, issued: datetime, *issue_ids: uuid.UUID, district: str = YINGZE
    ) -> tuple[uuid.UUID, str]:
        """A numbered paper over these issues: its id and number."""
        paper_id = new_id()
        self.numbers += 1
        number = f"〔{issued.year}〕{self.numbers}号"

        def write(db: Session) -> None:
            db.add(Document(
                id=paper_id, kind=kind, year=issued.year, serial=self.numbers, number=number, district_code=district,
                content={}, issued_at=issued,
            ))
            db.flush()
            db.add_all(IssueDocument(issue_id=issue_id, document_id=paper_id, round=1) for issue_id in issue_ids)

        self.office.write(write)
        return paper_id, number


def _day(text: str) -> date:
    return date.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")
