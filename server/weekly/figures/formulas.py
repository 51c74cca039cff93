"""What each figure counts, in both languages (附件 3 指标口径说明)."""

from __future__ import annotations

FORMULAS: dict[str, tuple[str, str, str, str]] = {  # figure → zh name, en name, zh formula, en formula
    "plan_count": ("年度计划", "Plan", "周末在册的小区数", "communities in the register at the week's end"),
    "started": (
        "已开工",
        "Started",
        "在建、停工、完工、已验收的小区数",
        "in progress, suspended, completed or accepted",
    ),
    "completed": ("完工", "Completed", "周末已完工（含已验收）的小区数", "completed at the week's end, accepted included"),
    "accepted": ("已验收", "Accepted", "其中已验收", "of these, accepted"),
    "carried_out": ("已实施", "Carried out", "已开工且已拨付资金的小区数", "communities started and funded"),
    "suspended": ("停工", "Suspended", "周末停工的小区数", "suspended at the week's end"),
    "households": ("户数", "Households", "计划小区的户数", "households of the communities planned"),
    "households_started": ("已开工户数", "Households started", "已开工小区的户数", "households of the communities started"),
    "invest_plan": ("计划投资", "Planned investment", "计划投资合计（万元）", "Σ planned investment, in 10,000 yuan"),
    "invest_done": ("完成投资", "Invested", "完成投资合计（万元）", "Σ invested, in 10,000 yuan"),
    "start_rate": ("开工率", "Start rate", "已开工小区数÷计划小区数，可超过100%", "started ÷ planned; may exceed 100 %"),
    "start_rate_households": (
        "开工率（按户）",
        "Start rate by households",
        "已开工户数÷计划户数",
        "households of started communities ÷ households planned",
    ),
    "completion_rate": ("完工率", "Completion rate", "完工（含已验收）÷计划", "completed, accepted included ÷ planned"),
    "invest_rate": ("投资完成率", "Investment rate", "完成投资合计÷计划投资合计", "Σ invested ÷ Σ planned investment"),
    "households_benefiting": (
        "受益户数",
        "Households benefiting",
        "已实施小区的户数",
        "households of the communities carried out",
    ),
    "wk_started": (
        "本周新开工",
        "Started this week",
        "周初未开工、周末已开工；本周新录入的按实际开工日期计",
        "not started at the week's start, started at its end; newly registered ones by their own day",
    ),
    "wk_completed": ("本周完工", "Completed this week", "口径同本周新开工", "as for started this week"),
    "rank_change": ("较上周", "Against last week", "上周末名次减本周末名次", "place a week ago less place now"),
    "visits": (
        "检查次数",
        "Visits",
        "首次回执在本周的报告数（作废除外）；更正不改变所属周",
        "reports whose first receipt was given in the week, void ones left out; corrections do not move them",
    ),
    "approved": ("已审核", "Approved", "其中已批准", "of these, approved"),
    "unreviewed": ("待审核", "Unreviewed", "其中尚未审核", "of these, not reviewed yet"),
    "in_revision": ("退回修改", "In revision", "其中已退回或新版本未传完", "of these, returned or being sent again"),
    "late": ("补报", "Late", "本周收到、检查在以前各周完成的报告", "received in the week, finished in an earlier one"),
    "corrections": (
        "更正",
        "Corrections",
        "本周收到的对已批准报告的更正（可属以前各周）",
        "corrections received in the week of approved reports of any week",
    ),
    "in_progress": ("在建项目", "In progress", "周末在建的小区数", "communities in progress at the week's end"),
    "inspected_projects": (
        "检查项目",
        "Inspected projects",
        "本周检查到的在建小区数，同一小区只计一次",
        "communities in progress visited in the week, each once",
    ),
    "inspected_sites": (
        "检查小区",
        "Inspected communities",
        "本周检查到的小区数，不论是否在建",
        "communities visited in the week, in progress or not",
    ),
    "coverage": (
        "覆盖率",
        "Coverage",
        "检查到的在建项目数÷周末在建项目数",
        "distinct projects in progress inspected ÷ projects in progress at the week's end",
    ),
    "pass_rate": (
        "检查项合格率",
        "Pass rate",
        "合格÷（合格+不合格），不适用不计",
        "pass ÷ (pass + fail), not applicable left out",
    ),
    "problem_density": ("问题密度", "Problem density", "新发现问题÷检查次数", "new issues ÷ visits"),
    "new_issues": (
        "新发现问题",
        "New issues",
        "本周立项的问题（报告批准时立项）",
        "issues opened in the week, which an approval does",
    ),
    **{
        kind: (zh, en, f"新发现问题中的{zh}问题", f"of the new issues, the {en.lower()} ones")
        for kind, zh, en in (("minor", "一般", "Minor"), ("major", "较大", "Major"), ("critical", "重大", "Critical"))
    },
    "recurring": (
        "重复发生",
        "Recurring",
        "新发现问题中，{days}天内同一小区同一检查项再次发生的",
        "of the new issues, those of the same place and item within {days} days",
    ),
    "due": (
        "本周到期",
        "Due this week",
        "最初期限在本周内且截止时已届满的问题，作废除外；截止时当日未满的计入下一期",
        "issues first due in the week on a day that has ended by the cut-off, void ones left out; a day that the cut-off "
        "divides is the next report's",
    ),
    "overdue": (
        "超期未整改",
        "Overdue",
        "截止时未销号、非待复查且已过期限",
        "at the cut-off open, not awaiting verification and past due",
    ),
    "closed": ("本周销号", "Closed", "本周销号次数", "times that an issue was closed in the week"),
    "reopened": (
        "反弹",
        "Reopened",
        "本周重新立项次数（回头看、居民反映或督导决定）",
        "times that a closed issue was opened again in the week",
    ),
    "false_closures": (
        "虚假销号",
        "False closures",
        "本周“回头看”认定为虚假销号的次数，已含在反弹内",
        "times that a follow-up of the week found a closed issue not put right; counted among the reopened too",
    ),
    "void": ("作废", "Void", "本周作废的问题", "issues made void in the week"),
    "open_start": ("周初存量", "Open at the start", "周初未销号、未作废的问题", "neither closed nor void at the week's start"),
    "open_end": ("周末存量", "Open at the end", "截止时未销号、未作废的问题", "neither closed nor void at the cut-off"),
    "found_cum": ("累计发现", "Found this year", "本年1月1日以来立项的问题", "issues opened since 1 January"),
    "closed_cum": ("累计销号", "Closed this year", "其中截止时已销号", "of these, closed at the cut-off"),
    "void_cum": ("累计作废", "Void this year", "其中截止时已作废", "of these, void at the cut-off"),
    "closure_rate": ("销号率", "Closure rate", "累计销号÷（累计发现-作废）", "closed ÷ (found - void), this year"),
    "mean_days_to_close": (
        "平均整改时长",
        "Mean days to close",
        "本周销号问题自下发至销号的平均天数",
        "mean days from notice to close of those closed in the week",
    ),
    "recurrence_rate": (
        "重复发生率",
        "Recurrence rate",
        "{days}天内同一小区同一检查项再次发生÷新发现问题",
        "same place and item within {days} days ÷ new issues",
    ),
    "stock": (
        "存量",
        "Stock",
        "周末存量=周初存量+新增+反弹-销号-作废",
        "open at end = open at start + new + reopened - closed - void",
    ),
    "on_time": (
        "按期回复",
        "On time",
        "本周到期的问题中，首次回复在最初期限当日或之前生效（照片收齐）的；延期、再次回复不计，立行立改视同回复，作废除外",
        "of the issues due this week, those whose first reply took effect (its last photo came) on or before the first due "
        "date; extensions and later replies count for nothing, put right on the spot counts as replied, void ones left out",
    ),
    "on_time_rate": (
        "按期整改率",
        "On-time rate",
        "按期回复÷本周到期（最初期限）",
        "replied on time ÷ due, by the first due date",
    ),
    "first_verifications": (
        "首次复查",
        "First verifications",
        "首次复查在本周的问题，作废除外；退回后再次复查不计",
        "issues of which the first verification falls in the week, void ones left out; later ones are not counted",
    ),
    "first_passes": ("一次通过", "Passed at first", "其中首次复查合格的", "of these, those that passed"),
    "first_pass_rate": (
        "一次复查通过率",
        "First pass rate",
        "首次复查通过÷首次复查",
        "passed at first ÷ first verifications",
    ),
    "notices": (
        "整改通知单",
        "Notices",
        "本周下发的整改通知单份数（停工通知单不计）",
        "rectification notices issued in the week; stop-work notices are not counted",
    ),
    "T4": (
        "进度滞后项目",
        "Behind plan",
        "未完工且进度偏差≤-10个百分点的小区",
        "communities not finished whose deviation is -10 points or less",
    ),
    "T4.planned": (
        "计划进度",
        "Planned progress",
        "计划工期内截至截止日已过天数÷计划总天数",
        "days of the planned time passed at the cut-off ÷ all planned days",
    ),
    "T4.physical": (
        "形象进度",
        "Physical progress",
        "Σ（合同价×上报完成量÷计划量）÷Σ合同价，超出计划量按计划量计；另列按核实量计算的进度",
        "Σ(contract price × reported ÷ planned) ÷ Σ contract price, no more than planned; by verified quantities beside it",
    ),
    "T4.deviation": (
        "进度偏差",
        "Deviation",
        "形象进度-计划进度（百分点，按未舍入值计算）",
        "physical - planned progress in percentage points, from unrounded values",
    ),
    "T4.days_late": (
        "滞后天数",
        "Days late",
        "开工或完工晚于计划的天数，取较大者",
        "days that start or end lies behind its planned day, the greater of the two",
    ),
    **{
        f"T4.{key}": (zh, en, "办公室按责任单位的说明填写", "as the responsible firm explains, written by the office")
        for key, zh, en in (
            ("reason", "滞后原因", "Reason"), ("measure", "赶工措施", "Measure"), ("expected_on", "预计完成", "Expected"),
        )
    },
    "T5.escalation": (
        "督办措施",
        "Escalation",
        "截止时就现行期限已发出的最后一级提醒：临期、逾期后第一、二、三级；另列督办函文号",
        "the last step that was told of the present due date by the cut-off: due tomorrow, first, second, third; "
        "the number of the escalation letter beside it",
    ),
    "T7.verdict": (
        "复查结论",
        "Verdict",
        "截止时最近一次复查的结论；措施、完成日期取最近一次回复",
        "of the newest verification at the cut-off; measure and day done are of the newest reply",
    ),
    "cases": (
        "突出问题",
        "Typical cases",
        "台账内的问题（作废除外），按等级、超期天数、有无照片、是否新发现排列，最多24个",
        "issues of the register, void ones left out, by severity, days overdue, pictures and newness; 24 at most",
    ),
    "series.F2": (
        "累计完成投资与计划",
        "Invested and planned",
        "各周末累计完成投资；计划按各小区计划投资在计划工期内逐日均摊，无计划日期的小区不计",
        "invested by each week's end; planned money spread evenly over the planned days, communities without such days "
        "left out",
    ),
    "series.F5": (
        "存量走势",
        "Stock week by week",
        "近八周的新增、销号和周末存量",
        "new, closed and open at the end of eight weeks",
    ),
    "ranking": (
        "进展较快、较慢",
        "Fast and slow",
        "综合得分前两名和后两名的区，同名次者不列",
        "first two and last two districts by score; none that share a place",
    ),
    "residents.asked": ("居民评价", "Residents asked", "本周发出的居民评价链接数", "questions to residents of the week"),
    "residents.yes": ("居民认可", "Residents: fixed", "本周答复“已修好”的", "answers of the week that it is fixed"),
    "residents.no": ("居民不认可", "Residents: not fixed", "本周答复“未修好”的", "answers of the week that it is not"),
    "sites_seen": (
        "检查点位",
        "Places visited",
        "本周检查到且有坐标的小区，最多2000个",
        "communities visited in the week of which the position is known; 2,000 at most",
    ),
    "satisfaction": (
        "满意度",
        "Satisfaction",
        "满意及以上÷有效问卷，满30份才显示",
        "satisfied ÷ valid replies, from 30 on",
    ),
    "category": (
        "工程类别",
        "Category",
        "按检查表名称归类，一个问题只计一次",
        "by the checklist's title, so that none counts twice",
    ),
    "score": (
        "综合得分",
        "Score",
        "开工率{0}、完工率{1}、投资完成率{2}、按期整改率{3}、一次通过率{4}加权，缺项权重分摊，同分同名次",
        "start {0}, completion {1}, investment {2}, on time {3}, first pass {4}; "
        "missing parts shared out; ties share a rank",
    ),
}
