"""The fixed words of the printed report in both languages: masthead, headings, captions, what empty tables say."""

from __future__ import annotations

Pair = tuple[str, str]

DASH = "—"
AND: Pair = ("、", ", ")
REPORT: Pair = ("太原市老旧小区提质改造督导周报", "Taiyuan Old-Community Renovation\nWeekly Supervision Report")
INTERNAL: Pair = ("内部资料", "For internal use")
DRAFT: Pair = ("草稿", "DRAFT")
DRAFT_NOTE: Pair = ("草稿：数据尚未冻结，不得作为正式文件引用", "DRAFT: figures not frozen, not to be quoted")
MISSING: Pair = ("照片缺失或无法读取", "The photo is missing or cannot be read")
NO_PHOTO: Pair = ("（无照片）", "(no photo)")
BEFORE: Pair = ("整改前", "Before")
AFTER: Pair = ("整改后", "After")
NO_TIME: Pair = ("拍摄时间不详", "time unknown")
ABOUT: Pair = ("　{site}：{description}", ", {site}: {description}")
CONTENTS: Pair = ("目　录", "Contents")
PAGE: tuple[tuple[str, str, str], tuple[str, str, str]] = (("第 ", " 页，共 ", " 页"), ("Page ", " of ", ""))
LATE: Pair = ("补报", "late")
LETTER: Pair = ("督办函", "letter ")
TOTAL: Pair = ("合计", "Total")
VERDICT: dict[str, Pair] = {"pass": ("合格", "pass"), "fail": ("不合格", "fail")}
LISTS: dict[str, Pair] = {"red_list": ("红榜", "Red"), "black_list": ("黑榜", "Black")}
ESCALATION: dict[str, Pair] = {
    "none": ("", ""), "due_tomorrow": ("到期提醒", "reminded"), "late_1": ("通报属地", "district told"),
    "late_3": ("督办", "escalated"), "late_7": ("约谈", "summoned"),
}

# name → heading; the names are those that the layouts (build_templates.py, bulletin.typ) ask for
HEADINGS: dict[str, Pair] = {
    "key_points": ("本周要情", "Key points"),
    "progress": ("一、总体进展", "1. Overall progress"),
    "start": ("（一）开工、完工、投资", "1.1 Start, completion, investment"),
    "behind": ("（二）进度滞后项目", "1.2 Projects behind plan"),
    "inspections": ("二、督导检查情况", "2. Inspections this week"),
    "coverage": ("（一）检查覆盖与问题发现", "2.1 Coverage and findings"),
    "cases": ("（二）突出问题", "2.2 Main issues"),
    "rectification": ("三、问题整改与销号", "3. Rectification and close-out"),
    "lists": ("四、红黑榜", "4. Red and black list"),
    "residents": ("五、群众诉求与满意度", "5. Residents' complaints and satisfaction"),
    "next_week": ("六、下周工作安排与要求", "6. Next week"),
    "annex_1": ("附件1　问题清单暨销号台账", "Annex 1. Issue register"),
    "annex_2": ("附件2　检查项目明细", "Annex 2. List of inspections"),
    "annex_3": ("附件3　指标口径说明", "Annex 3. Definitions"),
}
CAPTIONS: dict[str, Pair] = {
    "f1": ("图1　各区开工率、完工率（%）", "Figure 1. Start rate and completion rate by district (%)"),
    "f2": ("图2　累计完成投资与计划（万元）", "Figure 2. Investment made and planned, cumulative (10k yuan)"),
    "f3": ("图3　本周新发现问题按类别（个）", "Figure 3. New issues by category"),
    "f4": ("图4　各区新发现问题按等级（个）", "Figure 4. New issues by district and grade"),
    "f5": ("图5　问题存量走势（个）", "Figure 5. New, closed and open issues, eight weeks"),
    "f6": ("图6　检查点位示意图", "Figure 6. Places inspected, sketch"),
}
SKETCH: Pair = ("示意图，不作划界依据", "Sketch; not to be used for boundaries")
SERIES: dict[str, Pair] = {
    "start_rate": ("开工率", "Start rate"), "completion_rate": ("完工率", "Completion rate"),
    "invest_done": ("完成投资", "Invested"), "invest_plan": ("计划投资", "Planned"),
    "minor": ("一般", "Minor"), "major": ("较大", "Major"), "critical": ("重大", "Critical"),
    "new": ("新增", "New"), "closed": ("销号", "Closed"), "open_end": ("周末未销号", "Open at the week's end"),
}
EMPTY: dict[str, Pair] = {
    "t1": ("本周无进展数据。", "None this week: no districts."),
    "t2": ("本周无检查数据。", "None this week: no districts."),
    "t3": ("本周无新发现问题。", "None this week: no new issues."),
    "t4": ("本周无进度滞后项目。", "None this week: no project is ten points or more behind its plan."),
    "t5": ("本周无重大及超期问题。", "None this week: nothing critical or overdue is open."),
    "t6": ("本周无红黑榜。", "None this week."),
    "t7": ("本周无问题。", "None this week: no issues."),
    "t8": ("本周无检查。", "None this week: no inspections."),
    "definitions": ("本周无口径说明。", "None."),
    "cases": ("本周无突出问题。", "None this week."),
    "next_week": ("本周无下周工作安排。", "None has been entered this week."),
    "f1": ("本周无图1数据。", "None this week: no figures for Figure 1."),
    "f2": ("本周无投资数据（图2）。", "None this week: no investment figures (Figure 2)."),
    "f3": ("本周无新发现问题（图3）。", "None this week: no new issues (Figure 3)."),
    "f4": ("本周无新发现问题（图4）。", "None this week: no new issues (Figure 4)."),
    "f5": ("本周无存量数据（图5）。", "None this week: no stock of issues (Figure 5)."),
    "f6": ("本周无检查点位（图6）。", "None this week: no places inspected (Figure 6)."),
}
MORE: Pair = (
    "本表共{all}行，此处按序列出前{shown}行，全部内容见同期周报工作簿（XLSX）。",
    "This table has {all} rows; the first {shown} are printed here, all of them are in the week's workbook (XLSX).",
)
CUT: Pair = ("过长的文字以“…”截断，全文见工作簿（XLSX）。", "Long text is cut at “…”; the workbook (XLSX) has it in full.")
YEARLESS: Pair = ("未标年份的日期均为{year}年。", "Days without a year are of {year}.")
DISTRIBUTION: dict[str, Pair] = {
    "report_to": ("报：", "Reported to: "), "send_to": ("送：", "Sent to: "), "issue_to": ("发：", "Issued to: "),
}
COPIES: Pair = ("共印{copies}份", "{copies} copies printed")
