"""What stands on each kind of paper, block by block, in both languages: the one source of the Word templates and the PDF.

Text holds placeholders such as `{{ site.name }}`, names of what `facts.py` gives; each is one name, nothing is computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.documents.rules import Kind
from server.kit.i18n import Language

PORTRAIT, LANDSCAPE = 156, 225  # millimetres between the margins of GB/T 9704


@dataclass(frozen=True, slots=True)
class Heading:
    """First order: 一、黑体."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `when` names the fact without which it is left out; one without indent begins at the margin."""

    text: str
    when: str | None = None
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of labels and values, two pairs a row; a pair alone in its row has all of it."""

    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of issues: header, width in millimetres, text of a cell, whether it is centred."""

    header: str
    width: int
    text: str
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Issues:
    """One row for each issue below a header that comes again on every page."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Labels with room to write by hand, sign and seal."""

    rows: tuple[tuple[str, str, int], ...]  # label, what is printed in it, height in millimetres


@dataclass(frozen=True, slots=True)
class Sign:
    """Who signs, the place of the seal, the day: at the right."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """签收: receiver, time, seal."""

    labels: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Photos:
    """Pictures side by side, on pages of their own; left out where there are none."""

    heading: str


Block = Heading | Text | Facts | Issues | Boxes | Sign | Receipt | Photos


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of paper in a language: how it lies and its blocks, between the title and the last page."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False
    addressed: bool = True
    headed: bool = True  # with the issuing office in red over a red rule; what a contractor writes is not
    page: tuple[str, str, str] = field(default=("第 ", " 页，共 ", " 页"))

    @property
    def width(self) -> int:
        return LANDSCAPE if self.landscape else PORTRAIT


def layout(kind: Kind, language: Language) -> Layout:
    """The layout of a kind of paper in a language."""
    zh = language == "zh"
    return Layout(
        title=kind.zh if zh else kind.en,
        blocks=(_ZH if zh else _EN)[kind],
        landscape=kind is Kind.HANDOVER_LIST,
        addressed=kind is not Kind.VERIFICATION_RECORD,
        headed=kind is not Kind.RECTIFICATION_REPLY,
        page=("第 ", " 页，共 ", " 页") if zh else ("Page ", " of ", ""),
    )


def _facts(language: Language, *, reference: bool = False) -> Facts:
    labels = (
        ("项目名称", "项目编号", "所在区", "街道（镇）", "地点", "建设单位", "施工单位", "监理单位", "检查日期", "检查方式",
         "检查人员", "整改通知单")
        if language == "zh" else
        ("Project", "Project code", "District", "Street", "Place", "Client", "Contractor", "Supervision firm",
         "Inspected on", "Visit", "Inspectors", "Notice")
    )
    name, number, district, street, place, client, contractor, firm, on, visit, people, notice = labels
    first = (((notice, "{{ refers_to }}"),),) if reference else ()
    return Facts((
        *first,
        ((name, "{{ site.name }}"), (number, "{{ site.code }}")),
        ((district, "{{ site.district }}"), (street, "{{ site.street }}")),
        ((place, "{{ site.place }}"),),
        ((client, "{{ client }}"),),
        ((contractor, "{{ contractor }}"),),
        ((firm, "{{ supervision_firm }}"),),
        ((on, "{{ inspected_on }}"), (visit, "{{ visit }}")),
        ((people, "{{ inspectors }}"),),
    ))


_FINDINGS_ZH = (
    Column("序号", 10, "{{ issue.no }}", centred=True),
    Column("部位", 23, "{{ issue.place }}"),
    Column("问题描述", 43, "{{ issue.description }}"),
    Column("等级", 12, "{{ issue.severity }}", centred=True),
    Column("违反条款", 24, "{{ issue.basis }}"),
    Column("整改要求", 22, "{{ issue.requirement }}"),
    Column("整改期限", 22, "{{ issue.deadline }}", centred=True),
)
_FINDINGS_EN = (
    Column("No.", 10, "{{ issue.no }}", centred=True),
    Column("Part", 23, "{{ issue.place }}"),
    Column("Description", 41, "{{ issue.description }}"),
    Column("Grade", 16, "{{ issue.severity }}", centred=True),
    Column("Clause breached", 22, "{{ issue.basis }}"),
    Column("Requirement", 22, "{{ issue.requirement }}"),
    Column("Due", 22, "{{ issue.deadline }}", centred=True),
)
_RECEIPT_ZH = Receipt(("签收栏", "签收人（签字）", "签收时间", "签收单位（盖章）"))
_RECEIPT_EN = Receipt(("Receipt", "Received by (signature)", "Time of receipt", "Receiving party (seal)"))
_SIGN_ZH = Sign(("签发人：{{ issued_by }}", "{{ office }}（印章）", "{{ day }}"))
_SIGN_EN = Sign(("Issued by: {{ issued_by }}", "{{ office }} (seal)", "{{ day }}"))
_COPIES_ZH = Text("抄送：{{ copies_to }}", when="copies_to", indent=False)
_COPIES_EN = Text("Copies to: {{ copies_to }}", when="copies_to", indent=False)
_PHOTOS_ZH, _PHOTOS_EN = Photos("附件：问题照片"), Photos("Annex: photos")
_PAIRS_ZH, _PAIRS_EN = Photos("附件：整改前后照片"), Photos("Annex: photos before and after")
_NOTE_ZH = Text("其他要求：{{ note }}", when="note")
_NOTE_EN = Text("Further: {{ note }}", when="note")

_ZH: dict[Kind, tuple[Block, ...]] = {
    Kind.RECTIFICATION_NOTICE: (
        Text("经检查，你单位承建的{{ site.name }}项目存在问题{{ count }}项（重大{{ critical }}项、较大{{ major }}项、"
             "一般{{ minor }}项）。现通知你单位按下表逐项整改，并按各项期限书面回复（最早一项为{{ due_on }}）。"),
        _facts("zh"),
        Heading("一、存在问题及整改要求"),
        Issues(_FINDINGS_ZH),
        Heading("二、回复要求"),
        Text("整改完成后，逐项填写整改回复单，写明原因、措施、责任人和完成日期，并附同一部位、同一角度的整改后照片，"
             "经监理单位复查后报我单位复查销号。对问题有异议的，应在整改期限届满前书面提出。"),
        _NOTE_ZH,
        Heading("三、逾期责任"),
        Text("逾期未整改、整改不到位或者虚假回复的，将视情节予以督办、约谈、通报，并移送主管部门依法处理。"),
        _SIGN_ZH, _RECEIPT_ZH, _COPIES_ZH, _PHOTOS_ZH,
    ),
    Kind.RECTIFICATION_REPLY: (
        Text("{{ refers_to }}整改通知单已收悉，所列问题{{ count }}项的整改情况回复如下，请予复查。"),
        _facts("zh", reference=True),
        Heading("一、整改情况"),
        Issues((
            Column("序号", 10, "{{ issue.no }}", centred=True),
            Column("问题", 38, "{{ issue.problem }}"),
            Column("原因分析", 28, "{{ issue.reply.cause }}"),
            Column("整改及防范措施", 41, "{{ issue.reply.measures }}"),
            Column("责任人", 17, "{{ issue.reply.responsible_person }}", centred=True),
            Column("完成日期", 22, "{{ issue.reply.done }}", centred=True),
        )),
        _NOTE_ZH,
        Heading("二、意见"),
        Boxes((
            ("施工单位", "回复人：{{ issued_by }}\n项目经理（签字）：\n（盖章）　　　　　　年　　月　　日", 24),
            ("监理单位\n复查意见", "\n总监理工程师（签字）：\n（盖章）　　　　　　年　　月　　日", 24),
            ("建设单位\n意见", "\n负责人（签字）：\n（盖章）　　　　　　年　　月　　日", 24),
            ("督导组\n复查结论", "{{ verdict }}\n复查人员（签字）：\n　　　　　　　　　　年　　月　　日", 24),
        )),
        _COPIES_ZH, _PAIRS_ZH,
    ),
    Kind.VERIFICATION_RECORD: (
        Text("对{{ refers_to }}整改通知单所列问题{{ count }}项的整改情况进行了复查，结论如下。"),
        _facts("zh", reference=True),
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
        _NOTE_ZH,
        Heading("二、签字"),
        Boxes((
            ("复查人员", "{{ verifiers }}\n（签字，不少于两人）　　　　　　年　　月　　日", 18),
            ("监理单位", "（签字）　　　　　　　　　　　　年　　月　　日", 14),
            ("施工单位", "（签字）　　　　　　　　　　　　年　　月　　日", 14),
        )),
        Sign(("{{ office }}（印章）", "{{ day }}")), _COPIES_ZH, _PAIRS_ZH,
    ),
    Kind.STOP_WORK_NOTICE: (
        Text("经检查，你单位承建的{{ site.name }}项目存在下列重大问题{{ count }}项，危及人身和工程安全。"
             "现通知你单位对下列部位立即停止施工。"),
        _facts("zh"),
        Heading("一、停工部位及原因"),
        Issues(_FINDINGS_ZH),
        Heading("二、停工及复工要求"),
        Text("1. 收到本通知后立即停止上述部位的施工，撤出人员，设置警戒，采取防止险情扩大的措施。"),
        Text("2. 二十四小时内提交整改方案，定方案、定人员、定时间，经监理单位审查后实施。"),
        Text("3. 整改完成并经监理单位初验、督导组复查合格后方可复工；未经同意不得擅自复工。"),
        _NOTE_ZH,
        Heading("三、逾期责任"),
        Text("拒不停工、擅自复工或者逾期未整改的，将移送主管部门依法处理，并予以挂牌督办、约谈、通报。"),
        _SIGN_ZH, _RECEIPT_ZH, _COPIES_ZH, _PHOTOS_ZH,
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
        _NOTE_ZH, _SIGN_ZH, _RECEIPT_ZH, _COPIES_ZH, _PHOTOS_ZH,
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
        _NOTE_ZH, _SIGN_ZH, _COPIES_ZH, _PHOTOS_ZH,
    ),
}

_EN: dict[Kind, tuple[Block, ...]] = {
    Kind.RECTIFICATION_NOTICE: (
        Text("The inspection of {{ site.name }} found {{ count }} issues ({{ critical }} critical, {{ major }} major, "
             "{{ minor }} minor). Rectify each of them as set out below and reply in writing by its due date; "
             "the earliest is {{ due_on }}."),
        _facts("en"),
        Heading("1. Issues and requirements"),
        Issues(_FINDINGS_EN),
        Heading("2. Reply"),
        Text("When the work is done, fill in the rectification reply for each issue: cause, measure, person in charge, "
             "date of completion, and photos after it of the same part from the same spot. The supervision firm checks it "
             "first, then we do, and close the issue. Objections must be raised in writing before the due date."),
        _NOTE_EN,
        Heading("3. Consequence of delay"),
        Text("Where the work is late, insufficient or falsely reported, we escalate the matter by letter, interview or "
             "public circular, and refer it to the authority in charge."),
        _SIGN_EN, _RECEIPT_EN, _COPIES_EN, _PHOTOS_EN,
    ),
    Kind.RECTIFICATION_REPLY: (
        Text("In answer to rectification notice {{ refers_to }}, this is how its {{ count }} issues were rectified. "
             "Please verify."),
        _facts("en", reference=True),
        Heading("1. Rectification"),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Issue", 38, "{{ issue.problem }}"),
            Column("Cause", 27, "{{ issue.reply.cause }}"),
            Column("Measure and prevention", 39, "{{ issue.reply.measures }}"),
            Column("Person in charge", 20, "{{ issue.reply.responsible_person }}", centred=True),
            Column("Done on", 22, "{{ issue.reply.done }}", centred=True),
        )),
        _NOTE_EN,
        Heading("2. Opinions"),
        Boxes((
            ("Contractor", "Replied by: {{ issued_by }}\nProject manager (signature):\n(seal)          Date:", 24),
            ("Supervision firm's opinion", "\nChief engineer (signature):\n(seal)          Date:", 24),
            ("Client's opinion", "\nIn charge (signature):\n(seal)          Date:", 24),
            ("Supervision team's verdict", "{{ verdict }}\nVerified by (signature):\nDate:", 24),
        )),
        _COPIES_EN, _PAIRS_EN,
    ),
    Kind.VERIFICATION_RECORD: (
        Text("The rectification of the {{ count }} issues of notice {{ refers_to }} was verified with this result."),
        _facts("en", reference=True),
        Heading("1. Verification"),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Issue", 40, "{{ issue.problem }}"),
            Column("Measure", 34, "{{ issue.reply.measures }}"),
            Column("Result", 20, "{{ issue.verification.result }}", centred=True),
            Column("Comment", 30, "{{ issue.verification.comments }}"),
            Column("Verified at", 22, "{{ issue.verification.when }}", centred=True),
        )),
        Text("What failed is to be rectified again by the new due date, with a new reply; what passed is closed and may be "
             "looked at again in a follow-up."),
        _NOTE_EN,
        Heading("2. Signatures"),
        Boxes((
            ("Verified by", "{{ verifiers }}\n(two signatures at least)          Date:", 18),
            ("Supervision firm", "(signature)          Date:", 14),
            ("Contractor", "(signature)          Date:", 14),
        )),
        Sign(("{{ office }} (seal)", "{{ day }}")), _COPIES_EN, _PAIRS_EN,
    ),
    Kind.STOP_WORK_NOTICE: (
        Text("The inspection of {{ site.name }} found {{ count }} critical issues that endanger people and the works. "
             "Stop work at the parts named below at once."),
        _facts("en"),
        Heading("1. Parts where work stops, and why"),
        Issues(_FINDINGS_EN),
        Heading("2. Stopping and resuming"),
        Text("(1) On receipt, stop work at these parts, bring people out, fence the place off and keep the danger from "
             "growing."),
        Text("(2) Within 24 hours hand in a plan: what is done, by whom, by when; it is carried out once the supervision "
             "firm has examined it."),
        Text("(3) Work resumes only after the supervision firm's first check and our verification; never without consent."),
        _NOTE_EN,
        Heading("3. Consequence of delay"),
        Text("Where work is not stopped, is resumed without consent, or is not rectified in time, the matter is referred to "
             "the authority in charge and escalated by letter, interview and public circular."),
        _SIGN_EN, _RECEIPT_EN, _COPIES_EN, _PHOTOS_EN,
    ),
    Kind.HANDOVER_LIST: (
        Text("The inspection found the following {{ count }} issues ({{ critical }} critical, {{ major }} major, {{ minor }} "
             "minor), which are handed over to your district. Have those responsible rectify them in time, and report back "
             "in writing."),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Issue", 34, "{{ issue.number }}"),
            Column("Project", 30, "{{ issue.project }}"),
            Column("Part", 25, "{{ issue.place }}"),
            Column("Description", 40, "{{ issue.description }}"),
            Column("Grade", 16, "{{ issue.severity }}", centred=True),
            Column("Requirement", 25, "{{ issue.requirement }}"),
            Column("Responsible", 23, "{{ issue.contractor }}"),
            Column("Due", 22, "{{ issue.deadline }}", centred=True),
        )),
        Text("Name for each issue the party, the person and the measure. At critical issues work stops at once, and a plan is "
             "handed in within 24 hours."),
        Text("What is late is escalated by letter, interview and public circular."),
        _NOTE_EN, _SIGN_EN, _RECEIPT_EN, _COPIES_EN, _PHOTOS_EN,
    ),
    Kind.ESCALATION_LETTER: (
        Text("The following {{ count }} issues found by inspection are still not rectified as required. We urge you to see "
             "to them."),
        Heading("1. Issues"),
        Issues((
            Column("No.", 10, "{{ issue.no }}", centred=True),
            Column("Project and party", 32, "{{ issue.party }}"),
            Column("Description", 43, "{{ issue.problem }}"),
            Column("Grade", 16, "{{ issue.severity }}", centred=True),
            Column("First due", 22, "{{ issue.first_due_on }}", centred=True),
            Column("Days late", 13, "{{ issue.days_late }}", centred=True),
            Column("Round", 20, "{{ issue.rounds }}", centred=True),
        )),
        Heading("2. What is required"),
        Text("Have those responsible rectify them without delay, put one person in charge, and report the result in writing "
             "with photos before and after by {{ due_on }}."),
        Text("Where it is still not done by then, those responsible are called in and named in a public circular."),
        _NOTE_EN, _SIGN_EN, _COPIES_EN, _PHOTOS_EN,
    ),
}
