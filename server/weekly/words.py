"""What stands over the columns of the printed tables, and the words for the codes in them, in both languages."""

from __future__ import annotations

from typing import NamedTuple

from server.kit.i18n import Language


class Col(NamedTuple):
    """A printed column: the row's key, headers, and how its value is shown (see render.cell)."""

    key: str
    zh: str
    en: str
    kind: str = "count"

    def header(self, language: Language) -> str:
        """The header."""
        return self.zh if language == "zh" else self.en


_DISTRICT = Col("district", "区", "District", "name")
_NO = Col("no", "序号", "No.")

REPORT = ("太原市老旧小区改造督导周报", "Taiyuan old-community renovation, weekly report")
TITLES: dict[str, tuple[str, str]] = {
    "front": ("本周要情", "Key figures"),
    "T1": ("表1 各区进展及排名", "T1 Progress and ranking"),
    "T2": ("表2 检查与整改情况", "T2 Visits and rectification"),
    "T3": ("表3 问题类别分布", "T3 Issues by category"),
    "T4": ("表4 进度滞后项目", "T4 Behind plan"),
    "T5": ("表5 重大及超期问题", "T5 Critical and overdue"),
    "T6": ("表6 红黑榜", "T6 Red and black list"),
    "T7": ("附件1 销号台账", "T7 Issue register"),
    "T8": ("附件2 检查明细", "T8 Inspections"),
    "charts": ("图表", "Charts"),
    "office": ("群众诉求与下周安排", "Residents and next week"),
    "definitions": ("附件3 指标口径", "Definitions"),
}

