"""Webhooks: told once of each event, signed as the receiver expects, never at an address of the inside."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.kit import clock
from server.kit.jobs import Job
from server.messages import service, webhooks
from server.messages.models import Webhook
from server.messages.rules import DeliveryState
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone
from tests.kit.test_addresses import answering
from tests.messages.outside import (
    FACTS,
    SECRET,
    deliveries,
    hook,
    later,
    open_up,
    receiver,
    set_up,
    signed_as_standard,
    the_delivery,
    work,
    work_through,
)

DING_SECRET = "SEC0123456789abcdef"


@pytest.fixture
def clerk(office: SiteOffice) -> Someone:
    return office.person("clerk", "office")


def tell(
    office: SiteOffice, *people: Someone, key: str = "n1", kind: str = "issue-notice", district: str | None = YINGZE,
    **facts: object,
) -> int:
    told = [one.id for one in people]
    new: int = office.write(
        lambda db: service.notify(db, kind, key, {**FACTS, **facts}, people=told, district=district)
    )
    return new


def inbox(someone: Someone) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = someone.get("/messages").json["items"]
    return items


# -- what is sent ---------------------------------------------------------------------------------------------------


def test_a_standard_webhook_is_signed_and_told_once_however_many_people_are(office: SiteOffice, clerk: Someone) -> None:
    open_up(office, public_url="https://dudao.example.cn")
    people = [office.person(f"p{n}", "supervisor", districts=(YINGZE,)) for n in range(3)]
    with receiver() as there:
        hook(clerk, there.url)
        assert tell(office, *people) == 3
        work(office)
    (call,) = there.calls
    delivery = the_delivery(office)
    assert delivery.state is DeliveryState.SENT
    assert signed_as_standard(call)
    assert not signed_as_standard(call, "whsec_" + base64.b64encode(b"x" * 32).decode())
    assert call.headers["webhook-id"] == f"msg_{delivery.id.hex}"
    assert call.headers["content-type"] == "application/json"
    assert call.json["type"] == "issue-notice"
    assert call.json["timestamp"] == delivery.created_at.isoformat()
    data = call.json["data"]
    assert data["facts"] == FACTS
    assert data["district"] == YINGZE
    assert data["words"]["zh"]["title"] == "整改通知：老军营小区"
    assert data["url"] == "https://dudao.example.cn/desk#/issues/0198"


def test_a_robot_of_wecom(office: SiteOffice, clerk: Someone) -> None:
    open_up(office, public_url="https://dudao.example.cn")
    with receiver() as there:
        hook(clerk, f"{there.url}?key=0123-abc", "wecom")
        tell(office, site="长" * 2000)
        work(office)
    (call,) = there.calls
    assert call.path == "/hook?key=0123-abc"
    assert call.json["msgtype"] == "text"
    content = call.json["text"]["content"]
    assert content.startswith("【督导】整改通知：长")
    assert content.endswith("\nhttps://dudao.example.cn/desk#/issues/0198")
    assert len(content.encode()) <= 2048
    assert "webhook-signature" not in call.headers


def test_a_robot_of_dingtalk_is_signed_in_its_address(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        hook(clerk, f"{there.url}?access_token=abc", "dingtalk", secret=DING_SECRET)
        hook(clerk, f"{there.url}2?access_token=keyword", "dingtalk")
        tell(office)
        work(office)
    plain, signed = sorted(there.calls, key=lambda call: call.path)
    given = {name: values[0] for name, values in parse_qs(urlsplit(signed.path).query).items()}
    wanted = hmac.new(DING_SECRET.encode(), f"{given['timestamp']}\n{DING_SECRET}".encode(), hashlib.sha256).digest()
    assert given == {
        "access_token": "abc", "timestamp": given["timestamp"], "sign": base64.b64encode(wanted).decode(),
    }
    assert abs(int(given["timestamp"]) / 1000 - time.time()) < 60
    assert plain.path == "/hook2?access_token=keyword"
    assert plain.json == {"msgtype": "text", "text": {"content": plain.json["text"]["content"]}}


def test_a_webhook_is_told_of_its_kinds_and_districts_alone(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        of = {
            "all": hook(clerk, f"{there.url}1"),
            "kind": hook(clerk, f"{there.url}2", kinds=["issue-closed"]),
            "yingze": hook(clerk, f"{there.url}3", districts=[YINGZE]),
            "off": hook(clerk, f"{there.url}4", enabled=False),
        }
        tell(office, key="a", district=YINGZE)
        tell(office, key="b", district=JINYUAN)
        tell(office, key="c", district=None, kind="issue-closed")
        office.write(lambda db: service.send(db, [clerk.id], "delivery-failed", "d", {}))
    names = {value: name for name, value in of.items()}
    found = {(one.key, names[str(one.webhook_id)]) for one in deliveries(office)}
    assert found == {("a", "all"), ("a", "yingze"), ("b", "all"), ("c", "all"), ("c", "kind")}


def test_twenty_at_once_tell_a_webhook_once(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        hook(clerk, there.url)
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda n: tell(office, count=n), range(20)))
        work_through(office)
    assert len(there.calls) == 1
    assert len(office.read(sa.select(Job.id).where(Job.kind == "delivery"))) == 1


# -- what is answered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413])
def test_a_refusal_for_good_is_parked_and_the_office_told(office: SiteOffice, clerk: Someone, status: int) -> None:
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(status, {}, b"no")]
        hook(clerk, there.url, name="住建局平台")
        tell(office)
        work(office)
    assert the_delivery(office).state is DeliveryState.PARKED
    (told,) = inbox(clerk)
    assert told["title"] == "消息未能送达：住建局平台"
    assert str(status) in told["text"]
    (shown,) = clerk.get("/webhooks").json["items"]
    assert (shown["trouble"] is not None) == (status in {401, 403, 404, 410})


def test_a_temporary_refusal_is_tried_again_under_the_same_id(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(503, {}, b""), (429, {"Retry-After": "1200"}, b"")]
        hook(clerk, there.url)
        tell(office)
        work(office)
        assert clerk.get("/webhooks").json["items"][0]["trouble"]
        later(seconds=30)
        work(office)
        later(minutes=15)
        assert work(office) == 0, "Retry-After is kept"
        later(minutes=6)
        work(office)
        assert clerk.get("/webhooks").json["items"][0]["trouble"] is None
    assert [signed_as_standard(call) for call in there.calls[2:]] == [True], "the time is that of the try"
    assert len({call.headers["webhook-id"] for call in there.calls}) == 1
    assert len({call.body for call in there.calls}) == 1
    assert (the_delivery(office).state, the_delivery(office).attempts) == (DeliveryState.SENT, 3)
    assert inbox(clerk) == []


@pytest.mark.parametrize("location", ["http://127.0.0.1:{port}/inside", "/elsewhere", "https://example.cn/"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_that_says_so(
    office: SiteOffice, clerk: Someone, status: int, location: str
) -> None:
    open_up(office)
    with receiver() as there, receiver() as inside:
        target = location.format(port=urlsplit(inside.url).port)
        there.answers[:] = [(status, {"Location": target}, b"")]
        hook(clerk, there.url)
        tell(office)
        work(office)
    assert (len(there.calls), len(inside.calls)) == (1, 0)
    assert the_delivery(office).state is DeliveryState.PARKED
    assert f"redirects ({status})" in str(the_delivery(office).why)


ROBOTS = [
    ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, DeliveryState.PARKED, 0),
    ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, DeliveryState.WAITING, 60),
    ("wecom", {"errcode": -1, "errmsg": "system busy"}, DeliveryState.WAITING, 15),
    ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, DeliveryState.PARKED, 0),
    ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, DeliveryState.WAITING, 600),
    ("dingtalk", {"errcode": 410100, "errmsg": "发送速度太快"}, DeliveryState.WAITING, 600),
    ("wecom", {"hello": 1}, DeliveryState.WAITING, 15),
    ("wecom", {"errcode": "0"}, DeliveryState.WAITING, 15),
    ("wecom", [], DeliveryState.WAITING, 15),
    ("wecom", "<html>", DeliveryState.WAITING, 15),
]


@pytest.mark.parametrize(("preset", "answer", "state", "pause"), ROBOTS)
def test_a_robot_says_200_and_means_something_else(
    office: SiteOffice, clerk: Someone, preset: str, answer: Any, state: DeliveryState, pause: int
) -> None:
    open_up(office)
    with receiver() as there:
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        there.answers[:] = [(200, {}, body)]
        hook(clerk, f"{there.url}?key=topsecret", preset)
        tell(office)
        work(office)
        delivery = the_delivery(office)
        assert delivery.state is state
        if isinstance(answer, dict) and isinstance(answer.get("errcode"), int):
            assert f"errcode {answer['errcode']}" in str(delivery.why)
        if state is DeliveryState.WAITING:
            later(seconds=pause - 2)
            assert work(office) == 0
            later(seconds=4)
            work(office)
            assert the_delivery(office).state is DeliveryState.SENT


def test_a_robot_is_not_told_more_than_twenty_times_a_minute(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    came: list[float] = []
    with receiver() as there:
        there.on_call = lambda _handler: bool(came.append(clock.now().timestamp()))
        hook(clerk, there.url, "wecom")
        for number in range(25):
            tell(office, key=f"n{number:02}", number=f"N{number:02}")
        for _ in range(400):
            work(office)
            later(seconds=0.5)
            if len(came) == 25:
                break
    assert len(came) == 25
    assert min(came[n + 20] - came[n] for n in range(5)) > 60
    assert came[-1] - came[0] < 150, "and not much slower either"
    assert {one.state for one in deliveries(office)} == {DeliveryState.SENT}


def test_a_dead_webhook_holds_up_no_other_and_is_given_up_after_a_day(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as dead:
        gone = hook(clerk, dead.url, name="断线平台")
    with receiver() as there:
        hook(clerk, there.url, name="正常平台")
        for number in range(5):
            tell(office, key=f"n{number}")
        for _ in range(10):
            work(office)
            later(seconds=1)
        assert len(there.calls) == 5
        for _ in range(30):
            later(hours=1)
            work(office)
    of_gone = [one for one in deliveries(office) if str(one.webhook_id) == gone]
    assert {one.state for one in of_gone} == {DeliveryState.PARKED}
    assert {one["title"] for one in inbox(clerk)} == {"消息未能送达：断线平台"}
    assert len(inbox(clerk)) <= 2, "once a day"


# -- secrets --------------------------------------------------------------------------------------------------------


def test_keys_and_secrets_come_back_by_no_way(
    office: SiteOffice, clerk: Someone, capfd: pytest.CaptureFixture[str]
) -> None:
    open_up(office)
    key, token = "0a1b-very-secret-key", "token-9f8e7d"
    secrets = (key, token, DING_SECRET, SECRET)
    echo = json.dumps({"errcode": 40058, "errmsg": f"bad {' '.join(secrets)}"}).encode()
    with receiver() as there:
        there.usual = echo
        hooks = [
            hook(clerk, f"{there.url}?key={key}", "wecom"),
            hook(clerk, f"{there.url}?access_token={token}", "dingtalk", secret=DING_SECRET),
            hook(clerk, f"{there.url}/plain", secret=SECRET),
        ]
        shown = [clerk.patch(f"/webhooks/{one}", {"name": f"改名{one}"}).text for one in hooks]
        shown += [clerk.post(f"/webhooks/{one}/test").text for one in hooks]
        tell(office)
        work_through(office)
    shown += [clerk.get(f"/webhooks/{one}/deliveries").text for one in hooks]
    shown += [clerk.get(path).text for path in ("/webhooks", "/messages", "/jobs?kind=delivery", "/audit")]
    shown += [str(facts) for facts in office.read(sa.select(AuditEvent.facts))]
    shown += [str(one.why) for one in deliveries(office)]
    shown += list(capfd.readouterr())
    assert "errcode 40058" in "".join(shown)
    robots = [one for one in deliveries(office) if one.state is DeliveryState.PARKED]
    assert len(robots) == 4
    for one in robots:  # what a robot repeats is taken out where it is that robot's own
        hook_of = office.read(sa.select(Webhook).where(Webhook.id == one.webhook_id))[0]
        assert hook_of.secret is None or hook_of.secret not in str(one.why)
        assert urlsplit(hook_of.url).query.partition("=")[2] not in str(one.why)
    listed = {one["preset"]: one for one in clerk.get("/webhooks").json["items"]}
    assert listed["wecom"]["url"] == f"{there.url}?key=…"
    assert listed["dingtalk"]["url"] == f"{there.url}?access_token=…"
    assert [listed[name]["has_secret"] for name in ("wecom", "dingtalk", "standard")] == [False, True, True]
    for one in listed.values():
        assert not any(secret in json.dumps(one) for secret in secrets[:2])
        assert not {"secret", "key"} & one.keys()


# -- who manages them -----------------------------------------------------------------------------------------------


def test_a_webhook_is_added_changed_and_taken_away(office: SiteOffice, clerk: Someone) -> None:
    url = "https://8.8.8.8/hook"
    made = clerk.post("/webhooks", {"name": "住建局", "url": url, "preset": "standard", "secret": SECRET,
                                    "kinds": ["issue-closed"], "districts": [YINGZE]})
    assert made.status_code == 201, made.text
    found = made.json
    assert (found["enabled"], found["kinds"], found["districts"], found["url"]) == (
        True, ["issue-closed"], [YINGZE], url
    )
    again = clerk.post("/webhooks", {"name": "住建局", "url": url, "preset": "dingtalk"})
    assert (again.status_code, again.json["code"]) == (409, "webhook-taken")
    changed = clerk.patch(f"/webhooks/{found['id']}", {"name": "市住建局", "kinds": []})
    assert (changed.json["name"], changed.json["kinds"], changed.json["has_secret"]) == ("市住建局", [], True)
    bare = clerk.patch(f"/webhooks/{found['id']}", {"secret": None})
    assert bare.status_code == 422, "a standard webhook is never unsigned"
    assert clerk.patch(f"/webhooks/{found['id']}", {"preset": "wecom"}).status_code == 422
    tell(office)
    assert len(clerk.get(f"/webhooks/{found['id']}/deliveries").json["items"]) == 1
    assert clerk.delete(f"/webhooks/{found['id']}").status_code == 204
    assert clerk.get("/webhooks").json["items"] == []
    assert deliveries(office) == []
    assert work(office) == 1, "its job finds nothing to do"
    verbs = office.read(sa.select(AuditEvent.verb).where(AuditEvent.object_kind == "webhook").order_by(AuditEvent.id))
    assert verbs == ["webhook_added", "webhook_changed", "webhook_removed"]


@pytest.mark.parametrize(("wrong", "field"), [
    ({"url": "http://8.8.8.8/"}, "url"), ({"url": "https://127.0.0.1/"}, "url"), ({"url": "https://[::1]/"}, "url"),
    ({"url": "https://169.254.169.254/latest/meta-data"}, "url"), ({"url": "https://2130706433/"}, "url"),
    ({"url": "https://u:p@8.8.8.8/"}, "url"), ({"url": "https://8.8.8.8/a b"}, "url"), ({"url": ""}, "url"),
    ({"url": "https://nobody.invalid/"}, "url"), ({"url": "https://localhost/"}, "url"),
    ({"secret": None}, "secret"), ({"secret": "whsec_!!!"}, "secret"), ({"secret": "whsec_YWJj"}, "secret"),
    ({"secret": SECRET[6:]}, "secret"), ({"preset": "dingtalk", "secret": "abc"}, "secret"),
    ({"preset": "wecom"}, "secret"), ({"preset": "slack"}, "preset"), ({"kinds": ["no-such-kind"]}, "kinds.0"),
    ({"kinds": ["delivery-failed"]}, "kinds.0"), ({"kinds": ["issue-closed", "issue-closed"]}, "kinds"),
    ({"districts": ["999999"]}, "districts"), ({"name": " "}, "name"), ({"name": "\ud800"}, "name"),
    ({"enabled": "yes"}, "enabled"), ({"extra": 1}, "extra"),
])
def test_what_is_wrong_is_named(office: SiteOffice, clerk: Someone, wrong: dict[str, Any], field: str) -> None:
    given = {"name": "住建局", "url": "https://8.8.8.8/hook", "preset": "standard", "secret": SECRET, **wrong}
    if wrong.get("preset") == "wecom":
        given["secret"] = SECRET
    data = json.dumps(given)
    answer = clerk.post("/webhooks", data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == [field]
    assert office.read(sa.select(Webhook.id)) == []


def test_a_test_message_is_sent_once_at_a_time_and_says_what_came_of_it(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        one = hook(clerk, there.url, "wecom", name="督导群", enabled=False, kinds=["issue-closed"])
        asked = clerk.post(f"/webhooks/{one}/test")
        assert asked.status_code == 202
        assert asked.json["state"] == "waiting"
        assert clerk.post(f"/webhooks/{one}/test").json["id"] == asked.json["id"]
        work(office)
        (listed,) = clerk.get(f"/webhooks/{one}/deliveries?state=sent").json["items"]
        assert (listed["id"], listed["kind"]) == (asked.json["id"], "webhook-test")
        assert "督导群" in there.calls[0].json["text"]["content"]
        there.answers[:] = [(404, {}, b"")]
        clerk.post(f"/webhooks/{one}/test")
        later(seconds=5)
        work(office)
        (listed,) = clerk.get(f"/webhooks/{one}/deliveries?state=parked").json["items"]
    assert "404" in listed["why"]
    assert inbox(clerk) == []


def test_mending_a_webhook_lets_what_waits_through(office: SiteOffice, clerk: Someone) -> None:
    open_up(office)
    with receiver() as there:
        there.answers[:] = [(503, {"Retry-After": "3000"}, b"")]
        one = hook(clerk, f"{there.url}old")
        tell(office)
        work(office)
        changed = clerk.patch(f"/webhooks/{one}", {"url": there.url})
        assert changed.json["trouble"] is None
        tell(office, key="n2")
        work(office)
    assert [call.path for call in there.calls] == ["/hookold", "/hook", "/hook"], "what waited an hour goes now too"
    clerk.patch(f"/webhooks/{one}", {"enabled": False})
    tell(office, key="n3")
    assert len(deliveries(office)) == 2


# -- where it may not go --------------------------------------------------------------------------------------------


def test_a_name_that_comes_to_lead_inside_is_not_called(
    office: SiteOffice, clerk: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged when it is saved, and again each time that it is called."""
    with receiver() as inside:
        port = urlsplit(inside.url).port
        set_up(office, webhook_allow_http=True)
        answering(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
        hook(clerk, f"http://hook.example.cn:{port}/hook")
        tell(office)
        work(office)
    assert inside.calls == []
    assert the_delivery(office).state is DeliveryState.PARKED
    assert "private or reserved" in str(the_delivery(office).why)
    assert len(inbox(clerk)) == 1


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_a_name_that_leads_inside_is_not_saved(
    office: SiteOffice, clerk: Someone, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    answering(monkeypatch, found)
    given = {"name": "x", "url": "https://hook.example.cn/", "preset": "dingtalk"}
    assert clerk.post("/webhooks", given).status_code == 422


def test_the_values_of_an_address_are_not_shown() -> None:
    for url, shown in {
        "https://a.cn/hook": "https://a.cn/hook", "https://a.cn/h?key=1&x=2": "https://a.cn/h?key=…&x=…",
        "https://a.cn/h?justakey": "https://a.cn/h?…",
        "https://a.cn/bot/v2/hook/0b1c2d3e-4f50-6172-8394": "https://a.cn/bot/v2/hook/…",
        "https://a.cn/api/public-works-notice/in": "https://a.cn/api/public-works-notice/in",
        "http://10.0.0.7:8080": "http://10.0.0.7:8080",
        "https://a.cn/h?a=1&b": "https://a.cn/h?a=…&…", "https://a.cn/h?a=b=c": "https://a.cn/h?a=…",
        "https://a.cn/?": "https://a.cn/?",
    }.items():
        assert webhooks.shown_url(url) == shown, url


@pytest.mark.parametrize("values", [
    "webhook_id = null", "channel = 'email'", "state = 'sent'", "state = 'sending'", "state = 'parked'", "state = 'lost'",
    "taken_by = id", "sent_at = created_at",
])
def test_the_table_holds_no_delivery_that_cannot_be(office: SiteOffice, clerk: Someone, values: str) -> None:
    open_up(office)
    with receiver() as there:
        hook(clerk, there.url)
        tell(office)
    with pytest.raises(sa.exc.IntegrityError):
        office.write(lambda db: db.execute(sa.text(f"update delivery set {values}")))
