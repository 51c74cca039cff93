"""The office's own words, and whom reports are mailed to, on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from server.kit import fields as kit
from server.messages.rules import DeliveryState
from server.weekly.schemas import WeeklyOut

BAD_EMAIL = "不是有效的电子邮箱 / not an e-mail address"
_is_email = validate.Email(error=BAD_EMAIL)


def _sentences(**kwargs: Any) -> fields.List[Any]:
    return fields.List(kit.Line(limit=1000, empty=False), validate=validate.Length(max=20), **kwargs)


class Sentences(fields.Field[Any]):
    """Sentences in Chinese, as a list or as text of lines; or {"zh": […], "en": […]}."""

    _inner = _sentences()

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, list[str]]:
        value = super()._deserialize(value, attr, data, **kwargs)
        if isinstance(value, str):
            value = [line for line in value.splitlines() if line.strip()]
        if isinstance(value, list):
            return {"zh": self._lines(value)}
        if isinstance(value, dict) and value and value.keys() <= {"zh", "en"}:
            return {language: self._lines(lines) for language, lines in value.items()}
        raise ValidationError("须为文字、列表或 {zh, en} / must be text, a list or {zh, en}")

    def _lines(self, value: Any) -> list[str]:
        return [str(line) for line in self._inner.deserialize(value) or []]


class PraiseIn(kit.Schema):
    """A line of the red or black list (红黑榜)."""

    subject = kit.Line(required=True, limit=200, empty=False)
    reason = kit.Line(required=True, limit=500, empty=False)
    basis = kit.Line(load_default=None, allow_none=True, limit=300)


class ResidentsIn(kit.Schema):
    """Residents' complaints by the 12345 hotline, and the replies to questionnaires."""

    hotline_received = kit.Whole(allow_none=True, low=0, high=10_000_000)
    hotline_done = kit.Whole(allow_none=True, low=0, high=10_000_000)
    hotline_in_time = kit.Whole(allow_none=True, low=0, high=10_000_000)
    replies_valid = kit.Whole(allow_none=True, low=0, high=10_000_000)
    replies_satisfied = kit.Whole(allow_none=True, low=0, high=10_000_000)
    text = kit.Text(allow_none=True, limit=2000)


class BehindIn(kit.Schema):
    """Why a site of table 4 is behind its plan, what is done about it, and when it will be finished."""

    site = kit.Id(required=True)
    reason = kit.Line(load_default=None, allow_none=True, limit=500)
    measure = kit.Line(load_default=None, allow_none=True, limit=500)
    expected_on = fields.Date(load_default=None, allow_none=True)


class TaskIn(kit.Schema):
    """A piece of next week's work."""

    text = kit.Line(required=True, limit=500, empty=False)
    due_on = fields.Date(load_default=None, allow_none=True)
    responsible = kit.Line(load_default=None, allow_none=True, limit=200)


class DistributionIn(kit.Schema):
    """报, 送, 发 and the number of copies."""

    report_to = kit.Line(allow_none=True, limit=500)
    send_to = kit.Line(allow_none=True, limit=500)
    issue_to = kit.Line(allow_none=True, limit=500)
    copies = kit.Whole(allow_none=True, low=1, high=100_000)


def _list_of(schema: type[kit.Schema], most: int) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), validate=validate.Length(max=most), allow_none=True)


class WordsIn(kit.Schema):
    """The office's own words; what is not sent stays, null takes back what was written. `version` is the one that was
    edited: 409 `weekly-changed` where it is not the newest."""

    version = kit.Whole(low=0, high=2**31)
    key_points = Sentences(allow_none=True)
    red_list = _list_of(PraiseIn, 50)
    black_list = _list_of(PraiseIn, 50)
    residents = fields.Nested(ResidentsIn, allow_none=True)
    behind = _list_of(BehindIn, 3000)
    next_week = _list_of(TaskIn, 50)
    distribution = fields.Nested(DistributionIn, allow_none=True)
    office = kit.Line(allow_none=True, limit=100, empty=False)
    cases = fields.List(kit.Id(), allow_none=True, validate=validate.Length(max=24), metadata={
        "description": "the issues shown as typical cases, in this order; null: the first six of the figures' `cases`",
    })


class PraiseOut(kit.Answer):
    subject = fields.String()
    reason = fields.String()
    basis = fields.String(allow_none=True)


class ResidentsOut(kit.Answer):
    hotline_received = fields.Integer(allow_none=True)
    hotline_done = fields.Integer(allow_none=True)
    hotline_in_time = fields.Integer(allow_none=True)
    replies_valid = fields.Integer(allow_none=True)
    replies_satisfied = fields.Integer(allow_none=True)
    text = fields.String(allow_none=True)


class BehindOut(kit.Answer):
    site = fields.String()
    reason = fields.String(allow_none=True)
    measure = fields.String(allow_none=True)
    expected_on = fields.String(allow_none=True)


class TaskOut(kit.Answer):
    text = fields.String()
    due_on = fields.String(allow_none=True)
    responsible = fields.String(allow_none=True)


class DistributionOut(kit.Answer):
    report_to = fields.String(allow_none=True)
    send_to = fields.String(allow_none=True)
    issue_to = fields.String(allow_none=True)
    copies = fields.Integer(allow_none=True)


class SentencesOut(kit.Answer):
    zh = fields.List(fields.String())
    en = fields.List(fields.String())


class WordsOut(kit.Answer):
    """All that is printed beside the figures: what the office wrote over what was drafted or carried on."""

    key_points = fields.Nested(SentencesOut)
    red_list = fields.List(fields.Nested(PraiseOut))
    black_list = fields.List(fields.Nested(PraiseOut))
    residents = fields.Nested(ResidentsOut)
    behind = fields.List(fields.Nested(BehindOut))
    next_week = fields.List(fields.Nested(TaskOut))
    distribution = fields.Nested(DistributionOut)
    office = fields.String()
    cases = fields.List(fields.String(), allow_none=True)


class MailOut(kit.Answer):
    """How the mail to one address fares."""

    address = fields.String()
    state = fields.Enum(DeliveryState, by_value=True)
    why = fields.String(allow_none=True)
    sent_at = kit.Moment(allow_none=True)


class WeeklyOneOut(WeeklyOut):
    """One report with the office's words. `written` names those that the office has written itself; `cases` are the
    issues that may be chosen as typical."""

    words = fields.Nested(WordsOut, allow_none=True)
    written = fields.List(fields.String())
    words_version = fields.Integer()
    words_at = kit.Moment(allow_none=True)
    words_by = fields.String(allow_none=True)
    mails = fields.List(fields.Nested(MailOut))


class Email(kit.Code):
    """An e-mail address, in small letters: one address is one recipient."""

    def _clean(self, value: str) -> str:
        return str(_is_email(super()._clean(value))).lower()


class RecipientIn(kit.Schema):
    name = kit.Line(load_default="", limit=100)
    email = Email(required=True, limit=254, empty=False)


class RecipientsIn(kit.Schema):
    """Whom the reports are mailed to; it replaces the list."""

    recipients = fields.List(fields.Nested(RecipientIn), required=True, validate=validate.Length(max=200))


class RecipientOut(kit.Answer):
    name = fields.String()
    email = fields.String()


class RecipientsOut(kit.Answer):
    district = fields.String(allow_none=True)
    recipients = fields.List(fields.Nested(RecipientOut))


class RecipientsQuery(kit.Query):
    district = kit.Code(load_default=None, limit=20)
