"""What the fields of this house take for the same, and what they refuse."""

from __future__ import annotations

import uuid

import pytest
from marshmallow import ValidationError, fields

from server.accounts import people_schemas
from server.kit import clock
from server.kit import fields as kit
from server.programme import schemas as site_schemas

ONE = "0192f3a4-5b6c-7d8e-9f00-112233445566"


class _Wanted(kit.Listing):
    name = kit.Code(load_default=None, limit=10, empty=False)
    born = fields.Date(load_default=None, data_key="born_on")
    active = fields.Boolean(load_default=None)


def test_an_empty_value_in_a_query_is_none() -> None:
    asked = {"name": "", "born_on": "", "active": "", "limit": "", "cursor": ""}
    assert _Wanted().load(asked) == {"name": None, "born": None, "active": None, "limit": 50, "cursor": None}


def test_an_empty_value_of_a_parameter_that_nobody_knows_is_still_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        _Wanted().load({"colour": ""})


@pytest.mark.parametrize("schema", [people_schemas.ImportQuery, site_schemas.ImportQuery])
def test_half_a_word_of_a_dry_run_imports_nothing(schema: type[kit.Query]) -> None:
    with pytest.raises(ValidationError, match="dry_run"):
        schema().load({"dry_run": ""})
    assert schema().load({}) == {"dry_run": False}


def test_an_id_has_one_spelling_but_for_its_case() -> None:
    assert kit.Id().deserialize(ONE) == kit.Id().deserialize(ONE.upper()) == uuid.UUID(ONE)
    plain = ONE.replace("-", "")
    for other in ("urn:" + plain, plain, f"{{{ONE}}}", f"urn:uuid:{ONE}", ONE[:-1] + "６", plain[:4] + "----" + plain[4:],
                  "", 1, None, [ONE]):
        with pytest.raises(ValidationError):
            kit.Id().deserialize(other)


@pytest.mark.parametrize("said", [
    "9999-12-31T23:59:59Z", "9999-12-31T16:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
])
def test_a_moment_without_a_day_in_the_city_is_none(said: str) -> None:
    """Whatever tells it by that day would fail on it, long after it was taken in."""
    with pytest.raises(ValidationError):
        kit.Moment().deserialize(said)
    for edge in ("9999-12-31T15:59:59Z", "0001-01-01T00:00:00Z"):
        assert clock.day_of(kit.Moment().deserialize(edge)).year in {1, 9999}
