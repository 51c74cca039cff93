"""What a phone's sync looks like on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from server.issues.schemas import IssueOut
from server.kit import fields as kit
from server.programme.schemas import SiteOut
from server.reports.schemas import ReportOut


class SyncQuery(kit.Query):
    cursor = fields.String(load_default=None, validate=validate.Length(max=1000))


class GoneOut(kit.Answer):
    kind = fields.String()
    id = fields.String()


class SyncOut(kit.Answer):
    """What changed for this person. `full` tells the phone to replace what it has; `more` to ask again at once."""

    cursor = fields.String()
    full = fields.Boolean()
    more = fields.Boolean()
    sites = fields.List(fields.Nested(SiteOut))
    checklists = fields.List(fields.Dict())
    reports = fields.List(fields.Nested(ReportOut))
    issues = fields.List(fields.Nested(IssueOut))
    gone = fields.List(fields.Nested(GoneOut))
