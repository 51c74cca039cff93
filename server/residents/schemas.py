"""The residents' word on the wire, for the desk and the inspector."""

from __future__ import annotations

from marshmallow import fields

from server.issues.rules import ResidentsAnswer
from server.kit import fields as kit


class ResidentsWordOut(kit.Answer):
    """One question and what was answered. Comment and photo are deleted after the days that the programme has set."""

    id = kit.Id()
    round = fields.Integer()
    asked_at = kit.Moment()
    expires_at = kit.Moment()
    answer = fields.Enum(ResidentsAnswer, by_value=True, allow_none=True)
    answered_at = kit.Moment(allow_none=True)
    comment = fields.String(allow_none=True)
    photo = fields.String(allow_none=True, metadata={"description": "signed address of the photo"})
    erased_at = kit.Moment(allow_none=True)


class ResidentsOut(kit.Answer):
    """What residents were asked about an issue, and what they said; the link to be handed out while one holds."""

    asked = fields.Boolean(metadata={"description": "whether this programme asks its residents"})
    link = fields.String(allow_none=True, metadata={"description": "to be handed to residents, never to the firm"})
    qr = fields.String(allow_none=True, metadata={"description": "signed address of the link as a QR code (SVG)"})
    expires_at = kit.Moment(allow_none=True)
    words = fields.List(fields.Nested(ResidentsWordOut), metadata={"description": "the newest first"})
