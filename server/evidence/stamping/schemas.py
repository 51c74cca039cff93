"""What may be asked of a stamped copy."""

from __future__ import annotations

from marshmallow import fields, validate

from server.kit import fields as kit


class StampQuery(kit.Query):
    """The language of its words."""

    lang = fields.String(load_default=None, validate=validate.OneOf(["zh", "en"]), metadata={
        "description": "language of the words on it; otherwise that of Accept-Language",
    })
    cover = fields.String(load_default=None, metadata={
        "description": "not looked at: what stands in `cover` of the photo makes the address another one for browsers",
    })
