"""Messages by e-mail: a real mail server on loopback, and everything that one may answer."""

from __future__ import annotations

import email.utils
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import config
from server.accounts.models import Person
from server.kit.jobs import Job, JobState
from server.messages import service
from server.messages.models import Delivery, Message
from server.messages.rules import DeliveryState
from tests.factories import YINGZE, SiteOffice, Someone
from tests.messages import outside
from tests.messages.outside import (
    FACTS,
    certificates,
    deliveries,
    give_email,
    later,
    mail_server,
    set_up,
    the_delivery,
    work,
    work_through,
)


@pytest.fixture
def zhao(office: SiteOffice) -> Someone:
    someone = office.person("zhao", "contractor")
    give_email(office, someone)
    return someone


@pytest.fixture
def clerk(office: SiteOffice) -> Someone:
    return office.person("clerk", "office")


def notify(office: SiteOffice, *people: Someone, kind: str = "issue-notice", key: str = "n1", **facts: object) -> int:
    told = [one.id for one in people]
    new: int = office.write(
        lambda db: service.notify(db, kind, key, {**FACTS, **facts}, people=told, district=YINGZE)
    )
    return new


def inbox(someone: Someone) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = someone.get("/messages").json["items"]
    return items


def test_a_notice_comes_into_the_inbox_and_by_mail(office: SiteOffice, zhao: Someone) -> None:
    with mail_server(office) as box:
        assert notify(office, zhao) == 1
        work(office)
    (letter,) = box.letters
    delivery = the_delivery(office)
    assert delivery.state is DeliveryState.SENT
    assert (delivery.attempts, delivery.repeats) == (1, 0)
    assert letter["Subject"] == "整改通知：老军营小区"
    assert letter["From"] == "督导 <dudao@example.cn>"
    assert letter["To"] == "Zhao <zhao@example.cn>"
    assert letter["Message-ID"] == f"<{delivery.id}@example.cn>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert email.utils.parsedate_to_datetime(letter["Date"]).timestamp() == int(delivery.created_at.timestamp())
    text = letter.get_body(("plain",)).get_content()
    assert text.index("共 3 项问题") < text.index("3 issue(s)")
    assert "https://dudao.example.cn/desk#/issues/0198" in text
    page = letter.get_body(("html",)).get_content()
    assert 'href="https://dudao.example.cn/desk#/issues/0198"' in page
    assert [one["kind"] for one in inbox(zhao)] == ["issue-notice"]
    assert box.raw[0].isascii(), "any server takes it, one without 8BITMIME too"


def test_equal_keys_are_one_letter_however_often_and_at_once(office: SiteOffice, zhao: Someone) -> None:
    li = office.person("li", "contractor")
    give_email(office, li)
    with mail_server(office) as box:
        with ThreadPoolExecutor(20) as pool:
            new = list(pool.map(lambda n: notify(office, *((zhao, li) if n % 2 else (li, zhao)), count=n), range(20)))
        assert sum(new) == 2
        work_through(office)
        assert sorted(box.recipients) == ["li@example.cn", "zhao@example.cn"]
        assert notify(office, zhao, li) == 0
        assert work(office) == 0
    assert len(office.read(sa.select(Message.id))) == 2
    assert {one.state for one in deliveries(office)} == {DeliveryState.SENT}


def test_what_is_rolled_back_is_never_sent(office: SiteOffice, zhao: Someone) -> None:
    def fail(db: sa.orm.Session) -> None:
        service.notify(db, "issue-notice", "n1", FACTS, people=[zhao.id], district=None)
        raise LookupError

    with pytest.raises(LookupError):
        office.write(fail)
    assert deliveries(office) == []
    assert office.read(sa.select(Job.id).where(Job.kind == "delivery")) == []


def test_a_person_without_an_address_or_disabled_has_the_inbox_alone(office: SiteOffice, zhao: Someone) -> None:
    nobody = office.person("nobody", "contractor")
    office.write(lambda db: db.execute(sa.update(Person).where(Person.id == zhao.id).values(active=False)))
    assert notify(office, zhao, nobody) == 2
    assert deliveries(office) == []


