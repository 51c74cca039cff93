"""What is said to a flag, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from server.kit import fields as kit

LONGEST = 1000


class SaidIn(kit.Schema):
    """Words of a person; blanks are none."""

    @validates_schema(skip_on_field_errors=True)
    def says_something(self, data: dict[str, Any], **_: Any) -> None:
        for name, said in data.items():
            if not said.strip():
                raise ValidationError({name: ["不能为空 / must say something"]})


class SettlementIn(SaidIn):
    """Why the flag may stand so, or what was found."""

    reason = kit.Text(required=True, limit=LONGEST, empty=False)


class AnswerIn(SaidIn):
    """What the inspector says to it."""

    text = kit.Text(required=True, limit=LONGEST, empty=False)
