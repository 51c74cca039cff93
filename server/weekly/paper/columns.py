"""The columns of the printed tables: what stands over them, how wide they are and how their values are shown."""

from __future__ import annotations

from typing import Literal, NamedTuple

from server.documents.blocks import LANDSCAPE, PORTRAIT
from server.kit.i18n import Language

Kind = Literal["text", "long", "count", "rate", "money", "move", "name", "site", "day", "date", "word", "yes", "escalation",
               "standing", "remark"]
Side = Literal["left", "center", "right"]
_LEFT, _RIGHT = frozenset({"long", "site"}), frozenset({"money"})


class Column(NamedTuple):
    """A row's key, headers, width in millimetres, and how its value is shown (see cells.py)."""

    key: str
    zh: str
    en: str
    wide: float
    kind: Kind = "count"
    wide_en: float = 0  # where English needs another

    def header(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def width(self, language: Language) -> float:
        return self.wide_en if language == "en" and self.wide_en else self.wide

    @property
    def side(self) -> Side:
        return "left" if self.kind in _LEFT else "right" if self.kind in _RIGHT else "center"


class Printed(NamedTuple):
    """A printed table: its number and title, its columns, the size of its text in points, and how wide it lies."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    size: float
    width: int = PORTRAIT

    def title(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


_T1 = (
    Column("rank", "排名", "Rank", 10), Column("district", "区", "District", 18, "name", 22),
    Column("plan_count", "年度\n计划", "Plan", 12, wide_en=11), Column("started", "已\n开工", "Started", 12, wide_en=13),
    Column("start_rate", "开工\n率%", "Start\nrate %", 12.5, "rate"), Column("completed", "完工", "Com-\npleted", 12),
    Column("completion_rate", "完工\n率%", "Compl.\nrate %", 12.5, "rate"),
    Column("accepted", "已\n验收", "Ac-\ncepted", 12), Column("households", "户数", "House-\nholds", 16, wide_en=12),
    Column("invest_plan", "计划投资\n（万元）", "Planned\n(10k yuan)", 21, "money"),
    Column("invest_done", "完成投资\n（万元）", "Invested\n(10k yuan)", 21, "money"),
    Column("invest_rate", "投资完\n成率%", "Invested\n%", 13.5, "rate"),
    Column("wk_started", "本周新\n开工", "Started\n(week)", 13.5), Column("wk_completed", "本周\n完工", "Compl.\n(week)", 13),
    Column("score", "综合\n得分", "Score", 13, "rate"), Column("rank_change", "较\n上周", "Move", 13, "move"),
)
_T2 = (
    Column("district", "区", "District", 17.5, "name", 19.5), Column("in_progress", "在建\n项目", "In pro-\ngress", 10.5),
    Column("inspected_projects", "检查\n项目", "In-\nspect-\ned", 10),
    Column("coverage", "覆盖\n率%", "Cover-\nage %", 10.5, "rate"),
    Column("visits", "检查\n次数", "Visits", 10), Column("new_issues", "新发现\n问题", "New\nissues", 12, wide_en=10.5),
    Column("minor", "一般", "Mi-\nnor", 9), Column("major", "较大", "Ma-\njor", 9),
    Column("critical", "重大", "Crit-\nical", 9),
    Column("notices", "整改\n通知单", "No-\ntices", 12, wide_en=10.5), Column("due", "本周\n到期", "Due", 10),
    Column("on_time", "按期\n回复", "On\ntime", 10), Column("on_time_rate", "按期整\n改率%", "On\ntime %", 12, "rate"),
    Column("first_verifications", "首次\n复查", "First\nchecks", 10),
    Column("first_passes", "一次\n通过", "Passed\nat first", 10, wide_en=11),
    Column("first_pass_rate", "一次通\n过率%", "First\npass %", 12, "rate", 11.5),
    Column("closed", "本周\n销号", "Closed", 10, wide_en=10.5),
    Column("found_cum", "累计\n发现", "Found\n(year)", 10.5, wide_en=11),
    Column("closed_cum", "累计\n销号", "Closed\n(year)", 10.5, wide_en=11),
    Column("closure_rate", "销号\n率%", "Clo-\nsure %", 10.5, "rate"),
    Column("overdue", "超期未\n整改", "Over-\ndue", 10, wide_en=9),
)
_T3 = (
    Column("category", "工程类别", "Category", 72, "name"), Column("count", "数量（个）", "Issues", 21),
    Column("share", "占比%", "Share %", 21, "rate"), Column("before", "上周数量", "Week before", 21),
    Column("change", "环比%", "Change %", 21, "rate"),
)
_T4 = (
    Column("district", "区", "District", 13, "name", 17), Column("site", "小区", "Community", 22, "site", 21),
    Column("planned", "计划\n进度%", "Plan\n%", 13, "rate", 12),
    Column("physical", "形象\n进度%", "Actual\n%", 13, "rate", 12),
    Column("deviation", "偏差\n（百分点）", "Dev.\n(points)", 16, "rate", 13), Column("reason", "原因", "Reason", 22, "long"),
    Column("contractor", "责任单位", "Responsible", 21, "long"), Column("measure", "赶工措施", "Measures", 22, "long"),
    Column("expected_on", "预计\n完成", "Expected", 14, "day", 16),
)
_T5 = (
    Column("number", "编号", "Number", 17, "text"), Column("district", "区", "District", 11.5, "name", 17),
    Column("site", "小区", "Community", 17, "site"), Column("description", "问题", "Issue", 28, "long", 25.5),
    Column("severity", "等级", "Grade", 8.5, "word", 12.5), Column("issued_on", "下发\n日期", "Issued", 10.5, "day"),
    Column("due_on", "期限", "Due", 10.5, "day"), Column("overdue_days", "超期\n天数", "Days\nlate", 9, wide_en=8),
    Column("contractor", "责任单位", "Responsible", 17, "long", 15), Column("state", "现状", "State", 11, "word"),
    Column("escalation", "督办\n措施", "Escala-\ntion", 16, "escalation", 12),
)
_T6 = (
    Column("list", "榜别", "List", 15, "text"), Column("subject", "项目/单位", "Project or firm", 45, "long"),
    Column("reason", "事由", "Reason", 58, "long"),
    Column("basis", "依据（得分、问题编号）", "Basis (score, issue number)", 38, "long"),
)
_T7 = (
    Column("no", "序号", "No.", 8, wide_en=7), Column("number", "编号", "Number", 15, "text"),
    Column("district", "区", "District", 9, "name", 13.5), Column("site", "小区", "Community", 14, "site", 13),
    Column("category", "类别", "Category", 12, "name", 14), Column("part", "部位", "Part", 10, "long"),
    Column("description", "问题", "Issue", 25, "long", 21.5), Column("severity", "等级", "Grade", 7, "word", 9),
    Column("source", "来源", "Source", 9, "word", 12), Column("found_on", "发现\n日期", "Found", 10, "day", 9),
    Column("contractor", "责任单位", "Respon-\nsible", 15, "long", 13),
    Column("measure", "措施", "Measure", 16.5, "long", 13),
    Column("due_on", "期限", "Due", 10, "day", 9), Column("photos_before", "整改前\n照片", "Photos\nbefore", 9, wide_en=8.5),
    Column("photos_after", "整改后\n照片", "Photos\nafter", 9, wide_en=8.5),
    Column("done_on", "完成\n日期", "Done", 10, "day", 9),
    Column("verifier", "复查人", "Verifier", 9, "text", 10), Column("verdict", "结论", "Ver-\ndict", 8, "word"),
    Column("closed", "是否\n销号", "Clo-\nsed", 7, "yes", 8), Column("state", "备注", "Remark", 12.5, "remark", 14),
)
_T8 = (
    Column("no", "序号", "No.", 10), Column("date", "日期", "Date", 19, "date"),
    Column("district", "区", "District", 17, "name", 20),
    Column("site", "小区", "Community", 38, "site", 35), Column("inspector", "检查人", "Inspector", 18, "text"),
    Column("visit", "方式", "Kind", 17, "word", 20), Column("checklist", "检查表", "Checklist", 40, "name", 37),
    Column("pass_rate", "合格\n率%", "Pass\nrate %", 12, "rate"), Column("problems", "问题\n数", "Prob-\nlems", 10),
    Column("standing", "审核", "Review", 15, "standing"), Column("number", "报告编号", "Report", 29, "text"),
)
_DEFINITIONS = (
    Column("name", "指标", "Figure", 30, "long"), Column("formula", "口径", "Definition", 126, "long"),
)

TABLES: dict[str, Printed] = {
    one.name: one for one in (
        Printed("t1", "表1　各区进展及排名", "Table 1. Progress and ranking of the districts", _T1, 9, LANDSCAPE),
        Printed("t2", "表2　检查与整改情况", "Table 2. Inspections and rectification", _T2, 8, LANDSCAPE),
        Printed("t3", "表3　问题类别分布", "Table 3. Issues by category", _T3, 10.5),
        Printed("t4", "表4　进度滞后项目", "Table 4. Projects behind plan", _T4, 8),
        Printed("t5", "表5　重大及超期问题", "Table 5. Critical and overdue issues", _T5, 8),
        Printed("t6", "表6　红黑榜", "Table 6. Red and black list", _T6, 10.5),
        Printed("t7", "表7　问题清单暨销号台账", "Table 7. Issue register", _T7, 7, LANDSCAPE),
        Printed("t8", "表8　检查项目明细", "Table 8. List of inspections", _T8, 8, LANDSCAPE),
        Printed("definitions", "指标口径说明", "Definitions", _DEFINITIONS, 9),
    )
}
