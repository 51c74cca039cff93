"""Signing in, staying signed in, and being cut off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.accounts.models import RefreshToken, SignIn
from server.audit.models import AuditEvent
from server.kit import clock
from tests.factories import PASSWORD, YINGZE, SiteOffice, Someone


def login(office: SiteOffice, username: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    body = {"username": username, "password": password, **more}
    return office.app.test_client().post("/api/v1/auth/login", json=body)


def refresh(office: SiteOffice, token: str) -> TestResponse:
    return office.app.test_client().post("/api/v1/auth/refresh", headers={"Authorization": f"Bearer {token}"})


def me(office: SiteOffice, token: str) -> int:
    client = office.app.test_client()
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def age_used_tokens(office: SiteOffice, seconds: int) -> None:
    """Let time pass since refresh tokens were used."""
    used = clock.now() - timedelta(seconds=seconds)
    office.write(lambda db: db.execute(
        sa.update(RefreshToken).where(RefreshToken.used_at.is_not(None)).values(used_at=used)
    ))


def at_once(count: int, ask: Callable[[int], TestResponse]) -> list[TestResponse]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    return office.person("wang", "inspector", districts=(YINGZE,))


# --- coming in


def test_an_inspector_signs_in_and_sees_who_they_are(wang: Someone) -> None:
    me = wang.get("/me")
    assert me.status_code == 200
    assert me.json["username"] == "wang"
    assert me.json["roles"] == ["inspector"]
    assert me.json["districts"] == [YINGZE]


def test_a_name_typed_full_width_or_in_capitals_is_the_same_name(office: SiteOffice, wang: Someone) -> None:
    assert login(office, " WANG ").json["user"]["id"] == str(wang.id)


def test_a_wrong_password_is_401_and_says_the_same_for_an_unknown_name(office: SiteOffice, wang: Someone) -> None:
    wrong = login(office, "wang", PASSWORD + "x")
    unknown = login(office, "nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json == unknown.json
    assert wrong.json["code"] == "credentials-wrong"


def test_odd_names_and_passwords_are_refused_and_never_break_anything(office: SiteOffice) -> None:
    for text in ("", "\x00", "ﷺ" * 200, "a" * 200, "%", "'; drop table person; --", "𬭎", "\u202e"):
        assert login(office, text).status_code == 401, repr(text)
        assert login(office, "wang", text).status_code == 401, repr(text)
    for body in ({}, {"username": "wang"}, {"username": 1, "password": []}, {"username": "a" * 201, "password": "x"},
                 {"username": "wang", "password": "x" * 1001}, {"username": "wang", "password": "x", "extra": 1},
                 {"username": "wang", "password": "x", "device": {"id": ""}},
                 {"username": "wang", "password": "x", "device": {"id": "a" * 201}}):
        assert office.app.test_client().post("/api/v1/auth/login", json=body).status_code == 422, body


def test_a_disabled_person_and_one_without_a_password_cannot_sign_in(office: SiteOffice, wang: Someone) -> None:
    admin = office.person("boss", "admin")
    admin.patch(f"/people/{wang.id}", {"active": False})
    admin.post("/people", {"username": "new.one", "name": "新人", "roles": ["inspector"]})
    assert login(office, "wang").status_code == 401
    assert login(office, "new.one", "").status_code == 401


# --- bad tokens


def test_a_bad_token_is_401(office: SiteOffice) -> None:
    client = office.app.test_client()
    for header in (None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic abc", "Bearer " + "a" * 5000, "Bearer ü.ü.ü",
                   "Bearer ..", "Bearer a b", "Token x"):
        answer = client.get("/api/v1/me", headers={"Authorization": header} if header is not None else {})
        assert answer.status_code == 401, header
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# --- staying in


def test_a_refresh_gives_a_new_pair_and_both_access_tokens_work(office: SiteOffice, wang: Someone) -> None:
    answer = refresh(office, wang.tokens["refresh_token"])
    assert answer.status_code == 200
    assert answer.json["refresh_token"] != wang.tokens["refresh_token"]
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["user"]["username"] == "wang"
    assert me(office, answer.json["access_token"]) == 200


def test_a_refresh_whose_reply_was_lost_gives_the_very_same_successor(office: SiteOffice, wang: Someone) -> None:
    first = refresh(office, wang.tokens["refresh_token"])
    age_used_tokens(office, 29)
    again = refresh(office, wang.tokens["refresh_token"])
    assert again.status_code == 200
    assert again.json["refresh_token"] == first.json["refresh_token"]
    assert me(office, again.json["access_token"]) == 200


def test_a_used_token_presented_after_the_grace_ends_the_whole_family(office: SiteOffice, wang: Someone) -> None:
    successor = refresh(office, wang.tokens["refresh_token"]).json
    age_used_tokens(office, 31)
    stolen = refresh(office, wang.tokens["refresh_token"])
    assert (stolen.status_code, stolen.json["code"]) == (401, "token-reused")
    assert refresh(office, successor["refresh_token"]).json["code"] == "session-revoked"
    assert me(office, successor["access_token"]) == 401
    assert "token_reused" in office.read(sa.select(AuditEvent.verb))


def test_within_the_grace_a_used_successor_means_theft(office: SiteOffice, wang: Someone) -> None:
    second = refresh(office, wang.tokens["refresh_token"]).json
    third = refresh(office, second["refresh_token"]).json
    assert refresh(office, wang.tokens["refresh_token"]).json["code"] == "token-reused"
    assert me(office, third["access_token"]) == 401


def test_theft_from_one_sign_in_leaves_the_others_alone(office: SiteOffice, wang: Someone) -> None:
    desk = login(office, "wang").json
    refresh(office, wang.tokens["refresh_token"])
    age_used_tokens(office, 31)
    refresh(office, wang.tokens["refresh_token"])
    assert me(office, desk["access_token"]) == 200
    assert refresh(office, desk["refresh_token"]).status_code == 200


def test_eight_refreshes_at_once_give_one_successor(office: SiteOffice, wang: Someone) -> None:
    answers = at_once(8, lambda _: refresh(office, wang.tokens["refresh_token"]))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    assert len(office.read(sa.select(RefreshToken.jti))) == 2


def test_a_refresh_token_that_ran_out_in_the_database_is_401(office: SiteOffice, wang: Someone) -> None:
    past = clock.now() - timedelta(seconds=1)
    office.write(lambda db: db.execute(sa.update(RefreshToken).values(expires_at=past)))
    assert refresh(office, wang.tokens["refresh_token"]).json["code"] == "token-expired"


def test_access_and_refresh_tokens_do_not_stand_in_for_each_other(office: SiteOffice, wang: Someone) -> None:
    assert me(office, wang.tokens["refresh_token"]) == 401
    assert refresh(office, wang.tokens["access_token"]).status_code == 401
    assert refresh(office, "").status_code == 401
    assert me(office, wang.tokens["access_token"]) == 200


# --- going out, and being put out


def test_signing_out_ends_this_sign_in_alone(office: SiteOffice, wang: Someone) -> None:
    desk = login(office, "wang").json
    assert wang.post("/auth/logout").status_code == 204
    assert wang.get("/me").status_code == 401
    assert wang.post("/auth/logout").status_code == 401
    assert refresh(office, wang.tokens["refresh_token"]).status_code == 401
    assert me(office, desk["access_token"]) == 200


def test_disabling_takes_effect_with_the_next_request_and_enabling_revives_no_old_sign_in(
    office: SiteOffice, wang: Someone
) -> None:
    admin = office.person("boss", "admin")
    assert admin.patch(f"/people/{wang.id}", {"active": False}).status_code == 200
    assert wang.get("/me").status_code == 401
    assert refresh(office, wang.tokens["refresh_token"]).status_code == 401
    assert admin.patch(f"/people/{wang.id}", {"active": True}).status_code == 200
    assert wang.get("/me").status_code == 401
    assert login(office, "wang").status_code == 200


def test_a_changed_role_takes_effect_with_the_next_request(office: SiteOffice, wang: Someone) -> None:
    admin = office.person("boss", "admin")
    assert wang.get("/people").status_code == 403
    admin.patch(f"/people/{wang.id}", {"roles": ["inspector", "admin"]})
    assert wang.get("/people").status_code == 200
    admin.patch(f"/people/{wang.id}", {"roles": ["inspector"]})
    assert wang.get("/people").status_code == 403


def test_one_reads_of_oneself_what_the_sign_in_said(office: SiteOffice, wang: Someone) -> None:
    said = login(office, "wang").json["user"]
    shown = wang.get("/me").json
    assert shown.pop("user") == shown == said
    assert (said["username"], said["roles"], said["organisation"]) == ("wang", ["inspector"], None)


def test_a_lost_phone_is_cut_off_and_the_desk_stays(office: SiteOffice, wang: Someone) -> None:
    admin = office.person("boss", "admin")
    phone = login(office, "wang", device={"id": "phone-1", "name": "小米"}).json
    assert admin.delete(f"/people/{wang.id}/devices/phone-1").status_code == 204
    assert me(office, phone["access_token"]) == 401
    assert refresh(office, phone["refresh_token"]).status_code == 401
    assert wang.get("/me").status_code == 200
    assert admin.delete(f"/people/{wang.id}/devices/phone-1").status_code == 204
    assert admin.delete(f"/people/{wang.id}/devices/phone-2").status_code == 404
    shown = admin.get(f"/people/{wang.id}/devices").json["items"]
    assert [(one["id"], one["name"], one["signed_in"]) for one in shown] == [("phone-1", "小米", False)]
    assert shown[0]["revoked_at"]
    assert office.read(sa.select(SignIn.revoked_why).where(SignIn.device_id == "phone-1")) == ["device"]


def test_everything_that_a_person_signed_in_from_is_cut_off_at_once(office: SiteOffice, wang: Someone) -> None:
    admin = office.person("boss", "admin")
    phones = [login(office, "wang", device={"id": name}).json for name in ("phone-1", "phone-2")]
    assert admin.delete(f"/people/{wang.id}/devices/phone-2").status_code == 204
    for _ in range(2):
        assert admin.delete(f"/people/{wang.id}/devices").status_code == 204
    assert [me(office, one["access_token"]) for one in phones] == [401, 401]
    assert wang.get("/me").status_code == 401, "a sign-in that named no device ends too"
    shown = admin.get(f"/people/{wang.id}/devices").json["items"]
    assert [(one["signed_in"], bool(one["revoked_at"])) for one in shown] == [(False, True)] * 2
    told = office.read(sa.select(AuditEvent.facts).where(AuditEvent.verb == "device_cut_off").order_by(AuditEvent.id))
    assert [one["device"] for one in told] == ["phone-2", "phone-1", None]
    assert admin.get("/me").status_code == 200


def test_a_device_may_be_called_anything(office: SiteOffice, wang: Someone) -> None:
    admin = office.person("boss", "admin")
    for device in ("a/b", "/dev/0", "a//b", "x%2Fy", "手机 1 号", "?", "#1", "a" * 200, "..", "end/"):
        phone = login(office, "wang", device={"id": device}).json
        assert admin.delete(f"/people/{wang.id}/devices/{quote(device, safe='')}").status_code == 204, device
        assert me(office, phone["access_token"]) == 401, device


def test_two_sign_ins_at_once_from_one_new_phone_both_succeed(office: SiteOffice, wang: Someone) -> None:
    answers = at_once(6, lambda _: login(office, "wang", device={"id": "phone-1"}))
    assert [answer.status_code for answer in answers] == [200] * 6
