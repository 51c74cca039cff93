"""What an issue looks like on the wire, and what may be said of one."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from server.documents.rules import Kind
from server.issues.rules import (
    EntryKind,
    EntryState,
    Extended,
    IssueState,
    Move,
    Objected,
    Order,
    ResidentsAnswer,
    Result,
    Source,
)
from server.kit import fields as kit
from server.kit.severity import Severity
from server.photos.schemas import FlagOut
from server.reports.drawing import MarkOut
from server.reports.schemas import ChecklistRefOut, PersonRefOut, SiteRefOut


class IssuePhotoOut(kit.Answer):
    id = kit.Id()
    captured_at = kit.Moment(allow_none=True)
    caption = fields.String(allow_none=True)
    marks = fields.List(fields.Nested(MarkOut))
    links = fields.Dict(keys=fields.String(), values=fields.String())


class IssuePhotosOut(kit.Answer):
    before = fields.List(fields.Nested(IssuePhotoOut))
    after = fields.List(fields.Nested(IssuePhotoOut))


class PairOut(kit.Answer):
    """A before-photo and the after-photo of the same spot."""

    round = fields.Integer()
    before = kit.Id(allow_none=True)
    after = kit.Id()


class IssueStepOut(kit.Answer):
    at = kit.Moment()
    verb = fields.String()
    by = fields.Nested(PersonRefOut, allow_none=True)
    round = fields.Integer()
    from_state = fields.String(allow_none=True)
    to_state = fields.String(allow_none=True)
    facts = fields.Dict(keys=fields.String())


class IssueReplyOut(kit.Answer):
    id = kit.Id()
    round = fields.Integer()
    state = fields.Enum(EntryState, by_value=True)
    by = fields.Nested(PersonRefOut)
    received_at = kit.Moment()
    cause = fields.String(allow_none=True)
    measure = fields.String()
    prevention = fields.String(allow_none=True)
    responsible_person = fields.String(allow_none=True)
    done_at = kit.Moment()


class DoubtOut(kit.Answer):
    """What stands against an after-photo."""

    code = fields.String()
    photo = kit.Id()
    numbers = fields.Dict(keys=fields.String(), values=fields.Integer())


class VerdictOut(kit.Answer):
    """A verification (复查) or a follow-up (回头看)."""

    id = kit.Id()
    kind = fields.Enum(EntryKind, by_value=True)
    round = fields.Integer()
    state = fields.Enum(EntryState, by_value=True)
    by = fields.Nested(PersonRefOut)
    received_at = kit.Moment()
    result = fields.Enum(Result, by_value=True)
    comment = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    doubts = fields.List(fields.Nested(DoubtOut))
    due_on = fields.Date(allow_none=True)


class ExtensionOut(kit.Answer):
    id = kit.Id()
    round = fields.Integer()
    reason = fields.String()
    due_on = fields.Date(metadata={"description": "as asked for"})
    by = fields.Nested(PersonRefOut)
    at = kit.Moment()
    result = fields.Enum(Extended, by_value=True, allow_none=True)
    granted_due_on = fields.Date(allow_none=True)
    comment = fields.String(allow_none=True)
    settled_by = fields.Nested(PersonRefOut, allow_none=True)
    settled_at = kit.Moment(allow_none=True)


class ObjectionOut(kit.Answer):
    """Of the firm that is responsible now."""

    reason = fields.String()
    by = fields.Nested(PersonRefOut)
    at = kit.Moment()
    result = fields.Enum(Objected, by_value=True, allow_none=True)
    comment = fields.String(allow_none=True)
    settled_by = fields.Nested(PersonRefOut, allow_none=True)
    settled_at = kit.Moment(allow_none=True)


class IssueFollowUpOut(kit.Answer):
    id = kit.Id()
    week = fields.String(metadata={"description": "2026-W47: the week whose closed issues were sampled"})
    due_on = fields.Date()
    result = fields.Enum(Result, by_value=True, allow_none=True)


class IssueResidentsOut(kit.Answer):
    """The residents' word: whether and how it was answered. The words themselves: `/issues/{issue_id}/residents`."""

    asked_at = kit.Moment()
    answer = fields.Enum(ResidentsAnswer, by_value=True, allow_none=True)
    answered_at = kit.Moment(allow_none=True)


class IssuePaperOut(kit.Answer):
    id = kit.Id()
    kind = fields.Enum(Kind, by_value=True)
    number = fields.String()
    round = fields.Integer()
    issued_at = kit.Moment()
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "docx and pdf, signed"})


