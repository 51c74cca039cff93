"""What sign-in looks like on the wire."""

from __future__ import annotations

from marshmallow import fields

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


class TokensOut(kit.Answer):
    access_token = fields.String()
    refresh_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()
    user = fields.Nested(UserOut)
