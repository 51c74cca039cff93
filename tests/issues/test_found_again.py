"""An approval that finds a failure again, at the moment at which its issue is closed or after it: nothing is lost, no
history bends, nothing is opened twice."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.issues.models import Issue, IssueEvent
from server.issues.moving import locked, make
from server.issues.rules import Move
from server.kit import clock
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


def test_a_correction_of_the_report_does_not_open_again_what_was_put_right_meanwhile(loop: Loop) -> None:
    issue = loop.closed()
    report = loop.look(issue)["report_id"]
    content = loop.su.get(f"/reports/{report}").json["content"]
    newly = {"item": "ELEV-A04", "value": "fail", "note": "无警示标志", "photos": content["answers"][0]["photos"]}
    answers = [*content["answers"], newly]
    corrected = {**content, "revision": 2, "summary": "改正错字", "answers": answers, "correction_reason": "错字"}
    taken(loop.wang.put(f"/reports/{report}", corrected))
    found = taken(loop.su.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 2}))["issues"]
    assert loop.look(issue)["state"] == "closed"
    there = {one["id"]: one["item"] for one in loop.su.get(f"/issues?site={loop.site}").json["items"]}
    assert sorted(there.values()) == ["ELEV-A04", ITEM]  # the old one, and the failure that the correction adds
    assert set(found) == set(there)


def test_a_day_that_was_proposed_and_is_past_at_the_approval_gives_way_to_the_usual_one(loop: Loop) -> None:
    today = clock.today()
    late = loop.look(loop.opened(issue={"due_on": (today - timedelta(days=1)).isoformat()}))
    assert late["due_on"] == late["first_due_on"] > today.isoformat()
    assert late["overdue"] is False
    there = loop.look(loop.opened("ELEV-A04", issue={"due_on": (today + timedelta(days=20)).isoformat()}))
    assert there["due_on"] == (today + timedelta(days=20)).isoformat()


def _waits(loop: Loop) -> bool:
    with loop.office.database.engine.connect() as connection:
        query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        return bool(connection.exec_driver_sql(query).scalar_one())
