"""A photo of a report on the wire: of what it was made smaller, and how it is given back."""

from __future__ import annotations

from marshmallow import fields, validate

from server.kit import fields as kit
from server.reports.drawing import MarkOut

# two rules instead of an end of string, which Python and JSON Schema write differently
_HEX = "须为64位十六进制 / must be 64 hexadecimal digits"
SHA256 = [validate.Regexp(r"^[0-9a-fA-F]{64}", error=_HEX), validate.Length(max=64, error=_HEX)]


class OriginalIn(kit.Schema):
    """What was photographed, where the phone made the photo smaller before it sent it: width and height upright."""

    sha256 = fields.String(required=True, validate=SHA256)
    size = kit.Whole(required=True, low=1, high=2**40)
    media_type = kit.Raw(load_default=None, allow_none=True, limit=100)
    width = kit.Whole(required=True, low=1, high=10**6)
    height = kit.Whole(required=True, low=1, high=10**6)


class OriginalOut(kit.Answer):
    sha256 = fields.String()
    size = fields.Integer()
    media_type = fields.String(allow_none=True)
    width = fields.Integer()
    height = fields.Integer()


class GalleryOut(kit.Answer):
    """A photo of the newest revision, as the report says it and as it stands here."""

    id = kit.Id()
    sha256 = fields.String()
    state = fields.String()
    item = fields.String(allow_none=True)
    caption = fields.String(allow_none=True)
    captured_at = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    marks = fields.List(fields.Nested(MarkOut))
    original = fields.Nested(OriginalOut, allow_none=True, metadata={"description": "null: these are its very bytes"})
    links = fields.Dict(keys=fields.String(), values=fields.String())
