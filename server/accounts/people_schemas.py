"""What people, their devices and organisations look like on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from server.accounts import rules
from server.accounts.schemas import UserOut
from server.kit import fields as kit
from server.kit.actor import Role

BAD_USERNAME = (
    "2至64个字母、汉字、数字或 . _ - @ + / 2 to 64 letters, digits or . _ - @ +, beginning with a letter or digit"
)
BAD_PHONE = "不是有效的手机号或座机号 / neither a mobile nor a landline number"
BAD_EMAIL = "不是有效的电子邮箱 / not an e-mail address"
BAD_CREDIT_CODE = "不是有效的统一社会信用代码 / not a unified social credit code"
TWICE = "有重复 / given twice"

_is_email = validate.Email(error=BAD_EMAIL)


class Username(kit.Code):
    """A user name as compared: NFKC, lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(limit=200, **kwargs)

    def _clean(self, value: str) -> str:
        name = super()._clean(value).lower()
        if not rules.is_username(name):
            raise ValidationError(BAD_USERNAME)
        return name


class _Optional(kit.Code):
    """Something that need not be given; empty text is none."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit, load_default=None, allow_none=True)

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(*args, **kwargs) or None

    def _clean(self, value: str) -> str:
        code = super()._clean(value)
        return self._check(code) if code else ""

    def _check(self, value: str) -> str:
        return value


class Phone(_Optional):
    """A mobile as 11 digits, or a landline."""

    def _check(self, value: str) -> str:
        phone = rules.tidy_phone(value)
        if phone is None:
            raise ValidationError(BAD_PHONE)
        return phone


class Email(_Optional):
    def _check(self, value: str) -> str:
        return str(_is_email(value))


class CreditCode(_Optional):
    """A unified social credit code with its check character."""

    def _check(self, value: str) -> str:
        if not rules.is_credit_code(value.upper()):
            raise ValidationError(BAD_CREDIT_CODE)
        return value.upper()


def _no_repeats(values: list[Any]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError(TWICE)


def _roles(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Enum(Role, by_value=True), validate=[validate.Length(1, len(Role)), _no_repeats], **kwargs
    )


def _districts(**kwargs: Any) -> fields.List[Any]:
    return fields.List(kit.Code(limit=12, empty=False), validate=[validate.Length(0, 100), _no_repeats], **kwargs)


class PersonIn(kit.Schema):
    """A new person. Without `password` the answer holds a one-time code with which they set their own."""

    username = Username(required=True)
    name = kit.Line(required=True, limit=100, empty=False)
    phone = Phone(40)
    email = Email(254)
    roles = _roles(required=True)
    districts = _districts(load_default=list)
    organisation_id = kit.Id(load_default=None, allow_none=True)
    password = kit.Raw(load_default=None, allow_none=True, limit=1000)


class PersonPatch(kit.Schema):
    """What may be changed; a field that is not sent stays. `active: false` ends every sign-in."""

    name = kit.Line(limit=100, empty=False)
    phone = Phone(40)
    email = Email(254)
    roles = _roles()
    districts = _districts()
    organisation_id = kit.Id(allow_none=True)
    active = fields.Boolean(truthy={True}, falsy={False})


class PeopleQuery(kit.Listing):
    q = kit.Text(load_default=None, limit=100, metadata={"description": "user name, name, phone or e-mail"})
    role = fields.Enum(Role, by_value=True, load_default=None)
    district = kit.Code(load_default=None, limit=12)
    active = fields.Boolean(load_default=None)


class PersonOut(UserOut):
    """A person as administrators see them."""

    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    organisation_id = kit.Id(allow_none=True)
    active = fields.Boolean()
    has_password = fields.Boolean()
    created_at = kit.Moment()


class CodeOut(kit.Answer):
    """A one-time code; it is shown this once."""

    code = fields.String()
    expires_at = kit.Moment()


class HiredOut(PersonOut):
    """A new person, with the code to hand over where no password was given."""

    invite = fields.Nested(CodeOut, allow_none=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return super().get_attribute(obj if attr == "invite" else obj.person, attr, default)


class DeviceOut(kit.Answer):
    id = fields.String()
    name = fields.String(allow_none=True)
    first_seen_at = kit.Moment()
    last_seen_at = kit.Moment()
    revoked_at = kit.Moment(allow_none=True)
    signed_in = fields.Boolean()


class DevicesOut(kit.Answer):
    items = fields.List(fields.Nested(DeviceOut), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


class HandoverIn(kit.Schema):
    to = kit.Id(required=True)


class HandoverOut(kit.Answer):
    """How much was handed over, by kind, such as {"sites": 3}."""

    handed_over = fields.Dict(keys=fields.String(), values=fields.Integer())


class OrganisationIn(kit.Schema):
    name = kit.Line(required=True, limit=200, empty=False)
    kind = fields.String(load_default="contractor", validate=validate.OneOf(rules.ORGANISATION_KINDS))
    credit_code = CreditCode(40)


class OrganisationsQuery(kit.Listing):
    q = kit.Text(load_default=None, limit=100)
    kind = fields.String(load_default=None, validate=validate.OneOf(rules.ORGANISATION_KINDS))


class ImportQuery(kit.Query):
    never_empty = frozenset({"dry_run"})  # "dry_run=" was hardly meant to import for real

    dry_run = fields.Boolean(load_default=False, metadata={"description": "check every row and write nothing"})


class ImportRowOut(kit.Answer):
    row = fields.Integer(metadata={"description": "the row's number as a spreadsheet shows it"})
    username = fields.String(allow_none=True)
    action = fields.String(metadata={"description": "create or refuse"})
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    invite = fields.Nested(CodeOut, allow_none=True)


class ImportOut(kit.Answer):
    """What was (or with dry_run would be) done with each row."""

    dry_run = fields.Boolean()
    created = fields.Integer()
    refused = fields.Integer()
    rows = fields.List(fields.Nested(ImportRowOut))
