"""Selects over documents and their templates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.documents.models import DocumentTemplate
from server.documents.rules import TemplateKind
from server.errors import not_found
from server.kit.actor import Actor
from server.kit.i18n import Language


def templates(db: Session) -> list[DocumentTemplate]:
    """Every version of every template that the office put in, the newest first."""
    return list(db.scalars(sa.select(DocumentTemplate).order_by(DocumentTemplate.version.desc())))


def template_in_use(db: Session, kind: TemplateKind, language: Language) -> DocumentTemplate | None:
    """The office's newest one; None where the default counts, also where it counts again."""
    newest = newest_template(db, kind, language)
    return newest if newest is not None and newest.sha256 is not None else None


def newest_template(db: Session, kind: TemplateKind, language: Language) -> DocumentTemplate | None:
    """The last thing the office did to this template."""
    same = (DocumentTemplate.kind == kind, DocumentTemplate.language == language)
    return db.scalar(sa.select(DocumentTemplate).where(*same).order_by(DocumentTemplate.version.desc()).limit(1))


def template_version(db: Session, kind: TemplateKind, language: Language, version: int) -> DocumentTemplate:
    """One version with a file, or 404."""
    found = db.scalar(sa.select(DocumentTemplate).where(
        DocumentTemplate.kind == kind, DocumentTemplate.language == language, DocumentTemplate.version == version,
        DocumentTemplate.sha256.is_not(None),
    ))
    if found is None:
        raise not_found()
    return found


def find_kind(_db: Session, _actor: Actor, kind: str, **_path: object) -> TemplateKind:
    """The kind of paper that an address names, or 404."""
    try:
        return TemplateKind(kind)
    except ValueError:
        raise not_found() from None
