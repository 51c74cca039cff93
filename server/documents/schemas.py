"""What documents and their templates look like on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from server.documents.rules import TemplateKind
from server.kit import fields as kit


class SpokenQuery(kit.Query):
    """In which of the two languages."""

    lang = fields.String(
        load_default="zh", validate=validate.OneOf(["zh", "en"]), metadata={"description": "zh or en; zh unless told"}
    )


class TemplateQuery(SpokenQuery):
    version = kit.QueryInt(
        low=1, high=1_000_000, load_default=None, metadata={"description": "an earlier version; the one in use unless told"}
    )


class SeenQuery(SpokenQuery):
    """Of which template, and what of it the editor had seen."""

    version = kit.QueryInt(low=0, high=1_000_000, load_default=None, metadata={
        "description": "the newest of its `versions` that you had seen, 0 where there was none: 409 `template-changed`"
        " where somebody else was quicker; left out, what is there is not asked about",
    })


class ChangerOut(kit.Answer):
    id = kit.Id()
    name = fields.String(allow_none=True)


class TemplateVersionOut(kit.Answer):
    version = fields.Integer()
    changed_by = fields.Nested(ChangerOut, allow_none=True)
    changed_at = kit.Moment()
    sha256 = fields.String(allow_none=True, metadata={"description": "null: the default was taken again"})
    size = fields.Integer()


class TemplateOut(kit.Answer):
    """The Word template of one kind of paper in one language."""

    kind = fields.Enum(TemplateKind, by_value=True)
    title = fields.String()
    lang = fields.String()
    version = fields.Integer(allow_none=True, metadata={"description": "null: the default, which comes with the product"})
    versions = fields.List(
        fields.Nested(TemplateVersionOut), metadata={"description": "all that the office did, the newest first"}
    )


class TemplatesOut(kit.Answer):
    items = fields.List(fields.Nested(TemplateOut), required=True)
