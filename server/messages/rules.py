"""What each kind of message says, in both languages: the words are made when it is shown. And how they go out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from server.kit.text import one_line


class Channel(StrEnum):
    """A way out of the house."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class Preset(StrEnum):
    """How a webhook is spoken to."""

    STANDARD = "standard"  # Standard Webhooks: JSON, signed in headers
    WECOM = "wecom"  # a group's robot in WeCom (企业微信)
    DINGTALK = "dingtalk"  # a group's robot in DingTalk (钉钉)


class DeliveryState(StrEnum):
    """waiting → sending → sent; back to waiting where it failed for now; parked when given up, skipped when nobody is
    to be told any more."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    PARKED = "parked"
    SKIPPED = "skipped"


OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)
MAIL_OUTLET = "email"
PATIENCE = timedelta(hours=24)  # what could not be delivered for so long is given up: a reminder has a day
TEST_PATIENCE = timedelta(minutes=2)  # somebody sits and waits for it
TEST_KIND = "webhook-test"
# Robots take 20 messages a minute; DingTalk keeps whoever sends more away for ten minutes.
SPACING = {Preset.STANDARD: 0.0, Preset.WECOM: 3.2, Preset.DINGTALK: 3.2}


def pause_of_delivery(attempts: int) -> float:
    """Seconds after the n-th try until the next: half a minute, two, eight, … an hour."""
    return float(min(3600.0, 30.0 * 4 ** min(attempts - 1, 10)))


def pause_of_outlet(failures: int) -> float:
    """Seconds that a mail server or webhook is left alone after failing so often, one after another: to ten minutes."""
    return float(min(600.0, 15.0 * 2 ** min(failures - 1, 10)))


class Words(NamedTuple):
    """A title and a sentence, with the names of facts in braces."""

    title: str
    text: str


class Kind(NamedTuple):
    """`email`: goes by e-mail too. `outside`: webhooks may ask for it; what concerns our own deliveries is for the
    inbox alone, since it would fail with them."""

    zh: Words
    en: Words
    email: bool = True
    outside: bool = True


CATALOGUE: dict[str, Kind] = {
    "critical-failure": Kind(
        Words("发现重大问题：{site}", "报告 {number}：{site} 的检查项 {items} 不合格，等级为重大，请立即处理。"),
        Words("Critical failure at {site}", "Report {number}: {items} failed at {site} with critical severity."),
    ),
    "issue-notice": Kind(
        Words("整改通知：{site}", "{site} 下达整改通知单 {number}，共 {count} 项问题，请于 {due_on} 前完成整改并回复。"),
        Words("Rectification notice: {site}",
              "Notice {number} was issued for {site}: {count} issue(s) to be rectified and answered by {due_on}."),
    ),
    "issue-due-tomorrow": Kind(
        Words("整改明日到期：{site}", "{site} 的问题 {number}（{item}）整改期限为 {due_on}，明日到期，请按时整改并回复。"),
        Words("Due tomorrow: {site}", "Issue {number} ({item}) at {site} is due on {due_on}, tomorrow."),
    ),
    "issue-late-1": Kind(
        Words("整改已超期 {days} 天：{site}",
              "{site} 的问题 {number}（{item}）应于 {due_on} 前整改，已超期 {days} 天，请立即整改。"),
        Words("{days} day(s) late: {site}", "Issue {number} ({item}) at {site} was due on {due_on} and is {days} day(s) late."),
    ),
    "issue-late-3": Kind(
        Words("整改已超期 {days} 天：{site}",
              "{site} 的问题 {number}（{item}）应于 {due_on} 前整改，已超期 {days} 天，请审核人督促整改。"),
        Words("{days} day(s) late: {site}",
              "Issue {number} ({item}) at {site} was due on {due_on} and is {days} day(s) late; it needs pressing."),
    ),
    "issue-late-7": Kind(
        Words("整改已超期 {days} 天：{site}",
              "{site} 的问题 {number}（{item}）应于 {due_on} 前整改，已超期 {days} 天，请专班办公室督办。"),
        Words("{days} day(s) late: {site}",
              "Issue {number} ({item}) at {site} was due on {due_on} and is {days} day(s) late; it needs escalation."),
    ),
    "issue-reply": Kind(
        Words("待复查：{site}", "{site} 的问题 {number}（{item}）已收到第 {round} 次整改回复，请复查。"),
        Words("To be verified: {site}", "Issue {number} ({item}) at {site} was answered, round {round}: please verify."),
    ),
    "issue-rejected": Kind(
        Words("复查不合格：{site}",
              "{site} 的问题 {number}（{item}）第 {round} 次复查不合格：{reason}。请重新整改，期限 {due_on}。"),
        Words("Not accepted: {site}",
              "Issue {number} ({item}) at {site} failed verification, round {round}: {reason}. New due date: {due_on}."),
    ),
    "issue-closed": Kind(
        Words("已销号：{site}", "{site} 的问题 {number}（{item}）复查合格，已销号。"),
        Words("Closed: {site}", "Issue {number} ({item}) at {site} passed verification and is closed."),
    ),
    "issue-reopened": Kind(
        Words("问题重新打开：{site}", "{site} 的问题 {number}（{item}）已重新打开：{reason}。"),
        Words("Reopened: {site}", "Issue {number} ({item}) at {site} was reopened: {reason}."),
    ),
    "issue-objection": Kind(
        Words("施工单位提出异议：{site}", "施工单位对 {site} 的问题 {number}（{item}）提出异议：{reason}。请处理。"),
        Words("Objection: {site}", "The contractor objects to issue {number} ({item}) at {site}: {reason}. Please settle it."),
    ),
    "issue-objection-settled": Kind(
        Words("异议处理结果：{site}", "对 {site} 的问题 {number}（{item}）的异议已处理：{result}。{reason}。"),
        Words("Objection settled: {site}",
              "The objection to issue {number} ({item}) at {site} was settled: {result}. {reason}."),
    ),
    "issue-extension-asked": Kind(
        Words("申请延期：{site}", "施工单位申请将 {site} 的问题 {number}（{item}）延期至 {due_on}：{reason}。请处理。"),
        Words("Extension asked: {site}",
              "The contractor asks for issue {number} ({item}) at {site} to be due on {due_on}: {reason}. Please settle it."),
    ),
    "issue-extension-settled": Kind(
        Words("延期申请结果：{site}",
              "{site} 的问题 {number}（{item}）延期申请已处理：{result}，现期限为 {due_on}。{reason}。"),
        Words("Extension settled: {site}",
              "The extension of issue {number} ({item}) at {site} was settled: {result}. It is due on {due_on}. {reason}."),
    ),
    "issue-failed-thrice": Kind(
        Words("三次复查不合格：{site}",
              "{site} 的问题 {number}（{item}）已 {round} 次复查不合格，建议约谈施工单位：{reason}。"),
        Words("Failed three times: {site}",
              "Issue {number} ({item}) at {site} failed verification {round} times: {reason}. Consider a summons."),
    ),
    "follow-up-drawn": Kind(
        Words("回头看任务：{site}", "{site} 已销号的问题 {number}（{item}）被抽中回头看，请于 {due_on} 前到现场核查。"),
        Words("Follow-up visit: {site}",
              "The closed issue {number} ({item}) at {site} was drawn for a follow-up; please visit by {due_on}."),
    ),
    "residents-no": Kind(
        # the resident's own words are not said here: inboxes and e-mail keep them beyond their days
        Words("居民反映没有修好：{site}",
              "居民反映 {site} 已销号的问题 {number}（{item}）没有修好，请核查后重新下发、维持销号或作废。"),
        Words("Residents say it is not fixed: {site}",
              "Residents say that issue {number} ({item}) at {site}, which was closed, is not fixed. Please check, then give "
              "notice anew, affirm the closure or make it void."),
    ),
    "weekly-report": Kind(
        Words("{scope}督导周报：{week}", "{scope}督导周报 {week} 第 {serial} 期已印发，数据截至 {counted_to}。"),
        Words("Weekly report, {scope_en}: {week_en}",
              "Bulletin no. {serial} of {scope_en} for {week_en} is issued, with figures up to {counted_to}."),
        email=False,  # it is mailed to the recipients whom the office has named
    ),
    "weekly-failed": Kind(
        Words("周报未能自动生成：{scope} {week}",
              "{scope} {week} 的周报多次未能自动生成：{reason}。请到周报页面手动生成并印发。"),
        Words("The weekly report was not made: {scope_en} {week_en}",
              "The report of {scope_en} for {week_en} failed several times: {reason}. Please make and freeze it by hand."),
        outside=False,
    ),
    "delivery-failed": Kind(
        Words("消息未能送达：{target}",
              "发往 {target} 的消息未能送达（{site} {number}）：{reason}。"
              "排除故障后，可在“群机器人与推送”页再次发送。今日同一去处不再重复提醒。"),
        Words("Not delivered: {target}",
              "A message to {target} could not be delivered ({site} {number}): {reason}. Once mended, it can be sent again"
              " from “Group robots and webhooks”. You are told once a day for each."),
        email=False, outside=False,
    ),
    TEST_KIND: Kind(
        Words("测试消息", "{name} 已接入督导系统，收到此消息即为正常。"),
        Words("Test message", "{name} is connected to Dudao; this message says that it works."),
        email=False, outside=False,
    ),
}
# What was decided, as facts name it.
RESULTS = {
    "kept": ("维持", "it stands"), "corrected": ("已更正", "corrected"), "withdrawn": ("已撤销", "withdrawn"),
    "granted": ("同意", "granted"), "refused": ("不同意", "refused"),
}
OUTSIDE = tuple(kind for kind, said in CATALOGUE.items() if said.outside)
SENTENCES = frozenset({"reason", "item"})  # facts that people write with a full stop; the sentence around has its own
BETWEEN = {"zh": "、", "en": ", "}  # the parts of a list
MISSING = "—"  # a fact that an older message does not have


def words(kind: str, facts: Mapping[str, Any], language: Literal["zh", "en"]) -> Words:
    """The title and text of a message, one line each. A fact is put in as it is, braces in it mean nothing; a list in
    one row."""
    said = CATALOGUE[kind].zh if language == "zh" else CATALOGUE[kind].en
    known: defaultdict[str, str] = defaultdict(lambda: MISSING)
    for name, value in facts.items():
        if isinstance(value, list):
            known[name] = BETWEEN[language].join(one_line(str(part)) for part in value) or MISSING
        elif name == "result" and value in RESULTS:
            known[name] = RESULTS[value][0 if language == "zh" else 1]
        elif value is not None:
            text = one_line(str(value))
            known[name] = (text.rstrip("。.") if name in SENTENCES else text) or MISSING
    return Words(said.title.format_map(known), said.text.format_map(known))


def link(facts: Mapping[str, Any], public_url: str) -> str | None:
    """The address of what a message is about, where the installation has one: `link` in the facts is a path of ours."""
    path = facts.get("link")
    ours = isinstance(path, str) and path.startswith("/") and not path.startswith("//") and path.isascii()
    if not ours or not public_url or any(sign <= " " or sign in "\"<>\\" for sign in str(path)):
        return None
    return public_url.rstrip("/") + str(path)