def test_a_person_disabled_meanwhile_is_not_written_to(office: SiteOffice, zhao: Someone, clerk: Someone) -> None:
    with mail_server(office) as box:
        notify(office, zhao)
        office.write(lambda db: db.execute(sa.update(Person).where(Person.id == zhao.id).values(active=False)))
        work(office)
    assert box.letters == []
    assert the_delivery(office).state is DeliveryState.SKIPPED
    assert inbox(clerk) == []


def test_without_a_mail_server_nothing_waits_for_one(office: SiteOffice, zhao: Someone, clerk: Someone) -> None:
    notify(office, zhao)
    work(office)
    assert the_delivery(office).state is DeliveryState.SKIPPED
    assert office.read(sa.select(Job.state).where(Job.kind == "delivery")) == [JobState.DONE]
    assert inbox(clerk) == []


@pytest.mark.parametrize("nasty", [
    "张三\r\nBcc: all@example.cn", "张三\nSubject: x", "a\x00b", "half \ud83d character", '"<x@y>, z', "= ?utf-8?b?",
    "长" * 400,
])
def test_names_and_titles_put_nothing_into_the_headers(office: SiteOffice, zhao: Someone, nasty: str) -> None:
    name = nasty.encode("utf-8", "replace").decode().replace("\x00", "")
    office.write(lambda db: db.execute(sa.update(Person).where(Person.id == zhao.id).values(name=name)))
    with mail_server(office) as box:
        notify(office, zhao, site=nasty, number=nasty, link=nasty)
        work(office)
    (letter,) = box.letters
    assert box.recipients == ["zhao@example.cn"]
    assert letter["Bcc"] is None
    assert len(letter.get_all("Subject")) == 1
    assert str(letter["Subject"]).startswith("整改通知：")
    assert letter["To"].addresses[0].addr_spec == "zhao@example.cn"
    assert len(letter["To"].addresses) == 1
    assert "https://" not in letter.get_body(("plain",)).get_content()
    assert len(inbox(zhao)) == 1


def test_names_mean_nothing_in_the_page(office: SiteOffice, zhao: Someone) -> None:
    with mail_server(office) as box:
        notify(office, zhao, site='<img src=x onerror="a">{zh_text}')
        work(office)
    page = box.letters[0].get_body(("html",)).get_content()
    assert "<img" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("path", ["//evil.example.cn/x", "https://evil.example.cn", "/a b", '/"><x', 7, None])
def test_a_link_leads_to_our_own_pages_only(office: SiteOffice, zhao: Someone, path: object) -> None:
    with mail_server(office) as box:
        notify(office, zhao, link=path)
        work(office)
    assert "href" not in box.letters[0].get_body(("html",)).get_content()


# -- TLS and signing in ---------------------------------------------------------------------------------------------


