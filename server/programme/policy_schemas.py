"""What the policy looks like on the wire, and what may be set."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from server.kit import fields as kit
from server.kit.severity import Severity
from server.programme.calendar_rules import DayKind
from server.programme.policy_rules import DOCUMENTS
from server.programme.schemas import PersonRefOut

MOST_STEPS = 5


def _days(low: int, high: int) -> kit.Whole:
    return kit.Whole(low=low, high=high, allow_none=True)


def _switch() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, allow_none=True)


def _steps(value: list[int]) -> None:
    if value != sorted(set(value)):
        raise ValidationError("须由小到大且不重复 / must rise, each number once")


class Prefix(kit.Line):
    """What stands before the year of a document's number."""

    def _clean(self, value: str) -> str:
        prefix = super()._clean(value)
        if any(mark in prefix for mark in "〔〕[]()（）"):
            raise ValidationError("年份括号自动添加，此处不填 / the brackets of the year are added by themselves")
        return prefix


DueDaysIn = kit.Schema.from_dict({one.value: _days(0, 365) for one in Severity}, name="DueDaysIn")
PrefixesIn = kit.Schema.from_dict(
    {kind: Prefix(limit=20, allow_none=True) for kind in DOCUMENTS}, name="NumberPrefixesIn"
)
DueDaysOut = kit.Answer.from_dict({one.value: fields.Integer() for one in Severity}, name="DueDaysOut")
PrefixesOut = kit.Answer.from_dict({kind: fields.String() for kind in DOCUMENTS}, name="NumberPrefixesOut")


class PolicyPatchIn(kit.Schema):
    """What is to be set; what is left out stays, null gives a setting back to the installation's default. With
    `version`, refused where somebody else was quicker."""

    version = kit.Whole(low=0, allow_none=True)
    due_days = fields.Nested(DueDaysIn, allow_none=True)
    due_day_kind = fields.Enum(DayKind, by_value=True, allow_none=True)
    stop_work_on_critical = _switch()
    escalation_days = fields.List(
        kit.Whole(low=1, high=365), allow_none=True, validate=[validate.Length(max=MOST_STEPS), _steps]
    )
    remind_due_tomorrow = _switch()
    recurrence_days = _days(1, 3650)
    follow_up_percent = _days(0, 100)
    follow_up_days = _days(1, 90)
    residents_asked = _switch()
    residents_link_days = _days(1, 90)
    residents_keep_days = _days(1, 3650)
    after_photo_extra_m = _days(0, 10_000)
    stale_days = _days(1, 365)
    number_prefixes = fields.Nested(PrefixesIn, allow_none=True)
    issuing_office = kit.Line(limit=60, allow_none=True)
    signer = kit.Line(limit=60, allow_none=True)
    copies_to = kit.Line(limit=200, allow_none=True)


class PolicyValuesOut(kit.Answer):
    """Every setting with the value that holds."""

    due_days = fields.Nested(DueDaysOut, metadata={"description": "days to put right, by severity; 0 is the same day"})
    due_day_kind = fields.Enum(DayKind, by_value=True, metadata={"description": "what `due_days` are counted in"})
    stop_work_on_critical = fields.Boolean()
    escalation_days = fields.List(fields.Integer(), metadata={"description": (
        "days late at which an issue is brought to the next desk, rising"
    )})
    remind_due_tomorrow = fields.Boolean()
    recurrence_days = fields.Integer()
    follow_up_percent = fields.Integer()
    follow_up_days = fields.Integer()
    residents_asked = fields.Boolean()
    residents_link_days = fields.Integer()
    residents_keep_days = fields.Integer()
    after_photo_extra_m = fields.Integer(metadata={"description": "metres beyond the site's fence"})
    stale_days = fields.Integer()
    number_prefixes = fields.Nested(PrefixesOut, metadata={"description": (
        "by kind of document: 并建督改 makes 并建督改〔2026〕12号, empty 〔2026〕12号"
    )})
    issuing_office = fields.String()
    signer = fields.String()
    copies_to = fields.String()


class PolicyOut(PolicyValuesOut):
    """The policy that holds, with its version and who set it last."""

    version = fields.Integer(metadata={"description": "0 while nobody has set anything"})
    updated_at = kit.Moment(allow_none=True)
    updated_by = fields.Nested(PersonRefOut, allow_none=True)
    set = fields.List(fields.String(), metadata={"description": (
        "paths of the settings that the office made its own, such as `due_days.minor`; all others are the defaults"
    )})
    defaults = fields.Nested(PolicyValuesOut)
    calendar_missing_for = fields.List(fields.Integer(), metadata={"description": (
        "years that working days are counted in and whose arrangement of days off is not here: there weekdays alone "
        "count; empty while natural days are in use"
    )})

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        present = obj["present"]
        if attr == "calendar_missing_for":
            return obj[attr]
        return getattr(present if hasattr(present, attr) else present.policy, attr, default)


class PolicyChangeOut(kit.Answer):
    """One setting that somebody changed. `by` is null where a command line did."""

    id = fields.Integer(attribute="change.id")
    version = fields.Integer(attribute="change.version")
    at = kit.Moment(attribute="change.at")
    by = fields.Nested(PersonRefOut, allow_none=True)
    field = fields.String(attribute="change.field")
    before = fields.Raw(attribute="change.before.value", allow_none=True)
    after = fields.Raw(attribute="change.after.value", allow_none=True)


PolicyChangesOut = kit.listing(PolicyChangeOut, "PolicyChanges")
