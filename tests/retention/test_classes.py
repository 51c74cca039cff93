"""Positions, sign-ins, openings and messages: what each rule takes, what stays, one line of the record for each person and
day."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from server.accounts.models import Device, RefreshToken, SignIn
from server.audit.models import AuditEvent
from server.evidence.custody import service as custody
from server.evidence.custody.models import OriginalOpening
from server.evidence.facts.models import DeviceClock, DeviceFix
from server.kit import clock
from server.kit.ids import new_id
from server.messages.models import Delivery, Message
from server.messages.rules import Channel, DeliveryState
from tests.evidence.custody.site import GAP, spool_of
from tests.factories import PASSWORD, report_body
from tests.retention.keeping import YEAR, Keeping


def test_ways_and_clocks_of_decided_reports_go_by_person_and_day(keeping: Keeping) -> None:
    keeping.done()
    for one in (keeping.wang, keeping.wang, keeping.zhao):
        report = one.send(report_body(keeping.site))["id"]
        keeping.su.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
    waiting = keeping.wang.send(report_body(keeping.site))["id"]
    keeping.work_off()
    count = Counter(keeping.office.read(sa.select(DeviceFix.report_id)))
    keeping.rule(positions=100)
    keeping.later(102)
    plan = keeping.apply("positions")
    left = {str(one) for one in keeping.office.read(sa.select(DeviceFix.report_id))}
    assert left == {waiting}, "one that nobody has decided keeps its way"
    assert keeping.office.read(sa.select(DeviceClock)) == []
    gone = sum(many for report, many in count.items() if str(report) != waiting)
    assert plan["rows"] == gone + 1
    lines = keeping.record("positions")
    by_person = {one.person_id: one.count for one in lines if one.object_kind == "positions"}
    assert len([one for one in lines if one.object_kind == "positions"]) == 2
    assert set(by_person) == {keeping.wang.id, keeping.zhao.id}
    assert sum(by_person.values()) == gone
    assert [(one.object_kind, one.object_id, one.count) for one in lines if one.person_id is None] == [("clock", "phone-1", 1)]
    assert all(one.day for one in lines if one.person_id)


def test_sign_ins_that_ended_go_and_then_their_devices(keeping: Keeping) -> None:
    phone = {"username": "wang", "password": PASSWORD, "device": {"id": "old-phone", "name": "旧手机"}}
    client = keeping.office.app.test_client()
    tokens = client.post("/api/v1/auth/login", json=phone).json
    client.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    keeping.rule(sign_ins=200)
    keeping.later(199)
    assert keeping.plan("sign_ins")["rows"] == 0, "a token that has not been swept could still be presented"
    keeping.job("accounts-sweep")
    assert keeping.plan("sign_ins")["rows"] == 0
    keeping.later(3)
    keeping.job("accounts-sweep")
    assert keeping.plan("sign_ins")["rows"] == 1, "the one that was ended; the others ran out 60 days after they began"
    keeping.later(100)
    keeping.job("accounts-sweep")
    alive = set(keeping.office.read(sa.select(RefreshToken.sign_in_id)))
    keeping.apply("sign_ins")
    assert set(keeping.office.read(sa.select(SignIn.id))) >= alive
    assert keeping.min.get("/me").status_code == 200
    assert keeping.office.read(sa.select(Device.id)) == ["old-phone"], "in the plan it still had a sign-in"
    assert keeping.apply("sign_ins")["rows"] == 1
    assert keeping.office.read(sa.select(Device.id)) == []
    assert {one.object_kind for one in keeping.record("sign_ins")} == {"sign_in", "device"}
    fresh = client.post("/api/v1/auth/login", json=phone)
    assert fresh.status_code == 200, "the phone is met anew"


def test_the_index_of_openings_goes_and_the_trail_stays(keeping: Keeping) -> None:
    keeping.done()
    photo = next(iter(keeping.photos()))
    keeping.su.get(f"/photos/{photo}/original")
    spool_of(keeping.office).settle()
    keeping.rule(openings=90)
    keeping.later(100)
    assert keeping.plan("openings")["rows"] == 0, "what is not in the trail yet stays, be it ever so old"
    custody.write_trail(keeping.office.database, GAP)
    assert keeping.apply("openings")["rows"] == 1
    assert keeping.office.read(sa.select(OriginalOpening)) == []
    (event,) = keeping.office.read(sa.select(AuditEvent).where(AuditEvent.verb == "originals_opened"))
    assert event.facts["photos"][0]["id"] == str(photo)
    (line,) = keeping.record("openings")
    assert (line.object_kind, line.object_id, line.count) == ("photo", str(photo), 1)
    steps = keeping.su.get(f"/photos/{photo}/custody").json["steps"]
    assert [one["kind"] for one in steps][-1] == "openings_removed"
    assert "opened" not in [one["kind"] for one in steps]


def test_messages_that_were_read_and_mail_that_arrived_go(keeping: Keeping) -> None:
    keeping.done()
    unread = len(keeping.office.read(sa.select(Message.id)))
    read = keeping.jia.get("/messages").json["items"]
    for message in read:
        keeping.jia.post(f"/messages/{message['id']}/read")
    for state in (DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.PARKED):
        keeping.office.write(lambda db, state=state: db.add(Delivery(
            id=new_id(), channel=Channel.EMAIL, address="office@example.cn", outlet="email", key=state.value,
            kind="issue-closed", facts={}, state=state, created_at=clock.now(),
            sent_at=clock.now() if state is DeliveryState.SENT else None,
            why="410" if state is DeliveryState.PARKED else None,
        )))
    keeping.rule(messages=YEAR)
    keeping.later(YEAR + 2)
    assert keeping.apply("messages")["rows"] == len(read) + 1
    assert len(keeping.office.read(sa.select(Message.id))) == unread - len(read)
    states = set(keeping.office.read(sa.select(Delivery.state)))
    assert DeliveryState.SENT not in states
    assert {DeliveryState.WAITING, DeliveryState.PARKED} <= states
    lines = keeping.record("messages")
    assert [(one.object_kind, one.count) for one in lines if one.person_id == keeping.jia.id] == [("message", len(read))]
    assert not any("example.cn" in one.object_id for one in lines), "the record holds no address"
