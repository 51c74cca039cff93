"""What cannot be entered on a site."""

from __future__ import annotations

from server.errors import Refusal


class WrongValue(Exception):  # noqa: N818
    """One field of a site cannot be so; `message` is in both languages. `column` is the field as a table names it."""

    def __init__(self, field: str, zh: str, en: str, *, code: str = "invalid", column: str | None = None) -> None:
        super().__init__(field)
        self.field, self.message = field, f"{zh} / {en}"
        self.code, self.column = code, column or field

    def refusal(self) -> Refusal:
        return Refusal(self.code, errors={self.field: [self.message]})
