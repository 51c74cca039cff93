"""What each kind of paper says in Chinese, block by block."""

from __future__ import annotations

from server.documents.blocks import Block, Boxes, Column, Heading, Issues, Photos, Receipt, Sign, Text, project
from server.documents.rules import Kind

_LABELS = ("项目名称", "项目编号", "所在区", "街道（镇）", "地点", "建设单位", "施工单位", "监理单位", "检查日期", "检查方式",
           "检查人员")
_FINDINGS = (
    Column("序号", 10, "{{ issue.no }}", centred=True),
    Column("部位", 23, "{{ issue.place }}"),
    Column("问题描述", 43, "{{ issue.description }}"),
    Column("等级", 12, "{{ issue.severity }}", centred=True),
    Column("违反条款", 24, "{{ issue.basis }}"),
    Column("整改要求", 22, "{{ issue.requirement }}"),
    Column("整改期限", 22, "{{ issue.deadline }}", centred=True),
)
_RECEIPT = Receipt(("签收栏", "签收人（签字）", "签收时间", "签收单位（盖章）"))
_SIGN = Sign(("签发人：{{ signer }}", "{{ office }}（印章）", "{{ day }}"))
_COPIES = Text("抄送：{{ copies_to }}", when="copies_to", indent=False)
_NOTE = Text("其他要求：{{ note }}", when="note")
_PHOTOS = Photos("附件：问题照片")
_PAIRS = Photos("附件：整改前后照片")

