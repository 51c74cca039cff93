"""What the calendar of working days looks like on the wire."""

from __future__ import annotations

from marshmallow import fields

from server.kit import fields as kit
from server.programme.calendar_rules import SpecialDay
from server.programme.schemas import RowErrorOut


class CalendarQuery(kit.Query):
    """`year`: this year where it is left out."""

    year = kit.QueryInt(low=1990, high=2199, load_default=None)


class CalendarDayOut(kit.Answer):
    """A day off, or a weekend's day that is worked, by the arrangement of `year`."""

    day = fields.Date()
    kind = fields.Enum(SpecialDay, by_value=True)
    name = fields.String()
    year = fields.Integer()


class CalendarOut(kit.Answer):
    """The arranged days of a year; every other day is as its weekday says. `years` are those whose arrangement is
    here."""

    year = fields.Integer()
    days = fields.List(fields.Nested(CalendarDayOut))
    years = fields.List(fields.Integer())


class CalendarImportQuery(kit.Query):
    never_empty = frozenset({"dry_run", "replace"})

    dry_run = fields.Boolean(load_default=False)
    replace = fields.Boolean(load_default=False, metadata={"description": (
        "the table is the whole arrangement of its years: their days that it does not name are taken out"
    )})


class CalendarRowOut(kit.Answer):
    """One row of the table by its number in the spreadsheet; `until` is the last day of a range."""

    row = fields.Integer()
    day = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True)
    kind = fields.Enum(SpecialDay, by_value=True, allow_none=True)
    name = fields.String()
    days = fields.Integer()
    action = fields.String(metadata={"description": "created | updated | unchanged | error"})
    errors = fields.List(fields.Nested(RowErrorOut))


class CalendarImportOut(kit.Answer):
    """What an import did, or on a dry run would do: `created`, `updated`, `unchanged` and `removed` count days,
    `total` and `errors` rows. `ignored_columns` are headers that name no known field."""

    dry_run = fields.Boolean()
    total = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    removed = fields.Integer()
    errors = fields.Integer()
    years = fields.List(fields.Integer())
    ignored_columns = fields.List(fields.String())
    rows = fields.List(fields.Nested(CalendarRowOut))
