"""Papers over HTTP: whoever sees an issue gets its papers, by name, in both languages, and the same bytes each time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from server.documents import files
from server.documents.drawing import MEDIA_TYPES
from server.kit.storage import original_key
from tests.documents.papers import pdf_pictures, pdf_text, word, word_pictures, word_text
from tests.factories import JINYUAN, SiteOffice, Someone
from tests.issues.loop import Loop, refused, taken

PAPERS = {"notice": "整改通知单", "reply": "整改回复单", "verification": "复查记录"}


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


def got(answer: TestResponse) -> bytes:
    assert answer.status_code == 200, answer.text
    return answer.data


def flat(data: bytes, form: str) -> str:
    return re.sub(r"\s", "", "".join(pdf_text(data)) if form == "pdf" else word_text(data))


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_each_paper_of_a_closed_issue_is_there_with_its_photos(loop: Loop, form: str) -> None:
    issue = loop.closed()
    papers = {paper["kind"]: paper for paper in loop.look(issue)["documents"]}
    for path, title in PAPERS.items():
        answer = loop.jia.get(f"/issues/{issue}/{path}.{form}")
        said = flat(got(answer), form)
        assert title in said
        assert re.search(r"〔20\d\d〕1号", said)
        assert "焊工无证上岗" in said
        assert answer.headers["Content-Type"] == MEDIA_TYPES[form]  # type: ignore[index]
        assert answer.headers["Content-Language"] == "zh-CN"
        assert unquote(answer.headers["Content-Disposition"]).endswith(f".{form}")
        assert title in unquote(answer.headers["Content-Disposition"])
    assert "已换持证焊工" in flat(got(loop.su.get(f"/issues/{issue}/reply.{form}")), form)
    by_id = loop.su.get(f"/documents/{papers['rectification_reply']['id']}.{form}")
    assert got(by_id) == got(loop.su.get(f"/issues/{issue}/reply.{form}"))
    pictures = pdf_pictures(by_id.data) if form == "pdf" else word_pictures(by_id.data)
    assert pictures == 2
    assert "整改后" in flat(by_id.data, form)


def test_a_link_opens_without_a_token_and_only_what_it_names(loop: Loop) -> None:
    issue = loop.issued()
    link = loop.look(issue, loop.jia)["documents"][0]["links"]["pdf"]
    client = loop.office.app.test_client()
    answer = client.get(link)
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert client.get(f"{link}&lang=en").headers["Content-Language"] == "en"
    assert client.get(link.replace(".pdf", ".docx")).status_code == 401
    assert client.get(link[:-3] + "abc").status_code == 401


def test_strangers_get_nothing(loop: Loop) -> None:
    issue = loop.issued()
    paper = loop.look(issue)["documents"][0]["id"]
    stranger = loop.office.person("far", "supervisor", districts=(JINYUAN,))
    for someone in (loop.bing, stranger):
        for path in (f"/documents/{paper}.pdf", f"/documents/{paper}.docx", f"/issues/{issue}/notice.pdf"):
            assert someone.get(path).status_code == 404
        assert someone.get("/documents").json["items"] == []
    assert loop.su.get(f"/issues/{issue}/reply.pdf").status_code == 404  # there is none yet


def test_a_file_is_kept_and_given_out_again_until_the_template_changes(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = loop.issued()
    first = loop.su.get(f"/issues/{issue}/notice.docx")
    with monkeypatch.context() as patch:
        patch.setattr(files, "draw", None)  # it is not drawn twice
        again = loop.su.get(f"/issues/{issue}/notice.docx")
        assert got(again) == got(first)
        same = loop.su.get(f"/issues/{issue}/notice.docx", headers={"If-None-Match": first.headers["ETag"]})
        assert same.status_code == 304
    clerk = loop.office.person("clerk", "office")
    own = clerk.ask("PUT", "/documents/templates/rectification_notice", data=word("本市格式 {{ number }}"),
                    content_type=MEDIA_TYPES["docx"])
    assert own.status_code == 200, own.text
    changed = loop.su.get(f"/issues/{issue}/notice.docx")
    assert flat(got(changed), "docx").startswith("本市格式")
    assert changed.headers["ETag"] != first.headers["ETag"]
    english = loop.su.get(f"/issues/{issue}/notice.docx?lang=en")
    assert "Rectificationnotice" in flat(got(english), "docx")
    assert "Rectification%20notice" in english.headers["Content-Disposition"]
    clerk.delete("/documents/templates/rectification_notice")
    assert got(loop.su.get(f"/issues/{issue}/notice.docx")) == first.data


def test_a_photo_that_is_away_says_so_and_the_file_is_not_kept(loop: Loop) -> None:
    issue = loop.issued()
    store = loop.office.app.extensions["dudao-store"]
    sha256 = loop.office.read(_sha256s())[0]
    data = b"".join(store.read(original_key(sha256)))
    store.delete(original_key(sha256))
    without = loop.su.get(f"/issues/{issue}/notice.pdf")
    assert "照片缺失或无法读取" in flat(got(without), "pdf")
    assert without.headers["Cache-Control"] == "private, no-store"
    path = Path(loop.office.app.config["DUDAO"].data_dir) / "back"
    path.write_bytes(data)
    store.adopt(path, original_key(sha256))
    assert pdf_pictures(got(loop.su.get(f"/issues/{issue}/notice.pdf"))) == 1


def _sha256s() -> Any:
    import sqlalchemy as sa

    from server.photos.models import Photo

    return sa.select(Photo.sha256)


def test_the_list_of_papers_is_narrowed_and_shows_links(loop: Loop) -> None:
    issue = loop.closed()
    items = loop.su.get("/documents").json["items"]
    assert [item["kind"] for item in items] == ["verification_record", "rectification_reply", "rectification_notice"]
    assert items[0]["issue_ids"] == [issue]
    assert items[2]["to"] == "施工甲公司"
    assert items[2]["issued_by"]["name"] == "Su"
    assert items[0]["links"]["pdf"].startswith("/api/v1/documents/")
    only = loop.su.get("/documents?kind=rectification_reply&limit=1").json["items"]
    assert [item["kind"] for item in only] == ["rectification_reply"]
    assert loop.su.get(f"/documents?year=2020&site={loop.site}").json["items"] == []
    first = loop.su.get("/documents?limit=2").json
    rest = loop.su.get(f"/documents?limit=2&cursor={first['next_cursor']}").json
    assert len(first["items"] + rest["items"]) == 3


def test_lists_for_a_district(loop: Loop) -> None:
    one, other = loop.issued(), loop.opened(item="ELEV-A03")
    made = taken(loop.su.post("/documents", {
        "kind": "escalation_letter", "issue_ids": [one, other, one], "note": "限三日内办结", "due_on": "2030-01-02",
    }))
    assert made["kind"] == "escalation_letter"
    assert (made["to"], len(made["issue_ids"])) == ("迎泽区", 2)
    said = flat(got(loop.su.get(f"/documents/{made['id']}.pdf")), "pdf")
    for words in ("督办函", "迎泽区：", "2030年1月2日前", "限三日内办结", "施工甲公司"):
        assert words in said
    listed = taken(loop.su.post("/documents", {"kind": "handover_list", "issue_ids": [one], "to": "迎泽区住建局"}))
    assert listed["to"] == "迎泽区住建局"
    assert listed["serial"] == 1  # each kind counts for itself
    closed = loop.closed(item="ELEV-A02")
    refused(loop.su.post("/documents", {"kind": "handover_list", "issue_ids": [closed]}), 422, "invalid")
    refused(loop.su.post("/documents", {"kind": "rectification_notice", "issue_ids": [one]}), 422, "invalid")
    refused(loop.su.post("/documents", {"kind": "handover_list", "issue_ids": []}), 422, "invalid")
    far = loop.office.person("far", "supervisor", districts=(JINYUAN,))
    refused(far.post("/documents", {"kind": "handover_list", "issue_ids": [one]}), 404, "not-found")


def test_a_firm_sees_no_list_that_names_others(loop: Loop) -> None:
    """A notice is its own affair; a list to the district may hold other firms' issues."""
    site = loop.office.site("另一小区", contractor=loop.office.organisation("施工丙公司"), inspectors=(loop.wang,))
    own, others = loop.issued(), loop.opened(site=site)
    mixed = taken(loop.su.post("/documents", {"kind": "handover_list", "issue_ids": [own, others]}))
    alone = taken(loop.su.post("/documents", {"kind": "handover_list", "issue_ids": [own]}))
    assert loop.jia.get(f"/documents/{mixed['id']}.pdf").status_code == 404
    assert loop.jia.get(f"/documents/{alone['id']}.pdf").status_code == 200
    assert mixed["id"] not in [item["id"] for item in loop.jia.get("/documents").json["items"]]


