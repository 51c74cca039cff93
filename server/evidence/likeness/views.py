"""What is like a photo, as far as the asker may see it."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.evidence.likeness import queries, service
from server.evidence.likeness.models import Print
from server.evidence.likeness.rules import FLAGGED, SHOWN, Kind, Shown, kind_of, later_of
from server.issues import queries as issues
from server.issues.models import Issue
from server.kit.actor import Actor
from server.photos import covers
from server.photos import queries as photos
from server.photos.models import Photo
from server.photos.views import links
from server.reports import queries as reports
from server.reports.models import Report

MOST = 50


def likeness(db: Session, actor: Actor, photo: Photo, settings: Config) -> dict[str, Any]:
    """For LikenessOut: everything is judged, and only what the actor may see is named. The firm that sees an inspector's
    photo by its issue is told as little of this as of the flag that may stand on it."""
    looked = db.scalar(sa.select(Print.seq).where(Print.sha256 == photo.sha256)) is not None
    if not photos.may_see_flags_of(db, actor, photo.id):
        own = queries.shown(db, [photo.id])[photo.id]
        return {"own": _stands(db, actor, [own])[photo.id], "looked": looked, "found": [], "hidden": 0}
    similar = queries.similar_to(db, photo.id, photo.sha256)
    shown = queries.shown(db, [photo.id, *(one.photo_id for one in similar)])
    own = shown[photo.id]
    kinds = {
        one: kind_of(
            own, shown[one.photo_id], service.alike_by(one.match, settings), burst_minutes=settings.likeness_burst_minutes
        ) for one in similar
    }
    alike = sorted(
        (one for one in similar if kinds[one] in SHOWN),
        key=lambda one: (kinds[one] not in FLAGGED, kinds[one] is not Kind.SAME_BYTES, one.match.drift if one.match else 0.0),
    )
    seen = queries.visible(db, actor, [one.photo_id for one in alike])
    named = [one for one in alike if one.photo_id in seen]
    stands = _stands(db, actor, [own, *(shown[one.photo_id] for one in named[:MOST])])
    covered = covers.on_photos(db, [one.photo_id for one in named])
    return {
        "own": stands[photo.id],
        "looked": looked,
        "found": [
            {
                "photo": one.photo_id, **service.numbers_of(kinds[one], one.match), "kind": kinds[one],
                "came_later": later_of(own, shown[one.photo_id])[0].photo_id == one.photo_id,
                **stands[one.photo_id], "links": links(one.photo_id, actor, settings.link_minutes, covered.get(one.photo_id)),
            }
            for one in named[:MOST]
        ],
        "hidden": len(alike) - len(named),
    }


def _stands(db: Session, actor: Actor, shown: list[Shown]) -> dict[uuid.UUID, dict[str, Any]]:
    """Of each photo: the reports, issues and the site that the actor may see, and when it was taken and came."""
    by_report = {
        row.id: row for row in db.execute(
            sa.select(Report.id, Report.number, Report.site_id)
            .where(Report.id.in_({one for each in shown for one in each.reports}), reports.visible_to(actor))
        )
    }
    by_issue = {
        row.id: row for row in db.execute(
            sa.select(Issue.id, Issue.number, Issue.site_id)
            .where(Issue.id.in_({one for each in shown for one in each.issues}), Issue.id.in_(issues.visible_ids(actor)))
        )
    }
    sites = reports.site_refs(db, {row.site_id for row in [*by_report.values(), *by_issue.values()]})
    found = {}
    for each in shown:
        its_reports = sorted((by_report[one] for one in each.reports if one in by_report), key=lambda row: row.number)
        its_issues = sorted((by_issue[one] for one in each.issues if one in by_issue), key=lambda row: row.number)
        holders = [*its_reports, *its_issues]
        found[each.photo_id] = {
            "reports": [{"id": row.id, "number": row.number} for row in its_reports],
            "issues": [{"id": row.id, "number": row.number} for row in its_issues],
            "site": sites.get(holders[0].site_id) if holders else None,
            "captured_at": each.captured_at, "received_at": each.received_at,
        }
    return found
