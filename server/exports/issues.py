"""The register of issues (销号台账): with thumbs of the photos where it is short, else with links to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.documents import register
from server.documents.files import StoredPhotos
from server.documents.register import RegisterRow
from server.exports.rules import Format
from server.exports.tables import plain
from server.issues import queries
from server.issues.models import Issue, IssuePhoto
from server.issues.register import Lines
from server.kit.actor import Actor
from server.kit.i18n import Language
from server.kit.sheets import Link, write_csv
from server.photos.models import Photo, Redaction

AT_ONCE = 500
PICTURED = 5_000  # rows, up to which a workbook shows thumbs
_THERE = ("查看照片", "see the photo")


def rows(  # noqa: PLR0917 - a register is made of all of these
    db: Session, actor: Actor, query: dict[str, Any], language: Language, address: str, photos: StoredPhotos | None
) -> Iterator[RegisterRow]:
    """Every issue that a list with this filter shows, in its order. Without `photos`, links lead to them."""
    cursor: str | None = None
    while True:
        page = queries.list_issues(db, actor, query | {"cursor": cursor, "limit": AT_ONCE})
        lines = Lines(db, actor, list(page.items), language)
        for issue in page.items:
            row, sides = lines.row(issue, address), lines.photos(issue)
            if photos is not None:
                row.before, row.after = (photos.find(side, "thumb") for side in sides)
            else:
                row.before, row.after = (_link(side, row.url, language) for side in sides)
            yield row
        cursor = page.next_cursor
        if cursor is None:
            return


def covered_since(db: Session, actor: Actor, moment: datetime) -> bool:
    """Whether a photo of an issue that one sees was covered after that moment, and is so still. Which issues were in a
    register then is not known any more: what is open or late is so for a while."""
    found = (
        sa.select(Issue.id).join(IssuePhoto, IssuePhoto.issue_id == Issue.id).join(Photo, Photo.id == IssuePhoto.photo_id)
        .join(Redaction, Redaction.sha256 == Photo.sha256)
        .where(
            Redaction.at >= moment, Redaction.lifted_at.is_(None), queries.visible_to(actor),
        ).limit(1)
    )
    return db.execute(found).first() is not None


def _link(sha256: str, url: str | None, language: Language) -> Link | None:
    """To the issue at the desk, where its photos are; a link to a picture itself would last an hour."""
    if not sha256 or not url:
        return None
    return Link(_THERE[0 if language == "zh" else 1], url)


def write(path: Path, form: Format, found: Iterator[RegisterRow], language: Language) -> None:
    """The register at `path`."""
    if form is Format.XLSX:
        register.write(path, found, language, folder=path.parent)
        return
    write_csv(path, register.headers(language), (
        [plain(cell) for cell in register.cells(no, row, _url(row.before), _url(row.after), language)]
        for no, row in enumerate(found, 1)
    ))


def _url(shown: register.Shown) -> str | None:
    return shown.url if isinstance(shown, Link) else None
