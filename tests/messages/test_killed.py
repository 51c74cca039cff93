"""A worker that is killed between sending and saying so: it comes again, under the same id, and that is counted."""

from __future__ import annotations

import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from server.kit.jobs import Job, JobState
from server.messages import service
from server.messages.models import Outlet
from server.messages.rules import DeliveryState
from tests.factories import YINGZE, SiteOffice, Someone
from tests.kit.test_jobs import worker_process
from tests.messages.outside import (
    FACTS,
    deliveries,
    give_email,
    hook,
    mail_server,
    open_up,
    receiver,
    signed_as_standard,
    the_delivery,
    until,
)


def settings(**more: str) -> dict[str, str]:
    return {
        "DUDAO_SMTP_TIMEOUT_S": "1", "DUDAO_WEBHOOK_TIMEOUT_S": "1", "DUDAO_SMTP_SECURITY": "none",
        "DUDAO_SMTP_SENDER": "dudao@example.cn", "DUDAO_WEBHOOK_ALLOW_PRIVATE": "yes", "DUDAO_WEBHOOK_ALLOW_HTTP": "yes",
        "DUDAO_SMTP_HOST": "127.0.0.1", **more,
    }


def tell(office: SiteOffice, *people: Someone, key: str = "n1") -> None:
    told = [one.id for one in people]
    office.write(lambda db: service.notify(db, "issue-notice", key, FACTS, people=told, district=YINGZE))


def all_done(office: SiteOffice) -> bool:
    return set(office.read(sa.select(Job.state).where(Job.kind == "delivery"))) == {JobState.DONE}


def test_mail_that_the_server_took_before_the_kill_comes_again_under_its_id(office: SiteOffice, tmp_path: Path) -> None:
    zhao = office.person("zhao", "contractor")
    give_email(office, zhao)
    with mail_server(office) as box:
        environment = settings(DUDAO_SMTP_PORT=str(box.port))
        with worker_process(office, tmp_path, **environment) as first:
            box.on_data = lambda: os.kill(first.pid, signal.SIGKILL)  # before our "250 taken" can reach it
            tell(office, zhao)
            until(lambda: box.letters)
            first.wait(10)
        box.on_data = None
        assert the_delivery(office).state is DeliveryState.SENDING, "nobody knows, and the row says so"
        with worker_process(office, tmp_path, **environment):
            until(lambda: the_delivery(office).state is DeliveryState.SENT, 40)
            until(lambda: all_done(office))
    delivery = the_delivery(office)
    assert (len(box.letters), delivery.attempts, delivery.repeats) == (2, 2, 1)
    assert {one["Message-ID"] for one in box.letters} == {f"<{delivery.id}@example.cn>"}
    assert box.letters[0]["Date"] == box.letters[1]["Date"]


def test_a_webhook_that_was_told_before_the_kill_is_told_again_under_its_id(office: SiteOffice, tmp_path: Path) -> None:
    clerk = office.person("clerk", "office")
    open_up(office)
    with receiver() as there:
        one = hook(clerk, there.url)
        with worker_process(office, tmp_path, **settings()) as first:

            def kill(_handler: BaseHTTPRequestHandler) -> bool:
                os.kill(first.pid, signal.SIGKILL)
                return True

            there.on_call = kill
            tell(office)
            until(lambda: there.calls)
            first.wait(10)
        there.on_call = None
        with worker_process(office, tmp_path, **settings()):
            until(lambda: the_delivery(office).state is DeliveryState.SENT, 40)
    assert len(there.calls) == 2
    assert {call.headers["webhook-id"] for call in there.calls} == {f"msg_{the_delivery(office).id.hex}"}
    assert len({call.body for call in there.calls}) == 1
    assert all(signed_as_standard(call) for call in there.calls)
    (shown,) = clerk.get(f"/webhooks/{one}/deliveries").json["items"]
    assert (shown["repeats"], shown["attempts"]) == (1, 2), "the office sees that it may have come twice"


def test_two_workers_send_each_thing_once(office: SiteOffice, tmp_path: Path) -> None:
    people = [office.person(f"p{n}", "contractor") for n in range(4)]
    give_email(office, *people)
    clerk = office.person("clerk", "office")
    open_up(office)
    with mail_server(office) as box, receiver() as there:
        open_up(office)
        hook(clerk, there.url)
        environment = settings(DUDAO_SMTP_PORT=str(box.port))
        for number in range(5):
            tell(office, *people, key=f"n{number}")
        with worker_process(office, tmp_path, **environment), worker_process(office, tmp_path, **environment):
            until(lambda: all_done(office), 60)
    found = deliveries(office)
    assert len(found) == 25
    assert {(one.state, one.attempts, one.repeats) for one in found} == {(DeliveryState.SENT, 1, 0)}
    assert len(box.letters) == len({one["Message-ID"] for one in box.letters}) == 20
    assert len(there.calls) == len({call.headers["webhook-id"] for call in there.calls}) == 5


def test_a_dead_mail_server_and_a_slow_hook_do_not_hold_up_whoever_sends_a_report(
    office: SiteOffice, tmp_path: Path
) -> None:
    """What tells people is one transaction without a word to anybody outside."""
    clerk = office.person("clerk", "office")
    people = [office.person(f"p{n}", "contractor") for n in range(3)]
    give_email(office, *people)
    open_up(office)
    told = threading.Event()
    with receiver() as there:

        def slowly(_handler: BaseHTTPRequestHandler) -> bool:
            told.wait(60)
            return False

        there.on_call = slowly
        hook(clerk, there.url)
        dead = settings(DUDAO_SMTP_PORT=str(urlsplit(there.url).port))  # no mail server: it hangs up
        with worker_process(office, tmp_path, **dead):
            until(lambda: not office.read(sa.select(Outlet.name)))
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it spoke to somebody outside"))
                for number in range(20):
                    tell(office, *people, key=f"n{number}")
            told.set()
            until(lambda: len(there.calls) > 1)
            until(lambda: office.read(sa.select(Outlet.failures).where(Outlet.name == "email", Outlet.failures > 0)))
            assert clerk.get("/messages").status_code == 200
