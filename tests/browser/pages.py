"""Every page of the client, one after the other: each `yield` is a page as somebody sees it, under a name for its picture."""

from __future__ import annotations

import itertools
import math
import re
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Page, Request, expect

from server.kit import clock
from tests.browser.drawing import picture
from tests.browser.stage import CONTRACTOR, INSPECTOR, SUPERVISOR, Stage
from tests.browser.steps import CAMERA, draw, item
from tests.city import until
from tests.documents.papers import word
from tests.factories import PASSWORD
from tests.residents.word import put_question

GONE = "00000000-0000-7000-8000-000000000000"  # no report has this id
TABLE = """项目编号,小区名称,区,街道,户数,计划投资(万元),进度,计划开工日期
140106-0901,迎新街小区,迎泽区,迎新街道,120,31.5,在建,2026年3月1日
140106-0902,古城小区,没有这个区,,十二,5,在建,2026/13/1
,无编号小区,迎泽区,,,,,
"""
ARRANGEMENT = """日期,结束日期,类型,名称
2027-01-01,2027-01-03,节假日,元旦
2027-02-30,,过年,春节
"""
SIGNATURE = [  # 丁一
    [(0.16, 0.42), (0.46, 0.39)], [(0.32, 0.41), (0.31, 0.57), (0.25, 0.54)],
    [(0.56, 0.49), (0.7, 0.48), (0.86, 0.46), (0.87, 0.47)],
]
_NUMBERS = itertools.count(1)
QUIET_S = 0.3  # what follows an answer is asked for sooner
LANGUAGES = ("zh-CN", "en")
Say = Callable[[str, str], str]
Tour = Callable[[Page, Stage, Say], Iterator[str]]
_DRAWN = """() => {
  const isSeen = ({ top, bottom }) => bottom > 0 && top < innerHeight;
  const here = (image) => image.complete || (image.loading === "lazy" && !isSeen(image.getBoundingClientRect()));
  const still = (one) => one.playState !== "running" || one.effect.getTiming().iterations === Infinity;
  return [...document.images].every(here) && document.getAnimations().every(still);
}"""


def saying(language: str) -> Say:
    """Picks the words of a page in this language."""
    return lambda zh, en: zh if language.startswith("zh") else en


