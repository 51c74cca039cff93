"""What webhooks and their deliveries look like on the wire. Addresses of robots and secrets go in, never out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from server.kit import fields as kit
from server.messages import rules
from server.messages.rules import Channel, DeliveryState, Preset

TWICE = "有重复 / given twice"
NOT_ONE_WORD = "不能含有空白或控制字符 / must hold no white space or control characters"


class Word(kit.Raw):
    """An address or secret as it was copied: white space around it goes, within it is refused."""

    def _clean(self, value: str) -> str:
        word = value.strip()
        if any(sign <= " " or sign == "\x7f" for sign in word):
            raise ValidationError(NOT_ONE_WORD)
        return word


def _no_repeats(values: list[Any]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError(TWICE)


def _kinds(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=validate.OneOf(rules.OUTSIDE)), validate=[validate.Length(0, 100), _no_repeats],
        metadata={"description": "kinds of messages that it is told of; none: all"}, **kwargs,
    )


def _districts(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        kit.Code(limit=12, empty=False), validate=[validate.Length(0, 100), _no_repeats],
        metadata={"description": "districts whose messages it is told of; none: all, and what concerns no district"},
        **kwargs,
    )


class WebhookIn(kit.Schema):
    """An address outside that is to be told. `standard` needs a secret (whsec_ and the base64 of 24 to 64 random bytes),
    `dingtalk` may have one (SEC…), `wecom` has none."""

    name = kit.Line(required=True, limit=100, empty=False)
    url = Word(required=True, limit=2000, empty=False)
    preset = fields.Enum(Preset, by_value=True, required=True)
    secret = Word(load_default=None, allow_none=True, limit=200, empty=False)
    kinds = _kinds(load_default=list)
    districts = _districts(load_default=list)
    enabled = fields.Boolean(load_default=True, truthy={True}, falsy={False})


class WebhookPatch(kit.Schema):
    """What may be changed; a field that is not sent stays, the secret too. `secret: null` takes it away."""

    name = kit.Line(limit=100, empty=False)
    url = Word(limit=2000, empty=False)
    preset = fields.Enum(Preset, by_value=True)
    secret = Word(allow_none=True, limit=200, empty=False)
    kinds = _kinds()
    districts = _districts()
    enabled = fields.Boolean(truthy={True}, falsy={False})


class WebhookOut(kit.Answer):
    """A webhook. `url` is shown without the values of its query, `secret` never; `trouble` is why the last try failed."""

    id = kit.Id()
    name = fields.String()
    url = fields.String()
    preset = fields.Enum(Preset, by_value=True)
    has_secret = fields.Boolean()
    kinds = fields.List(fields.String())
    districts = fields.List(fields.String())
    enabled = fields.Boolean()
    trouble = fields.String(allow_none=True)
    created_at = kit.Moment()


class DeliveriesQuery(kit.Listing):
    state = fields.Enum(DeliveryState, by_value=True, load_default=None)


class AllDeliveriesQuery(DeliveriesQuery):
    channel = fields.Enum(Channel, by_value=True, load_default=None)


class DeliveryOut(kit.Answer):
    """What went, goes or did not go out. `repeats` counts tries whose outcome nobody knows: it may have come so often
    more, under the same webhook-id."""

    id = kit.Id()
    channel = fields.Enum(Channel, by_value=True)
    kind = fields.String()
    key = fields.String()
    district = fields.String(allow_none=True, attribute="district_code")
    state = fields.Enum(DeliveryState, by_value=True)
    attempts = fields.Integer()
    repeats = fields.Integer()
    why = fields.String(allow_none=True)
    created_at = kit.Moment()
    tried_at = kit.Moment(allow_none=True)
    again_at = kit.Moment(allow_none=True, metadata={"description": "when it was last sent again after it was given up"})
    sent_at = kit.Moment(allow_none=True)
    to = fields.String(allow_none=True, metadata={"description": "the webhook's or the person's name"})
