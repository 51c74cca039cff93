"""Guessing passwords: wrong ones are counted by name and by address, and too many have to wait."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

import config
from server import create_app
from server.accounts import guesses, jobs, passwords
from server.accounts.models import Guess, Person, RefreshToken
from server.audit.models import AuditEvent
from server.errors import Refusal
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import Work
from tests.factories import PASSWORD, SiteOffice, Someone


@pytest.fixture
def conf(conf: config.Config) -> config.Config:
    return dataclasses.replace(conf, guesses_per_person=3, guesses_per_address=6, guess_window_s=600)


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    return office.person("wang", "inspector")


def login(
    app: Flask, username: str, password: str = PASSWORD, address: str = "10.0.0.1", forwarded: str | None = None
) -> TestResponse:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return app.test_client().post(
        "/api/v1/auth/login", json={"username": username, "password": password}, headers=headers,
        environ_base={"REMOTE_ADDR": address},
    )


def test_after_three_wrong_passwords_even_the_right_one_waits(office: SiteOffice, wang: Someone) -> None:
    for _ in range(3):
        assert login(office.app, "wang", "wrong").status_code == 401
    for password in ("wrong", PASSWORD):
        blocked = login(office.app, "wang", password)
        assert (blocked.status_code, blocked.json["code"]) == (429, "too-many-guesses")
        assert 590 <= int(blocked.headers["Retry-After"]) <= 601


def test_a_stranger_elsewhere_cannot_lock_somebody_out(office: SiteOffice, wang: Someone) -> None:
    for _ in range(4):
        login(office.app, "wang", "wrong", address="203.0.113.7")
    assert login(office.app, "wang").status_code == 200
    assert login(office.app, "wang", address="203.0.113.7").status_code == 429, "which the right password did not change"


def test_many_addresses_together_do_not_guess_without_end(office: SiteOffice, wang: Someone) -> None:
    answers = [
        login(office.app, "wang", "wrong", address=f"203.0.113.{place}").status_code
        for place in range(3 * guesses.ELSEWHERE + 2)
    ]
    assert answers == [401] * 3 * guesses.ELSEWHERE + [429] * 2
    assert login(office.app, "wang").status_code == 429


def test_the_name_is_let_in_again_once_the_window_has_passed(office: SiteOffice, wang: Someone) -> None:
    for _ in range(3):
        login(office.app, "wang", "wrong")
    office.write(lambda db: db.execute(sa.update(Guess).values(at=clock.now() - timedelta(seconds=601))))
    assert login(office.app, "wang").status_code == 200


def test_the_right_password_forgets_the_wrong_ones_of_that_name(office: SiteOffice, wang: Someone) -> None:
    for _ in range(2):
        for _ in range(2):
            assert login(office.app, "wang", "wrong").status_code == 401
        assert login(office.app, "wang").status_code == 200


def exhaust(app: Flask, **more: str) -> None:
    """As many wrong passwords as one address may give."""
    for number in range(6):
        assert login(app, f"name{number}", "wrong", **more).status_code == 401


def test_an_office_behind_one_address_is_not_locked_out_by_a_guesser_in_it(office: SiteOffice, wang: Someone) -> None:
    exhaust(office.app)
    for _ in range(3):
        assert login(office.app, "wang").status_code == 200


def test_from_an_exhausted_address_each_name_has_one_try(office: SiteOffice, wang: Someone) -> None:
    exhaust(office.app)
    assert login(office.app, "wang", "wrong").status_code == 401
    for password in ("wrong", PASSWORD):
        blocked = login(office.app, "wang", password)
        assert (blocked.status_code, blocked.json["code"]) == (429, "too-many-guesses")
    assert login(office.app, "wang", address="10.0.0.2").status_code == 200  # which forgets the wrong one
    assert login(office.app, "wang").status_code == 200


def test_names_out_of_the_air_fill_neither_the_trail_nor_the_table_of_guesses(office: SiteOffice, wang: Someone) -> None:
    """Each is a name of which nobody guessed wrong, so a full address alone would not stop them."""
    answers = [login(office.app, f"nobody-{number}", "wrong").status_code for number in range(6 * guesses.FLOOD + 10)]
    assert answers == [401] * 6 * guesses.FLOOD + [429] * 10
    refused = office.read(sa.select(AuditEvent.object_id).where(AuditEvent.verb == "sign_in_refused"))
    assert refused == ["unknown"] * 6
    assert login(office.app, "wang", address="10.0.0.2").status_code == 200


def test_a_success_does_not_clear_the_address(office: SiteOffice, wang: Someone) -> None:
    for number in range(5):
        login(office.app, f"name{number}", "wrong")
    assert login(office.app, "wang").status_code == 200
    login(office.app, "wang", "wrong")
    assert login(office.app, "wang").status_code == 429


def test_an_address_has_enough_tries_for_a_whole_office() -> None:
    conf = config.load({}, env="test")
    assert (conf.guesses_per_person, conf.guesses_per_address, conf.guess_window_s) == (10, 1000, 900)


def test_of_many_guesses_at_once_none_beyond_the_limit_is_answered(office: SiteOffice, wang: Someone) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: login(office.app, "wang", "wrong").status_code, range(12)))
    assert sorted(set(answers)) == [401, 429]
    assert answers.count(401) == 3


def test_a_header_that_anybody_can_write_does_not_change_the_address(office: SiteOffice, wang: Someone) -> None:
    for number in range(5):
        login(office.app, f"name{number}", "wrong", forwarded=f"1.2.3.{number}")
    assert login(office.app, "wang", "wrong", forwarded="8.8.8.8").status_code == 401
    assert login(office.app, "wang", forwarded="9.9.9.9").status_code == 429


@pytest.fixture
def behind_proxy(conf: config.Config) -> Iterator[Flask]:
    application = create_app(dataclasses.replace(conf, trusted_proxies=1))
    yield application
    application.extensions["dudao"].database.dispose()


def test_behind_a_trusted_proxy_the_last_address_it_wrote_counts(
    office: SiteOffice, wang: Someone, behind_proxy: Flask
) -> None:
    for number in range(5):
        login(behind_proxy, f"name{number}", "wrong", forwarded=f"6.6.6.{number}, 1.2.3.4")
    assert login(behind_proxy, "wang", "wrong", forwarded="6.6.6.6, 1.2.3.4").status_code == 401
    assert login(behind_proxy, "wang", forwarded="7.7.7.7, 1.2.3.4").status_code == 429
    assert login(behind_proxy, "wang", forwarded="7.7.7.7, 1.2.3.5").status_code == 200


def test_an_ipv6_guesser_cannot_hop_within_the_network(conf: config.Config) -> None:
    def counted(address: str) -> list[str]:
        return list(guesses.keys(conf, address))

    assert counted("2001:db8::1") == counted("2001:db8::ffff:2") != counted("2001:db8:0:1::1")
    assert counted("::ffff:10.0.0.1") == counted("10.0.0.1")
    assert counted("unix:") == ["address:unix:"]
    assert counted("fe80::1%eth0") == counted("fe80::2")


def test_guessing_ones_own_old_password_is_counted_too(office: SiteOffice, wang: Someone) -> None:
    change = {"old_password": "wrong", "new_password": "Another-horse-8"}
    for _ in range(3):
        answer = wang.post("/me/password", change)
        assert (answer.status_code, answer.json["code"]) == (422, "password-wrong")
    assert wang.post("/me/password", {**change, "old_password": PASSWORD}).status_code == 429


def test_guessing_one_time_codes_is_counted_by_address(office: SiteOffice) -> None:
    client = office.app.test_client()
    body = {"code": "AAAA-AAAA-AAAA-AAAA-AAAA", "new_password": "Another-horse-8"}
    answers = [client.post("/api/v1/auth/password", json=body).status_code for _ in range(7)]
    assert answers == [422] * 6 + [429]


def test_a_phone_that_sends_two_hundred_requests_at_once_is_never_throttled(
    office: SiteOffice, wang: Someone
) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(lambda _: wang.put(f"/reports/{new_id()}", {"revision": 1}).status_code, range(200)))
        reads = set(pool.map(lambda _: wang.get("/me").status_code, range(200)))
    assert reads == {200}
    assert answers.isdisjoint({429, 500, 503}), answers


def test_nobody_waits_for_the_writer_while_a_password_is_checked(
    office: SiteOffice, wang: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []
    real = passwords.matches

    def slow(stored: str | None, password: str) -> bool:
        if not written:
            written.append(True)
            # a second transaction inside a write would be refused here, and on SQLite would never get its turn
            office.write(lambda db: db.execute(sa.update(Person).values(phone="13800138000")))
        return real(stored, password)

    monkeypatch.setattr(passwords, "matches", slow)
    assert login(office.app, "wang").status_code == 200
    assert written == [True]


def test_a_password_that_was_replaced_while_it_was_checked_no_longer_opens(
    office: SiteOffice, wang: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = passwords.matches

    def meanwhile(stored: str | None, password: str) -> bool:
        office.write(lambda db: db.execute(sa.update(Person).values(password_hash=passwords.make("Another-1"))))
        return real(stored, password)

    monkeypatch.setattr(passwords, "matches", meanwhile)
    assert login(office.app, "wang").status_code == 401


def test_a_hash_of_another_cost_is_renewed_at_the_next_sign_in(office: SiteOffice, wang: Someone) -> None:
    before = office.read(sa.select(Person.password_hash))[0]
    assert before.startswith("$argon2id$")
    passwords.set_up(128, 2)
    try:
        assert login(office.app, "wang").status_code == 200
        after = office.read(sa.select(Person.password_hash))[0]
        assert "m=128,t=2" in after
        assert login(office.app, "wang").status_code == 200
    finally:
        passwords.set_up(64, 1)


def test_when_too_many_check_passwords_at_once_one_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(passwords, "_at_once", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    with passwords._turn(), pytest.raises(Refusal) as refused:
        passwords.make("Correct-horse-7")
    assert refused.value.status == 423


def test_the_sweep_clears_what_ran_out_and_nothing_else(office: SiteOffice, wang: Someone) -> None:
    login(office.app, "wang", "wrong")
    refresh = office.read(sa.select(RefreshToken.jti))
    past = clock.now() - timedelta(days=2)
    office.write(lambda db: db.execute(sa.insert(Guess), [{"key": "name:old", "at": past}]))
    office.write(lambda db: db.execute(sa.insert(RefreshToken), [{
        "jti": new_id(), "sign_in_id": db.scalar(sa.select(RefreshToken.sign_in_id)), "issued_at": past,
        "expires_at": past, "used_at": None, "successor": None,
    }]))
    work = Work(database=office.database, app=office.app, job_id=new_id(), payload={}, progress=lambda _: None)
    for _ in range(2):
        jobs.sweep(work)
        assert sorted(office.read(sa.select(Guess.key))) == ["address:10.0.0.1", "from:10.0.0.1 wang", "name:wang"]
        assert office.read(sa.select(RefreshToken.jti)) == refresh
