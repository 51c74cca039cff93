"""Exports asked for over HTTP and made as the worker makes them, and their files read back."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from server.kit import clock
from server.kit.jobs import HANDLERS, Job, Work
from tests.factories import SiteOffice, Someone

HOSTILE = ["=1+1", "+SUM(A1)", "-2+3", "@x", "\t=1", "＝1+1", "a\nb", '"quoted", and more', "𬭎🏗️", "'=x", "http://x.cn/"]


def ask(who: Someone, kind: str, form: str = "xlsx", **more: Any) -> Any:
    answer = who.post("/exports", {"kind": kind, "format": form, **more})
    assert answer.status_code == 202, answer.text
    return answer.json


def work_off(office: SiteOffice, kind: str = "export") -> None:
    """Do what waits, as the worker would."""
    for job in office.read(sa.select(Job).where(Job.kind == kind)):
        with office.app.app_context():
            HANDLERS[kind](Work(office.database, office.app, job.id, job.payload, lambda _percent: None))


def made(office: SiteOffice, who: Someone, kind: str, form: str = "xlsx", **more: Any) -> tuple[Any, bytes]:
    """An export as its maker then sees it, and its file."""
    asked = ask(who, kind, form, **more)
    work_off(office)
    shown = who.get(f"/exports/{asked['id']}").json
    assert shown["state"] == "ready", shown
    file = who.get(f"/exports/{asked['id']}/file")
    assert file.status_code == 200, file.text
    assert (len(file.data), file.headers["ETag"]) == (shown["size"], f'"{shown["sha256"]}"')
    return shown, file.data


def sheet(data: bytes, number: int = 0) -> list[dict[str, Any]]:
    """The rows of a workbook's sheet by their headers."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(number).to_python(skip_empty_area=False)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def table(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV by their headers."""
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def no_formula(data: bytes) -> bool:
    """Whether no cell of the workbook is a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return not any(b"<f>" in parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/"))


def wall(moment: str | None) -> datetime | str:
    """A moment of the interface as a workbook shows it, to the millisecond; nothing as an empty cell."""
    if not moment:
        return ""
    return datetime.fromisoformat(moment).astimezone(clock.SHANGHAI).replace(tzinfo=None)


def day(said: str | None) -> date | str:
    return date.fromisoformat(said) if said else ""


def everything(who: Someone, path: str) -> list[dict[str, Any]]:
    """Every page of a list."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        sign = "&" if "?" in path else "?"
        page = who.get(f"{path}{sign}limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def some_id() -> str:
    return str(uuid.uuid4())
