"""What the document of a report says: plain text in one language, in its order, and which photos it shows."""

from __future__ import annotations

import re
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists import queries as checklists
from server.checklists.models import SiteLimit
from server.documents.words import PHOTO, SEVERITY, VISIT, code, moment, pick
from server.kit import clock
from server.kit.actor import Actor
from server.kit.i18n import Language
from server.kit.sheets import printable
from server.photos import queries as photo_queries
from server.photos import views as photo_views
from server.photos.models import Original, Photo
from server.programme.models import Site
from server.reports import hooks, queries
from server.reports.models import Report, Revision
from server.reports.paper import rows, words
from server.reports.paper.places import place, said_place
from server.reports.rules import PhotoState

Paper = dict[str, Any]
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def facts(db: Session, actor: Actor, report: Report, language: Language) -> Paper:
    """The document's content; equal content is the same document."""
    revision = db.get_one(Revision, (report.id, report.revision))
    content, site = queries.body_of(revision), db.get_one(Site, report.site_id)
    people = _people(db, report, content)
    flags = photo_views.shape_flags(db, photo_queries.flags_of_report(db, report.id), language)
    standing = {flag.id: flag for flag in photo_queries.flags_of_report(db, report.id)}
    photos = _photos(db, report, content, site, flags, standing, language)
    numbers = {one["id"]: one["no"] for one in photos}
    checklist = checklists.get_version(db, report.checklist_code, report.checklist_version)
    limits = _limits(db, report, revision)
    own = [one for one in flags if standing[one["id"]].object_kind == "report"]
    paper: Paper = _clean({
        "language": language, "title": pick(words.TITLE, language), "number": report.number,
        "labels": {name: pick(pair, language) for name, pair in words.LABELS.items()},
        "none": {name: pick(pair, language) for name, pair in words.NONE.items()},
        "page": words.PAGE[0 if language == "zh" else 1],
        "facts": _head(report, revision, content, site, people, checklist, language),
        "summary": content.get("summary") or "",
        "sections": rows.sections(checklist, content, revision.verdicts, limits, numbers, language),
        "unanswered": rows.unanswered(checklist, revision.verdicts, language),
        "issues": [_issue(one, language) for hook in hooks.OPENED for one in hook(db, actor, report)],
        "flags": [f"{one['title']}{pick(words.COLON, language)}{one['detail']}{_settled(one, language)}" for one in own],
        "photos": photos, "reviews": _reviews(db, report, language), "receipt": _receipt(revision),
        "signature": _signature(db, report, language),
        "day": clock.day_of(revision.received_at).isoformat(), "made_at": revision.received_at.isoformat(),
    })
    return paper


def _settled(flag: dict[str, Any], language: Language) -> str:
    """A flag that was looked at is not printed as if nobody had."""
    return pick(words.SETTLED, language).format(why=flag["settled_reason"]) if flag["settled_reason"] else ""


