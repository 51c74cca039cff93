"""The inbox: each message once, in the reader's language, for the reader alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from server.kit.ids import new_id
from server.messages import rules, service
from server.messages.models import Message
from tests.factories import SiteOffice, Someone

FACTS = {"site": "老军营小区", "items": ["ELEV-A05", "ELEV-C02"], "number": "140106-20261120-001"}


@pytest.fixture
def zhao(office: SiteOffice) -> Someone:
    return office.person("zhao", "supervisor")


def send(office: SiteOffice, *people: Someone, key: str = "k1", **facts: object) -> int:
    ids = [one.id for one in people]
    sent: int = office.write(lambda db: service.send(db, ids, "critical-failure", key, {**FACTS, **facts}))
    return sent


def test_a_message_is_read_in_chinese_and_in_english(office: SiteOffice, zhao: Someone) -> None:
    send(office, zhao)
    chinese = zhao.get("/messages").json["items"][0]
    assert chinese["kind"] == "critical-failure"
    assert chinese["title"] == "发现重大问题：老军营小区"
    assert chinese["text"] == (
        "报告 140106-20261120-001：老军营小区 的检查项 ELEV-A05、ELEV-C02 不合格，等级为重大，请立即处理。"
    )
    assert chinese["facts"] == FACTS
    assert chinese["read_at"] is None
    english = zhao.get("/messages", headers={"Accept-Language": "en"}).json["items"][0]
    assert english["title"] == "Critical failure at 老军营小区"
    assert english["text"] == (
        "Report 140106-20261120-001: ELEV-A05, ELEV-C02 failed at 老军营小区 with critical severity."
    )


def test_a_message_comes_once_however_often_and_at_once_it_is_sent(office: SiteOffice, zhao: Someone) -> None:
    li = office.person("li", "supervisor")
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda n: send(office, *((zhao, li) if n % 2 else (li, zhao)), site=f"第{n}次"), range(8)))
    assert sum(sent) == 2
    assert len(office.read(sa.select(Message.id))) == 2
    assert send(office, zhao, zhao, key="k2") == 1
    assert send(office) == 0


def test_a_message_rolled_back_with_its_cause_was_never_sent(office: SiteOffice, zhao: Someone) -> None:
    def fail(db: sa.orm.Session) -> None:
        service.send(db, [zhao.id], "critical-failure", "k1", FACTS)
        raise LookupError

    with pytest.raises(LookupError):
        office.write(fail)
    assert zhao.get("/messages").json["items"] == []
    assert send(office, zhao) == 1


def test_what_people_wrote_with_a_full_stop_gets_no_second_one() -> None:
    facts = {"site": "老军营小区", "number": "7", "item": "锚栓不足。", "round": 1,
             "reason": "只修补了表面。", "due_on": "2026-11-29"}
    assert rules.words("issue-rejected", facts, "zh").text == (
        "老军营小区 的问题 7（锚栓不足）第 1 次复查不合格：只修补了表面。请重新整改，期限 2026-11-29。"
    )
    settled = rules.words("issue-objection-settled", facts | {"result": "kept", "reason": "维持"}, "zh").text
    assert settled.endswith("的异议已处理：维持。维持。")
    assert ".." not in rules.words("issue-reopened", facts | {"reason": "It leaks again."}, "en").text


def test_a_kind_that_has_no_words_is_refused_at_once(office: SiteOffice, zhao: Someone) -> None:
    with pytest.raises(KeyError):
        office.write(lambda db: service.send(db, [zhao.id], "no-such-kind", "k", {}))


def test_reading_counts_the_first_time(office: SiteOffice, zhao: Someone) -> None:
    send(office, zhao)
    send(office, zhao, key="k2")
    newest, older = zhao.get("/messages").json["items"]
    first = zhao.post(f"/messages/{older['id']}/read")
    assert first.status_code == 200
    assert first.json["read_at"]
    assert zhao.post(f"/messages/{older['id']}/read").json == first.json
    assert [one["id"] for one in zhao.get("/messages?unread=true").json["items"]] == [newest["id"]]
    assert [one["id"] for one in zhao.get("/messages?unread=false").json["items"]] == [older["id"]]


def test_nobody_sees_or_reads_anothers(office: SiteOffice, zhao: Someone) -> None:
    send(office, zhao)
    message = zhao.get("/messages").json["items"][0]["id"]
    boss = office.person("boss", "admin", "office", "supervisor")
    assert boss.get("/messages").json["items"] == []
    assert boss.post(f"/messages/{message}/read").status_code == 404
    assert boss.post(f"/messages/{new_id()}/read").status_code == 404
    assert zhao.get("/messages").json["items"][0]["read_at"] is None


def test_the_inbox_turns_its_pages_newest_first(office: SiteOffice, zhao: Someone) -> None:
    for number in range(5):
        send(office, zhao, key=f"k{number}", items=[f"I{number}"])
    seen, cursor = [], ""
    for _ in range(3):
        page = zhao.get(f"/messages?limit=2{cursor}").json
        seen += [one["facts"]["items"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [["I4"], ["I3"], ["I2"], ["I1"], ["I0"]]
    assert page["next_cursor"] is None
    for query in ("unread=maybe", "cursor=x", "limit=0", "kind=x"):
        assert zhao.get(f"/messages?{query}").status_code == 422, query


def test_facts_are_put_in_as_they_are() -> None:
    for name in ("{items}", "{0}", "{site.__class__}", "%s", "<b>"):
        assert rules.words("critical-failure", {"site": name}, "en").title == f"Critical failure at {name}"
    assert rules.MISSING in rules.words("critical-failure", {"site": "x", "items": None}, "zh").text
    assert rules.MISSING in rules.words("critical-failure", {"site": "x", "items": []}, "en").text


def test_every_kind_speaks_both_languages_about_the_same_facts() -> None:
    import string

    def named(words: rules.Words) -> set[str]:
        return {name for part in words for _, name, _, _ in string.Formatter().parse(part) if name}

    for kind, said in rules.CATALOGUE.items():
        english = {name.removesuffix("_en") for name in named(said.en)}  # a name that is another in English
        assert named(said.zh) == english, kind
        assert all((*said.zh, *said.en)), kind
