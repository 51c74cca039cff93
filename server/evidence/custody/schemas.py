"""Custody on the wire: a photo's chain, and what an evidence package will hold."""

from __future__ import annotations

from marshmallow import fields, validate

from server.kit import fields as kit
from server.reports.schemas import PersonRefOut


class CustodyStepOut(kit.Answer):
    """One step of a chain. `at` is the server's clock, `phone_at` the phone's."""

    kind = fields.String(metadata={
        "enum": [
            "named", "refused", "received", "stored", "opened", "weekly", "export", "package", "checked", "openings_removed",
            "removed",
        ],
        "description": "named: a phone said what the bytes hash to; received: its first byte; "
        "stored: whole, verified and durable; opened, or handed on in a weekly report, an export or an evidence package; "
        "checked: hashed again; removed: the original, openings_removed: the list of who opened it, by the rule of "
        "retention",
    })
    at = kit.Moment()
    phone_at = kit.Moment(allow_none=True)
    last_at = kit.Moment(allow_none=True, metadata={"description": "opened again until then, without a longer pause"})
    by = fields.Nested(PersonRefOut, allow_none=True)
    by_other = fields.Boolean(metadata={"description": "somebody else, whose name the desk alone sees"})
    sha256 = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    same = fields.Boolean(allow_none=True, metadata={"description": "whether these are the bytes that are kept now"})
    of = fields.String(allow_none=True, metadata={
        "description": "what it went out with, why it was refused, what was found wrong, or the days of the rule that "
        "removed it",
    })
    number = fields.String(allow_none=True, metadata={"description": "of the report or issue that named it"})
    revision = fields.Integer(allow_none=True)
    event = fields.Integer(allow_none=True, metadata={
        "description": "the line of the audit trail; openings are written there minutes later",
    })


class ChainOut(kit.Answer):
    id = kit.Id()
    sha256 = fields.String()
    size = fields.Integer()
    steps = fields.List(fields.Nested(CustodyStepOut))


class PackageQuery(kit.Query):
    lang = fields.String(load_default=None, validate=validate.OneOf(["zh", "en"]), metadata={
        "description": "language of the flags' sentences; otherwise that of Accept-Language",
    })


class PackageOut(kit.Answer):
    """What an evidence package will hold, before it is fetched."""

    photos = fields.Integer(metadata={"description": "originals that are here"})
    removed = fields.Integer(metadata={"description": "originals that the rule of retention has removed: named, not packed"})
    size = fields.Integer(metadata={"description": "bytes of these originals"})
    fingerprint = fields.String(metadata={"description": "SHA-256 of the public key that signs it"})
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={
        "description": "`file`: the ZIP, by a link that a browser may follow by itself",
    })