COLUMNS: dict[str, tuple[Col, ...]] = {
    "T1": (
        Col("rank", "排名", "Rank"), _DISTRICT, Col("plan_count", "年度计划", "Plan"),
        Col("started", "已开工", "Started"),
        Col("start_rate", "开工率%", "Start rate %", "rate"), Col("completed", "完工", "Completed"),
        Col("completion_rate", "完工率%", "Completion rate %", "rate"), Col("accepted", "已验收", "Accepted"),
        Col("households", "户数", "Households"), Col("invest_plan", "计划投资（万元）", "Planned (10k yuan)", "money"),
        Col("invest_done", "完成投资（万元）", "Invested (10k yuan)", "money"),
        Col("invest_rate", "投资完成率%", "Investment rate %", "rate"),
        Col("wk_started", "本周新开工", "Started this week"), Col("wk_completed", "本周完工", "Completed this week"),
        Col("score", "综合得分", "Score", "rate"), Col("rank_change", "较上周", "Against last week", "move"),
    ),
    "T2": (
        _DISTRICT, Col("in_progress", "在建项目", "In progress"), Col("inspected_projects", "检查项目", "Inspected"),
        Col("coverage", "覆盖率%", "Coverage %", "rate"), Col("visits", "检查次数", "Visits"),
        Col("approved", "其中已审核", "Approved"), Col("unreviewed", "待审核", "Unreviewed"),
        Col("in_revision", "退回修改", "In revision"), Col("new_issues", "新发现问题", "New issues"),
        Col("minor", "一般", "Minor"), Col("major", "较大", "Major"), Col("critical", "重大", "Critical"),
        Col("notices", "整改通知单", "Notices"), Col("due", "本周到期", "Due"), Col("on_time", "按期回复", "On time"),
        Col("on_time_rate", "按期整改率%", "On-time rate %", "rate"),
        Col("first_verifications", "首次复查", "First verifications"),
        Col("first_passes", "一次通过", "Passed at first"),
        Col("first_pass_rate", "一次通过率%", "First pass rate %", "rate"), Col("closed", "本周销号", "Closed"),
        Col("found_cum", "累计发现", "Found this year"), Col("closed_cum", "累计销号", "Closed this year"),
        Col("closure_rate", "销号率%", "Closure rate %", "rate"), Col("overdue", "超期未整改", "Overdue"),
    ),
    "T3": (
        Col("category", "工程类别", "Category", "name"), Col("count", "数量", "Issues"),
        Col("share", "占比%", "Share %", "rate"),
        Col("before", "上周数量", "Week before"), Col("change", "环比%", "Change %", "rate"),
    ),
    "T4": (
        _DISTRICT, Col("site", "小区", "Community", "site"), Col("planned", "计划进度%", "Planned %", "rate"),
        Col("physical", "形象进度%", "Physical %", "rate"), Col("deviation", "偏差（百分点）", "Deviation (points)", "rate"),
        Col("days_late", "延误天数", "Days late"), Col("reason", "原因", "Reason", "text"),
        Col("contractor", "责任单位", "Responsible", "text"), Col("measure", "赶工措施", "Measure", "text"),
        Col("expected_on", "预计完成", "Expected", "day"),
    ),
    "T5": (
        _NO, Col("number", "编号", "Number", "text"), _DISTRICT, Col("site", "小区", "Community", "site"),
        Col("description", "问题", "Issue", "text"), Col("severity", "等级", "Severity", "word"),
        Col("issued_on", "下发日期", "Issued", "day"), Col("due_on", "期限", "Due", "day"),
        Col("overdue_days", "超期天数", "Days overdue"), Col("contractor", "责任单位", "Responsible", "text"),
        Col("state", "现状", "State", "word"), Col("escalation", "督办措施", "Escalation", "escalation"),
    ),
    "T6": (
        Col("list", "榜别", "List", "word"), Col("subject", "项目/单位", "Project or firm", "text"),
        Col("reason", "事由", "Reason", "text"), Col("basis", "依据", "Basis", "text"),
    ),
    "T7": (
        _NO, Col("number", "编号", "Number", "text"), _DISTRICT, Col("site", "小区", "Community", "site"),
        Col("category", "类别", "Category", "name"), Col("item", "检查项", "Item", "text"),
        Col("part", "部位", "Part", "text"), Col("description", "问题", "Issue", "text"),
        Col("severity", "等级", "Severity", "word"), Col("source", "来源", "Source", "word"),
        Col("found_on", "发现日期", "Found", "day"), Col("found_by", "发现人", "Found by", "text"),
        Col("contractor", "责任单位", "Responsible", "text"),
        Col("responsible_person", "责任人", "Person in charge", "text"),
        Col("measure", "措施", "Measure", "text"), Col("due_on", "期限", "Due", "day"),
        Col("before", "整改前", "Before", "photo"), Col("after", "整改后", "After", "photo"),
        Col("photos_before", "整改前照片数", "Photos before"), Col("photos_after", "整改后照片数", "Photos after"),
        Col("done_on", "完成日期", "Done", "day"), Col("verifier", "复查人", "Verified by", "text"),
        Col("verified_on", "复查日期", "Verified", "day"), Col("verdict", "结论", "Verdict", "word"),
        Col("closed", "是否销号", "Closed", "yes"), Col("state", "备注", "Remark", "remark"),
    ),
    "T8": (
        _NO, Col("date", "日期", "Date", "day"), _DISTRICT, Col("site", "小区", "Community", "site"),
        Col("inspector", "检查人", "Inspector", "text"), Col("visit", "方式", "Kind", "word"),
        Col("checklist", "检查表", "Checklist", "name"), Col("pass_rate", "合格率%", "Pass rate %", "rate"),
        Col("problems", "问题数", "Problems"), Col("standing", "审核", "Review", "word"),
        Col("received_on", "收到日期", "Received", "day"), Col("late", "补报", "Late", "yes"),
        Col("corrected", "更正", "Corrected", "yes"), Col("number", "报告编号", "Report", "text"),
    ),
}

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "severity": {"minor": ("一般", "minor"), "major": ("较大", "major"), "critical": ("重大", "critical")},
    "visit": {"routine": ("计划", "routine"), "themed": ("专项", "themed"), "follow_up": ("回头看", "follow-up"),
              "unannounced": ("四不两直", "unannounced")},
    "standing": {"approved": ("已审核", "approved"), "unreviewed": ("待审核", "unreviewed"),
                 "in_revision": ("退回修改", "in revision")},
    "state": {"draft": ("草稿", "draft"), "pending_issue": ("待下发", "to be issued"), "issued": ("待整改", "issued"),
              "rectifying": ("整改中", "under rectification"), "pending_verification": ("待复查", "to be verified"),
              "rejected": ("复查不合格", "rejected"), "closed": ("已销号", "closed"), "reopened": ("反弹", "reopened"),
              "void": ("作废", "void")},
    "list": {"red": ("红榜", "red"), "black": ("黑榜", "black")},
    "verdict": {"pass": ("合格", "passed"), "fail": ("不合格", "failed")},
    "escalation": {"none": ("—", "—"), "due_tomorrow": ("到期前提醒", "reminded, due tomorrow"),
                   "late_1": ("超期1日，告知区", "1 day late, district told"),
                   "late_3": ("超期3日，督办", "3 days late, pressed"),
                   "late_7": ("超期7日，约谈通报", "7 days late, interview")},
}
# what a visit found, by the kind of visit; else where it was heard of
WORDS["source"] = WORDS["visit"] | {
    "inspection": ("现场检查", "inspection"), "patrol": ("巡查", "patrol"), "hotline": ("12345热线", "12345 hotline"),
    "supervision_firm": ("监理单位", "supervision firm"), "handover": ("上级交办", "handed over"), "other": ("其他", "other"),
}

