"""Tokens that somebody made up: each of them is 401, whatever is wrong with it."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import jwt
import pytest

from server.accounts.models import SignIn
from server.kit import clock
from tests.conftest import SECRET
from tests.factories import SiteOffice, Someone

KINDS: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1},
    "from the future": {"iat": 2**33, "nbf": 2**33},
    "of another issuer": {"iss": "elsewhere"},
    "for another audience": {"aud": "elsewhere"},
    "for an audience that is a number": {"aud": 7},
    "of a kind that does not exist": {"type": "admin"},
    "without a kind": {"type": None},
    "whose person is no id": {"sub": "wang"},
    "whose person is a number": {"sub": 7},
    "of another person": {"sub": str(uuid.uuid4())},
    "whose sign-in is no id": {"sid": "x"},
    "whose sign-in is a list": {"sid": []},
    "of a sign-in that never was": {"sid": str(uuid.uuid4())},
    "whose end is words": {"exp": "tomorrow"},
    "that began beyond all time": {"nbf": 10**400},
    "whose id is a number": {"jti": 5},
}


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    return office.person("wang", "inspector")


def claims(office: SiteOffice, wang: Someone, **changed: Any) -> dict[str, Any]:
    """What an honest access token of wang says, but for `changed`."""
    now = int(time.time())
    honest = {
        "sub": str(wang.id), "sid": str(office.read(_sign_ins(wang))[0]), "jti": str(uuid.uuid4()), "type": "access",
        "iss": "dudao", "aud": "dudao", "iat": now, "nbf": now, "exp": now + 600, "fresh": False,
    }
    return {**honest, **changed}


def _sign_ins(wang: Someone) -> Any:
    import sqlalchemy as sa

    return sa.select(SignIn.id).where(SignIn.person_id == wang.id)


def ask(office: SiteOffice, token: str) -> tuple[int, int]:
    headers = {"Authorization": f"Bearer {token}"}
    client = office.app.test_client()
    return client.get("/api/v1/me", headers=headers).status_code, client.post(
        "/api/v1/auth/refresh", headers=headers).status_code


def test_an_honest_token_made_by_hand_is_let_in(office: SiteOffice, wang: Someone) -> None:
    assert ask(office, jwt.encode(claims(office, wang), SECRET, "HS256")) == (200, 401)


def test_a_token_that_says_something_wrong_is_refused(office: SiteOffice, wang: Someone) -> None:
    for kind, said in KINDS.items():
        payload = claims(office, wang, **said)
        # signed by hand, since the library itself refuses to write some of these
        assert ask(office, _signed(json.dumps(payload).encode())) == (401, 401), kind
        if payload["type"] == "access":
            assert ask(office, _signed(json.dumps({**payload, "type": "refresh"}).encode())) == (401, 401), kind


def test_a_token_that_leaves_something_out_is_refused(office: SiteOffice, wang: Someone) -> None:
    for left_out in ("sub", "sid", "jti", "exp", "iss", "aud"):
        payload = claims(office, wang)
        del payload[left_out]
        assert ask(office, _signed(json.dumps(payload).encode())) == (401, 401), left_out


def test_another_secret_or_algorithm_is_refused(office: SiteOffice, wang: Someone) -> None:
    payload = claims(office, wang)
    assert ask(office, jwt.encode(payload, SECRET + "x", "HS256")) == (401, 401)
    assert ask(office, jwt.encode(payload, SECRET * 2, "HS512")) == (401, 401)
    assert ask(office, jwt.encode(payload, None, "none")) == (401, 401)
    for algorithm in ("None", "nOnE", "", 7, ["HS256"], {"HS256": 1}, None):
        assert ask(office, _signed(json.dumps(payload).encode(), {"typ": "JWT", "alg": algorithm})) == (401, 401)


def test_what_is_no_token_at_all_is_refused(office: SiteOffice, wang: Someone) -> None:
    deep = b"[" * 20000
    nested = b'{"sub":' + b"[" * 2000 + b"]" * 2000 + b"}"
    for payload in (b"", b"null", b"[]", b"7", b"{", b"\xff", b'"x"', deep, nested):
        assert ask(office, _signed(payload)) == (401, 401), payload[:20]
    for header in (deep, b"[]", b"null", b"\xff"):
        assert ask(office, f"{_b64(header)}.{_b64(b'{}')}.{_b64(b'x')}") == (401, 401), header[:20]
    for text in ("a.b", "a.b.c.d.e", "." * 300, "é.é.é", wang.tokens["access_token"] + "x",
                 wang.tokens["access_token"][:-3], wang.tokens["access_token"] * 2):
        assert ask(office, text) == (401, 401), text[:20]


def test_a_refresh_token_of_a_family_that_does_not_hold_it_is_refused(office: SiteOffice, wang: Someone) -> None:
    li = office.person("li", "inspector")
    ours = claims(office, wang, type="refresh", jti=jwt.decode(
        li.tokens["refresh_token"], SECRET, ["HS256"], audience="dudao")["jti"])
    assert ask(office, _signed(json.dumps(ours).encode())) == (401, 401)
    assert li.get("/me").status_code == 200


def test_an_access_token_outlives_neither_the_sign_in_nor_its_own_end(office: SiteOffice, wang: Someone) -> None:
    import sqlalchemy as sa

    token = jwt.encode(claims(office, wang, exp=int(time.time()) + 2), SECRET, "HS256")
    assert ask(office, token)[0] == 200
    office.write(lambda db: db.execute(sa.update(SignIn).values(revoked_at=clock.now())))
    assert ask(office, token)[0] == 401


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signed(payload: bytes, header: dict[str, Any] | None = None) -> str:
    import hashlib
    import hmac

    head = _b64(json.dumps(header or {"typ": "JWT", "alg": "HS256"}).encode())
    signature = hmac.new(SECRET.encode(), f"{head}.{_b64(payload)}".encode(), hashlib.sha256).digest()
    return f"{head}.{_b64(payload)}.{_b64(signature)}"
