"""Signing in, staying signed in, and being cut off."""

from __future__ import annotations

from tests.factories import PASSWORD, YINGZE, SiteOffice


def test_an_inspector_signs_in_and_sees_who_they_are(office: SiteOffice) -> None:
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    me = wang.get("/me")
    assert me.status_code == 200
    assert me.json["username"] == "wang"
    assert me.json["roles"] == ["inspector"]
    assert me.json["districts"] == [YINGZE]


def test_a_wrong_password_is_401_and_says_the_same_for_an_unknown_name(office: SiteOffice) -> None:
    office.person("wang", "inspector")
    client = office.app.test_client()
    wrong = client.post("/api/v1/auth/login", json={"username": "wang", "password": PASSWORD + "x"})
    unknown = client.post("/api/v1/auth/login", json={"username": "nobody", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json == unknown.json
    assert wrong.json["code"] == "credentials-wrong"


def test_a_bad_token_is_401(office: SiteOffice) -> None:
    client = office.app.test_client()
    for header in (None, "Bearer", "Bearer x.y.z", "Basic abc", "Bearer " + "a" * 5000):
        answer = client.get("/api/v1/me", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401, header
        assert answer.content_type == "application/problem+json"