def test_starttls_and_a_sign_in(
    office: SiteOffice, zhao: Someone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = certificates(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    signed_in = {"smtp_security": "starttls", "smtp_host": "localhost", "smtp_user": "dudao"}
    with mail_server(office, context=context, auth=True, smtp_password="good-password", **signed_in) as box:
        notify(office, zhao)
        work(office)
    assert the_delivery(office).why is None
    assert the_delivery(office).state is DeliveryState.SENT
    assert (len(box.letters), box.tls, box.sign_ins) == (1, [True], 1)


def test_tls_from_the_first_byte(
    office: SiteOffice, zhao: Someone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = certificates(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    with mail_server(office, context=context, implicit=True, smtp_security="tls", smtp_host="localhost") as box:
        notify(office, zhao)
        work(office)
    assert len(box.letters) == 1


def test_a_certificate_for_another_name_gets_no_password(
    office: SiteOffice, zhao: Someone, clerk: Someone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = certificates(tmp_path, "other.example.cn")
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    settings = {"smtp_security": "starttls", "smtp_host": "localhost", "smtp_user": "dudao", "smtp_password": "x"}
    with mail_server(office, context=context, auth=True, **settings) as box:
        notify(office, zhao)
        work(office)
    assert (box.sign_ins, box.letters) == (0, [])
    assert "certificate" in str(the_delivery(office).why)
    assert len(inbox(clerk)) == 1, "somebody must mend this, so somebody is told at once"


def test_a_server_without_starttls_gets_nothing(office: SiteOffice, zhao: Someone, clerk: Someone) -> None:
    with mail_server(office, smtp_security="starttls") as box:
        notify(office, zhao)
        work(office)
    assert box.letters == []
    assert the_delivery(office).state is DeliveryState.WAITING
    assert "STARTTLS" in str(the_delivery(office).why)


def test_a_refused_sign_in_holds_all_mail_tells_the_office_once_and_goes_on_when_mended(
    office: SiteOffice, zhao: Someone, clerk: Someone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = certificates(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    settings = {"smtp_security": "starttls", "smtp_host": "localhost", "smtp_user": "dudao", "smtp_password": "wr0ng-one"}
    with mail_server(office, context=context, auth=True, **settings) as box:
        for number in range(5):
            notify(office, zhao, key=f"n{number}")
        work(office)
        tries = sum(one.attempts for one in deliveries(office))
        assert tries == 1, "a server that refuses the sign-in is not asked again at once: it would lock us out"
        (told,) = inbox(clerk)
        assert told["kind"] == "delivery-failed"
        assert "535" in told["text"]
        assert "wr0ng-one" not in told["text"]
        set_up(office, smtp_password="good-password")
        later(minutes=11)
        work_through(office)
    assert len(box.letters) == 5
    assert {one.state for one in deliveries(office)} == {DeliveryState.SENT}


# -- refusals -------------------------------------------------------------------------------------------------------


def test_a_temporary_refusal_is_tried_again_under_the_same_message_id(office: SiteOffice, zhao: Someone) -> None:
    with mail_server(office) as box:
        box.to_recipient[:] = ["450 4.7.1 greylisted"]
        box.to_data[:] = ["451 4.3.0 try later"]
        notify(office, zhao)
        work(office)
        delivery = the_delivery(office)
        assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 1)
        assert "450" in str(delivery.why)
        assert work(office) == 0, "not at once"
        later(seconds=40)
        work(office)
        assert "451" in str(the_delivery(office).why)
        later(minutes=3)
        work(office)
    assert len(box.letters) == 1
    assert box.letters[0]["Message-ID"] == f"<{delivery.id}@example.cn>"
    assert (the_delivery(office).state, the_delivery(office).attempts) == (DeliveryState.SENT, 3)
    assert office.read(sa.select(Job.attempts).where(Job.kind == "delivery")) == [1], "waiting is no failure of the job"


@pytest.mark.parametrize("where", ["to_recipient", "to_data"])
def test_a_refusal_for_good_is_parked_and_the_office_told_once_a_day(
    office: SiteOffice, zhao: Someone, clerk: Someone, where: str
) -> None:
    with mail_server(office) as box:
        getattr(box, where)[:] = ["550 5.1.1 no such user", "550 5.1.1 no such user"]
        notify(office, zhao)
        notify(office, zhao, key="n2")
        work_through(office)
        assert [one.state for one in deliveries(office)] == [DeliveryState.PARKED] * 2
        (told,) = inbox(clerk)
        assert told["title"] == "消息未能送达：Zhao"
        assert "550 5.1.1 no such user" in told["text"]
        assert FACTS["number"] in told["text"]
        notify(office, zhao, key="n3")
        work_through(office)
    assert len(box.letters) == 1, "one refusal does not close the server for others"


def test_after_a_day_it_is_given_up(office: SiteOffice, zhao: Someone) -> None:
    boss = office.person("boss", "admin")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        set_up(office, smtp_host="127.0.0.1", smtp_port=taken.getsockname()[1], smtp_security="none",
               smtp_sender="dudao@example.cn")
        for number in range(3):
            notify(office, zhao, key=f"n{number}")
        tries = 0
        for _ in range(110):
            tries += work(office)
            later(minutes=15)
        work(office)
    found = deliveries(office)
    assert {one.state for one in found} == {DeliveryState.PARKED}
    assert sum(one.attempts for one in found) < 110, "a dead server is asked every ten minutes, not for every message"
    assert {one["kind"] for one in inbox(boss)} == {"delivery-failed"}, "where there is no office, administrators"
    assert len(inbox(boss)) == 1


def test_a_server_that_never_answers_holds_one_worker_for_its_time_and_nobody_else(
    office: SiteOffice, zhao: Someone
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        set_up(office, smtp_host="127.0.0.1", smtp_port=mute.getsockname()[1], smtp_security="none",
               smtp_sender="dudao@example.cn", smtp_timeout_s=1)
        for number in range(10):
            notify(office, zhao, key=f"n{number}")
        work(office)  # comes back at all: nobody ever answers here
    assert sum(one.attempts for one in deliveries(office)) == 1
    assert {one.repeats for one in deliveries(office)} == {0}, "nothing was handed over, so nothing can come twice"


def test_a_server_that_drips_is_hung_up_on(office: SiteOffice, zhao: Someone) -> None:
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        line, _ = server.accept()
        with line:
            try:
                while not ended.wait(0.1):
                    line.sendall(b"2")
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        set_up(office, smtp_host="127.0.0.1", smtp_port=server.getsockname()[1], smtp_security="none",
               smtp_sender="dudao@example.cn", smtp_timeout_s=1)
        notify(office, zhao)
        work(office)  # comes back at all: the dripping ends after this line
        ended.set()
        thread.join()
    assert "too long" in str(the_delivery(office).why)


def test_a_line_that_breaks_after_the_message_went_out_counts_as_a_possible_repeat(
    office: SiteOffice, zhao: Someone
) -> None:
    with mail_server(office, smtp_timeout_s=1) as box:
        box.on_data = lambda: time.sleep(2.5)
        notify(office, zhao)
        work(office)
        assert (the_delivery(office).state, the_delivery(office).repeats) == (DeliveryState.WAITING, 1)
        box.on_data = None
        later(minutes=5)
        work_through(office)
    assert len(box.letters) == 2
    assert len({one["Message-ID"] for one in box.letters}) == 1, "the reader's mail program can drop one"
    assert box.letters[0]["Date"] == box.letters[1]["Date"]
    assert the_delivery(office).state is DeliveryState.SENT


def test_an_odd_address_is_parked_and_not_tried(office: SiteOffice, zhao: Someone) -> None:
    with mail_server(office) as box:
        give_email(office, zhao, address="张三@example.cn")
        notify(office, zhao)
        give_email(office, zhao, address="zhao@例子.中国")
        notify(office, zhao, key="n2")
        office.write(lambda db: db.execute(sa.update(Delivery).where(Delivery.key == "n1").values(key="n0")))
        work(office)
    assert box.recipients == ["zhao@xn--fsqu00a.xn--fiqs8s"] * 2


def test_settings_of_the_mail_server_are_held_to_reason() -> None:
    good = {"DUDAO_SMTP_HOST": "mail.example.cn", "DUDAO_SMTP_SENDER": "督导 <dudao@example.cn>",
            "DUDAO_SECRET_KEY": outside.SECRET * 2}
    assert config.load(good).smtp_port == 587
    for name, value in {
        "SMTP_SECURITY": "ssl", "SMTP_PORT": "0", "SMTP_TIMEOUT_S": "0", "SMTP_SENDER": "nobody",
        "SMTP_PASSWORD": "密码", "WEBHOOK_TIMEOUT_S": "1000",
    }.items():
        with pytest.raises(config.ConfigError, match=name):
            config.load({**good, f"DUDAO_{name}": value})
    with pytest.raises(config.ConfigError, match="SMTP_SECURITY"):
        config.load({**good, "DUDAO_SMTP_SECURITY": "none", "DUDAO_SMTP_USER": "dudao"})
