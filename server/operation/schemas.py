"""What the operation pages take and say."""

from __future__ import annotations

from marshmallow import fields, validate

from server.kit import fields as kit


class PageQuery(kit.Query):
    lang = fields.String(
        load_default=None, validate=validate.OneOf(["zh", "en"]),
        metadata={"description": "`zh` or `en`; else Accept-Language"},
    )


class AliveOut(kit.Answer):
    status = fields.String(required=True)


class ReadyOut(kit.Answer):
    status = fields.String(required=True)
    checks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