class Looker:
    """Waits until a page is all there: no request on its way, no picture half loaded, nothing moving."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._asked: set[Request] = set()
        self._last = time.monotonic()
        page.on("request", self._begins)
        page.on("response", lambda response: self._ends(response.request))
        page.on("requestfailed", self._ends)

    def _begins(self, request: Request) -> None:
        self._last = time.monotonic()
        self._asked.add(request)

    def _ends(self, request: Request) -> None:
        self._last = time.monotonic()
        self._asked.discard(request)

    def settle(self) -> None:
        until(lambda: self.page.evaluate(_DRAWN) and not self._asked and time.monotonic() - self._last > QUIET_S,
              lambda: f"the page is drawn: {[request.url for request in self._asked]}", seconds=30)


def phone(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The inspector's pages, from signing in to a receipt."""
    page.goto("/")
    expect(page.get_by_label(say("用户名", "User name"))).to_be_visible()
    yield "sign-in"
    page.get_by_role("button", name=say("用一次性代码设置密码", "one-time code")).click()
    yield "first-password"
    page.get_by_role("button", name=say("返回登录", "Back")).click()
    _sign_in(page, say, INSPECTOR)
    expect(page.get_by_role("tab", name=say("小区", "Sites"))).to_be_visible()
    expect(page.get_by_text(stage.site_name)).to_be_visible()
    yield "sites"
    search = page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first
    search.fill("没有这样的小区")
    yield "sites-none"
    search.fill("")
    page.get_by_role("button", name=say("地图", "Map"), exact=True).click()
    ground = page.get_by_role("region", name=say("小区分布图", "Map of the sites"))
    expect(ground.locator("canvas, svg").first).to_be_visible()
    yield "sites-map"
    page.get_by_role("button", name=say("列表", "List"), exact=True).click()
    page.get_by_text(stage.site_name).click()
    expect(page.get_by_role("button", name=say("既有住宅加装电梯检查表", "lift"))).to_be_visible()
    yield "site"
    page.get_by_role("button", name=say("既有住宅加装电梯检查表", "lift")).click()
    expect(item(page, "ELEV-A01")).to_be_visible()
    yield "fill"
    for code in ("ELEV-A01", "ELEV-A02", "ELEV-A03", "ELEV-A04"):
        item(page, code).get_by_role("button", name=say("合格", "Pass")).first.click()
    item(page, "ELEV-A05").get_by_role("button", name=say("不合格", "Fail")).click()
    item(page, "ELEV-A05").locator("textarea").fill("两名焊工没有证件")
    photo = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": picture(77, at=clock.now(), place=(37.8601, 112.5502))}
    item(page, "ELEV-A05").locator("input[capture]").set_input_files([photo])
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(1)
    item(page, "ELEV-A05").scroll_into_view_if_needed()
    yield "fill-failed"
    fixed = item(page, "ELEV-A05").get_by_role("switch", name=say("当场已整改", "Fixed on the spot"))
    fixed.click()
    item(page, "ELEV-A05").locator(".after").scroll_into_view_if_needed()
    yield "fill-fixed"
    item(page, "ELEV-A05").get_by_role("button", name=say("拍同一位置", "Same spot")).click()
    expect(page.get_by_text(say("此处不能使用叠影", "No overlay here"), exact=False)).to_be_visible()
    yield "camera-without-overlay"
    page.get_by_role("button", name=say("取消", "Cancel")).click()
    fixed.click()
    item(page, "ELEV-A05").locator("img").click()
    yield "photo"
    page.locator(".viewer").get_by_role("button", name=say("标注", "Mark")).click()
    page.get_by_text(say("用手指圈出问题", "Circle it with a finger")).click()
    draw(page, page.locator(".van-popup:visible img").last, *_ring(0.36, 0.52, 0.1, 0.12))
    yield "photo-marking"
    page.get_by_role("button", name=say("完成", "Done"), exact=True).click()
    page.get_by_role("button", name=say("关闭", "Close")).first.click()
    page.get_by_role("button", name=say("请现场代表签字", "Let the representative sign")).click()
    paper = page.get_by_role("dialog", name=say("请现场代表签字", "Let the representative sign")).locator("canvas")
    for stroke in SIGNATURE:
        draw(page, paper, *stroke)
    yield "signing"
    page.get_by_role("button", name=say("完成", "Done"), exact=True).click()
    page.get_by_label(say("现场代表姓名", "Name of the representative")).fill("丁一")
    again = page.get_by_role("button", name=say("修改签字", "Change the signature"))
    again.evaluate("it => it.scrollIntoView({ block: 'center' })")
    expect(page.get_by_text(say("已保存在本机", "Kept on this phone"))).to_be_visible()
    yield "signed"
    page.get_by_role("button", name=say("完成检查", "Finish")).click()
    expect(page.get_by_role("button", name=say("提交", "Send"), exact=True)).to_be_visible()
    yield "finish"
    page.context.set_offline(True)
    page.get_by_role("button", name=say("提交", "Send"), exact=True).click()
    expect(page).to_have_url(re.compile("#/outbox"))
    yield "outbox-waiting"
    page.context.set_offline(False)
    expect(page.get_by_text(say("没有待发送的报告", "Nothing waits"))).to_be_visible(timeout=60_000)
    yield "outbox-sent"
    page.get_by_role("tab", name=say("我的检查", "Mine")).click()
    expect(page.get_by_role("button", name=say("修改重报", "Correct")).first).to_be_visible()
    yield "mine"
    yield from _noticed(page, say)
    page.get_by_role("button", name=say("修改重报", "Correct")).first.click()
    expect(page.get_by_text(say("审核意见", "Supervisor:")).first).to_be_visible()
    yield "fill-returned"
    page.goto("/#/tasks")
    expect(page.get_by_role("heading", name=say("待复查", "To verify")).first).to_be_visible()
    expect(page.locator("a.row").first).to_be_visible()
    yield "tasks"
    page.locator("a.row").first.click()
    expect(page.locator(".pairs img").first).to_be_visible()
    yield "task"
    page.get_by_role("button", name=say("办理经过", "History")).click()
    page.get_by_role("button", name=say("办理经过", "History")).scroll_into_view_if_needed()
    yield "task-history"
    page.get_by_role("button", name=say("查看整改后照片 1", "See photo 1, After")).click()
    expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    yield "task-photo"
    page.get_by_role("button", name=say("关闭", "Close")).last.click()
    page.locator("footer").get_by_role("button", name=say("复查不合格", "Fail")).click()
    page.get_by_role("button", name=say("提交", "Send"), exact=True).click()
    expect(page.get_by_text(say("不合格须写明意见", "Say what is not in order")).first).to_be_visible()
    yield "verdict"
    page.goto(f"/#/issues/{stage.issues['closed']}")
    expect(page.locator(".pairs img").first).to_be_visible()
    yield "task-closed"
    page.goto("/#/inbox")
    expect(page.get_by_role("heading").first).to_be_visible()
    yield "inbox"
    page.goto("/#/me")
    yield "me"
    page.get_by_role("switch").last.click()
    page.get_by_text(say("退出登录", "Sign out"), exact=True).scroll_into_view_if_needed()
    yield "me-options"
    page.get_by_role("switch").last.click()
    page.get_by_role("button", name=say("English", "中文")).click()
    expect(page.get_by_text(say("Last sync", "上次同步"))).to_be_visible()
    yield "me-other-language"
    page.get_by_role("button", name=say("中文", "English")).click()
    page.goto("/#/diagnostics")
    yield "diagnostics"