def register(someone: Someone, query: str = "") -> list[dict[str, Any]]:
    answer = someone.get(f"/issues.xlsx{query}")
    with CalamineWorkbook.from_filelike(io.BytesIO(got(answer))) as book:
        head, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_register_says_what_the_list_says(loop: Loop) -> None:
    closed, opened = loop.closed(), loop.issued(item="ELEV-A03")
    rows = {row["问题编号"]: row for row in register(loop.su)}
    done, fresh = rows[loop.look(closed)["number"]], rows[loop.look(opened)["number"]]
    assert (done["区"], done["责任单位"], done["发现人"], done["来源"]) == ("迎泽区", "施工甲公司", "Wang", "督导")
    assert (done["整改措施"], done["复查人"], done["复查结论"], done["是否销号"]) == (
        "已换持证焊工，并对班组交底", "Su", "合格，予以销号", "是")
    assert (fresh["是否销号"], fresh["整改措施"]) == ("否", "")
    assert done["工程类别"]
    assert done["整改前照片"] == ""  # a picture lies over it
    assert [row["是否销号"] for row in register(loop.su, "?state=closed")] == ["是"]
    assert register(loop.bing) == []
    english = register(loop.su, "?lang=en&state=closed")[0]
    assert (english["District"], english["Closed"]) == ("Yingze", "Yes")
    assert loop.su.get("/issues.xlsx?nonsense=1").status_code == 422


def test_the_register_has_a_name_pictures_and_links_to_the_desk(loop: Loop) -> None:
    import zipfile

    issue = loop.closed()
    answer = loop.su.get("/issues.xlsx")
    parts = zipfile.ZipFile(io.BytesIO(got(answer)))
    assert len([name for name in parts.namelist() if name.startswith("xl/media/")]) == 2
    assert f"/desk#/issues/{issue}" in parts.read("xl/worksheets/_rels/sheet1.xml.rels").decode() or issue in str(
        parts.read("xl/worksheets/sheet1.xml"))
    assert "销号台账" in unquote(answer.headers["Content-Disposition"])
    assert int(answer.headers["Content-Length"]) == len(answer.data)
