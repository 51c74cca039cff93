"""A photo that was submitted before, cut and mirrored: its page shows both, side by side, and leads to the other report."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.desk import sit_down
from tests.browser.steps import Browse
from tests.browser.test_axe import AXE, FOUND
from tests.city import City, until
from tests.evidence.likeness.copies import cut, mirrored, photo, send
from tests.factories import YINGZE

SHOWN = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"


def test_a_copy_stands_beside_its_original(town: City, browse: Browse) -> None:
    office = town.office
    wang, zhao = (office.person(name, "inspector", districts=(YINGZE,)) for name in ("like.wang", "like.zhao"))
    su = office.person("like.su", "supervisor", districts=(YINGZE,))
    here, there = office.site("老军营小区", inspectors=(wang,)), office.site("桃园小区", inspectors=(zhao,))
    data = photo(3)
    first, _ = send(wang, here, data)
    second, (copy,) = send(zhao, there, cut(mirrored(data)), at="2026-11-21T10:20:00+08:00")
    where = f"/reports/{second['id']}"
    until(lambda: "seen-before" in {flag["code"] for flag in su.get(where).json["flags"]}, "it is found")

    report = sit_down(browse(**DESK), su, at=where)
    flag = report.locator(".facts-panel .flag", has_text="照片重复")
    expect(flag).to_contain_text("同一张照片的副本：左右翻转并裁剪")
    with report.expect_popup() as beside:
        flag.get_by_role("link", name="并排对比照片 1").click()
    page = beside.value
    assert page.url.endswith(f"#/photos/{copy}?view=likeness")
    expect(page.get_by_role("heading", name="同一张照片的副本：左右翻转并裁剪")).to_be_visible()
    expect(page.get_by_text("提交在先")).to_be_visible()
    expect(page.get_by_role("link", name="老军营小区")).to_be_visible()
    expect(page.get_by_role("link", name=f"检查报告 {second['number']}")).to_be_visible()
    until(lambda: page.evaluate(SHOWN), "both pictures are shown")
    page.evaluate(AXE())
    assert not page.evaluate(FOUND)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="A copy of the same photo: mirrored and cropped")).to_be_visible()
    page.get_by_role("link", name=first["number"]).click()
    expect(page).to_have_url(f"http://127.0.0.1:{town.server.port}/desk#/reports/{first['id']}")
