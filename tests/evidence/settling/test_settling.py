"""A flag is answered by whose report it stands on and settled once by a reviewer, with a reason."""

from __future__ import annotations

import io
import re
import threading
import uuid
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit.changes import Change
from server.kit.ids import new_id
from server.photos.models import Flag
from server.photos.service import raise_flag
from tests import tus
from tests.evidence.desk import Desk, honest, spot, taken
from tests.factories import JINYUAN, YINGZE


@pytest.fixture
def report(desk: Desk) -> str:
    """Of a visit a kilometre from where it should have been, with a photo from the gallery."""
    return desk.send(taken(honest(), source="gallery"), location=spot(37.87, 112.55))


def flag_of(desk: Desk, report: str, code: str) -> dict[str, Any]:
    return next(flag for flag in desk.flags(report) if flag["code"] == code)


def test_settled_with_a_reason_once(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "outside-fence")
    assert (flag["settled_by"], flag["answer"]) == (None, None)
    where = f"/flags/{flag['id']}/settlement"
    done = desk.su.post(where, {"reason": " 现场核实：坐标登记有误\u0000 "})
    assert done.status_code == 200
    assert (done.json["settled_by"], done.json["settled_by_name"]) == (str(desk.su.id), "Su")
    assert done.json["settled_reason"].strip() == "现场核实：坐标登记有误"
    assert desk.su.post(where, {"reason": done.json["settled_reason"]}).json == done.json, "again is a no-op"
    other = desk.office.person("lin", "supervisor", districts=(YINGZE,))
    refused = other.post(where, {"reason": "另一个理由"})
    assert (refused.status_code, refused.json["code"]) == (409, "flag-settled")
    assert refused.json["settled_by"] == str(desk.su.id)
    assert refused.json["settled_reason"] == done.json["settled_reason"]
    lines = [line for line in desk.su.get(f"/audit?object=report:{report}").json["items"] if line["verb"] == "flag_settled"]
    assert [(line["facts"]["flag"], line["facts"]["reason"]) for line in lines] == [
        ("outside-fence", done.json["settled_reason"])
    ]
    assert desk.su.get("/reports?flag=outside-fence").json["items"] == []
    assert len(desk.su.get("/reports?flag=from-gallery").json["items"]) == 1
    shown = flag_of(desk, report, "outside-fence")
    assert {name for name, value in shown.items() if value != done.json[name]} == {"title", "detail"}, "in English"


@pytest.mark.parametrize(("verb", "field"), [("settlement", "reason"), ("answer", "text")])
@pytest.mark.parametrize("said", [None, "", "x" * 1001, 7, ["a"], "\ud800"])
def test_without_words_or_with_too_many_it_is_refused_by_name(
    desk: Desk, report: str, verb: str, field: str, said: Any
) -> None:
    flag = flag_of(desk, report, "outside-fence")
    who = desk.su if verb == "settlement" else desk.wang
    for body in ({field: said}, {}):
        refused = who.post(f"/flags/{flag['id']}/{verb}", body)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_a_reason_of_blanks_is_none(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "outside-fence")
    assert desk.su.post(f"/flags/{flag['id']}/settlement", {"reason": " \n\t"}).status_code == 422


def test_what_another_role_shows_is_not_theirs_to_settle(desk: Desk) -> None:
    elsewhere = desk.office.person("elsewhere", "supervisor", "office", districts=(JINYUAN,))
    along = desk.office.person("along", "inspector", "supervisor", districts=(YINGZE,))
    sent = desk.send(location=spot(37.9, 112.6), co_inspectors=[str(along.id)])
    flag = flag_of(desk, sent, "outside-fence")["id"]
    for who, code in ((elsewhere, "not-allowed"), (along, "own-report")):
        assert who.get(f"/reports/{sent}").status_code == 200
        refused = who.post(f"/flags/{flag}/settlement", {"reason": "核实"})
        assert (refused.status_code, refused.json["code"]) == (403, code)


def test_who_may(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "outside-fence")["id"]
    colleague, both = desk.office.person("zhao", "inspector"), desk.office.person("both", "inspector", "supervisor",
        districts=(YINGZE,))
    stranger = desk.office.person("other", "supervisor", districts=(JINYUAN,))
    firm = desk.office.person("firm", "contractor", organisation=desk.office.organisation("甲公司"))
    clerk = desk.office.person("clerk", "office")
    for who, verb, status in (
        (stranger, "settlement", 404), (colleague, "answer", 404), (colleague, "settlement", 404),
        (firm, "settlement", 404), (firm, "answer", 404), (desk.wang, "settlement", 403), (clerk, "settlement", 403),
        (desk.su, "answer", 403), (both, "answer", 403),
    ):
        body = {"reason": "核实"} if verb == "settlement" else {"text": "说明"}
        assert who.post(f"/flags/{flag}/{verb}", body).status_code == status, (who.username, verb)
    assert desk.su.post(f"/flags/{new_id()}/settlement", {"reason": "核实"}).status_code == 404
    desk.office.write(lambda db: db.execute(
        sa.text("update report set inspector_id = :me where id = :id").bindparams(
            sa.bindparam("me", type_=sa.Uuid()), sa.bindparam("id", type_=sa.Uuid())),
        {"me": both.id, "id": uuid.UUID(report)},
    ))
    refused = both.post(f"/flags/{flag}/settlement", {"reason": "核实"})
    assert (refused.status_code, refused.json["code"]) == (403, "own-report")


