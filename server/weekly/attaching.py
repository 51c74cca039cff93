"""What the mail of a weekly report brings along: its PDF and Word file, in Chinese."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from config import Config
from server.kit.db import Database
from server.kit.storage import Store
from server.messages.attachments import Attachment, brings
from server.weekly import files, queries
from server.weekly.models import WeeklyReport
from server.weekly.sending import TOLD

_FORMS = ("pdf", "docx")


@brings(TOLD)
def of_report(database: Database, conf: Config, store: Store, facts: Mapping[str, Any]) -> list[Attachment]:
    """The files of the report that the facts name; none where the setting wants the link alone."""
    if conf.week_mail == "link":
        return []
    with database.read() as db:
        weekly = db.get_one(WeeklyReport, uuid.UUID(str(facts["weekly"])))
        made, names = files.made(db, weekly), queries.district_names(db)
    house = files.House(conf, store)
    return [
        Attachment(
            files.names(made, names.get(weekly.scope, {}), form, "zh")[0], files.FORMATS[form].media_type,
            b"".join(store.read(files.put(house, made, form, "zh"))),
        )
        for form in _FORMS
    ]
