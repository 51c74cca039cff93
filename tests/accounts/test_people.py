"""Taking people on, changing them, and letting them go."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.accounts import hooks
from server.accounts.models import PasswordCode, Person
from server.audit.models import AuditEvent
from server.kit.actor import Actor
from tests.factories import JINYUAN, PASSWORD, YINGZE, SiteOffice, Someone

NEW = "Another-horse-8"


@pytest.fixture
def boss(office: SiteOffice) -> Someone:
    return office.person("boss", "admin")


def newcomer(**more: Any) -> dict[str, Any]:
    return {"username": "li.na", "name": "李娜", "roles": ["inspector"], "districts": [YINGZE], **more}


def login(office: SiteOffice, username: str, password: str) -> TestResponse:
    return office.app.test_client().post("/api/v1/auth/login", json={"username": username, "password": password})


def set_password(office: SiteOffice, code: str, password: str = NEW) -> TestResponse:
    body = {"code": code, "new_password": password}
    return office.app.test_client().post("/api/v1/auth/password", json=body)


# --- invite and first password


def test_a_newcomer_is_invited_sets_a_password_and_signs_in(office: SiteOffice, boss: Someone) -> None:
    made = boss.post("/people", newcomer(username=" Li.Na ", phone="+86 138-0013-8000", email="li@example.cn"))
    assert made.status_code == 201
    person = made.json
    assert (person["username"], person["phone"], person["active"], person["has_password"]) == (
        "li.na", "13800138000", True, False)
    assert (person["roles"], person["districts"], person["organisation"]) == (["inspector"], [YINGZE], None)
    assert person["invite"]["expires_at"] > person["created_at"]
    assert set_password(office, f" {person['invite']['code'].lower().replace('-', ' ')} ").status_code == 204
    assert login(office, "li.na", NEW).status_code == 200
    shown = boss.get(f"/people/{person['id']}").json
    assert shown["has_password"]
    assert "invite" not in shown


def test_a_code_opens_once_and_only_its_digest_is_kept(office: SiteOffice, boss: Someone) -> None:
    code = boss.post("/people", newcomer()).json["invite"]["code"]
    assert code.replace("-", "") not in str(office.read(sa.select(PasswordCode.code_sha256)))
    assert set_password(office, code).status_code == 204
    again = set_password(office, code)
    assert (again.status_code, again.json["code"]) == (422, "code-invalid")


def test_of_two_who_use_a_code_at_once_one_is_refused(office: SiteOffice, boss: Someone) -> None:
    code = boss.post("/people", newcomer()).json["invite"]["code"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: set_password(office, code, f"Some-horse-{n}x").status_code, range(6)))
    assert sorted(answers) == [204] + [422] * 5


def test_a_weak_password_is_refused_and_the_code_stays_good(office: SiteOffice, boss: Someone) -> None:
    code = boss.post("/people", newcomer()).json["invite"]["code"]
    for weak in ("short", "aaaaaaaaaaaa", "12345678", "li.na.li.na", "abcdefghij", "１２３４５６７８", "Password",
                 "PASSWORD1", "1234567890", "qwertyuiop", "88888888", "iloveyou", "A123456789", "1qaz2WSX"):
        answer = set_password(office, code, weak)
        assert (answer.status_code, answer.json["code"]) == (422, "password-weak"), weak
    assert set_password(office, code).status_code == 204


def test_a_code_that_ran_out_or_belongs_to_somebody_disabled_is_refused(office: SiteOffice, boss: Someone) -> None:
    made = boss.post("/people", newcomer()).json
    boss.patch(f"/people/{made['id']}", {"active": False})
    assert set_password(office, made["invite"]["code"]).status_code == 422
    boss.patch(f"/people/{made['id']}", {"active": True})
    office.write(lambda db: db.execute(sa.update(PasswordCode).values(expires_at=PasswordCode.created_at)))
    assert set_password(office, made["invite"]["code"]).status_code == 422


def test_a_person_may_be_given_a_password_at_once(office: SiteOffice, boss: Someone) -> None:
    made = boss.post("/people", newcomer(password=NEW))
    assert made.json["invite"] is None
    assert login(office, "li.na", NEW).status_code == 200
    for weak in ("short", "a123456789", "Wang Xiaoming", "wangxiaoming"):
        refused = boss.post("/people", newcomer(username="x.y", name="Wang Xiaoming", password=weak))
        assert (refused.status_code, refused.json["errors"].keys()) == (422, {"password"}), weak


def test_a_reset_ends_sign_ins_and_password_and_earlier_codes(office: SiteOffice, boss: Someone) -> None:
    wang = office.person("wang", "inspector")
    first = boss.post(f"/people/{wang.id}/password-reset").json
    second = boss.post(f"/people/{wang.id}/password-reset").json
    assert wang.get("/me").status_code == 401
    assert login(office, "wang", PASSWORD).status_code == 401
    assert set_password(office, first["code"]).status_code == 422
    assert set_password(office, second["code"]).status_code == 204
    assert login(office, "wang", NEW).status_code == 200


def test_ones_own_new_password_ends_the_other_sign_ins(office: SiteOffice) -> None:
    wang = office.person("wang", "inspector")
    other = office.sign_in("wang", wang.id)
    weak = wang.post("/me/password", {"old_password": PASSWORD, "new_password": "wangwang"})
    assert weak.json["code"] == "password-weak"
    assert wang.post("/me/password", {"old_password": PASSWORD, "new_password": NEW}).status_code == 204
    assert wang.get("/me").status_code == 200
    assert other.get("/me").status_code == 401
    assert login(office, "wang", PASSWORD).status_code == 401
    assert login(office, "wang", NEW).status_code == 200


# --- what a person must be


def test_a_user_name_is_taken_only_once_however_it_is_written(office: SiteOffice, boss: Someone) -> None:
    assert boss.post("/people", newcomer()).status_code == 201
    taken = boss.post("/people", newcomer(username="LI．NA"))
    assert (taken.status_code, taken.json["code"]) == (409, "username-taken")


def test_of_eight_equal_newcomers_at_once_one_is_taken_on(office: SiteOffice, boss: Someone) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: boss.post("/people", newcomer()).status_code, range(8)))
    assert sorted(answers) == [201] + [409] * 7


MISFITS: tuple[tuple[str, Any], ...] = (
    ("username", "x"), ("username", "a" * 65), ("username", "li na"), ("username", ".li"), ("username", "\x00x"),
    ("username", 7), ("username", "\ud800"), ("name", ""), ("name", "  "), ("name", "a" * 101), ("name", None),
    ("phone", "12800138000"), ("phone", "1380013800"), ("phone", "call me"), ("phone", []),
    ("email", "li.cn"), ("email", "li@"), ("email", "a" * 300 + "@example.cn"),
    ("roles", []), ("roles", ["king"]), ("roles", "inspector"), ("roles", ["inspector", "inspector"]),
    ("roles", [[]]), ("roles", [None]), ("districts", ["000000"]), ("districts", [YINGZE, YINGZE]),
    ("districts", [140106]), ("districts", [""]), ("organisation_id", str(uuid.UUID(int=7))), ("organisation_id", "x"),
    ("organisation_id", 5), ("password", ""), ("password", 5), ("extra", 1),
)


def test_what_does_not_fit_is_422_and_named(boss: Someone) -> None:
    for field, value in MISFITS:
        answer = boss.post("/people", newcomer(**{field: value}))
        assert answer.status_code == 422, (field, value, answer.text)
        assert any(name.split(".")[0] == field for name in answer.json["errors"]), (field, value, answer.json)


def test_a_role_needs_its_scope(office: SiteOffice, boss: Someone) -> None:
    assert "organisation_id" in boss.post("/people", newcomer(roles=["contractor"])).json["errors"]
    assert "districts" in boss.post("/people", newcomer(roles=["supervisor"], districts=[])).json["errors"]
    firm = office.organisation("山西一建")
    made = boss.post("/people", newcomer(roles=["contractor"], organisation_id=str(firm)))
    assert made.json["organisation"]["name"] == "山西一建"
    assert "organisation_id" in boss.patch(f"/people/{made.json['id']}", {"organisation_id": None}).json["errors"]
    change = {"roles": ["supervisor"], "districts": []}
    assert "districts" in boss.patch(f"/people/{made.json['id']}", change).json["errors"]


PHONES: tuple[tuple[str | None, str | None], ...] = (
    ("１３８００１３８０００", "13800138000"), ("138 0013 8000", "13800138000"), ("0351-4567890", "0351-4567890"),
    ("+86 351 4567890", "03514567890"), ("(0351)4567890", "0351-4567890"), ("", None), (None, None),
)


def test_a_phone_is_kept_in_one_spelling(boss: Someone) -> None:
    for number, (given, kept) in enumerate(PHONES):
        assert boss.post("/people", newcomer(username=f"li{number}", phone=given)).json["phone"] == kept, given


def test_minority_names_with_a_dot_and_rare_characters_are_kept(boss: Someone) -> None:
    assert boss.post("/people", newcomer(name=" 阿卜杜·热合曼 𬭎 ")).json["name"] == "阿卜杜·热合曼 𬭎"


# --- change


def test_a_change_touches_what_it_names_and_is_in_the_trail(office: SiteOffice, boss: Someone) -> None:
    made = boss.post("/people", newcomer(phone="13800138000")).json
    change = {"roles": ["inspector", "supervisor"], "districts": [JINYUAN, YINGZE]}
    changed = boss.patch(f"/people/{made['id']}", change)
    assert changed.status_code == 200
    assert (changed.json["roles"], changed.json["districts"]) == (["inspector", "supervisor"], [YINGZE, JINYUAN])
    assert changed.json["phone"] == "13800138000"
    boss.patch(f"/people/{made['id']}", {"name": "李娜"})  # nothing new: no line in the trail
    facts = office.read(sa.select(AuditEvent.facts).where(AuditEvent.verb == "person_changed"))
    assert facts == [{"changed": {
        "roles": [["inspector"], ["inspector", "supervisor"]], "districts": [[YINGZE], [YINGZE, JINYUAN]]}}]


def test_nobody_takes_away_the_last_administrator(office: SiteOffice, boss: Someone) -> None:
    for change in ({"active": False}, {"roles": ["office"]}):
        answer = boss.patch(f"/people/{boss.id}", change)
        assert (answer.status_code, answer.json["code"]) == (409, "last-admin")
    office.person("deputy", "admin")
    assert boss.patch(f"/people/{boss.id}", {"active": False}).status_code == 200


def test_two_administrators_cannot_disable_each_other_at_once(office: SiteOffice, boss: Someone) -> None:
    deputy = office.person("deputy", "admin")
    with ThreadPoolExecutor(2) as pool:
        pairs = [(boss, deputy.id), (deputy, boss.id)]
        list(pool.map(lambda pair: pair[0].patch(f"/people/{pair[1]}", {"active": False}), pairs))
    assert len(office.read(sa.select(Person.id).where(Person.active))) == 1


def test_what_cannot_be_changed_is_422(boss: Someone) -> None:
    for change in ({"username": "new"}, {"active": "yes"}, {"active": None}, {"name": None}, {"x": 1}):
        assert boss.patch(f"/people/{boss.id}", change).status_code == 422, change


# --- lists


def test_people_are_found_by_name_role_district_and_state(office: SiteOffice, boss: Someone) -> None:
    boss.post("/people", newcomer(phone="13800138000"))
    boss.post("/people", newcomer(username="zhao", name="Zhao 100%_", roles=["supervisor"], districts=[JINYUAN]))

    def found(query: str) -> list[str]:
        answer = boss.get(f"/people?{query}")
        assert answer.status_code == 200, answer.text
        return [one["username"] for one in answer.json["items"]]

    assert found("") == ["boss", "li.na", "zhao"]
    assert found("q=李") == ["li.na"]
    assert found("q=ZHAO") == ["zhao"]
    assert found("q=0013") == ["li.na"]
    assert found("q=0%25_") == ["zhao"]
    assert found("q=%25") == ["zhao"]
    assert found("role=supervisor") == ["zhao"]
    assert found(f"district={YINGZE}") == ["li.na"]
    assert found("active=false") == []
    first = boss.get("/people?limit=2").json
    assert [one["username"] for one in first["items"]] == ["boss", "li.na"]
    assert found(f"limit=2&cursor={first['next_cursor']}") == ["zhao"]
    for query in ("role=king", "active=maybe", "limit=0", "limit=201", "cursor=x", "sort=name", "q=" + "a" * 101):
        assert boss.get(f"/people?{query}").status_code == 422, query


def test_organisations_are_added_once_and_found(office: SiteOffice, boss: Someone) -> None:
    made = boss.post("/organisations", {"name": "山西一建", "credit_code": "91330100799655058b"})
    assert (made.status_code, made.json["kind"], made.json["credit_code"]) == (201, "contractor", "91330100799655058B")
    assert boss.post("/organisations", {"name": " 山西一建 "}).json["code"] == "organisation-taken"
    boss.post("/organisations", {"name": "市住建局", "kind": "authority"})
    assert [one["name"] for one in boss.get("/organisations?kind=authority").json["items"]] == ["市住建局"]
    assert [one["name"] for one in boss.get("/organisations?q=一建").json["items"]] == ["山西一建"]
    for body in ({"name": ""}, {"name": "x", "kind": "club"}, {"name": "x", "credit_code": "91330100799655058C"}):
        assert boss.post("/organisations", body).status_code == 422, body


# --- handing over


@pytest.fixture
def passed_on() -> Iterator[list[tuple[uuid.UUID, uuid.UUID]]]:
    """What is handed over, noted by a hook beside the real ones."""
    seen: list[tuple[uuid.UUID, uuid.UUID]] = []

    def note(_db: Session, _actor: Actor | None, leaver: uuid.UUID, to: uuid.UUID) -> dict[str, int]:
        seen.append((leaver, to))
        return {"keys": 2}

    hooks.handover_hooks.append(note)
    yield seen
    hooks.handover_hooks.remove(note)


def test_a_leavers_work_goes_to_another(
    office: SiteOffice, boss: Someone, passed_on: list[tuple[uuid.UUID, uuid.UUID]]
) -> None:
    wang, li = office.person("wang", "inspector"), office.person("li", "inspector")
    answer = boss.post(f"/people/{wang.id}/handover", {"to": str(li.id)})
    assert answer.status_code == 200
    assert answer.json["handed_over"]["keys"] == 2
    assert passed_on == [(wang.id, li.id)]
    for to in (str(wang.id), str(uuid.uuid4()), "x", None):
        assert boss.post(f"/people/{wang.id}/handover", {"to": to}).status_code == 422, to
    boss.patch(f"/people/{li.id}", {"active": False})
    assert boss.post(f"/people/{wang.id}/handover", {"to": str(li.id)}).status_code == 422


# --- import


HEADER = ("用户名", "姓名", "手机号", "角色", "负责区", "单位")


def table(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


GOOD = (
    ("zhang.wei", "张伟", "13800138000", "督导员", "迎泽区", ""),
    ("wang.fang", "王芳", "", "审核人、督导员", "140106,晋源", ""),
    ("firm.li", "李强", "", "施工单位", "", "山西一建"),
)


def send(boss: Someone, data: bytes, query: str = "") -> TestResponse:
    return boss.post(f"/people/import{query}", data=data, headers={"Content-Type": "text/csv"})


def test_a_table_of_people_is_taken_on_with_a_code_for_each(office: SiteOffice, boss: Someone) -> None:
    office.organisation("山西一建")
    answer = send(boss, table(*GOOD))
    assert answer.status_code == 201, answer.text
    assert (answer.json["created"], answer.json["refused"]) == (3, 0)
    assert [(row["row"], row["username"], row["action"]) for row in answer.json["rows"]] == [
        (2, "zhang.wei", "create"), (3, "wang.fang", "create"), (4, "firm.li", "create")]
    assert set_password(office, answer.json["rows"][1]["invite"]["code"]).status_code == 204
    wang = login(office, "wang.fang", NEW).json["user"]
    assert (wang["roles"], wang["districts"]) == (["inspector", "supervisor"], [YINGZE, JINYUAN])


def test_one_wrong_row_and_nobody_is_taken_on(office: SiteOffice, boss: Someone) -> None:
    rows = (*GOOD, ("zhang.wei", "", "1", "国王", "火星区", "没有的公司"), ("x", "短", "", "审核人", "", ""),
            ("boss", "老板", "", "管理员", "", ""), ("zhang.wei", "又一个", "", "督导员", "", ""))
    answer = send(boss, table(*rows))
    assert (answer.status_code, answer.json["code"]) == (422, "table-rows-invalid")
    wrong = {row["row"]: sorted(row["errors"]) for row in answer.json["rows"] if row["errors"]}
    assert wrong == {
        4: ["organisation"], 5: ["districts", "name", "organisation", "phone", "roles"], 6: ["username"],
        7: ["username"], 8: ["username"],
    }
    assert office.read(sa.select(Person.username)) == ["boss"]


def people_by_formula(role: str) -> bytes:
    """A workbook with one person whose name and role are formulas; the role's result is `role`."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    page = made.add_worksheet()
    page.write_row(0, 0, ("用户名", "姓名", "角色", "负责区"))
    page.write_row(1, 0, ("zhang.wei", "", "", "迎泽区"))
    page.write_formula(1, 1, '="张"&"伟"', None, "张伟")
    page.write_formula(1, 2, '=IF(A1="","","督导员")', None, role)
    made.close()
    return out.getvalue()


