"""The office changes the Word template of a paper: tried first, told what is wrong, put in, and given up again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from server.documents.drawing import MEDIA_TYPES, default_template
from server.documents.rules import Kind
from tests.browser.conftest import DESK
from tests.browser.desk import row, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.documents.papers import word, word_text
from tests.factories import YINGZE, Someone

PATH = "/documents/templates/handover_list"


@pytest.fixture
def chen(town: City) -> Iterator[Someone]:
    """Somebody of the office; the default is taken again at the end, since others draw with it."""
    person = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    yield person
    assert person.delete(f"{PATH}?lang=zh").status_code == 200


def file(data: bytes, name: str = "交办单.docx") -> list[dict[str, Any]]:
    return [{"name": name, "mimeType": MEDIA_TYPES["docx"], "buffer": data}]


def got(page: Page, button: Locator) -> Download:
    with page.expect_download() as waited:
        button.click()
    return waited.value


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def test_the_office_puts_in_a_template_of_its_own(town: City, browse: Browse, chen: Someone) -> None:
    page = sit_down(browse(**DESK), chen, at="/sites")
    page.get_by_role("link", name="文书模板").click()
    expect(page.locator("tbody tr")).to_have_count(14)
    expect(page.get_by_role("cell", name="督导周报", exact=True)).to_be_visible()
    of = "问题交办单（中文）"
    default = got(page, page.get_by_role("button", name=f"下载模板：{of}"))
    assert default.suggested_filename == "问题交办单_模板.docx"
    assert content(default) == default_template(Kind.HANDOVER_LIST, "zh")

    # What cannot be filled in is said, each thing by its name, and cannot be put in.
    page.get_by_role("button", name=f"上传：{of}").click()
    dialogue = page.get_by_role("dialog", name=f"上传模板：{of}")
    choose = page.get_by_label("选择 .docx 文件")
    use = dialogue.get_by_role("button", name="启用")
    choose.set_input_files(file(b"old", "交办单.doc"))
    expect(dialogue.get_by_text("请选择 .docx 文件。旧的 .doc")).to_be_visible()
    choose.set_input_files(file(word("{{ nmber }}", "{{ site.nam }}")))
    expect(dialogue.get_by_text("没有名为 nmber 的内容")).to_be_visible()
    expect(dialogue.get_by_text("没有名为 site.nam 的内容")).to_be_visible()
    choose.set_input_files(file(word("{%p if number %}")))
    expect(dialogue.get_by_text("模板语句有误：")).to_be_visible()
    expect(use).to_be_disabled()

    # What can be is looked at, then put in, also over somebody else's.
    own = word("本市交办单 {{ number }}", "{{ site.name }}")
    choose.set_input_files(file(own))
    expect(dialogue.get_by_text("试填成功")).to_be_visible()
    sample = got(page, dialogue.get_by_role("button", name="下载示例核对"))
    assert "本市交办单 " in (drawn := word_text(content(sample)))
    assert "{{" not in drawn
    boss = town.office.person(f"boss.{uuid.uuid4().hex[:6]}", "admin")
    theirs = word("别人的 {{ number }}")
    put = boss.ask("PUT", f"{PATH}?lang=zh", data=theirs, content_type=MEDIA_TYPES["docx"])
    assert put.status_code == 200, put.text
    use.click()
    told = dialogue.get_by_role("alert").filter(has_text="更换了这个模板，您的文件没有启用")
    expect(told).to_contain_text("Boss")
    expect(use).to_be_disabled()
    assert chen.get(f"{PATH}?lang=zh").data == theirs
    told.get_by_role("button", name="载入最新版本").click()
    expect(told).to_have_count(0)
    expect(dialogue.get_by_text(f"已载入最新版本（本单位第 {put.json['version']} 版）")).to_be_visible()
    use.click()
    expect(page.get_by_text(f"已启用：{of}")).to_be_visible()
    assert chen.get(f"{PATH}?lang=zh").data == own
    line = row(page, "本单位第")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(f"本单位第 {put.json['version'] + 1} 版")

    # Going back over what one has not seen is refused too, until it is loaded.
    later = boss.ask("PUT", f"{PATH}?lang=zh", data=theirs, content_type=MEDIA_TYPES["docx"]).json["version"]
    page.get_by_role("button", name=f"恢复默认：{of}").click()
    page.get_by_role("dialog", name="恢复默认").get_by_role("button", name="恢复默认").click()
    expect(page.get_by_role("alert")).to_contain_text("更换了这个模板，没有恢复默认")
    assert chen.get(f"{PATH}?lang=zh").data == theirs
    page.get_by_role("alert").get_by_role("button", name="载入最新版本").click()
    expect(row(page, f"本单位第 {later} 版")).to_have_count(1)

    # Earlier versions stay to be had, also after going back.
    page.get_by_role("button", name=f"恢复默认：{of}").click()
    page.get_by_role("dialog", name="恢复默认").get_by_role("button", name="恢复默认").click()
    expect(page.get_by_text(f"已恢复默认：{of}")).to_be_visible()
    expect(row(page, "本单位第")).to_have_count(0)
    assert chen.get(f"{PATH}?lang=zh").data == default_template(Kind.HANDOVER_LIST, "zh")
    page.get_by_role("button", name=f"历次版本：{of}").click()
    earlier = page.get_by_role("dialog", name=f"历次版本：{of}")
    button = earlier.get_by_role("button", name=f"下载模板：第 {put.json['version']} 版")
    assert content(got(page, button)) == theirs
    page.goto("/desk#/audit")
    expect(row(page, "更换文书模板").first).to_contain_text("问题交办单")


def test_a_supervisor_has_no_page_of_templates(town: City, browse: Browse) -> None:
    supervisor = town.office.person(f"qian.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    page = sit_down(browse(**DESK), supervisor, at="/sites")
    for name in ("文书模板", "群机器人"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    for address in ("templates", "webhooks"):
        page.goto(f"/desk#/{address}")
        expect(page.get_by_text("您的账号不能打开这个页面")).to_be_visible()
