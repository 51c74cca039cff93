"""The kinds of numbered papers, and how a number reads: 〔2026〕12号."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a paper is; each kind counts its own numbers."""

    RECTIFICATION_NOTICE = "rectification_notice"
    RECTIFICATION_REPLY = "rectification_reply"
    VERIFICATION_RECORD = "verification_record"
    STOP_WORK_NOTICE = "stop_work_notice"
    HANDOVER_LIST = "handover_list"
    ESCALATION_LETTER = "escalation_letter"

    @property
    def zh(self) -> str:
        return TITLES[self][0]

    @property
    def en(self) -> str:
        return TITLES[self][1]


TITLES: dict[Kind, tuple[str, str]] = {
    Kind.RECTIFICATION_NOTICE: ("整改通知单", "Rectification notice"),
    Kind.RECTIFICATION_REPLY: ("整改回复单", "Rectification reply"),
    Kind.VERIFICATION_RECORD: ("复查记录", "Verification record"),
    Kind.STOP_WORK_NOTICE: ("停工通知单", "Stop-work notice"),
    Kind.HANDOVER_LIST: ("问题交办单", "Hand-over list"),
    Kind.ESCALATION_LETTER: ("督办函", "Escalation letter"),
}


class TemplateKind(StrEnum):
    """What a Word template is for: a kind of numbered paper, or the weekly report."""

    RECTIFICATION_NOTICE = Kind.RECTIFICATION_NOTICE.value
    RECTIFICATION_REPLY = Kind.RECTIFICATION_REPLY.value
    VERIFICATION_RECORD = Kind.VERIFICATION_RECORD.value
    STOP_WORK_NOTICE = Kind.STOP_WORK_NOTICE.value
    HANDOVER_LIST = Kind.HANDOVER_LIST.value
    ESCALATION_LETTER = Kind.ESCALATION_LETTER.value
    WEEKLY_REPORT = "weekly_report"

    @property
    def paper(self) -> Kind | None:
        """The kind of numbered paper; None for what is none."""
        return None if self is TemplateKind.WEEKLY_REPORT else Kind(self.value)

    @property
    def zh(self) -> str:
        return self.paper.zh if self.paper else "督导周报"

    @property
    def en(self) -> str:
        return self.paper.en if self.paper else "Weekly report"


def number_text(prefix: str, year: int, serial: int) -> str:
    """`并建督改〔2026〕12号`; the brackets are U+3014 and U+3015, the serial has no leading zeros (GB/T 9704)."""
    return f"{prefix}〔{year}〕{serial}号"
