"""Whose a flag is: the inspector's whose report or photo it stands on."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from server.photos.models import Flag, Photo
from server.reports.models import Report


def report_of(db: Session, flag: Flag) -> Report | None:
    """The report by which the flag is found; None where its photo is of none."""
    return db.get(Report, flag.report_id) if flag.report_id else None


def author_of(db: Session, flag: Flag, report: Report | None) -> uuid.UUID | None:
    """Who can say something to it, and so never settles it."""
    if report is not None:
        return report.inspector_id
    photo = db.get(Photo, flag.object_id) if flag.object_kind == "photo" else None
    return photo.owner_id if photo else None
