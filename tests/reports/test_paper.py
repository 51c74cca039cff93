"""The document of a report: every answer as it was given, in both forms and languages; what proves it; who may have it."""

from __future__ import annotations

import io
import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pypdfium2 as pdfium
import pytest
import sqlalchemy as sa
from docx import Document
from PIL import Image

from server.checklists.models import ChecklistVersion
from server.kit import clock
from server.kit.jobs import HANDLERS, Job, Work
from server.kit.storage import original_key
from server.reports.models import ReportPaper
from server.reports.paper.rows import answer, limit
from tests.documents.papers import word_told
from tests.exports.made import HOSTILE
from tests.factories import SiteOffice, Someone, photo_entry, report_body, representative
from tests.issues.loop import Loop
from tests.photos import jpeg

WORDS = {"zh": {"pass": "合格", "fail": "不合格", "na": "不适用", "recorded": "已记录"},
         "en": {"pass": "pass", "fail": "FAIL", "na": "n/a", "recorded": "recorded"}}


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


def get(who: Someone, report: str, form: str, lang: str = "zh", **headers: str) -> Any:
    return who.get(f"/reports/{report}.{form}?lang={lang}", headers=headers)


def bare(text: str) -> str:
    """Text without what a page adds, breaks and spaces, and without signs that the fonts do not have."""
    return re.sub("[\\s\u200b\ufe0f🏗]+", "", text.replace("\ufffe", "-"))


def said_in_pdf(data: bytes) -> str:
    document = pdfium.PdfDocument(data)
    return bare("".join(page.get_textpage().get_text_bounded() for page in document))


def pictures_of(data: bytes) -> list[bytes]:
    """The pictures of a PDF as they lie in it."""
    found = []
    for page in pdfium.PdfDocument(data):
        for one in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE]):
            out = io.BytesIO()
            one.extract(out)
            found.append(out.getvalue())
    return found


def cells_of(data: bytes) -> list[list[str]]:
    """Every row of every table of a Word file; merged cells once."""
    rows = []
    for table in Document(io.BytesIO(data)).tables:
        for row in table.rows:
            seen, cells = set(), []
            for cell in row.cells:
                if cell._tc not in seen:
                    seen.add(cell._tc)
                    cells.append(cell.text)
            rows.append(cells)
    return rows


def big(office: SiteOffice, count: int) -> list[dict[str, Any]]:
    """Publish a checklist of so many items of every kind."""
    kinds: list[dict[str, Any]] = [
        {"type": "pass_fail_na"}, {"type": "number", "unit": "mm", "min": -2.5, "max": 10},
        {"type": "number", "unit": "m", "min": 1.2}, {"type": "number", "unit": "mm", "limit_source": "design", "min": 0},
        {"type": "choice", "options": [
            {"value": "a", "zh": "甲", "en": "first"}, {"value": "b", "zh": "乙", "en": "second", "fails": True}]},
        {"type": "text"},
    ]
    items = [
        {"code": f"BIG-{number:03}", "zh": f"第{number}项检查内容是否符合要求", "en": f"Check number {number} is in order",
         "severity": "minor", "photo": "none", "criterion_zh": f"应符合第{number}条",
         "criterion_en": f"As clause {number} says",
         **kinds[number % len(kinds)]}
        for number in range(count)
    ]
    sections = [
        {"code": f"BIG-{at}", "zh": f"第{at}部分", "en": f"Part {at}", "items": items[at:at + 40]}
        for at in range(0, count, 40)
    ]
    content = {"code": "BIG", "version": 1, "zh": "大检查表", "en": "Big list", "work_types": ["lift"],
               "sections": sections, "class": "improvement", "estimated_minutes": 60}
    office.write(lambda db: db.add(ChecklistVersion(
        code="BIG", version=1, content=content, digest="0" * 64, published_at=clock.now())))
    return items