YES_NO = {True: ("是", "yes"), False: ("否", "no")}
TOTAL = ("合计", "Total")
RECURRING = ("重复发生", "recurring")
DASH = "—"
LETTER = ("督办函", "letter")
PHOTO, NO_PHOTO = ("查看照片", "photo"), ("照片未取得", "photo not to be had")
THUMBS_CUT = ("（前{n}张为缩略图，其余为链接）", " (the first {n} as pictures, then links)")
DRAFT = ("草稿（未编号）", "draft, no number")

OFFICE: dict[str, tuple[str, str]] = {
    "hotline_received": ("12345转办（件）", "12345 hotline, received"),
    "hotline_done": ("12345办结（件）", "12345 hotline, done"),
    "hotline_in_time": ("12345期限内办理中（件）", "12345 hotline, still in time"),
    "replies_valid": ("满意度问卷有效（份）", "Questionnaires, valid"),
    "replies_satisfied": ("其中满意及以上（份）", "of these satisfied"),
    "satisfaction": ("满意度%（满30份才显示）", "Satisfaction % (from 30 on)"),
    "residents_asked": ("销号后询问居民（件）", "Residents asked after closing"),
    "residents_yes": ("居民认可（件）", "Residents agreed"),
    "residents_no": ("居民不认可（件）", "Residents disagreed"),
    "text": ("群众诉求说明", "Residents, in words"),
    "next_week": ("下周安排", "Next week"),
    "report_to": ("报", "Reported to"), "send_to": ("送", "Sent to"), "issue_to": ("发", "Issued to"),
    "copies": ("共印（份）", "Copies printed"),
}

FRONT: tuple[tuple[str, str, str, str], ...] = (  # key of totals, zh, en, kind
    ("plan_count", "计划小区（个）", "Communities planned", "count"),
    ("started", "已开工（个）", "Started", "count"),
    ("start_rate", "开工率%", "Start rate %", "rate"),
    ("start_rate_change", "开工率较上周（百分点）", "Start rate, change (points)", "rate"),
    ("carried_out", "已实施（个）", "Carried out", "count"),
    ("completed", "完工（个）", "Completed", "count"),
    ("completion_rate", "完工率%", "Completion rate %", "rate"),
    ("households_benefiting", "受益户数", "Households benefiting", "count"),
    ("invest_done", "完成投资（万元）", "Invested (10k yuan)", "money"),
    ("invest_rate", "投资完成率%", "Investment rate %", "rate"),
    ("in_progress", "在建项目", "Projects in progress", "count"),
    ("visits", "检查次数", "Visits", "count"),
    ("approved", "其中已审核", "of these approved", "count"),
    ("unreviewed", "其中待审核", "of these unreviewed", "count"),
    ("in_revision", "其中退回修改", "of these in revision", "count"),
    ("late", "补报", "Late reports", "count"),
    ("corrections", "更正", "Corrections", "count"),
    ("coverage", "覆盖率%", "Coverage %", "rate"),
    ("pass_rate", "检查项合格率%", "Pass rate %", "rate"),
    ("new_issues", "新发现问题", "New issues", "count"),
    ("minor", "其中一般", "of these minor", "count"),
    ("major", "其中较大", "of these major", "count"),
    ("critical", "其中重大", "of these critical", "count"),
    ("notices", "整改通知单（份）", "Notices", "count"),
    ("due", "本周到期", "Due this week", "count"),
    ("on_time_rate", "按期整改率%", "On-time rate %", "rate"),
    ("first_pass_rate", "一次复查通过率%", "First pass rate %", "rate"),
    ("problem_density", "问题密度（个/次）", "Issues per visit", "ratio"),
    ("recurrence_rate", "重复发生率%", "Recurrence rate %", "rate"),
    ("open_start", "周初存量", "Open at the week's start", "count"),
    ("reopened", "反弹", "Reopened", "count"),
    ("closed", "本周销号", "Closed", "count"),
    ("void", "作废", "Void", "count"),
    ("open_end", "周末存量", "Open at the week's end", "count"),
    ("overdue", "超期未整改", "Overdue", "count"),
    ("closure_rate", "销号率%", "Closure rate %", "rate"),
)
