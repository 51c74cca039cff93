"""The people command line: what administrators do, from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result

from server.accounts.models import Organisation, Person
from server.audit.models import AuditEvent
from tests.factories import YINGZE, SiteOffice

NEW = "Another-horse-8"


def people(office: SiteOffice, *arguments: str, stdin: str = "") -> Result:
    return office.app.test_cli_runner().invoke(args=["people", *arguments], input=stdin)


def login(office: SiteOffice, username: str, password: str = NEW) -> int:
    body = {"username": username, "password": password}
    return office.app.test_client().post("/api/v1/auth/login", json=body).status_code


def set_password(office: SiteOffice, line: str) -> int:
    body = {"code": line.split("one-time code ")[1].split(" ", maxsplit=1)[0], "new_password": NEW}
    return office.app.test_client().post("/api/v1/auth/password", json=body).status_code


def test_the_first_administrator_is_added_from_the_shell(office: SiteOffice) -> None:
    added = people(office, "add", "--username", "Boss", "--name", "王主任", "--role", "admin")
    assert added.exit_code == 0, added.output
    assert added.output.startswith("boss: one-time code ")
    assert set_password(office, added.output) == 204
    assert login(office, "boss") == 200
    assert office.read(sa.select(AuditEvent.actor_id).where(AuditEvent.verb == "person_added")) == [None]


def test_a_password_may_come_by_standard_input(office: SiteOffice) -> None:
    options = ("--username", "firm.li", "--name", "李强", "--role", "contractor", "--organisation", "山西一建")
    added = people(office, "add", *options, "--password-stdin", stdin=NEW + "\n")
    assert (added.exit_code, added.output) == (0, "firm.li: added\n")
    assert login(office, "firm.li") == 200
    assert office.read(sa.select(Organisation.name)) == ["山西一建"]


@pytest.mark.parametrize(("options", "said"), [
    (("--username", "x", "--name", "短", "--role", "admin"), "username"),
    (("--username", "li.na", "--name", "李娜", "--role", "supervisor"), "districts"),
    (("--username", "li.na", "--name", "李娜", "--role", "supervisor", "--district", "999999"), "999999"),
    (("--username", "li.na", "--name", "李娜", "--role", "contractor"), "organisation_id"),
    (("--username", "li.na", "--name", "李娜", "--role", "admin", "--password-stdin"), "password-weak"),
    (("--username", "wang", "--name", "王", "--role", "admin"), "username-taken"),
])
def test_what_does_not_fit_is_said_and_nothing_is_added(
    office: SiteOffice, options: tuple[str, ...], said: str
) -> None:
    office.person("wang", "inspector")
    refused = people(office, "add", *options, stdin="short\n")
    assert refused.exit_code == 1
    assert said in refused.output
    assert office.read(sa.select(Person.username)) == ["wang"]


def test_disabling_resetting_and_cutting_off(office: SiteOffice) -> None:
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    body = {"username": "wang", "password": "Correct-horse-7", "device": {"id": "p/1", "name": "华为"}}
    phone = office.app.test_client().post("/api/v1/auth/login", json=body).json["access_token"]
    assert "p/1\t华为" in people(office, "devices", "wang").output
    assert people(office, "cut-off", "wang", "p/1").exit_code == 0
    assert people(office, "cut-off", "wang", "p/2").exit_code == 1
    headers = {"Authorization": f"Bearer {phone}"}
    assert office.app.test_client().get("/api/v1/me", headers=headers).status_code == 401
    assert wang.get("/me").status_code == 200
    reset = people(office, "reset-password", "wang")
    assert wang.get("/me").status_code == 401
    assert set_password(office, reset.output) == 204
    assert people(office, "disable", "WANG").exit_code == 0
    assert login(office, "wang") == 401
    assert "disabled" in people(office, "list").output
    assert people(office, "enable", "wang").exit_code == 0
    assert login(office, "wang") == 200
    assert people(office, "disable", "nobody").exit_code == 1


def test_the_list_shows_scope_and_state(office: SiteOffice) -> None:
    office.person("wang", "inspector", "supervisor", districts=(YINGZE,))
    assert people(office, "list").output == f"wang\tWang\tinspector,supervisor\t{YINGZE}\t-\tactive\n"


def test_a_file_of_people_is_imported_all_or_none(office: SiteOffice, tmp_path: Path) -> None:
    file = tmp_path / "人员.csv"
    file.write_bytes("账号,姓名,角色,区\nzhang,张伟,督导员,迎泽\nx,短,督导员,迎泽\n".encode("gb18030"))
    refused = people(office, "import", str(file))
    assert refused.exit_code == 1
    assert "row 3: username" in refused.output
    file.write_text("账号,姓名,角色,区\nzhang,张伟,督导员,迎泽\n")
    assert people(office, "import", str(file), "--dry-run").output == "1 people would be added\n"
    assert office.read(sa.select(Person.username)) == []
    done = people(office, "import", str(file))
    assert done.exit_code == 0
    assert set_password(office, done.output.splitlines()[0]) == 204
    assert login(office, "zhang") == 200


def test_a_leavers_sites_are_handed_over(office: SiteOffice) -> None:
    wang, li = office.person("wang", "inspector"), office.person("li", "inspector")
    office.site(inspectors=(wang,))
    done = people(office, "handover", "wang", "li")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("wang → li: ")
    assert people(office, "handover", "wang", "wang").exit_code == 1
    facts = office.read(sa.select(AuditEvent.facts).where(AuditEvent.verb == "handed_over"))
    assert [fact["to"] for fact in facts] == [str(li.id)]
