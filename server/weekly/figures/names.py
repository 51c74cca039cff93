"""Names that go into figures beside their codes, in both languages, so that a print needs nothing but the figures."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists import queries as checklists
from server.programme.models import District

Name = dict[str, str]

_NO_ITEM: dict[str, str | None] = dict.fromkeys(("item_zh", "item_en", "part", "part_en"))
NO_CHECKLIST = "-"  # the category of issues that no checklist found


class Names:
    """Districts in the office's order, and the checklists' titles, each looked up once."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self.districts: dict[str, Name] = {
            code: {"code": code, "zh": zh, "en": en}
            for code, zh, en in db.execute(
                sa.select(District.code, District.zh, District.en).order_by(District.position, District.code)
            )
        }
        self._checklists: dict[str, Name] = {}
        self._items: dict[tuple[str | None, int | None], dict[str, dict[str, str]]] = {}

    def district(self, code: str) -> Name:
        """{code, zh, en}."""
        return self.districts[code]

    def checklist(self, code: str) -> Name:
        """{code, zh, en} by the newest version: the category (工程类别) of what it finds.

        A checklist names one to fifteen kinds of work, so its own title is the category: counting a failure under
        each kind of work would count it many times over.
        """
        if code == NO_CHECKLIST:
            return {"code": code, "zh": "其他来源", "en": "Other sources"}
        if code not in self._checklists:
            found = checklists.newest(self._db, code)
            content = found.checklist.content if found else {"zh": code, "en": code}
            title = content["zh"].removesuffix("检查表").removesuffix("督导表")
            self._checklists[code] = {"code": code, "zh": title, "en": content["en"]}
        return self._checklists[code]

    def item(self, checklist: str | None, version: int | None, code: str | None) -> dict[str, str | None]:
        """{item_zh, item_en, part, part_en}: what was looked at, and the section (部位) of the checklist it stands in."""
        key = (checklist, version)
        if key not in self._items:
            found = checklists.get_version(self._db, checklist, version) if checklist and version else None
            self._items[key] = {
                item["code"]: {
                    "item_zh": item["zh"], "item_en": item["en"], "part": section["zh"], "part_en": section["en"],
                }
                for section in (found.content["sections"] if found else ()) for item in section["items"]
            }
        return {**_NO_ITEM, **self._items[key].get(code or "", {})}

    @staticmethod
    def number(value: Decimal | None) -> int | float | None:
        """As JSON has it: 100 and not 100.0, so that there is one canonical spelling."""
        if value is None:
            return None
        return int(value) if value == value.to_integral_value() else float(value)