BLOCKS: dict[Kind, tuple[Block, ...]] = {
    Kind.RECTIFICATION_NOTICE: (
        Text("经检查，你单位承建的{{ site.name }}项目存在问题{{ count }}项（重大{{ critical }}项、较大{{ major }}项、"
             "一般{{ minor }}项）。现通知你单位按下表逐项整改，并按各项期限书面回复（最早一项为{{ due_on }}）。"),
        project(_LABELS),
        Heading("一、存在问题及整改要求"),
        Issues(_FINDINGS),
        Heading("二、回复要求"),
        Text("整改完成后，逐项填写整改回复单，写明原因、措施、责任人和完成日期，并附同一部位、同一角度的整改后照片，"
             "经监理单位复查后报我单位复查销号。对问题有异议的，应在整改期限届满前书面提出。"),
        _NOTE,
        Heading("三、逾期责任"),
        Text("逾期未整改、整改不到位或者虚假回复的，将视情节予以督办、约谈、通报，并移送主管部门依法处理。"),
        _SIGN, _RECEIPT, _COPIES, _PHOTOS,
    ),
    Kind.RECTIFICATION_REPLY: (
        Text("{{ refers_to }}整改通知单已收悉，所列问题{{ count }}项的整改情况回复如下，请予复查。"),
        project(_LABELS, "整改通知单"),
        Heading("一、整改情况"),
        Issues((
            Column("序号", 10, "{{ issue.no }}", centred=True),
            Column("问题", 38, "{{ issue.problem }}"),
            Column("原因分析", 28, "{{ issue.reply.cause }}"),
            Column("整改及防范措施", 41, "{{ issue.reply.measures }}"),
            Column("责任人", 17, "{{ issue.reply.responsible_person }}", centred=True),
            Column("完成日期", 22, "{{ issue.reply.done }}", centred=True),
        )),
        _NOTE,
        Heading("二、意见"),
        Boxes((
            ("施工单位", "回复人：{{ issued_by }}\n项目经理（签字）：\n（盖章）　　　　　　年　　月　　日", 24),
            ("监理单位\n复查意见", "\n总监理工程师（签字）：\n（盖章）　　　　　　年　　月　　日", 24),
            ("建设单位\n意见", "\n负责人（签字）：\n（盖章）　　　　　　年　　月　　日", 24),
            ("督导组\n复查结论", "{{ verdict }}\n复查人员（签字）：\n　　　　　　　　　　年　　月　　日", 24),
        )),
        _COPIES, _PAIRS,
    ),
    Kind.VERIFICATION_RECORD: (
        Text("对{{ refers_to }}整改通知单所列问题{{ count }}项的整改情况进行了复查，结论如下。"),
        project(_LABELS, "整改通知单"),
        Heading("一、复查情况"),
        Issues((
            Column("序号", 10, "{{ issue.no }}", centred=True),
            Column("问题", 40, "{{ issue.problem }}"),
            Column("整改措施", 34, "{{ issue.reply.measures }}"),
            Column("复查结论", 20, "{{ issue.verification.result }}", centred=True),
            Column("复查意见", 30, "{{ issue.verification.comments }}"),
            Column("复查时间", 22, "{{ issue.verification.when }}", centred=True),
        )),
        Text("复查不合格的，应按新的期限继续整改并再次回复；复查合格的予以销号，纳入回头看抽查。"),
        _NOTE,
        Heading("二、签字"),
        Boxes((
            ("复查人员", "{{ verifiers }}\n（签字，不少于两人）　　　　　　年　　月　　日", 18),
            ("监理单位", "（签字）　　　　　　　　　　　　年　　月　　日", 14),
            ("施工单位", "（签字）　　　　　　　　　　　　年　　月　　日", 14),
        )),
        Sign(("{{ office }}（印章）", "{{ day }}")), _COPIES, _PAIRS,
    ),
    Kind.STOP_WORK_NOTICE: (
        Text("经检查，你单位承建的{{ site.name }}项目存在下列重大问题{{ count }}项，危及人身和工程安全。"
             "现通知你单位对下列部位立即停止施工。"),
        project(_LABELS),
        Heading("一、停工部位及原因"),
        Issues(_FINDINGS),
        Heading("二、停工及复工要求"),
        Text("1. 收到本通知后立即停止上述部位的施工，撤出人员，设置警戒，采取防止险情扩大的措施。"),
        Text("2. 二十四小时内提交整改方案，定方案、定人员、定时间，经监理单位审查后实施。"),
        Text("3. 整改完成并经监理单位初验、督导组复查合格后方可复工；未经同意不得擅自复工。"),
        _NOTE,
        Heading("三、逾期责任"),
        Text("拒不停工、擅自复工或者逾期未整改的，将移送主管部门依法处理，并予以挂牌督办、约谈、通报。"),
        _SIGN, _RECEIPT, _COPIES, _PHOTOS,
    ),
    Kind.HANDOVER_LIST: (
        Text("现将督导检查发现的问题{{ count }}项（重大{{ critical }}项、较大{{ major }}项、一般{{ minor }}项）交办你区，"
             "请督促责任单位按期整改，并将整改情况书面反馈。"),
        Issues((
            Column("序号", 10, "{{ issue.no }}", centred=True),
            Column("问题编号", 34, "{{ issue.number }}"),
            Column("项目（小区）", 30, "{{ issue.project }}"),
            Column("部位", 25, "{{ issue.place }}"),
            Column("问题描述", 42, "{{ issue.description }}"),
            Column("等级", 12, "{{ issue.severity }}", centred=True),
            Column("整改要求", 25, "{{ issue.requirement }}"),
            Column("责任单位", 25, "{{ issue.contractor }}"),
            Column("整改期限", 22, "{{ issue.deadline }}", centred=True),
        )),
        Text("逐项明确责任单位、责任人和整改措施，实行销号管理。重大问题应当立即停止该部位施工，并在二十四小时内报整改方案。"),
        Text("逾期未整改的，将予以督办、约谈、通报。"),
        _NOTE, _SIGN, _RECEIPT, _COPIES, _PHOTOS,
    ),
    Kind.ESCALATION_LETTER: (
        Text("督导检查发现的下列问题{{ count }}项，至今未按要求整改到位。现予督办。"),
        Heading("一、督办问题"),
        Issues((
            Column("序号", 10, "{{ issue.no }}", centred=True),
            Column("项目及责任单位", 32, "{{ issue.party }}"),
            Column("问题描述", 46, "{{ issue.problem }}"),
            Column("等级", 12, "{{ issue.severity }}", centred=True),
            Column("原定期限", 22, "{{ issue.first_due_on }}", centred=True),
            Column("逾期（天）", 14, "{{ issue.days_late }}", centred=True),
            Column("复查轮次", 20, "{{ issue.rounds }}", centred=True),
        )),
        Heading("二、督办要求"),
        Text("请立即督促责任单位落实整改，明确专人负责，并于{{ due_on }}前将整改结果连同整改前后照片书面报送。"),
        Text("逾期仍未整改到位的，将对相关责任单位予以约谈、通报。"),
        _NOTE, _SIGN, _COPIES, _PHOTOS,
    ),
}