def _noticed(page: Page, say: Say) -> Iterator[str]:
    """What the server noticed of one's own report: the notes, an answer to one, the photos that they speak of."""
    copied = say("照片重复", "Seen before")
    notes = page.get_by_role("region", name=say("系统提示", "Noticed by the system"))
    notes = notes.filter(has_text=copied).filter(has_text=say("来自相册", "From the gallery")).first
    notes.evaluate("it => it.scrollIntoView({ block: 'start' })")
    page.evaluate("scrollBy(0, -60)")
    yield "mine-flags"
    notes.get_by_role("button", name=say("作说明", "Say something")).first.click()
    yield "flag-answer"
    notes.get_by_role("button", name=say("取消", "Cancel")).click()
    notes.locator(".note", has_text=copied).get_by_role("button", name=say("查看照片", "See photo")).last.click()
    shown = page.get_by_role("dialog", name=say("照片", "Photo"), exact=True)
    expect(shown.locator("img").nth(1)).to_be_visible()
    yield "flag-photo"
    shown.get_by_role("button", name=say("关闭", "Close")).scroll_into_view_if_needed()
    yield "flag-photo-like"
    shown.get_by_role("button", name=say("关闭", "Close")).click()
    page.evaluate("scrollTo(0, 0)")


def contractor(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The pages of who has to put things right."""
    page.add_init_script(CAMERA)
    page.goto("/")
    _sign_in(page, say, CONTRACTOR)
    expect(page.locator("a.row").first).to_be_visible()
    yield "rectify"
    page.goto("/#/inbox")
    expect(page.get_by_text(say("整改通知", "Rectification notice")).first).to_be_visible()
    yield "contractor-inbox"
    page.goto("/#/rectify")
    search = page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first
    search.fill("没有这样的问题")
    yield "rectify-none"
    search.fill("")
    page.locator("a.row").filter(has_text=say("复查不合格", "Failed verification")).first.click()
    expect(page.locator(".pairs img").first).to_be_visible()
    yield "rectify-issue"
    page.locator("footer").get_by_role("button", name=say("回复整改", "Reply")).click()
    page.get_by_role("button", name=say("提交", "Send"), exact=True).click()
    expect(page.get_by_text(say("请至少拍一张整改后照片", "Take at least one photo from after"))).to_be_visible()
    yield "reply"
    page.get_by_role("button", name=say("拍同一位置", "Same spot")).first.click()
    camera = page.get_by_role("dialog", name=say("拍同一位置", "Same spot"))
    expect(camera.get_by_role("img", name=say("整改前照片", "Earlier photo"))).to_be_visible()
    until(lambda: page.evaluate("document.querySelector('video').videoWidth > 0"), "the camera shows something")
    yield "camera-overlay"
    camera.get_by_role("button", name=say("拍摄", "Take"), exact=True).click()
    expect(page.locator(".spot button.thumb img")).to_have_count(1)
    page.get_by_label(say("整改措施", "What was done")).fill("已补齐固定点并复核")
    yield "reply-filled"
    page.context.set_offline(True)
    page.get_by_role("button", name=say("提交", "Send"), exact=True).click()
    expect(page).to_have_url(re.compile("#/outbox"))
    expect(page.locator(".pairs img").first).to_be_visible()
    yield "outbox-reply"
    page.get_by_role("tab", name=say("整改", "Issues")).click()
    page.goto(f"/#/issues/{stage.issues['void']}")
    expect(page.get_by_text(say("已不在本机", "no longer on this phone"))).to_be_visible()
    yield "rectify-gone"
    page.goto(f"/#/issues/{stage.issues['issued']}")
    expect(page.locator("footer").get_by_role("button").first).to_be_visible()
    yield "rectify-issued"
    page.locator("footer").get_by_role("button", name=say("提出异议", "Object")).click()
    yield "objection"
    page.goto(f"/#/issues/{stage.issues['rectifying']}")
    page.locator("footer").get_by_role("button", name=say("申请延期", "Ask for more time")).click()
    yield "extension"
    page.goto("/#/me")
    yield "contractor-me"


def resident(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """What a resident sees who opens a link: no account, and at most one answer."""
    path = f"/r/{put_question(stage.city.office, stage.issues['reopened']).code}"
    page.goto(path)
    expect(page.get_by_role("heading", name=say("整改回访", "Your word on a repair"))).to_be_visible()
    yield "resident-asked"
    page.get_by_text(say("否，没修好", "No, it is not")).click()
    page.locator("textarea").fill("三单元门口还在漏水")
    page.get_by_role("button", name=say("提交", "Send")).scroll_into_view_if_needed()
    yield "resident-no"
    page.locator("form").evaluate("form => { form.noValidate = true; form.reset() }")
    page.get_by_role("button", name=say("提交", "Send")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "resident-unsaid"
    page.get_by_text(say("否，没修好", "No, it is not")).click()
    page.get_by_role("button", name=say("提交", "Send")).click()
    expect(page.get_by_role("heading", name=say("谢谢您", "Thank you"))).to_be_visible()
    yield "resident-thanks"
    page.goto(path)
    yield "resident-answered"
    page.goto("/r/ABCD-EFGH-JKLM-NPQR")
    yield "resident-unknown"


def supervisor(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The pages of who reviews."""
    page.goto("/desk")
    expect(page.get_by_label(say("用户名", "User name"))).to_be_visible()
    yield "desk-sign-in"
    _sign_in(page, say, SUPERVISOR)
    expect(page.get_by_text(stage.site_name).first).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("button", name=say("退回", "Return")).first).to_be_enabled()
    yield "review"
    page.locator("main img").first.click()
    yield "review-photo"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_label(say("总体意见", "Comment on the whole"))).to_be_visible()
    yield "review-return"
    page.keyboard.press("Escape")
    # The decision does not get through, so that it can be taken back however long it is looked at.
    page.route("**/reviews", lambda route: route.abort())
    page.get_by_role("button", name=say("通过", "Approve")).last.click()
    undo = page.get_by_role("button", name=re.compile(say("撤销", "Undo")))
    expect(undo).to_be_visible()
    expect(page.get_by_role("button", name=say("通过", "Approve")).last).to_be_enabled()
    yield "review-undo"
    undo.click()
    expect(undo).to_have_count(0)
    page.unroute("**/reviews")
    page.goto("/desk#/reviews?q=没有这样的小区")
    expect(page.get_by_text(say("没有符合筛选条件的报告", "No report fits these filters"))).to_be_visible()
    yield "review-none"
    page.goto("/desk#/reviews")
    page.get_by_role("button", name=say("English", "中文")).click()
    expect(page.get_by_role("link", name=say("Review", "报告审核"), exact=True)).to_be_visible()
    yield "desk-other-language"
    page.get_by_role("button", name=say("中文", "English")).click()
    page.mouse.move(0, 0)  # or the button under it stays coloured
    page.goto("/desk#/queue-file")
    page.get_by_label(say("选择文件", "Choose a file")).set_input_files([
        {"name": "dudao-outbox-202611260815.dudao", "mimeType": "application/octet-stream", "buffer": stage.queue_file},
    ])
    expect(page.get_by_label(say("督导员密码", "Inspector's password"))).to_be_visible()
    yield "queue-file"
    yield from _visited(page, {
        "reports": "/reports", "report": f"/reports/{stage.waiting}", "report-approved": f"/reports/{stage.approved}",
        "report-gone": f"/reports/{GONE}", "audit": "/audit", "lost": "/nowhere", "messages": "/messages",
        "follow-ups": "/follow-ups", "second-looks": "/second-looks",
        "follow-ups-none": "/follow-ups?site=没有", "issues-none": "/issues?q=没有这样的问题",
        "reports-none": "/reports?q=没有这样的报告", "exports": "/exports?what=photos&district=140106",
    })
    yield from _exported(page, say)
    yield from _proven(page, stage, say)
    yield from _visited(page, {"issues": "/issues"})
    yield from _loop(page, stage, say)


