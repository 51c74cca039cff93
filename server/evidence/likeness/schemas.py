"""What likeness looks like on the wire."""

from __future__ import annotations

from marshmallow import fields

from server.evidence.likeness.rules import Kind, Transform
from server.kit import fields as kit
from server.photos.schemas import LinksOut
from server.reports.schemas import SiteRefOut


class ShownBy(kit.Answer):
    """A report or issue that shows a photo, and that the asker may see."""

    id = kit.Id()
    number = fields.String()


class StandsOut(kit.Answer):
    """Where a photo stands and when it came, as far as the asker may know it."""

    site = fields.Nested(SiteRefOut, allow_none=True)
    reports = fields.List(fields.Nested(ShownBy))
    issues = fields.List(fields.Nested(ShownBy))
    captured_at = kit.Moment(allow_none=True, metadata={"description": "as the phone said"})
    received_at = kit.Moment()


class LikeOut(StandsOut):
    """A photo that is like the one asked about."""

    photo = kit.Id()
    kind = fields.Enum(Kind, by_value=True, metadata={
        "description": "same-bytes and near-copy are flagged; same-view is the same item from the same spot on another day"
    })
    transform = fields.Enum(Transform, by_value=True)
    distance = fields.Integer(metadata={"description": "bits of 128 by which the prints differ"})
    likeness_percent = fields.Integer(metadata={"description": "how well the two correlate, laid upon each other"})
    drift = fields.Float(metadata={"description": "pixels of 192 by which parts lie beside their place"})
    light_percent = fields.Float(allow_none=True, metadata={
        "description": "of its brightness by which the light over it differs; null where it was found before this was looked at"
    })
    came_later = fields.Boolean(metadata={"description": "whether it came after the photo asked about, and has the flag"})
    links = fields.Nested(LinksOut)


class LikenessOut(kit.Answer):
    """What is like a photo, the flagged first."""

    own = fields.Nested(StandsOut, metadata={"description": "of the photo asked about"})
    looked = fields.Boolean(metadata={"description": "whether the search was made; it is some seconds after the photo came"})
    found = fields.List(fields.Nested(LikeOut))
    hidden = fields.Integer(metadata={"description": "more of them that the asker may not see"})