def answers_to(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for number, item in enumerate(items):
        value: Any = {
            "pass_fail_na": ("pass", "fail", "na")[number // 6 % 3], "number": (4.25, 11, 0.5, "na")[number // 6 % 4],
            "choice": "ab"[number // 6 % 2], "text": f"实测记录{number} {HOSTILE[number % len(HOSTILE)]}",
        }[item["type"]]
        if item.get("limit_source") and value == "na":
            value = 3
        found.append({"item": item["code"], "value": value,
                      "note": HOSTILE[number % len(HOSTILE)] + f" 说明{number}" if number % 7 == 0 else None})
    return found


def test_every_answer_stands_in_it(loop: Loop) -> None:
    items = big(loop.office, 230)
    given = answers_to(items)
    pictures = [loop.picture(item=items[number]["code"], caption=f"照片说明{number}") for number in range(30)]
    body = report_body(
        loop.site, checklist={"code": "BIG", "version": 1}, answers=given[:-1], photos=[one for one, _ in pictures],
        representative=representative(), co_inspectors=[str(loop.zhao.id)],
    )
    report = loop.wang.send(body, {one["id"]: data for one, data in pictures})
    shown = loop.su.get(f"/reports/{report['id']}").json
    with loop.office.database.read() as db:
        from server.checklists.queries import get_version

        checklist = get_version(db, "BIG", 1)
    assert checklist is not None
    for lang in ("zh", "en"):
        pdf, word = get(loop.su, report["id"], "pdf", lang), get(loop.su, report["id"], "docx", lang)
        assert (pdf.status_code, word.status_code) == (200, 200)
        text, rows = said_in_pdf(pdf.data), {row[0]: row for row in cells_of(word.data) if len(row) == 6}
        for one in shown["answers"]:
            item = checklist.index[one["item"]]
            source = next(entry for entry in items if entry["code"] == one["item"])
            photos = [f"照片{no}" if lang == "zh" else f"Photo {no}" for no, (entry, _) in enumerate(pictures, 1)
                      if entry["item"] == one["item"]]
            wanted = [
                one["item"], source[lang], answer(item, one["value"], lang), limit(item, source, {}, lang),
                WORDS[lang][one["verdict"]], "\n".join(filter(None, [one["note"], *photos])),
            ]
            assert rows[one["item"]] == wanted
            for part in wanted:
                assert bare(part) in text, (lang, one["item"], part)
        assert len(rows) == 229
        signed, *told = word_told(word.data)
        assert signed == ("现场代表签字" if lang == "zh" else "Signature of the site's representative")
        assert [str(one).split(" ")[-1] for one in told] == [one["item"] for one, _ in pictures]
        assert all(str(one).startswith("照片" if lang == "zh" else "Photo ") for one in told)
        everything = "\n".join("\n".join(row) for row in cells_of(word.data))
        everything += "\n".join(one.text for one in Document(io.BytesIO(word.data)).paragraphs)
        receipt = shown["receipt"]
        for part in (shown["number"], receipt["number"], receipt["digest"], "37.860100, 112.550200", "老军营小区", "Wang",
                     "Zhao", "BIG-229", *(one["sha256"] for one, _ in pictures), *(one["caption"] for one, _ in pictures)):
            assert part in everything, part
            assert bare(part) in text, part
        pages = len(pdfium.PdfDocument(pdf.data))
        page = f"第1页，共{pages}页" if lang == "zh" else f"Page1of{pages}"
        assert page in text
        footer = Document(io.BytesIO(word.data)).sections[0].footer._element.xml
        assert 'w:instr="PAGE"' in footer
        assert 'w:instr="NUMPAGES"' in footer


def test_it_says_what_was_decided_and_opened_and_changes_with_it(loop: Loop) -> None:
    loop.opened(severity="critical")
    report = loop.su.get("/reports").json["items"][0]["id"]
    issue = loop.su.get("/issues").json["items"][0]
    first = get(loop.su, report, "docx")
    rows = cells_of(first.data)
    assert [issue["number"], "ELEV-A05", "焊工无证上岗", "重大", issue["due_on"], "施工甲公司", "待下发"] in rows
    assert any(row[1:3] == ["Su", "审核通过"] for row in rows)
    assert get(loop.su, report, "docx").headers["ETag"] == first.headers["ETag"]
    loop.su.post(f"/issues/{issue['id']}/notice")
    later = get(loop.su, report, "docx")
    assert later.headers["ETag"] != first.headers["ETag"]
    assert "待整改" in {cell for row in cells_of(later.data) for cell in row}


def test_a_correction_and_a_return_are_told(loop: Loop) -> None:
    body = report_body(loop.site)
    report = loop.wang.send(body)["id"]
    loop.su.post(f"/reports/{report}/reviews", {
        "decision": "return", "revision": 1, "comment": "请补拍", "items": [{"item": "ELEV-A01", "comment": "看不清"}]})
    text = said_in_pdf(get(loop.su, report, "pdf").data)
    assert "退回修改" in text
    assert "请补拍" in text
    assert "ELEV-A01：看不清" in text
    loop.wang.put(f"/reports/{report}", body | {"revision": 2})
    loop.su.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 2})
    loop.wang.put(f"/reports/{report}", body | {"revision": 3, "correction_reason": "小区写错"})
    text = said_in_pdf(get(loop.su, report, "pdf").data)
    assert "（更正）" in text
    assert "小区写错" in text


def test_who_may_see_the_report_may_have_it(loop: Loop) -> None:
    report = loop.wang.send(report_body(loop.site))["id"]
    for who, status in ((loop.wang, 200), (loop.su, 200), (loop.zhao, 404), (loop.jia, 404),
                        (loop.office.person("sj", "supervisor", districts=("140110",)), 404)):
        assert {get(who, report, form).status_code for form in ("pdf", "docx")} == {status}, who.username
    links = loop.wang.get(f"/reports/{report}").json["links"]
    browser = loop.office.app.test_client()
    for form, kind in (("pdf", "inline"), ("docx", "attachment")):
        answer_ = browser.get(links[form])
        assert answer_.status_code == 200
        assert answer_.headers["Content-Disposition"].startswith(f'{kind}; filename="report-')
        assert "filename*=UTF-8''%E7%8E%B0%E5%9C%BA" in answer_.headers["Content-Disposition"]
        assert browser.get(links[form].split("?")[0]).status_code == 401
    assert loop.su.get(f"/reports/{uuid.uuid4()}.pdf").status_code == 404


def test_photos_are_upright_small_and_say_nothing_of_their_camera(loop: Loop) -> None:
    data = jpeg(2400, 1800, exif_at=datetime(2026, 11, 20, 9, 14), gps=(37.86, 112.55), orientation=6, comment="geheim")
    photo = photo_entry(data, item="ELEV-A05", source="gallery", location={"lat": 37.87, "lng": 112.55, "crs": "wgs84"})
    report = loop.wang.send(report_body(loop.site, photos=[photo]), {photo["id"]: data})["id"]
    work_off(loop.office, "renditions")
    pdf, word = get(loop.su, report, "pdf"), get(loop.su, report, "docx")
    (shown,) = pictures_of(pdf.data)
    parts = [part for part in Document(io.BytesIO(word.data)).part.package.iter_parts() if "image" in part.content_type]
    for blob in (shown, *(part.blob for part in parts)):
        with Image.open(io.BytesIO(blob)) as picture:
            assert picture.size == (600, 800)
            assert not picture.getexif()
        assert b"geheim" not in blob
        assert b"HUAWEI" not in blob
    assert len(parts) == 1
    text = said_in_pdf(pdf.data)
    assert "选自相册" in text
    assert "（照片内记录2026-11-2009:14:00）" in text
    assert photo["sha256"] in text
    assert re.search(r"距项目位置约11\d\d米", text)


def test_a_photo_that_is_lost_says_so_and_is_not_kept_that_way(loop: Loop) -> None:
    photo, data = loop.picture(item="ELEV-A05")
    report = loop.wang.send(report_body(loop.site, photos=[photo]), {photo["id"]: data})["id"]
    files = loop.office.app.extensions["dudao-store"]
    files.delete(original_key(photo["sha256"]))
    away = get(loop.su, report, "pdf")
    assert "照片缺失或无法读取" in said_in_pdf(away.data)
    assert away.headers["Cache-Control"] == "private, no-store"
    assert loop.office.read(sa.select(ReportPaper.key)) == []
    missing = photo_entry(jpeg(64, 48, seed=99), item="ELEV-A05")
    unfinished = str(uuid.uuid4())
    loop.wang.put(f"/reports/{unfinished}", report_body(loop.site, photos=[missing]))
    text = said_in_pdf(get(loop.wang, unfinished, "pdf").data)
    assert "没有回执" in text
    assert "照片缺失或无法读取" in text


def test_hostile_text_is_text(loop: Loop) -> None:
    evil = '#read("/etc/passwd") \\input $x^2$ {{ 7*7 }} <b>&amp; \x00\x08\u202e</w:t> ' + "x" * 300
    report = loop.wang.send(report_body(
        loop.site, summary=evil, outside_reason=evil[:500],
        answers=[{"item": "ELEV-A01", "value": "pass", "note": evil * 8}],
    ))["id"]
    shown = re.sub("[\x00\x08\u202e]", "", evil)
    pdf, word = get(loop.su, report, "pdf"), get(loop.su, report, "docx")
    assert bare(shown) in said_in_pdf(pdf.data)
    paragraphs = [one.text for one in Document(io.BytesIO(word.data)).paragraphs]
    assert shown in paragraphs


def work_off(office: SiteOffice, kind: str) -> None:
    for job in office.read(sa.select(Job).where(Job.kind == kind)):
        with office.app.app_context():
            HANDLERS[kind](Work(office.database, office.app, job.id, job.payload, lambda _percent: None))


def test_it_is_kept_resumed_and_swept(loop: Loop) -> None:
    photo, data = loop.picture(item="ELEV-A05")
    report = loop.wang.send(report_body(loop.site, photos=[photo]), {photo["id"]: data})["id"]
    whole = get(loop.su, report, "pdf")
    (key,) = loop.office.read(sa.select(ReportPaper.key))
    files = loop.office.app.extensions["dudao-store"]
    assert files.size(key) == len(whole.data)
    rest = get(loop.su, report, "pdf", Range="bytes=1000-", **{"If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.data) == (206, whole.data[1000:])
    assert get(loop.su, report, "pdf", **{"If-None-Match": whole.headers["ETag"]}).status_code == 304
    files.delete(key)
    assert get(loop.su, report, "pdf").data == whole.data, "drawn again, the same bytes"
    from server.kit import leases

    loop.office.write(leases.set_duties)
    work_off(loop.office, "report-papers-sweep")
    assert files.size(key) is not None
    over = clock.now() + timedelta(days=8)
    clock.set_source(lambda: over)
    work_off(loop.office, "report-papers-sweep")
    assert files.size(key) is None
    assert loop.office.read(sa.select(ReportPaper.key)) == []


def test_a_limit_that_the_site_sets_stands_beside_the_answer(loop: Loop) -> None:
    assert loop.su.put(f"/sites/{loop.site}/limits", {"items": {"ELEV-B03": {"max": 5}}}).status_code == 200
    photo, data = loop.picture(item="ELEV-B03")
    report = loop.wang.send(report_body(loop.site, photos=[photo], answers=[
        {"item": "ELEV-B03", "value": 6.5, "photos": [photo["id"]]}]), {photo["id"]: data})["id"]
    row = next(row for row in cells_of(get(loop.su, report, "docx").data) if row[0] == "ELEV-B03")
    assert row[2:5] == ["6.5 mm", "≤5 mm\n本项目设定", "不合格"]
    loop.su.put(f"/sites/{loop.site}/limits", {"items": {"ELEV-B03": {"max": 9}}})
    row = next(row for row in cells_of(get(loop.su, report, "docx").data) if row[0] == "ELEV-B03")
    assert row[2:5] == ["6.5 mm", "≤9 mm\n本项目设定（此后有更改）", "不合格"]


