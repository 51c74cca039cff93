"""An issue goes from one firm to another: by no way does the next one get what the first replied, was told and sent."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest

from server.kit.ids import new_id
from tests.exports.made import made, sheet, table
from tests.factories import Someone
from tests.issues.loop import Loop, now, taken

OF_ENTRIES = ("责任人", "整改措施", "完成日期", "复查人", "复查日期", "复查结论")


@pytest.fixture
def issue(loop: Loop) -> str:
    """Firm A replied, was told that it is not enough, with a photo, and replied again; closed, reopened, firm B's now."""
    issue = loop.replied()
    photo, data = loop.picture(captured_at=now(minutes=2))
    body = {"id": str(new_id()), "result": "fail", "comment": "仍未整改", "photos": [photo]}
    taken(loop.wang.post(f"/issues/{issue}/verifications", body))
    loop.wang.upload(body["id"], photo, data)
    taken(loop.reply(issue, captured_at=now(minutes=3)))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格", "reason": "到过现场"}))
    assert after(loop, issue, loop.jia) == after(loop, issue)
    taken(loop.su.post(f"/issues/{issue}/reopening", {"reason": "又坏了"}))
    assert loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)}).status_code == 200
    taken(loop.su.post(f"/issues/{issue}/notice"))
    return issue


def after(loop: Loop, issue: str, by: Someone | None = None) -> list[str]:
    return [photo["id"] for photo in loop.look(issue, by)["photos"]["after"]]


def codes(who: Someone, photo: str) -> set[int]:
    return {who.get(f"/photos/{photo}{what}").status_code for what in ("", "/original")}


def media(data: bytes) -> list[str]:
    """The pictures in a workbook or a paper."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return [name for name in parts.namelist() if "/media/" in name]


def captions(data: bytes) -> str:
    """What a paper says under its pictures."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return " ".join(re.findall(r'descr="([^"]*)"', parts.read("word/document.xml").decode()))


def archive(loop: Loop, who: Someone) -> list[str]:
    """The photos of issues in an archive, as their names say: before or after."""
    _, data = made(loop.office, who, "photos", "zip", lang="zh")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return sorted(found[0] for name in parts.namelist() if (found := re.findall(r"整改[前后]", name)))


def said(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in OF_ENTRIES if row[name]]


def test_the_next_firm_gets_nothing_of_the_one_before_by_any_way(loop: Loop, issue: str) -> None:
    shown, theirs = loop.look(issue, loop.bing), after(loop, issue)
    assert (len(theirs), shown["photos"]["after"]) == (3, [])
    assert [shown[name] for name in ("replies", "verifications", "pairs")] == [[], [], []]
    assert [codes(loop.bing, photo) for photo in theirs] == [{404}] * 3
    assert codes(loop.bing, shown["photos"]["before"][0]["id"]) == {200}

    register = loop.bing.get("/issues.xlsx").data
    _, exported = made(loop.office, loop.bing, "issues", "csv", lang="zh")
    _, pictured = made(loop.office, loop.bing, "issues", lang="zh")
    for row in (sheet_row(register), sheet_row(pictured), table(exported)[0]):
        assert said(row) == []
    assert not table(exported)[0]["整改后照片"]
    assert [len(media(book)) for book in (register, pictured)] == [1, 1]
    assert archive(loop, loop.bing) == ["整改前"]

    for who in (loop.bing, loop.su):  # one paper for all
        assert "整改后" not in captions(who.get(f"/issues/{issue}/notice.docx").data)


def test_the_next_firm_gets_what_is_its_own(loop: Loop, issue: str) -> None:
    theirs = after(loop, issue)
    taken(loop.reply(issue, by=loop.bing))
    shown = loop.look(issue, loop.bing)
    own = [photo for photo in after(loop, issue) if photo not in theirs]
    assert (after(loop, issue, loop.bing), len(shown["replies"]), len(shown["pairs"])) == (own, 1, 1)
    assert codes(loop.bing, own[0]) == {200}
    assert [codes(loop.bing, photo) for photo in theirs] == [{404}] * 3
    register = loop.bing.get("/issues.xlsx").data
    assert (sheet_row(register)["整改措施"], len(media(register))) == ("已换持证焊工，并对班组交底", 2)
    assert sheet_row(register)["复查人"] == ""
    assert archive(loop, loop.bing) == ["整改前", "整改后"]
    paper = loop.bing.get(f"/issues/{issue}/reply.docx")
    assert captions(paper.data).count("整改后") == 1


def test_those_who_judge_see_all_and_the_first_firm_its_own_photos(loop: Loop, issue: str) -> None:
    shown, theirs = loop.look(issue), after(loop, issue)
    assert [len(shown[name]) for name in ("replies", "verifications", "pairs")] == [2, 2, 2]
    assert [codes(loop.su, photo) for photo in theirs] == [{200}] * 3
    register = loop.su.get("/issues.xlsx").data
    _, exported = made(loop.office, loop.su, "issues", "csv", lang="zh")
    for row in (sheet_row(register), table(exported)[0]):
        assert (row["整改措施"], row["复查人"]) == ("已换持证焊工，并对班组交底", "Su")
    assert len(media(register)) == 2
    assert archive(loop, loop.su).count("整改后") == 3
    # what one sent stays one's own; the issue, and what an inspector took for it, is not the first firm's any more
    assert loop.jia.get(f"/issues/{issue}").status_code == 404
    assert sorted(codes(loop.jia, photo) == {200} for photo in theirs) == [False, True, True]


def sheet_row(data: bytes) -> dict[str, Any]:
    """The one issue of a register."""
    rows = sheet(data)
    assert len(rows) == 1
    return rows[0]
