"""What sign-in looks like on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_dump

from server.kit import fields as kit


class DeviceIn(kit.Schema):
    id = kit.Line(required=True, limit=200, empty=False)
    name = kit.Line(load_default=None, allow_none=True, limit=200)


class LoginIn(kit.Schema):
    username = kit.Text(required=True, limit=200)
    password = kit.Raw(required=True, limit=1000)
    device = fields.Nested(DeviceIn, load_default=None, allow_none=True)


class FirstPasswordIn(kit.Schema):
    """A one-time code and the password to set with it."""

    code = kit.Text(required=True, limit=100)
    new_password = kit.Raw(required=True, limit=1000)


class NewPasswordIn(kit.Schema):
    old_password = kit.Raw(required=True, limit=1000)
    new_password = kit.Raw(required=True, limit=1000)


class OrganisationOut(kit.Answer):
    id = kit.Id()
    name = fields.String()
    kind = fields.String()
    credit_code = fields.String(allow_none=True)


class UserOut(kit.Answer):
    """A person as they see themselves."""

    id = kit.Id()
    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String(), attribute="role_names")
    districts = fields.List(fields.String(), attribute="district_codes")
    organisation = fields.Nested(OrganisationOut, allow_none=True)


class MeOut(UserOut):
    """The same, and once more under the name by which a sign-in gives it."""

    user = fields.Nested(UserOut)

    @post_dump
    def _as_at_sign_in(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "user": dict(data)}


class TokensOut(kit.Answer):
    access_token = fields.String()
    refresh_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()
    user = fields.Nested(UserOut)
