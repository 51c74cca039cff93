"""What was given up is sent again when the office says so: once, under the same id, with patience anew."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.kit.jobs import Job, JobState
from server.messages.models import Outlet
from server.messages.rules import DeliveryState
from server.messages.service import JOB
from tests.factories import YINGZE, SiteOffice, Someone
from tests.messages.outside import (
    deliveries,
    give_email,
    hook,
    later,
    mail_server,
    open_up,
    receiver,
    the_delivery,
    work,
    work_through,
)
from tests.messages.test_webhooks import tell


@pytest.fixture
def clerk(office: SiteOffice) -> Someone:
    return office.person("clerk", "office")


def verbs(office: SiteOffice) -> list[str]:
    return office.read(sa.select(AuditEvent.verb).where(AuditEvent.object_kind == "delivery"))


def test_pressed_twice_it_goes_once_under_the_same_id(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(410, {}, b"gone")]
        hook(clerk, there.url, name="住建局平台")
        tell(office)
        work(office)
        one = the_delivery(office)
        assert one.state is DeliveryState.PARKED
        (listed,) = clerk.get("/deliveries?state=parked").json["items"]
        assert (listed["id"], listed["to"], listed["again_at"]) == (str(one.id), "住建局平台", None)
        said = [clerk.post(f"/deliveries/{one.id}/again") for _ in range(2)]
        assert [answer.status_code for answer in said] == [202, 200]
        assert [answer.json["state"] for answer in said] == ["waiting", "waiting"]
        assert said[0].json["again_at"] is not None
        work(office)
        assert the_delivery(office).state is DeliveryState.SENT
        assert clerk.post(f"/deliveries/{one.id}/again").status_code == 200
        work_through(office)
        assert clerk.get("/deliveries?state=parked").json["items"] == []
    assert len(there.calls) == 2
    assert len({call.headers["webhook-id"] for call in there.calls}) == 1
    assert len({call.body for call in there.calls}) == 1
    assert verbs(office) == ["delivery_sent_again"]
    (event,) = office.read(sa.select(AuditEvent).where(AuditEvent.object_kind == "delivery"))
    assert (event.actor_id, event.district_code, event.facts["to"]) == (clerk.id, YINGZE, "住建局平台")


def test_pressed_by_two_at_once_it_goes_once(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(400, {}, b"no")]
        hook(clerk, there.url)
        tell(office)
        work(office)
        path = f"/deliveries/{the_delivery(office).id}/again"
        others = [office.sign_in("clerk", clerk.id) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(lambda one: one.post(path).status_code, others))
        work_through(office)
    assert sorted(said) == [200, 200, 200, 202]
    assert len(there.calls) == 2
    assert verbs(office) == ["delivery_sent_again"]


def test_an_email_of_days_ago_is_tried_for_a_day_anew_and_can_be_given_up_again(
    office: SiteOffice, clerk: Someone
) -> None:
    zhao = office.person("zhao", "supervisor", districts=(YINGZE,))
    give_email(office, zhao)
    with mail_server(office) as box:
        box.to_recipient[:] = ["550 no such user"]
        tell(office, zhao)
        work_through(office)
        later(days=3)
        one = the_delivery(office)
        box.to_recipient[:] = ["451 try later", "451 try later"]
        assert clerk.post(f"/deliveries/{one.id}/again").json["to"] == "Zhao"
        work(office)
        assert the_delivery(office).state is DeliveryState.WAITING, "its age counts from when it was sent again"
        later(hours=25)
        work_through(office)
        assert the_delivery(office).state is DeliveryState.PARKED
        clerk.post(f"/deliveries/{one.id}/again")
        box.to_recipient.clear()
        work_through(office)
    assert the_delivery(office).state is DeliveryState.SENT
    (letter,) = box.letters
    assert letter["Message-ID"] == f"<{one.id}@example.cn>"
    assert len(verbs(office)) == 2
    assert {row.state for row in office.read(sa.select(Job).where(Job.kind == JOB))} == {JobState.DONE}


def test_an_outlet_that_failed_is_asked_at_once(office: SiteOffice, clerk: Someone) -> None:
    """Whoever sends again has mended it, and looks at what comes of it."""
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(404, {}, b"")]
        hook(clerk, there.url)
        tell(office)
        work(office)
        assert office.read(sa.select(Outlet.failures)) == [1]
        clerk.post(f"/deliveries/{the_delivery(office).id}/again")
        assert work(office) == 1
    assert the_delivery(office).state is DeliveryState.SENT
    assert clerk.get("/webhooks").json["items"][0]["trouble"] is None


def test_mending_a_webhook_hastens_what_was_sent_again(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(400, {}, b""), (503, {"Retry-After": "3000"}, b"")]
        one = hook(clerk, f"{there.url}old")
        tell(office)
        work(office)
        clerk.post(f"/deliveries/{the_delivery(office).id}/again")
        work(office)
        assert the_delivery(office).state is DeliveryState.WAITING
        clerk.patch(f"/webhooks/{one}", {"url": there.url})
        work(office)
    assert [call.path for call in there.calls] == ["/hookold", "/hookold", "/hook"]


def test_what_nobody_is_to_be_told_is_not_sent_again(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        one = hook(clerk, there.url)
        tell(office)
        clerk.patch(f"/webhooks/{one}", {"enabled": False})
        work(office)
        answer = clerk.post(f"/deliveries/{the_delivery(office).id}/again")
    assert (answer.status_code, answer.json["code"]) == (409, "delivery-skipped")
    assert "停用" in answer.json["why"]
    assert there.calls == []
    assert verbs(office) == []


def test_the_list_is_narrowed_by_state_and_channel(office: SiteOffice, clerk: Someone) -> None:
    zhao = office.person("zhao", "supervisor", districts=(YINGZE,))
    give_email(office, zhao)
    open_up(office)
    with receiver() as there:
        hook(clerk, there.url, name="督导群")
        tell(office, zhao)
    both = clerk.get("/deliveries").json["items"]
    assert {(one["channel"], one["to"]) for one in both} == {("email", "Zhao"), ("webhook", "督导群")}
    (mail,) = clerk.get("/deliveries?channel=email&state=waiting").json["items"]
    assert mail["channel"] == "email"
    assert clerk.get("/deliveries?state=lost").status_code == 422
    assert clerk.post(f"/deliveries/{uuid.uuid4()}/again").status_code == 404
    assert len(deliveries(office)) == 2
