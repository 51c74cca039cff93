"""Checklists over HTTP: published once, never changed, kept by the phone; limits that a site sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.checklists import files, queries
from server.checklists.files import DATA
from server.checklists.models import ChecklistVersion
from server.checklists.rules import Limit
from server.checklists.service import publish
from server.errors import Refusal
from server.kit.changes import Change
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


def second_version(tmp_path: Path) -> list[files.Version]:
    text = (DATA / "elev-1.yaml").read_text("utf-8").replace("version: 1\n", "version: 2\n", 1)
    (tmp_path / "elev-2.yaml").write_text(text.replace("min: 4.0", "min: 3.5", 1), "utf-8")
    return files.read_all(tmp_path)


def test_an_inspector_gets_all_twelve_checklists_whole(wang: Someone) -> None:
    answer = wang.get("/checklists")
    assert answer.status_code == 200
    assert answer.json["next_cursor"] is None
    assert len(answer.json["items"]) == 12
    count = sum(len(section["items"]) for c in answer.json["items"] for section in c["sections"])
    assert count == 230
    assert {s["value"] for s in answer.json["legend"]["severity"]} == {"minor", "major", "critical"}


def test_the_list_goes_page_by_page(wang: Someone) -> None:
    codes, cursor = [], ""
    while cursor is not None:
        page = wang.get(f"/checklists?limit=5&cursor={cursor}").json
        codes += [c["code"] for c in page["items"]]
        cursor = page["next_cursor"]
    assert len(codes) == 12
    assert codes == sorted(set(codes))
    assert wang.get("/checklists?cursor=nonsense").status_code == 422


def test_a_checklist_has_the_shape_of_the_contract(wang: Someone) -> None:
    elev = wang.get("/checklists/ELEV").json
    assert (elev["code"], elev["version"], elev["class"], elev["work_types"]) == ("ELEV", 1, "improvement", ["lift"])
    assert elev["estimated_minutes"] > 0
    items = {i["code"]: i for s in elev["sections"] for i in s["items"]}
    assert items["ELEV-C02"]["min"] == 4.0
    assert items["ELEV-C02"]["unit"] == "m"
    assert items["ELEV-B03"]["limit_source"] == "design"
    assert items["ELEV-B03"]["limit_kind"] == "max"
    assert wang.get("/checklists/ELEV/versions/1").json == elev


def test_what_is_not_published_is_404(wang: Someone) -> None:
    for path in ("NONE", "ELEV/versions/2", "ELEV/versions/0", f"ELEV/versions/{2**63}", "ELEV/versions/x", "E" * 500,
                 "%00", "%F0%9F%8F%97"):
        answer = wang.get(f"/checklists/{path}")
        assert (answer.status_code, answer.json["code"]) == (404, "not-found"), path


def test_a_phone_that_has_it_is_told_so(wang: Someone) -> None:
    for path in ("/checklists", "/checklists/ELEV", "/checklists/ELEV/versions/1"):
        first = wang.get(path)
        etag = first.headers["ETag"]
        assert not etag.startswith("W/"), path
        again = wang.get(path, headers={"If-None-Match": etag})
        assert again.status_code == 304, path
        assert again.data == b"", path
        assert again.headers["ETag"] == etag, path
        assert wang.get(path, headers={"If-None-Match": '"other"'}).data == first.data, path


def test_loading_again_changes_nothing(office: SiteOffice, wang: Someone) -> None:
    etag = wang.get("/checklists").headers["ETag"]
    versions = files.read_all()
    assert office.write(lambda db: publish(db, versions)) == (0, 12)
    assert wang.get("/checklists").headers["ETag"] == etag
    assert len(office.read(sa.select(Change.seq).where(Change.kind == "checklist"))) == 12


def test_a_published_version_cannot_be_changed_and_nothing_of_that_load_is_kept(
    office: SiteOffice, wang: Someone, tmp_path: Path
) -> None:
    changed = files.read_all()[0]
    forged = changed._replace(digest="0" * 64)
    with pytest.raises(Refusal, match="checklist-published") as refused:
        office.write(lambda db: publish(db, [*second_version(tmp_path), forged]))
    assert f"{changed.code} version 1" in refused.value.problem("en")["detail"]
    assert wang.get("/checklists/ELEV").json["version"] == 1


def test_a_new_version_is_added_and_the_old_one_stays(office: SiteOffice, wang: Someone, tmp_path: Path) -> None:
    old = wang.get("/checklists/ELEV")
    versions = second_version(tmp_path)
    assert office.write(lambda db: publish(db, versions)) == (1, 0)
    new = wang.get("/checklists/ELEV")
    assert new.json["version"] == 2
    assert new.headers["ETag"] != old.headers["ETag"]
    assert wang.get("/checklists/ELEV/versions/1").data == old.data
    assert [c["version"] for c in wang.get("/checklists").json["items"] if c["code"] == "ELEV"] == [2]


def test_the_command_loads_once_and_names_a_version_that_was_changed(office: SiteOffice, tmp_path: Path) -> None:
    runner = office.app.test_cli_runner()
    assert "12 published, 0 were" in runner.invoke(args=["checklists", "load"]).output
    assert "0 published, 12 were" in runner.invoke(args=["checklists", "load"]).output
    text = (DATA / "elev-1.yaml").read_text("utf-8")
    (tmp_path / "elev-1.yaml").write_text(text.replace("min: 4.0", "min: 3.5", 1), "utf-8")
    refused = runner.invoke(args=["checklists", "load", str(tmp_path)])
    assert refused.exit_code == 1
    assert "ELEV version 1" in refused.output
    (tmp_path / "elev-1.yaml").write_text("code: X", "utf-8")
    refused = runner.invoke(args=["checklists", "load", str(tmp_path)])
    assert refused.exit_code == 1
    assert "elev-1.yaml" in refused.output


def test_versions_are_read_once_and_known_at_once(office: SiteOffice) -> None:
    with office.database.read() as db:
        assert queries.get_version(db, "ELEV", 1) is None
    office.checklists()
    with office.database.read() as db:
        elev = queries.get_version(db, "ELEV", 1)
        assert elev is not None
        assert len(elev.index) == 25
        assert queries.get_version(db, "ELEV", 1) is elev
        assert queries.get_version(db, "ELEV", 2) is None
    assert len(office.read(sa.select(ChecklistVersion.code))) == 12


# limits


@pytest.fixture
def li(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("li", "supervisor", districts=(YINGZE,))


def test_a_supervisor_sets_a_sites_limits_and_the_inspector_reads_them(office: SiteOffice, li: Someone) -> None:
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    site = office.site(inspectors=(wang,))
    given = {"ELEV-B03": {"max": 10}, "PARK-A01": {"min": 30, "max": 50}}
    answer = li.put(f"/sites/{site}/limits", {"items": given})
    assert answer.status_code == 200, answer.text
    assert answer.json["items"]["ELEV-B03"] == {"min": None, "max": 10}
    assert wang.get(f"/sites/{site}/limits").json == answer.json
    with office.database.read() as db:
        assert queries.limits_of(db, site) == {"ELEV-B03": Limit(None, 10), "PARK-A01": Limit(30, 50)}
    less = li.put(f"/sites/{site}/limits", {"items": {"ELEV-B03": {"max": 12}}})
    assert less.json["items"] == {"ELEV-B03": {"min": None, "max": 12}}
    assert wang.put(f"/sites/{site}/limits", {"items": {}}).status_code == 403
    assert li.put(f"/sites/{site}/limits", {"items": {}}).json["items"] == {}


WRONG_LIMITS: list[tuple[Any, str]] = [
    ({"ELEV-C02": {"min": 5}}, "items.ELEV-C02"),
    ({"ELEV-Z99": {"min": 5}}, "items.ELEV-Z99"),
    ({"ELEV-B03": {}}, "items.ELEV-B03"),
    ({"ELEV-B03": {"min": 5}}, "items.ELEV-B03"),
    ({"PARK-A01": {"min": 5, "max": 4}}, "items.PARK-A01"),
    ({"ELEV-B03": {"max": -1}}, "items.ELEV-B03"),  # no answer from 0 on would ever pass
    ({"CABLE-D02": {"min": 150}}, "items.CABLE-D02"),  # of a share in per cent
    ({"ELEV-B03": {"max": "5"}}, "items.ELEV-B03.value.max"),
    ({"ELEV-B03": {"max": 2**63}}, "items.ELEV-B03.value.max"),
    ([], "items"),
    (None, "items"),
]


def test_a_wrong_limit_is_named(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    for items, named in WRONG_LIMITS:
        answer = li.put(f"/sites/{site}/limits", {"items": items})
        assert answer.status_code == 422, items
        assert list(answer.json["errors"]) == [named], items
    assert li.get(f"/sites/{site}/limits").json["items"] == {}


def test_a_site_elsewhere_does_not_exist_for_them(office: SiteOffice, li: Someone) -> None:
    elsewhere = office.site("化二建小区", district=JINYUAN)
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    assert li.put(f"/sites/{elsewhere}/limits", {"items": {}}).status_code == 404
    assert li.get(f"/sites/{elsewhere}/limits").status_code == 404
    assert wang.get(f"/sites/{office.site()}/limits").status_code == 404
    assert wang.put(f"/sites/{elsewhere}/limits", {"items": {}}).status_code == 404
