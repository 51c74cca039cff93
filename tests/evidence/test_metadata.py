"""What goes out tells nothing but the picture: every rendition, and every picture in papers, workbooks and the week's report.

Where the very bytes go out, on purpose, this is said too: the original itself, and the archives that hold originals.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from server.kit import clock
from tests.evidence import pictures
from tests.evidence.conftest import Telling
from tests.evidence.pictures import OF_PHOTOS, TRACES, tells_nothing
from tests.evidence.test_redaction import BOX, is_black, picture
from tests.exports.made import made
from tests.issues.loop import taken
from tests.weekly.test_weekly_reports import work


def weekly(loop: Telling) -> str:
    """The address of this week's report of the city, counted and ready to be printed."""
    boss = loop.office.person("boss", "admin")
    iso = clock.today().isocalendar()
    asked = boss.post("/weekly-reports", {"iso_year": iso.year, "iso_week": iso.week})
    assert asked.status_code in {200, 202}, asked.text
    work(loop.office.app)
    return f"/weekly-reports/{asked.json['id']}/files"


def papers(loop: Telling, issue: str) -> Iterator[tuple[str, bytes]]:
    """Everything that is printed with photos in it."""
    report, week = loop.su.get("/reports").json["items"][0]["id"], weekly(loop)
    for who, path in (
        (loop.jia, f"/issues/{issue}/notice.docx"), (loop.su, f"/issues/{issue}/notice.pdf"),
        (loop.su, f"/issues/{issue}/reply.docx"), (loop.su, f"/issues/{issue}/verification.pdf"),
        (loop.su, f"/reports/{report}.docx"), (loop.su, f"/reports/{report}.pdf"), (loop.su, "/issues.xlsx"),
        *((loop.office.people["boss"], f"{week}/{form}") for form in ("docx", "pdf", "xlsx")),
    ):
        answer = who.get(path)
        assert answer.status_code == 200, (path, answer.text)
        yield path, answer.data


def test_nothing_that_is_made_of_a_photo_holds_what_the_photo_says_of_itself(loop: Telling) -> None:
    issue = loop.closed()
    before, after = loop.photos(issue)
    loop.work_off()
    for photo in (before, after):
        original = loop.su.get(f"/photos/{photo}/original").data
        assert all(trace in original for trace in TRACES[:4]), "as it came, on purpose"
        for kind in ("preview", "thumb", "stamped"):
            tells_nothing(loop.jia.get(f"/photos/{photo}/{kind}").data)
    for name, data in papers(loop, issue):
        if data[:4] == b"%PDF":  # it has a packet of its own, which says who made it
            assert not [trace for trace in OF_PHOTOS if trace in data], name
            continue
        assert pictures.media(data), name
        for one in pictures.media(data):
            tells_nothing(one)
    _, workbook = made(loop.office, loop.su, "issues", "xlsx", lang="zh")
    for one in pictures.media(workbook):
        tells_nothing(one)
    _, archive = made(loop.office, loop.su, "photos", "zip", lang="zh")
    assert all(TRACES[0] in one for one in pictures.media(archive)), "originals, on purpose"


@pytest.mark.parametrize("ready", [True, False])
def test_the_weeks_report_shows_what_is_covered_covered(loop: Telling, ready: bool) -> None:
    issue = loop.closed()
    loop.work_off()
    week = weekly(loop)
    boss = loop.office.people["boss"]
    plain: dict[str, Any] = {form: boss.get(f"{week}/{form}") for form in ("docx", "xlsx", "zip")}
    for photo in loop.photos(issue):
        taken(loop.su.post(f"/photos/{photo}/redactions", {"boxes": [BOX], "reason": "遮盖人脸"}))
    if ready:
        loop.work_off()
    for form, before in plain.items():
        answer = boss.get(f"{week}/{form}")
        assert answer.status_code == 200
        shown = pictures.media(answer.data)
        assert shown, form
        assert len(shown) == len(pictures.media(before.data)), form
        covered = [is_black(picture(one)) for one in shown if one[:2] == b"\xff\xd8"]
        assert covered, form
        assert all(covered), form
        if form != "zip":
            assert answer.headers["ETag"] != before.headers["ETag"]
    with zipfile.ZipFile(BytesIO(boss.get(f"{week}/zip").data)) as archive:
        listed = archive.read("照片清单.csv").decode("utf-8-sig")
    assert listed.count("部分内容已遮盖") == 2
