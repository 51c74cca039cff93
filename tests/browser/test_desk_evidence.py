"""A supervisor takes a report's evidence away, checks it elsewhere, and sees on the photo's page where it has been."""

from __future__ import annotations

import subprocess
import sys
import uuid
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.desk import send, sit_down
from tests.browser.steps import Browse
from tests.browser.test_desk_exports import clean
from tests.city import City, until
from tests.factories import YINGZE
from tests.photos import jpeg


def test_evidence_is_taken_away_and_checked_and_the_photo_says_so(town: City, browse: Browse, tmp_path: Path) -> None:
    inspector = town.office.person(f"feng.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    site = town.office.site(f"证据小区{uuid.uuid4().hex[:6]}", inspectors=(inspector,))
    report = send(inspector, site, data=jpeg(1200, 900, seed=961))

    page = sit_down(browse(**DESK, accept_downloads=True), supervisor, at=f"/reports/{report}")
    page.get_by_role("button", name="证据包").click()
    dialog = page.get_by_role("dialog", name="报告证据包")
    expect(dialog).to_contain_text("1 张照片")
    fingerprint = dialog.locator("code").inner_text()
    clean(page)
    with page.expect_download() as saved:
        dialog.get_by_role("link", name="下载证据包").click()
    expect(dialog).to_be_hidden()
    whole = tmp_path / "package.zip"
    saved.value.save_as(whole)
    assert saved.value.suggested_filename.startswith("证据包_")
    with zipfile.ZipFile(whole) as archive:
        archive.extract("verify.py", tmp_path)
    checked = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify.py"), str(whole), "--key", fingerprint], capture_output=True, text=True,
        check=False, env={"PYTHONIOENCODING": "utf-8"},
    )
    assert checked.returncode == 0, checked.stdout
    assert "一切相符" in checked.stdout

    photo = supervisor.get(f"/reports/{report}").json["gallery"][0]["id"]
    page.goto(f"/desk#/photos/{photo}")
    steps = page.get_by_role("listitem")
    expect(steps.filter(has_text="手机报出校验值")).to_contain_text("第 1 版")
    expect(steps.filter(has_text="收齐、校验一致并入库")).to_contain_text("操作记录第")
    packed = steps.filter(has_text="随证据包带出")
    until(lambda: any(one["kind"] == "package" for one in supervisor.get(f"/photos/{photo}/custody").json["steps"]),
          "what was noted is in the table")
    page.reload()
    expect(packed).to_contain_text("几分钟后写入操作记录")
    clean(page)


def test_an_issues_page_offers_its_evidence_in_english_too(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"wei.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"jiang.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    site = town.office.site(f"证据小区{uuid.uuid4().hex[:6]}", inspectors=(inspector,))
    report = send(inspector, site, data=jpeg(1200, 900, seed=962))
    issue = supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1}).json["issues"][0]
    page = sit_down(browse(**DESK), supervisor, at=f"/issues/{issue}")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Evidence package").click()
    dialog = page.get_by_role("dialog", name="Evidence package of this issue")
    expect(dialog).to_contain_text("1 photo, about")
    expect(dialog.get_by_role("link", name="Download the package")).to_be_visible()
    clean(page)
