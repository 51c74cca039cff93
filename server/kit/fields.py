"""marshmallow fields and a base schema with the habits of this house: unknown keys refused, text kept storable."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, fields, validate

from server.kit import clock, text

BAD_TEXT = "含有无效字符 / holds a lone surrogate"
NO_WORD = "不能只有空白 / must not be white space alone"
RFC3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$")


class Schema(ma.Schema):
    """Refuses unknown keys by name; fields keep the order in which they are declared."""

    class Meta:
        unknown = ma.RAISE


class Answer(ma.Schema):
    """What goes out. Unknown attributes of the object are simply not shown."""

    class Meta:
        unknown = ma.EXCLUDE  # the OpenAPI page promises no end of fields: some may be added


class Query(ma.Schema):
    """A query string: an empty value is none, as forms send it; unknown parameters are refused so that a typing error
    does not list everything."""

    never_empty: frozenset[str] = frozenset()  # parameters that do more than filter: half a word of them is refused

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def _leave_out_empty(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        may_be_empty = {field.data_key or name for name, field in self.load_fields.items()} - self.never_empty
        return {name: value for name, value in data.items() if value != "" or name not in may_be_empty}


class Text(fields.String):
    """Prose: control characters are taken out on the way in, lone surrogates refused. `limit` in code points; where it
    may not be `empty`, white space alone is not enough."""

    def __init__(self, *, limit: int = 4000, empty: bool = True, **kwargs: Any) -> None:
        rules = [validate.Length(min=0 if empty else 1, max=limit)]
        super().__init__(validate=rules, **kwargs)
        self._empty = empty

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if text.has_surrogate(value):
            raise ValidationError(BAD_TEXT)
        cleaned = self._clean(value)
        if not self._empty and cleaned and text.says_nothing(cleaned):
            raise ValidationError(NO_WORD)
        return cleaned

    def _clean(self, value: str) -> str:
        return text.clean(value)


class Line(Text):
    """One line of text: a name, a title. White space at the ends goes, runs of it become one space."""

    def _clean(self, value: str) -> str:
        return text.one_line(value)


class Code(Text):
    """A code or user name: NFKC, no white space around."""

    def _clean(self, value: str) -> str:
        return text.code(value)


class Raw(Text):
    """Text of a report as the phone has it: kept to the letter, since its digest is checked there."""

    def _clean(self, value: str) -> str:
        return value


class Moment(fields.Field[datetime]):
    """RFC 3339 with an offset; UTC inside. Goes out as `…Z`-less ISO with +00:00. The last hours of the year 9999 are
    none: they have no day in Asia/Shanghai, and everything is told by those days."""

    default_error_messages = {
        "invalid": "须为带时区的时间 / must be an RFC 3339 time with offset"
    }

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat()

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not RFC3339.match(value):
            raise self.make_error("invalid")
        try:
            return clock.read(value).astimezone(clock.SHANGHAI).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid") from None


class Since(Moment):
    """A moment, or a day of Asia/Shanghai that stands for its first moment. In a query, + may have become a space."""

    default_error_messages = {"invalid": "须为日期或带时区的时间 / must be a date or an RFC 3339 time"}
    days_later = 0

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            try:
                return clock.start_of(date.fromisoformat(value) + timedelta(days=self.days_later))
            except (ValueError, OverflowError):
                raise self.make_error("invalid") from None
        if isinstance(value, str):
            value = re.sub(r" (\d\d:\d\d)$", r"+\1", value)
        return super()._deserialize(value, attr, data, **kwargs)


class Until(Since):
    """As Since, but a day stands for the first moment after it."""

    days_later = 1


class Id(fields.Field[uuid.UUID]):
    """A UUID in its usual form (36 characters); other spellings are refused, so that one id has one text."""

    default_error_messages = {"invalid": "须为 UUID / must be a UUID"}

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> uuid.UUID:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            found = uuid.UUID(value)
        except ValueError:
            raise self.make_error("invalid") from None
        if str(found) != value.lower():
            raise self.make_error("invalid")
        return found


class Number(fields.Field[float]):
    """A finite JSON number (no text, no NaN, no true); integers stay integers."""

    default_error_messages = {
        "invalid": "须为数字 / must be a number",
        "range": "超出范围 / out of range",
    }

    def __init__(self, *, low: float | None = None, high: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.low, self.high = low, high

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.make_error("invalid")
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise self.make_error("range")
        return value


class Whole(Number):
    """A whole JSON number that fits 63 bits."""

    default_error_messages = {"invalid": "须为整数 / must be a whole number"}

    def __init__(self, *, low: int = -(2**53), high: int = 2**53, **kwargs: Any) -> None:
        super().__init__(low=low, high=high, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class QueryInt(fields.Integer):
    """A whole number in a query string."""

    def __init__(self, *, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(low, high), **kwargs)


class Listing(Query):
    """The parameters of every list."""

    limit = QueryInt(low=1, high=200, load_default=50, metadata={"description": "rows per page, at most 200"})
    cursor = fields.String(
        load_default=None, validate=validate.Length(max=1000),
        metadata={"description": "`next_cursor` of the page before"},
    )


def listing(item: type[ma.Schema], name: str) -> type[ma.Schema]:
    """The envelope of a list of `item`: {"items": […], "next_cursor": …}."""
    return Answer.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(allow_none=True, required=True),
        },
        name=name,
    )
