"""What an issue looks like on the wire."""

from __future__ import annotations

from marshmallow import fields

from server.issues.rules import IssueState
from server.kit import fields as kit
from server.kit.severity import Severity
from server.reports.schemas import ChecklistRefOut, PersonRefOut, SiteRefOut


class IssuePhotoOut(kit.Answer):
    id = kit.Id()
    links = fields.Dict(keys=fields.String(), values=fields.String())


class IssuePhotosOut(kit.Answer):
    before = fields.List(fields.Nested(IssuePhotoOut))
    after = fields.List(fields.Nested(IssuePhotoOut))


class IssueStepOut(kit.Answer):
    at = kit.Moment()
    verb = fields.String()
    by = fields.Nested(PersonRefOut, allow_none=True)
    from_state = fields.String(allow_none=True)
    to_state = fields.String(allow_none=True)
    facts = fields.Dict(keys=fields.String())


class IssueOut(kit.Answer):
    """A failed item that must be rectified."""

    id = kit.Id()
    number = fields.String()
    state = fields.Enum(IssueState, by_value=True)
    site = fields.Nested(SiteRefOut)
    report_id = kit.Id()
    item = fields.String()
    checklist = fields.Nested(ChecklistRefOut)
    severity = fields.Enum(Severity, by_value=True)
    description = fields.String()
    due_on = fields.Date()
    first_due_on = fields.Date()
    overdue = fields.Boolean()
    contractor = fields.Nested(PersonRefOut, allow_none=True)
    recurrence_of = kit.Id(allow_none=True)
    created_at = kit.Moment()
    photos = fields.Nested(IssuePhotosOut)
    history = fields.List(fields.Nested(IssueStepOut))


class IssueQuery(kit.Listing):
    state = fields.Enum(IssueState, by_value=True, load_default=None)
    district = fields.String(load_default=None)
    site = kit.Id(load_default=None)
    severity = fields.Enum(Severity, by_value=True, load_default=None)
    overdue = fields.Boolean(load_default=None)
    contractor = kit.Id(load_default=None)
