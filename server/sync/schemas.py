"""What a phone's sync looks like on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from server.checklists.schemas import LimitShape
from server.issues.schemas import IssueOut
from server.kit import fields as kit
from server.programme.schemas import SiteOut
from server.reports.schemas import ReportOut


class SyncQuery(kit.Query):
    cursor = fields.String(load_default=None, validate=validate.Length(max=1000))


class PulledSiteOut(SiteOut):
    """A site, with the limits that its design or a local rule sets, by item code; inclusive."""

    limits = fields.Dict(keys=fields.String(), values=fields.Nested(LimitShape))

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return super().get_attribute(obj if attr == "limits" else obj.site, attr, default)


class GoneOut(kit.Answer):
    """Something that this person sees no more."""

    kind = fields.String(metadata={"description": "site | issue"})
    id = fields.String()


class SyncOut(kit.Answer):
    """What changed for this person, or everything where `full` is true."""

    cursor = fields.String(metadata={"description": "to send next time, once this answer is kept"})
    full = fields.Boolean(metadata={"description": (
        "true: this is all that the person may see now, and replaces everything pulled before; what is not in it is gone. "
        "false: put this over what is there, by id"
    )})
    more = fields.Boolean(metadata={"description": "true: ask again at once"})
    sites = fields.List(fields.Nested(PulledSiteOut))
    checklists = fields.List(fields.Dict())
    reports = fields.List(fields.Nested(ReportOut))
    issues = fields.List(fields.Nested(IssueOut))
    gone = fields.List(fields.Nested(GoneOut), metadata={"description": (
        "what to drop: sites taken away, and their issues but for those of own reports; always empty where `full`"
    )})
