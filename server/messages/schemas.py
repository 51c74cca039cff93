"""What the inbox looks like on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from server.kit import fields as kit


class InboxQuery(kit.Listing):
    unread = fields.Boolean(load_default=None, metadata={"description": "true: only what was not read yet"})


class MessageOut(kit.Answer):
    """A message, in the language of the asker."""

    id = kit.Id()
    kind = fields.String()
    title = fields.String()
    text = fields.String()
    facts: Any = fields.Dict(keys=fields.String())
    created_at = kit.Moment()
    read_at = kit.Moment(allow_none=True)