def _proven(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """What photos prove: flags and their settling, evidence to take away, likeness, custody, covers, second looks."""
    page.goto(f"/desk#/reports/{stage.doubted}")
    flags = page.locator(".facts-panel .flag")
    expect(flags.filter(has_text=say("照片重复", "Seen before"))).to_have_count(1)
    flags.first.scroll_into_view_if_needed()
    yield "report-flags"
    settle = flags.filter(has_text=say("来自相册", "From the gallery"))
    settle.get_by_role("button", name=say("核销", "Settle")).first.click()
    settle.get_by_role("button", name=say("确认核销", "Settle"), exact=True).last.click()
    expect(settle.get_by_role("alert")).to_be_visible()
    settle.get_by_role("alert").scroll_into_view_if_needed()
    yield "report-flag-settling"
    page.get_by_role("button", name=say("证据包", "Evidence package"), exact=True).click()
    expect(page.get_by_role("dialog").get_by_text(say("4 张照片", "4 photos"))).to_be_visible()
    yield "report-evidence"
    page.keyboard.press("Escape")
    beside = say("同一张照片的副本", "A copy of the same photo")
    page.goto(f"/desk#/photos/{stage.copy}?view=likeness")
    expect(page.get_by_role("heading", name=re.compile(beside))).to_be_visible()
    yield "photo-likeness"
    page.goto(f"/desk#/photos/{stage.copy}")
    expect(page.get_by_role("heading", name=re.compile(beside))).to_be_visible()
    yield "desk-photo"
    custody = page.get_by_role("heading", name=say("流转记录", "Chain of custody"))
    custody.evaluate("it => it.scrollIntoView({ block: 'start' })")
    yield "photo-custody"
    page.get_by_role("checkbox", name=say("带水印", "With stamp")).check()
    stamped = page.get_by_role("img", name=say("带水印的照片", "The photo with its stamp"))
    expect(stamped).to_be_visible()
    stamped.scroll_into_view_if_needed()
    yield "photo-stamped"
    page.get_by_role("button", name=say("遮盖人脸、车牌等", "Cover faces")).click()
    page.get_by_role("button", name=say("添加一个黑框", "Add a box")).click()
    page.get_by_role("button", name=say("遮盖（1 处）", "Cover 1 part")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "photo-covering"
    page.goto(f"/desk#/photos/{stage.covered}")
    lift = page.get_by_role("button", name=say("撤销遮盖", "Lift"))
    expect(lift).to_be_visible()
    yield "photo-covered"
    lift.click()
    expect(page.get_by_role("dialog", name=say("撤销遮盖", "Lift"))).to_be_visible()
    yield "photo-lifting"
    page.keyboard.press("Escape")
    yield from _visited(page, {"photo-gone": f"/photos/{GONE}", "issue-gone": f"/issues/{GONE}", "site-gone": f"/sites/{GONE}"})


def _exported(page: Page, say: Say) -> Iterator[str]:
    """A file of a list, from the list to its download."""
    page.goto("/desk#/reports?district=140106&state=submitted")
    page.get_by_role("link", name=say("导出…", "Export…")).click()
    page.get_by_role("button", name=say("开始导出", "Start the export")).click()
    ready = page.get_by_role("button", name=re.compile(say("^下载：", "^Download: ")))
    expect(ready.first).to_be_visible(timeout=60_000)
    yield "exports-ready"
    page.get_by_role("button", name=re.compile(say("^删除：", "^Delete: "))).first.click()
    sure = page.get_by_role("dialog", name=say("删除", "Delete"))
    expect(sure).to_be_visible()
    yield "exports-delete"
    sure.get_by_role("button", name=say("删除", "Delete"), exact=True).click()
    expect(sure).to_have_count(0)


def _loop(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """Issues in every state, and the dialogs in which they are moved."""
    page.get_by_role("button", name=say("录入问题", "Enter an issue")).click()
    yield "issue-enter"
    page.keyboard.press("Escape")
    page.goto("/desk#/issues?move=notice")
    page.get_by_role("button", name=say("多选", "Select several")).click()
    for box in page.locator("tbody").get_by_role("checkbox").all()[:2]:
        box.press("Space")
    yield "issues-chosen"
    page.get_by_role("button", name=say("下发整改通知", "Issue the notice")).click()
    yield "issues-notice"
    page.keyboard.press("Escape")
    page.get_by_role("button", name=say("出具文书", "Make a document")).click()
    kind = page.get_by_role("menuitem", name=say("督办函", "Escalation letter"))
    expect(kind).to_be_visible()
    yield "issues-documents"
    kind.click()
    letter = page.get_by_role("dialog", name=say("出具督办函", "Make: Escalation letter"))
    letter.get_by_label(say("正文补充", "Words of your own")).fill("请于本月底前办结，并书面反馈。")
    yield "document-new"
    letter.get_by_role("button", name=say("出具", "Issue"), exact=True).click()
    expect(letter.get_by_role("link", name=say("查看全部文书", "See all documents"))).to_be_visible()
    yield "document-made"
    letter.get_by_role("link", name=say("查看全部文书", "See all documents")).click()
    expect(page.get_by_role("heading", name=say("文书", "Documents"), exact=True)).to_be_visible()
    yield "documents"
    page.goto("/desk#/documents?year=2000")
    expect(page.get_by_text(say("没有文书", "No documents"))).to_be_visible()
    yield "documents-none"
    for name, issue in stage.issues.items():
        page.goto(f"/desk#/issues/{issue}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        yield f"issue-{name.replace('_', '-')}"
    page.goto(f"/desk#/issues/{stage.issues['closed']}")
    panel = page.get_by_role("region", name=say("居民评价", "Residents' word"))
    panel.get_by_role("link", name=say("打印张贴页", "Sheet to print")).scroll_into_view_if_needed()
    yield "residents"
    panel.get_by_role("link", name=say("打印张贴页", "Sheet to print")).click()
    expect(page.get_by_role("button", name=say("打印", "Print"), exact=True)).to_be_enabled()
    yield "residents-sheet"
    page.goto(f"/desk#/issues/{stage.issue}")
    page.get_by_role("button", name=say("放大对比", "Compare large")).first.click()
    yield "issue-pair"
    page.keyboard.press("s")
    yield "issue-pair-slider"
    page.keyboard.press("Escape")
    for name, of, action in (
        ("pass", stage.issue, say("复查合格", "Verified")), ("fail", stage.issue, say("复查不合格", "Not verified")),
        ("correct", stage.issues["critical"], say("更正", "Correct")),
        ("extension", stage.issues["issued"], say("处理延期申请", "Settle the request")),
        ("objection", stage.issues["rectifying"], say("处理异议", "Settle the objection")),
        ("reopen", stage.issues["closed"], say("重新打开", "Reopen")),
    ):
        page.goto(f"/desk#/issues/{of}")
        page.get_by_role("button", name=action, exact=True).click()
        dialog = page.get_by_role("dialog", name=action)
        dialog.get_by_role("button", name=action, exact=True).scroll_into_view_if_needed()
        yield f"issue-do-{name}"
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def administrator(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The pages of the programme and of people."""
    page.goto("/desk")
    _sign_in(page, say, "admin")
    expect(page.get_by_role("navigation").first).to_be_visible()
    yield from _visited(page, {
        "programme": "/programme", "unvisited": "/programme/unvisited", "schedule": "/programme/schedule?late=any",
        "unvisited-none": "/programme/unvisited?days=3660", "matrix-none": "/programme/matrix?q=没有这个小区",
        "matrix-waiting": "/programme/matrix?awaiting=true", "matrix": "/programme/matrix?district=140106&stage=in_progress",
    })
    page.get_by_role("button", name=say("证据 1 份", "Evidence: 1")).first.click()
    expect(page.get_by_text(say("审核通过且附照片的检查报告", "Approved reports with photos"), exact=True)).to_be_visible()
    yield "matrix-evidence"
    page.keyboard.press("Escape")
    yield from _visited(page, {
        "desk-sites": "/sites", "desk-sites-map": "/sites?view=map",
        "desk-site": f"/sites/{stage.site}",
        "checklists": "/checklists", "checklist": "/checklists?code=ELEV", "weekly": "/weekly", "week": f"/weekly/{stage.week}",
        "week-words": f"/weekly/{stage.week}?view=words", "week-sending": f"/weekly/{stage.week}?view=sending",
        "weekly-recipients": "/weekly/recipients",
        "import": "/sites/import",
    })
    table = {"name": "台账.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.get_by_label(say("选择文件", "Choose a file")).set_input_files([table])
    expect(page.get_by_text(say("没有写入任何内容", "nothing was written"))).to_be_visible()
    yield "import-errors"
    yield from _visited(page, {
        "policy-changes": "/policy?view=changes", "policy-calendar": "/policy?view=calendar&year=2026",
    })
    arrangement = {"name": "节假日.csv", "mimeType": "text/csv", "buffer": ARRANGEMENT.encode()}
    page.get_by_label(say("选择文件", "Choose a file")).set_input_files([arrangement])
    told = page.get_by_text(say("没有写入任何内容", "nothing was written"))
    told.scroll_into_view_if_needed()
    yield "policy-import-errors"
    yield from _visited(page, {"people-none": "/people?q=没有这个人", "policy": "/policy"})
    page.get_by_label(say("较大问题", "Major issues"), exact=True).fill("999")
    expect(page.get_by_text(say("请先改正标红的项", "First mend what is marked"))).to_be_visible()
    yield "policy-wrong"
    yield from _outside(page, stage, say)
    yield from _visited(page, {"people": "/people"})
    page.get_by_role("button", name=say("新增人员", "Add a person")).click()
    dialogue = page.get_by_role("dialog", name=say("新增人员", "Add a person"))
    dialogue.get_by_label(say("用户名", "User name")).fill(f"su.min{next(_NUMBERS)}")
    dialogue.get_by_label(say("姓名", "Name"), exact=True).fill("苏敏")
    dialogue.get_by_text(say("审核人", "Supervisor"), exact=True).click()
    dialogue.get_by_text(say("迎泽区", "Yingze"), exact=True).click()
    yield "person-new"
    dialogue.get_by_role("button", name=say("保存", "Save")).click()
    expect(page.get_by_role("dialog", name=say("一次性代码", "One-time code"))).to_be_visible()
    yield "person-code"


def _outside(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The templates of papers, and who outside is told of what happens."""
    yield from _visited(page, {"templates": "/templates"})
    page.get_by_role("button", name=say("上传：整改通知单（中文）", "Upload: Rectification notice (Chinese)")).click()
    yield "template-upload"
    wrong = {"name": "通知单.docx", "mimeType": "application/octet-stream", "buffer": b"no Word file"}
    page.get_by_label(say("选择 .docx 文件", "Choose a .docx file")).set_input_files([wrong])
    expect(page.get_by_text(say("不是完好的 Word 文档", "not a sound Word document"))).to_be_visible()
    yield "template-unfit"
    choose = page.get_by_label(say("选择 .docx 文件", "Choose a .docx file"))
    choose.set_input_files([wrong | {"buffer": word("{{ nmber }}", "{{ site.nam }}", "{{ issues[0].descriptn }}")}])
    expect(page.get_by_text("issues[0].descriptn")).to_be_visible()
    yield "template-unknown-names"
    choose.set_input_files([wrong | {"buffer": word(f"{{{{ number }}}} {next(_NUMBERS)}")}])
    expect(page.get_by_text(say("试填成功", "It can be filled in"))).to_be_visible()
    yield "template-fits"
    put = {"Authorization": f"Bearer {stage.city.office.sign_in('office', stage.office).tokens['access_token']}"}
    address = "/api/v1/documents/templates/rectification_notice?lang=zh"
    page.request.put(address, headers=put, data=word(f"{{{{ title }}}} {next(_NUMBERS)}"))
    page.get_by_role("button", name=say("启用", "Put in"), exact=True).click()
    expect(page.get_by_role("button", name=say("载入最新版本", "Load the newest version"))).to_be_visible()
    yield "template-overtaken"
    page.get_by_role("button", name=say("载入最新版本", "Load the newest version")).click()
    expect(page.get_by_text(say("已载入最新版本", "The newest version is loaded"))).to_be_visible()
    yield "template-reloaded"
    page.get_by_role("button", name=say("启用", "Put in"), exact=True).click()
    expect(page.get_by_text(say("已启用：", "Put in: "))).to_be_visible()
    yield "template-taken"
    page.get_by_role("button", name=say("历次版本：整改通知单（中文）", "Versions: Rectification notice (Chinese)")).click()
    yield "template-versions"
    page.get_by_role("button", name=say("关闭", "Close"), exact=True).click()
    page.request.delete(address, headers=put)
    yield from _visited(page, {"retention": "/retention", "webhooks": "/webhooks"})
    page.get_by_role("button", name=say("新增推送", "Add a webhook")).click()
    dialogue = page.get_by_role("dialog", name=say("新增推送", "Add a webhook"))
    dialogue.get_by_label(say("名称", "Name")).fill(name := f"迎泽区督导群 {next(_NUMBERS)}")
    dialogue.get_by_text(say("钉钉群机器人", "Robot of a DingTalk group")).click()
    dialogue.get_by_label(say("地址", "Address")).fill("http://127.0.0.1/")
    dialogue.get_by_role("button", name=say("保存", "Save")).click()
    expect(dialogue.get_by_role("alert")).to_be_visible()
    yield "webhook-wrong"
    dialogue.get_by_label(say("地址", "Address")).fill("https://8.8.8.8/robot/send?access_token=0123")
    dialogue.get_by_text(say("启用", "On"), exact=True).click()
    dialogue.get_by_role("button", name=say("保存", "Save")).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    yield "webhooks-one"
    page.get_by_role("button", name=say(f"编辑：{name}", f"Edit: {name}")).click()
    yield "webhook-edit"
    page.get_by_role("button", name=say("取消", "Cancel")).click()
    page.get_by_role("button", name=say(f"推送记录：{name}", f"Deliveries: {name}")).click()
    expect(page.get_by_text(say("没有推送记录", "No deliveries"))).to_be_visible()
    yield "webhook-deliveries"
    page.get_by_role("button", name=say("关闭", "Close"), exact=True).click()
    lost = page.get_by_role("region", name=say("没有送达的消息", "Not delivered"))
    lost.get_by_role("button", name=say("再次发送", "Send again")).last.scroll_into_view_if_needed()
    yield "webhooks-given-up"


def _ring(x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    """The points of an ellipse around this one, as a finger goes."""
    return [(x + wide * math.cos(turn / 3), y + high * math.sin(turn / 3)) for turn in range(20)]


def _visited(page: Page, addresses: dict[str, str]) -> Iterator[str]:
    for name, address in addresses.items():
        page.goto(f"/desk#{address}")
        expect(page.locator("main")).not_to_be_empty()
        yield name


def _sign_in(page: Page, say: Say, username: str) -> None:
    page.get_by_label(say("用户名", "User name")).fill(username)
    page.get_by_label(say("密码", "Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=say("登录", "Sign in"), exact=True).click()


TOURS: tuple[Tour, ...] = (phone, contractor, resident, supervisor, administrator)
ON_PHONE = frozenset({phone, contractor, resident})
