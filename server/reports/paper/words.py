"""The words on the document of a report, in both languages."""

from __future__ import annotations

from server.documents.words import Pair

TITLE: Pair = ("现场检查报告", "Inspection report")
CORRECTION: Pair = ("（更正）", " (correction)")
SHUT: Pair = ("；", "; ")
COLON: Pair = ("：", ": ")
SETTLED: Pair = ("（已核销：{why}）", " (settled: {why})")
STATE: dict[str, Pair] = {
    "incomplete": ("照片未齐", "photos missing"), "submitted": ("待审核", "waiting for review"),
    "approved": ("审核通过", "approved"), "returned": ("退回修改", "returned"), "void": ("作废", "void"),
}
VERDICT: dict[str, Pair] = {
    "pass": ("合格", "pass"), "fail": ("不合格", "FAIL"), "na": ("不适用", "n/a"), "recorded": ("已记录", "recorded"),
}
DECISION: dict[str, Pair] = {
    "approve": ("审核通过", "Approved"), "return": ("退回修改", "Returned"), "void": ("作废", "Voided"),
}
ISSUE_STATE: dict[str, Pair] = {
    "draft": ("草稿", "draft"), "pending_issue": ("待下发", "to be issued"), "issued": ("待整改", "issued"),
    "rectifying": ("整改中", "under rectification"), "pending_verification": ("待复查", "to be verified"),
    "rejected": ("复查不合格", "rejected"), "closed": ("已销号", "closed"), "reopened": ("反弹", "reopened"),
    "void": ("作废", "void"),
}
SOURCE: dict[str, Pair] = {"camera": ("现场拍摄", "taken by camera"), "gallery": ("选自相册", "from the gallery")}
YES: Pair = ("是", "yes")
NO: Pair = ("否", "no")
LABELS: dict[str, Pair] = {
    "number": ("报告编号", "Report"), "state": ("状态", "State"), "site": ("小区", "Community"),
    "code": ("项目编号", "Site code"),
    "district": ("所在区", "District"), "street": ("街道", "Sub-district"), "inspector": ("督导员", "Inspector"),
    "others": ("同行人员", "With"), "visit": ("检查方式", "Kind of visit"), "time": ("检查时间", "Time"),
    "checklist": ("检查表", "Checklist"), "place": ("定位", "Position"), "no_place": ("无定位原因", "No position because"),
    "outside": ("范围外说明", "Outside the fence because"), "correction": ("更正理由", "Correction because"),
    "spoke": ("现场代表", "Site representative"), "result": ("检查结果", "Result"),
    "summary": ("检查小结", "Summary"), "answers": ("检查内容", "Answers"), "issues": ("发现问题", "Issues opened"),
    "photos": ("现场照片", "Photos"), "reviews": ("审核情况", "Review"), "receipt": ("收件回执", "Receipt"),
    "flags": ("系统提示", "Facts for the reviewer"), "unanswered": ("未答项", "Not answered"),
    "item": ("检查项", "Item"), "answer": ("结果", "Answer"), "limit": ("限值／标准", "Limit / criterion"),
    "verdict": ("结论", "Verdict"), "note": ("说明", "Note"), "issue": ("问题编号", "Issue"), "grade": ("等级", "Grade"),
    "description": ("问题描述", "Description"), "due": ("期限", "Due on"), "contractor": ("责任单位", "Responsible"),
    "issue_state": ("现状", "State"), "when": ("时间", "Time"), "who": ("审核人", "Reviewer"),
    "decision": ("决定", "Decision"), "comment": ("意见", "Comment"), "receipt_number": ("回执编号", "Receipt"),
    "received": ("收讫时间", "Complete at"), "revision": ("报告版本", "Revision"),
    "digest": ("内容校验值（SHA-256）", "SHA-256 of the content"),
    "signature": ("现场代表签字", "Signature of the site's representative"),
}
NONE: dict[str, Pair] = {
    "issues": ("本次检查没有发现须整改的问题。", "Nothing was found that must be rectified."),
    "reviews": ("尚未审核。", "Not reviewed yet."),
    "receipt": ("照片尚未收齐，没有回执。", "No receipt yet: photos are missing."),
}
SIGNED: Pair = ("签于第{revision}版", "signed revision {revision}")
CAMERA: Pair = ("（照片内记录 {moment}）", " (the photo itself says {moment})")
TAKEN: Pair = ("拍摄", "Taken")
POSITION: Pair = ("位置", "Position")
NO_POSITION: Pair = ("无", "none")
AWAY: Pair = ("，距项目位置约 {metres} 米", ", about {metres} m from the site's position")
ACCURACY: Pair = ("，误差 ±{metres} 米", ", ±{metres} m")
SITE_LIMIT: Pair = ("本项目设定", "set for this site")
CHANGED_SINCE: Pair = ("（此后有更改）", " (changed since)")
UNSET: Pair = ("按设计，未设定", "by design, not set")
PAGE: tuple[tuple[str, str, str], tuple[str, str, str]] = (("第", "页，共", "页"), ("Page ", " of ", ""))
RESULT: Pair = (
    "合格{passed}项，不合格{failed}项，不适用{na}项，未答{unanswered}项，合格率{rate}",
    "{passed} passed, {failed} failed, {na} not applicable, {unanswered} not answered; pass rate {rate}",
)
