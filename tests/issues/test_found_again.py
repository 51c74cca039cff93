"""An approval that finds a failure again at the moment at which its issue is closed: nothing is lost, no history bends."""

from __future__ import annotations

import threading
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.issues.models import Issue, IssueEvent
from server.issues.moving import locked, make
from server.issues.rules import Move
from server.kit.actor import Actor
from server.kit.ids import new_id
from tests.city import until
from tests.factories import report_body
from tests.issues.loop import ITEM, Loop, taken


def test_what_is_found_again_while_its_issue_is_closed_opens_a_new_one(loop: Loop) -> None:
    first = loop.replied()
    photo, data = loop.picture(item=ITEM)
    failed = {"item": ITEM, "value": "fail", "note": "焊工无证上岗", "photos": [photo["id"]]}
    report = loop.wang.send(report_body(loop.site, answers=[failed], photos=[photo]), {photo["id"]: data})
    answers = []

    def approve() -> None:
        answers.append(loop.su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1}))

    second = threading.Thread(target=approve)
    closer = Actor(id=new_id(), username="x", name="x", roles=frozenset())
    sqlite = loop.office.database.is_sqlite

    def close(db: Session) -> None:
        issue = locked(db, uuid.UUID(first))
        if not second.ident:
            second.start()
            if not sqlite:  # which has one writer: there it comes after
                until(lambda: _waits(loop), "the approval waits for the issue")
        make(db, closer, issue, Move.PASS)

    with loop.office.app.app_context():
        loop.office.write(close)
    second.join(30)
    new = taken(answers[0])["issues"]
    assert len(new) == 1
    assert loop.look(new[0])["recurrence_of"] == first
    last = sa.select(IssueEvent.to_state).where(IssueEvent.issue_id == uuid.UUID(first)).order_by(IssueEvent.id.desc())
    assert loop.office.read(last.limit(1)) == loop.office.read(sa.select(Issue.state).where(Issue.id == uuid.UUID(first)))


def _waits(loop: Loop) -> bool:
    with loop.office.database.engine.connect() as connection:
        query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        return bool(connection.exec_driver_sql(query).scalar_one())