def _clean(value: Any) -> Any:
    """The same without what neither XML nor a page can hold, and without signs that turn the direction of reading, by
    which a line could be made to say something else: reports are kept to the letter."""
    match value:
        case str():
            return _TURNING.sub("", printable(value))
        case dict():
            return {key: _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
        case _:
            return value


def _people(db: Session, report: Report, content: dict[str, Any]) -> dict[uuid.UUID, str]:
    ids = {report.inspector_id, *(uuid.UUID(one) for one in content.get("co_inspectors") or [])}
    return {person: one["name"] for person, one in queries.person_refs(db, ids).items()}


def _head(  # noqa: PLR0917 - the facts at the top are all of these
    report: Report, revision: Revision, content: dict[str, Any], site: Site, people: dict[uuid.UUID, str], checklist: Any,
    language: Language,
) -> list[list[str]]:
    """Pairs of a label and what stands beside it; what is not there is left out."""
    others = [people.get(uuid.UUID(one), "") for one in content.get("co_inspectors") or []]
    given = content.get("representative") or {}
    state = pick(words.STATE[report.state], language)
    said: dict[str, str] = {
        "number": report.number,
        "state": state + (pick(words.CORRECTION, language) if revision.correction_reason else ""),
        "site": site.name, "code": site.code,
        "district": site.district.zh if language == "zh" else site.district.en, "street": site.street or "",
        "inspector": people.get(report.inspector_id, ""), "others": pick(words.SHUT, language).join(filter(None, others)),
        "visit": code(VISIT, report.visit, language),
        "time": f"{moment(report.started_at.isoformat())} – {moment(report.finished_at.isoformat())}",
        "checklist": f"{report.checklist_code} {checklist.content[language] if checklist else ''} v{report.checklist_version}",
        "result": _result(report, language),
        "place": said_place(content.get("location"), site, language),
        "no_place": content.get("location_reason") or "", "outside": content.get("outside_reason") or "",
        "correction": revision.correction_reason or "", "spoke": given.get("name") or "",
    }
    return [[pick(words.LABELS[name], language), text, name] for name, text in said.items() if text]


def _result(report: Report, language: Language) -> str:
    judged = report.passed + report.failed
    rate = f"{(2000 * report.passed + judged) // (2 * judged) / 10}%" if judged else "—"
    return pick(words.RESULT, language).format(
        passed=report.passed, failed=report.failed, na=report.not_applicable, unanswered=report.unanswered, rate=rate
    )


def _limits(db: Session, report: Report, revision: Revision) -> dict[str, tuple[float | None, float | None, bool]]:
    """What the site has set, and whether that was after the report was judged."""
    found = db.execute(sa.select(SiteLimit).where(SiteLimit.site_id == report.site_id)).scalars()
    return {one.item: (one.min, one.max, one.set_at > revision.received_at) for one in found}


def _photos(  # noqa: PLR0917 - a photo's facts come from all of these
    db: Session, report: Report, content: dict[str, Any], site: Site, flags: list[dict[str, Any]], standing: dict[Any, Any],
    language: Language,
) -> list[dict[str, Any]]:
    named = queries.photos_of(db, report.id, report.revision)
    said = {str(uuid.UUID(entry["id"])): entry for entry in content["photos"]}
    inside = _exif(db, [one.photo_id for one in named])
    found = []
    for no, one in enumerate(named, 1):
        entry = said[str(one.photo_id)]
        where = place(entry.get("location"), site, language) or pick(words.NO_POSITION, language)
        titles = [flag["title"] + _settled(flag, language) for flag in flags if standing[flag["id"]].object_id == one.photo_id]
        found.append({
            "id": str(one.photo_id), "no": no, "sha256": one.sha256.lower(), "there": one.state is PhotoState.STORED,
            "marks": entry.get("marks") or [],
            "caption": f"{pick(PHOTO, language)}{no}{_about(entry)}",
            "lines": [
                *([entry["caption"]] if entry.get("caption") else []),
                _line(words.TAKEN, _taken(entry, inside.get(one.photo_id), language), language),
                _line(words.POSITION, where, language),
                *([_line(words.LABELS["flags"], pick(words.SHUT, language).join(titles), language)] if titles else []),
            ],
        })
    return found


def _about(entry: dict[str, Any]) -> str:
    return f" {entry['item']}" if entry.get("item") else ""


def _line(label: tuple[str, str], text: str, language: Language) -> str:
    return f"{pick(label, language)}{pick(words.COLON, language)}{text}"


def _taken(entry: dict[str, Any], exif: str | None, language: Language) -> str:
    taken = moment(entry.get("captured_at")) or "—"
    source = code(words.SOURCE, entry.get("source"), language)
    inside = pick(words.CAMERA, language).format(moment=exif.replace("T", " ")) if exif else ""
    return f"{taken}{inside}{pick(words.SHUT, language) + source if source else ''}"


def _exif(db: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """When the photos themselves say that they were taken."""
    query = sa.select(Photo.id, Original.facts).join(Original, Original.sha256 == Photo.sha256).where(Photo.id.in_(ids))
    return {row.id: row.facts["taken_at"] for row in db.execute(query) if row.facts and row.facts.get("taken_at")}


def _issue(one: dict[str, Any], language: Language) -> dict[str, str]:
    return {
        "number": one["number"], "item": one["item"] or "", "description": one["description"],
        "grade": code(SEVERITY, one["severity"], language), "due": one["due_on"].isoformat(),
        "contractor": one["contractor"] or "", "state": code(words.ISSUE_STATE, one["state"], language),
    }


def _reviews(db: Session, report: Report, language: Language) -> list[dict[str, str]]:
    lines = [line for hook in hooks.DECISIONS for line in hook(db, report)]
    people = queries.person_refs(db, {line["by_id"] for line in lines})
    colon = pick(words.COLON, language)
    return [
        {
            "when": moment(line["at"].isoformat()), "who": people.get(line["by_id"], {}).get("name", ""),
            "decision": code(words.DECISION, line["decision"], language), "revision": str(line["revision"]),
            "comment": "\n".join(filter(None, [
                line["comment"] or "", *(f"{one['item']}{colon}{one['comment']}" for one in line["items"]),
            ])),
        }
        for line in lines
    ]


def _receipt(revision: Revision) -> dict[str, str] | None:
    if revision.receipt_at is None:
        return None
    return {
        "number": revision.receipt_number or "", "received": moment(revision.receipt_at.isoformat()),
        "revision": str(revision.revision), "digest": revision.digest,
    }


def _signature(db: Session, report: Report, language: Language) -> dict[str, Any] | None:
    """The newest signature that there is, and what stands under it."""
    for revision in reversed(queries.revisions_of(db, report.id)):
        given = queries.body_of(revision).get("representative") or {}
        if given.get("signature"):
            signed = pick(words.SIGNED, language).format(revision=revision.revision)
            under = " ".join(filter(None, [given.get("name") or "", moment(given.get("signed_at")), signed]))
            return {"strokes": given["signature"], "under": under}
    return None
