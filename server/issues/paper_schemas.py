"""What numbered papers look like on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from server.documents.rules import Kind
from server.issues.paper_queries import LISTS
from server.issues.schemas import IssueFilter
from server.kit import fields as kit
from server.reports.schemas import PersonRefOut, SiteRefOut

MOST_OF_A_LIST = 300


class SpokenFileQuery(kit.Query):
    lang = fields.String(
        load_default=None, validate=validate.OneOf(["zh", "en"]),
        metadata={"description": "zh or en; as Accept-Language says unless told"},
    )


class RegisterQuery(IssueFilter, SpokenFileQuery):
    pass


class DocumentQuery(kit.Listing):
    kind = fields.Enum(Kind, by_value=True, load_default=None)
    site = kit.Id(load_default=None)
    year = kit.QueryInt(low=2000, high=2999, load_default=None)


class DocumentOut(kit.Answer):
    """A numbered paper, as it stood when it was issued."""

    id = kit.Id()
    kind = fields.Enum(Kind, by_value=True)
    number = fields.String()
    year = fields.Integer()
    serial = fields.Integer()
    site = fields.Nested(SiteRefOut, allow_none=True, metadata={"description": "null for a list over several sites"})
    district = fields.String(metadata={"description": "code of the district"})
    to = fields.String(allow_none=True)
    issue_ids = fields.List(kit.Id(), metadata={"description": "of its issues those that you may see"})
    issued_by = fields.Nested(PersonRefOut, allow_none=True)
    issued_at = kit.Moment()
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "docx and pdf, signed"})


class DistrictListIn(kit.Schema):
    """A hand-over list (交办单) or an escalation letter (督办函) over issues of one district."""

    id = kit.Id(load_default=None, allow_none=True, metadata={"description": "made by the client: asked again, one paper"})
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in LISTS]))
    issue_ids = fields.List(kit.Id(), required=True, validate=validate.Length(min=1, max=MOST_OF_A_LIST))
    to = kit.Line(load_default=None, allow_none=True, limit=200)
    note = kit.Text(load_default=None, allow_none=True, limit=2000)
    copies_to = kit.Line(load_default=None, allow_none=True, limit=500)
    due_on = fields.Date(load_default=None, allow_none=True)