class IssueOut(kit.Answer):
    """Something that must be rectified: a failed item of a report, or what was entered by hand."""

    id = kit.Id()
    number = fields.String()
    state = fields.Enum(IssueState, by_value=True)
    source = fields.Enum(Source, by_value=True)
    site = fields.Nested(SiteRefOut)
    report_id = kit.Id(allow_none=True)
    item = fields.String(allow_none=True)
    checklist = fields.Nested(ChecklistRefOut, allow_none=True)
    severity = fields.Enum(Severity, by_value=True)
    description = fields.String()
    due_on = fields.Date()
    first_due_on = fields.Date()
    overdue = fields.Boolean()
    days_left = fields.Integer(allow_none=True, metadata={"description": "negative: days late; null once ended"})
    contractor = fields.Nested(PersonRefOut, allow_none=True)
    recurrence_of = kit.Id(allow_none=True)
    recurrence_count = fields.Integer(metadata={"description": "how many earlier ones of the same item and site"})
    round = fields.Integer(metadata={"description": "grows with each failed verification and each reopening"})
    fixed_on_spot = fields.Boolean()
    stop_work = fields.Boolean()
    false_closures = fields.Integer()
    created_at = kit.Moment()
    issued_at = kit.Moment(allow_none=True)
    closed_at = kit.Moment(allow_none=True)
    photos = fields.Nested(IssuePhotosOut)
    photos_awaited = fields.Integer(metadata={
        "description": "before-photos that were named when it was entered by hand and are still to come"
    })
    pairs = fields.List(fields.Nested(PairOut))
    replies = fields.List(fields.Nested(IssueReplyOut))
    verifications = fields.List(fields.Nested(VerdictOut))
    extensions = fields.List(fields.Nested(ExtensionOut))
    objection = fields.Nested(ObjectionOut, allow_none=True)
    follow_up = fields.Nested(IssueFollowUpOut, allow_none=True)
    residents = fields.Nested(IssueResidentsOut, allow_none=True)
    documents = fields.List(fields.Nested(IssuePaperOut))
    moves = fields.List(
        fields.Enum(Move, by_value=True), metadata={"description": "what the asker may do with it now"}
    )
    history = fields.List(fields.Nested(IssueStepOut))


class WholeIssueOut(IssueOut):
    """An issue on its own page."""

    flags = fields.List(fields.Nested(FlagOut), metadata={
        "description": "those on its after-photos; the firm is told those on its own",
    })


class States(fields.Field[list[IssueState]]):
    """One state, or several with commas between."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[IssueState]:
        found = []
        for name in str(value).split(","):
            if name not in set(IssueState):
                raise ValidationError(f"{name[:40]}: 须为 / must be one of: {', '.join(IssueState)}")
            found.append(IssueState(name))
        return found


class IssueFilter(kit.Query):
    """What lists and the register are narrowed to."""

    state = States(load_default=None, metadata={"description": "one state, or several with commas between"})
    district = fields.String(load_default=None)
    site = kit.Id(load_default=None)
    severity = fields.Enum(Severity, by_value=True, load_default=None)
    overdue = fields.Boolean(load_default=None)
    contractor = kit.Id(load_default=None)
    due_to = fields.Date(load_default=None, metadata={"description": "due on this day or before"})
    move = fields.Enum(Move, by_value=True, load_default=None, metadata={"description": "with which you may do this now"})
    q = fields.String(
        load_default=None, validate=validate.Length(max=100),
        metadata={"description": "a part of the number, the description or the site"},
    )


class IssueQuery(kit.Listing, IssueFilter):
    order = fields.Enum(Order, by_value=True, load_default=Order.NEWEST)


class IssueCountsOut(kit.Answer):
    """How many issues one sees, by state, and what one may do with how many."""

    states = fields.Dict(keys=fields.Enum(IssueState, by_value=True), values=fields.Integer())
    overdue = fields.Integer()
    moves = fields.Dict(
        keys=fields.Enum(Move, by_value=True), values=fields.Integer(),
        metadata={"description": "with how many that are not ended you may do this now; closed ones are not counted"},
    )


class FollowUpQuery(kit.Listing):
    week = fields.String(load_default=None, metadata={"description": "2026-W47"})
    open = fields.Boolean(load_default=None, metadata={"description": "true: only those that wait"})


class FollowUpOut(IssueFollowUpOut):
    """One closed issue that was drawn for a later look."""

    drawn_at = kit.Moment()
    issue = fields.Nested(IssueOut)