def test_answered_until_it_is_settled(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "from-gallery")
    where = f"/flags/{flag['id']}"
    before = len(desk.office.read(sa.select(Change.seq).where(Change.object_id == report)))
    for text in ("相机无法打开", "相机无法打开", "相机打不开，用自带相机拍的"):
        said = desk.wang.post(f"{where}/answer", {"text": text})
        assert (said.status_code, said.json["answer"], said.json["answered_by_name"]) == (200, text, "Wang")
    changes = desk.office.read(sa.select(Change.seq).where(Change.object_id == report))
    assert len(changes) - before == 2, "phones learn of it"
    shown = flag_of(desk, report, "from-gallery")
    assert shown["answer"] == "相机打不开，用自带相机拍的"
    photo = desk.wang.get(f"/photos/{flag['object_id']}").json["flags"]
    assert [one["answer"] for one in photo] == [shown["answer"]]
    assert desk.su.post(f"{where}/settlement", {"reason": "可以接受"}).json["answer"] == shown["answer"]
    assert desk.wang.post(f"{where}/answer", {"text": shown["answer"]}).status_code == 200
    late = desk.wang.post(f"{where}/answer", {"text": "还有"})
    assert (late.status_code, late.json["code"]) == (409, "flag-settled")
    lines = desk.su.get(f"/audit?object=report:{report}").json["items"]
    assert sorted(line["facts"]["text"] for line in lines if line["verb"] == "flag_answered") == sorted(
        ["相机无法打开", "相机打不开，用自带相机拍的"])


def test_of_two_at_once_one_settles(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "outside-fence")["id"]
    people = [desk.office.person(f"su{n}", "supervisor", districts=(YINGZE,)) for n in range(4)]
    answers: list[int] = []

    def settle(who: Any, n: int) -> None:
        answers.append(who.post(f"/flags/{flag}/settlement", {"reason": f"理由{n}"}).status_code)

    threads = [threading.Thread(target=settle, args=(who, n)) for n, who in enumerate(people)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [200, 409, 409, 409]


def test_the_firm_that_sees_a_photo_by_its_issue_is_not_told_what_is_doubted(desk: Desk) -> None:
    firm = desk.office.organisation("施工乙公司")
    contractor = desk.office.person("firm", "contractor", organisation=firm)
    site = desk.office.site("乙小区", inspectors=(desk.wang,), contractor=firm)
    entry, data = taken(honest(), source="gallery", item="ELEV-A05")
    report = desk.send((entry, data), site=site, answers=[
        {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [entry["id"]]}
    ])
    issue = desk.su.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1}).json["issues"][0]
    desk.su.post(f"/issues/{issue}/notice")
    assert contractor.get(f"/photos/{entry['id']}").json["flags"] == []
    assert [one["code"] for one in desk.su.get(f"/photos/{entry['id']}").json["flags"]] == ["from-gallery"]
    flag = flag_of(desk, report, "from-gallery")["id"]
    assert contractor.post(f"/flags/{flag}/answer", {"text": "?"}).status_code == 404


def test_a_flag_on_a_photo_of_no_report_is_its_owners(desk: Desk) -> None:
    photo = tus.store(desk.wang, honest())
    desk.office.write(lambda db: raise_flag(db, "unreadable", "photo", uuid.UUID(photo), numbers={"size": 9}))
    (flag,) = desk.wang.get(f"/photos/{photo}").json["flags"]
    assert desk.wang.post(f"/flags/{flag['id']}/answer", {"text": "镜头坏了"}).json["answer"] == "镜头坏了"
    assert desk.su.post(f"/flags/{flag['id']}/settlement", {"reason": "看过"}).status_code == 404


def test_what_was_withdrawn_is_seen_by_nobody(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "outside-fence")["id"]
    desk.office.write(lambda db: db.execute(sa.update(Flag).values(withdrawn_at=Flag.raised_at)))
    assert desk.flags(report) == []
    assert desk.su.post(f"/flags/{flag}/settlement", {"reason": "核实"}).status_code == 404
    assert desk.su.get("/reports?flag=outside-fence").json["items"] == []


def test_the_reports_document_does_not_print_it_as_if_nobody_had_looked(desk: Desk, report: str) -> None:
    flag = flag_of(desk, report, "outside-fence")["id"]
    for told in (False, True):
        paper = desk.su.get(f"/reports/{report}.docx?lang=zh")
        assert paper.status_code == 200, paper.text
        with zipfile.ZipFile(io.BytesIO(paper.data)) as word:
            text = re.sub("<[^>]+>", "", word.read("word/document.xml").decode())
        assert "不在项目范围内" in text
        assert ("（已核销：坐标登记有误）" in text) is told
        desk.su.post(f"/flags/{flag}/settlement", {"reason": "坐标登记有误"})
