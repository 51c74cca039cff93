"""What the server noticed of a report: shown at the desk with its numbers and settled, answered on the phone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from server.kit import clock
from server.kit.ids import new_id
from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import sit_down
from tests.browser.steps import Browse, arrive
from tests.browser.test_axe import AXE, FOUND
from tests.city import City, until
from tests.factories import YINGZE, Someone, photo_entry, report_body
from tests.photos import jpeg

AWAY = {"lat": 37.87, "lng": 112.55, "crs": "wgs84", "accuracy_m": 12.0}  # a good kilometre north of the site


def visited(inspector: Someone, site: uuid.UUID) -> str:
    """A report of this hour from a place that is not the site, with four photos from the gallery; its id."""
    end = clock.now()
    taken = end - timedelta(minutes=20)
    spot = {**AWAY, "captured_at": taken.isoformat()}
    photos = [
        (jpeg(1200, 900, seed=700 + n, exif_at=taken.astimezone(clock.SHANGHAI), gps=(37.86, 112.55)), n) for n in range(4)
    ]
    entries = [photo_entry(data, captured_at=taken.isoformat(), source="gallery", location=spot) for data, _ in photos]
    body = report_body(
        site, photos=entries, location=spot, started_at=(end - timedelta(minutes=40)).isoformat(), finished_at=end.isoformat(),
        device={"id": str(new_id()), "sent_at": clock.now().isoformat()},
    )
    sent: dict[str, Any] = inspector.send(body, {entry["id"]: data for entry, (data, _) in zip(entries, photos, strict=True)})
    return str(sent["id"])


def is_clean(page: Page) -> None:
    page.evaluate(AXE())
    assert page.evaluate(FOUND) == []


def test_a_flag_is_answered_by_the_inspector_and_settled_by_the_supervisor(town: City, browse: Browse) -> None:
    tag = uuid.uuid4().hex[:6]
    inspector = town.office.person(f"qian.{tag}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"kong.{tag}", "supervisor", districts=(YINGZE,))
    site = town.office.site(f"柳南{tag}小区", inspectors=(inspector,))
    report = visited(inspector, site)
    where = f"/reports/{report}"
    until(lambda: len(supervisor.get(where).json["flags"]) == 5, "the worker has worked out the facts")

    phone = arrive(browse(**PHONE), inspector.username)
    phone.get_by_role("tab", name="我的检查").click()
    notes = phone.get_by_role("region", name="系统提示")
    expect(notes).to_contain_text("距边界约 910 米")
    expect(notes.get_by_text("来自相册", exact=True)).to_have_count(1)
    is_clean(phone)
    gallery = notes.locator(".note", has_text="来自相册")
    gallery.get_by_role("button", name="查看照片 3").click()
    shown = phone.get_by_role("dialog", name="照片", exact=True)
    expect(shown.get_by_role("img", name="照片", exact=True)).to_be_visible()
    is_clean(phone)
    shown.get_by_role("button", name="关闭").click()
    expect(shown).to_be_hidden()
    notes.get_by_role("button", name="作说明").first.click()
    notes.get_by_label("作说明").fill("小区坐标登记在北门，当时在南门集合。")
    notes.get_by_role("button", name="提交").click()
    expect(notes).to_contain_text("我的说明：小区坐标登记在北门")

    desk = sit_down(browse(**DESK), supervisor, at=where)
    flags = desk.locator(".facts-panel .flag")
    expect(flags).to_have_count(2)
    expect(flags.first).to_contain_text("不在项目范围内")
    expect(flags.first).to_contain_text("督导员说明：小区坐标登记在北门")
    expect(flags.first.locator("dd").first).to_have_text("910 米")
    expect(flags.last).to_contain_text("4 张照片 · 4 条待核销")
    expect(flags.last.locator(".one")).to_have_count(1)  # four alike are told once
    flags.last.get_by_role("button", name="查看照片 2").click()
    expect(desk.get_by_role("dialog", name="照片查看")).to_contain_text("2 / 4")
    desk.keyboard.press("Escape")

    flags.first.get_by_role("button", name="核销").click()
    flags.first.get_by_role("button", name="确认核销").click()
    expect(flags.first.get_by_role("alert")).to_have_text("请写明理由。")
    flags.first.get_by_role("button", name="督导员说明合理").click()
    is_clean(desk)
    flags.first.get_by_role("button", name="确认核销").click()
    settled = flags.filter(has_text="已核销：督导员说明合理（Kong")
    expect(settled).to_have_count(1)
    # another supervisor was faster with one of the four: the form says so, and what is true now is there
    other = town.office.person(f"cao.{tag}", "supervisor", districts=(YINGZE,))
    flag = next(one for one in supervisor.get(where).json["flags"] if one["code"] == "from-gallery")
    gallery = flags.filter(has_text="来自相册")
    gallery.get_by_role("button", name="核销这 4 条").click()
    gallery.get_by_label("核销理由").fill("拍摄时相机打不开")
    assert other.post(f"/flags/{flag['id']}/settlement", {"reason": "已问过"}).status_code == 200
    gallery.get_by_role("button", name="确认核销").click()
    expect(gallery.get_by_role("alert")).to_contain_text("已由他人核销")
    expect(gallery).to_contain_text("已核销：已问过（Cao")
    gallery.get_by_role("button", name="确认核销").click()
    expect(gallery).to_contain_text("均已核销")
    expect(desk.locator(".panel header .el-tag", has_text="来自相册")).to_have_count(0)

    phone.reload()
    expect(phone.get_by_role("region", name="系统提示")).to_contain_text("审核人已核销：督导员说明合理")
    assert supervisor.get("/reports?flag=outside-fence&site=" + str(site)).json["items"] == []
