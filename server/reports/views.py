"""Putting together what is shown of one report."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from server.kit import tokens
from server.kit.actor import Actor
from server.kit.here import conf
from server.kit.i18n import Language
from server.permissions import placed, sees_exact_places
from server.photos import covers
from server.photos import queries as photo_queries
from server.photos import views as photo_views
from server.reports import queries
from server.reports.models import Report, Revision
from server.reports.rules import PhotoState


def answer(db: Session, report: Report, revision: Revision, photos: list[queries.Named]) -> dict[str, Any]:
    """What PUT answers and GET begins with: the report's state, and of one of its revisions what is missing and the
    receipt. Plain values for JSON."""
    missing = [photo for photo in photos if photo.state is PhotoState.EXPECTED]
    uploads = photo_queries.open_upload(db, report.inspector_id, [photo.photo_id for photo in missing])
    return {
        "id": report.id, "revision": revision.revision, "number": report.number, "state": report.state,
        "photos": {
            "expected": len(photos),
            "received": sum(photo.state is PhotoState.STORED for photo in photos),
            "missing": [_missing(photo, uploads) for photo in missing],
            "refused": [
                {"id": photo.photo_id, "code": photo.refusal} for photo in photos if photo.state is PhotoState.REFUSED
            ],
        },
        "receipt": receipt(revision),
    }


def _missing(photo: queries.Named, uploads: dict[Any, str]) -> dict[str, Any]:
    entry = {"id": photo.photo_id, "sha256": photo.sha256}
    if photo.photo_id in uploads:
        entry["upload"] = uploads[photo.photo_id]
    return entry


def receipt(revision: Revision) -> dict[str, Any] | None:
    if revision.receipt_at is None:
        return None
    return {"number": revision.receipt_number, "received_at": revision.receipt_at, "digest": revision.digest}


def whole(
    db: Session, actor: Actor, report: Report, language: Language, reviews: list[dict[str, Any]]
) -> dict[str, Any]:
    """Everything about a report; `reviews` are history lines that the reviews feature adds."""
    sites = queries.site_refs(db, {report.site_id})
    revisions = queries.revisions_of(db, report.id)
    newest = revisions[-1]
    photos = queries.photos_of(db, report.id, report.revision)
    content = queries.body_of(newest)
    history = [_step(revision) for revision in revisions] + reviews
    people = queries.person_refs(db, {report.inspector_id, *(step["by_id"] for step in history if "by_id" in step)})
    for step in history:
        step["by"] = people.get(step.get("by_id", report.inspector_id))
    return {
        **queries.row(report, sites, people),
        **answer(db, report, newest, photos),
        "is_correction": newest.correction_reason is not None,
        "conflicts": queries.count_aside(db, report.id),
        "answers": [_answered(entry, newest.verdicts) for entry in content["answers"]],
        "gallery": _gallery(db, actor, photos, content),
        "signed": _signed(revisions[:-1], newest, content),
        "links": {
            form: tokens.sign_link(f"/api/v1/reports/{report.id}.{form}", actor.session_id, conf().link_minutes)
            for form in ("pdf", "docx")
        },
        "content": placed(actor, content),
        "flags": photo_views.shape_flags(
            db, photo_queries.flags_of_report(db, report.id), language, exact=sees_exact_places(actor)
        ),
        "history": sorted(history, key=lambda step: step["at"]),
    }


def _step(revision: Revision) -> dict[str, Any]:
    return {
        "at": revision.received_at, "kind": "revision", "revision": revision.revision, "digest": revision.digest,
        "receipt": receipt(revision), "correction_reason": revision.correction_reason,
        "items": [],  # never left out: marshmallow would show a dict's own method of that name
    }


def _signed(earlier: list[Revision], newest: Revision, content: dict[str, Any]) -> dict[str, Any] | None:
    """The newest signature, with the revision that it stands under: a later revision says what nobody has signed."""
    for revision in [newest, *reversed(earlier)]:
        body = content if revision is newest else queries.body_of(revision)
        given = body.get("representative") or {}
        if given.get("signature"):
            return {"revision": revision.revision, **given}
    return None


def _answered(entry: dict[str, Any], verdicts: dict[str, str]) -> dict[str, Any]:
    return {
        "item": entry["item"], "value": entry["value"], "verdict": verdicts.get(entry["item"]),
        "note": entry.get("note"), "photos": entry.get("photos") or [], "issue": entry.get("issue"),
    }


def _gallery(
    db: Session, actor: Actor, photos: list[queries.Named], content: dict[str, Any]
) -> list[dict[str, Any]]:
    minutes = conf().link_minutes
    named = [photo.photo_id for photo in photos]
    covered, removed = covers.on_photos(db, named), photo_queries.removed_among(db, named)
    said = {str(uuid.UUID(entry["id"])): entry for entry in content["photos"]}  # as it was spelled on the phone
    pictures = []
    for photo in photos:
        entry = said[str(photo.photo_id)]
        pictures.append({
            "id": photo.photo_id, "sha256": photo.sha256, "state": photo.state.value,
            **{key: entry.get(key) for key in ("item", "caption", "captured_at", "source", "original")},
            "marks": entry.get("marks") or [],
            "links": photo_views.links(
                photo.photo_id, actor, minutes, covered.get(photo.photo_id), removed=photo.photo_id in removed
            ) if photo.state is PhotoState.STORED else {},
        })
    return pictures