def test_a_name_that_is_a_formula_stays_text_and_a_role_needs_its_result(office: SiteOffice, boss: Someone) -> None:
    (row,) = send(boss, people_by_formula(""), "?dry_run=true").json["rows"]
    assert row["errors"].keys() == {"roles"}
    assert "C2" in row["errors"]["roles"][0]
    assert send(boss, people_by_formula("督导员")).json["created"] == 1
    assert office.read(sa.select(Person.name).where(Person.username == "zhang.wei")) == ['="张"&"伟"']


def test_a_dry_run_says_the_same_and_writes_nothing(office: SiteOffice, boss: Someone) -> None:
    answer = send(boss, table(*GOOD), "?dry_run=true")
    assert answer.status_code == 200
    assert (answer.json["dry_run"], answer.json["refused"]) == (True, 1)
    office.organisation("山西一建")
    assert send(boss, table(*GOOD), "?dry_run=true").json["created"] == 3
    assert office.read(sa.select(Person.username)) == ["boss"]


def test_a_table_may_come_as_a_form_with_one_file(office: SiteOffice, boss: Someone) -> None:
    rows = table(GOOD[0])

    def form(**files: tuple[io.BytesIO, str]) -> TestResponse:
        return boss.post("/people/import?dry_run=1", data=files, content_type="multipart/form-data")

    assert form(file=(io.BytesIO(rows), "people.csv")).json["created"] == 1
    assert form().status_code == 422
    assert form(a=(io.BytesIO(rows), "a.csv"), b=(io.BytesIO(rows), "b.csv")).status_code == 422


def test_what_is_no_table_of_people_is_refused(boss: Someone) -> None:
    missing = send(boss, table(("zhang",), header=("用户名",)))
    assert (missing.status_code, missing.json["code"]) == (422, "table-no-header")
    assert send(boss, b"").status_code == 422
    assert send(boss, b"PK\x03\x04junk").status_code == 415
    broken = boss.post("/people/import", data=b"--x\r\nnothing", headers={
        "Content-Type": "multipart/form-data; boundary=x"})
    assert 400 <= broken.status_code < 500
