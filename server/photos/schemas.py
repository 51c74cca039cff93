"""What a photo looks like on the wire."""

from __future__ import annotations

from marshmallow import fields

from server.kit import fields as kit
from server.photos.models import Renditions
from server.photos.redaction_schemas import RedactionOut


class FlagOut(kit.Answer):
    """A fact that tells a reviewer where to look."""

    id = kit.Id()
    code = fields.String()
    title = fields.String()
    detail = fields.String()
    numbers = fields.Dict(keys=fields.String(), metadata={"description": "what it rests on; which, the code says"})
    object_kind = fields.String(metadata={"enum": ["photo", "report"]})
    object_id = kit.Id()
    raised_at = kit.Moment()
    settled_by = kit.Id(allow_none=True)
    settled_by_name = fields.String(allow_none=True)
    settled_at = kit.Moment(allow_none=True)
    settled_reason = fields.String(allow_none=True)
    answer = fields.String(allow_none=True, metadata={"description": "what the inspector says to it"})
    answered_by_name = fields.String(allow_none=True)
    answered_at = kit.Moment(allow_none=True)


class LinksOut(kit.Answer):
    """Addresses that a browser may fetch by itself for a while."""

    original = fields.String(metadata={"description": "left out where one may not have it"})
    preview = fields.String()
    thumb = fields.String()
    stamped = fields.String()


class ExifOut(kit.Answer):
    """What the photo says of itself. `taken_at` is the camera's clock: with an offset only where the photo has one."""

    taken_at = fields.String(allow_none=True)
    gps_at = fields.String(allow_none=True)
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    altitude_m = fields.Float(allow_none=True)
    gps_error_m = fields.Float(allow_none=True)
    orientation = fields.Integer(allow_none=True)
    make = fields.String(allow_none=True)
    model = fields.String(allow_none=True)
    software = fields.String(allow_none=True)
    problems = fields.List(fields.String())


class RemovedOut(kit.Answer):
    """When the rule of retention removed an original, and by which: so many days after all was decided."""

    at = kit.Moment()
    days = fields.Integer()


class PhotoOut(kit.Answer):
    """The facts of one photo; `exif` is null until they are read, and where there is none."""

    id = kit.Id()
    sha256 = fields.String()
    size = fields.Integer(metadata={"description": "bytes"})
    media_type = fields.String()
    width = fields.Integer(allow_none=True, metadata={"description": "pixels; upright once `renditions` is not pending"})
    height = fields.Integer(allow_none=True, metadata={"description": "pixels; upright once `renditions` is not pending"})
    filename = fields.String(allow_none=True)
    received_at = kit.Moment()
    unreadable = fields.Boolean()
    renditions = fields.Enum(Renditions, by_value=True)
    renditions_why = fields.String(allow_none=True)
    exif = fields.Nested(ExifOut, allow_none=True)
    flags = fields.List(fields.Nested(FlagOut))
    cover = fields.String(allow_none=True, metadata={"description": "names the boxes that cover its renditions now"})
    may_redact = fields.Boolean(metadata={"description": "whether you may lay boxes over it and lift them"})
    redactions = fields.List(fields.Nested(RedactionOut), metadata={
        "description": "lifted ones too, oldest first; for the desk, empty for others",
    })
    removed = fields.Nested(RemovedOut, allow_none=True, metadata={
        "description": "the original is not kept any more; facts and renditions are",
    })
    links = fields.Nested(LinksOut)
