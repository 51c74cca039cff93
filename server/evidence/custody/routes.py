"""Custody over HTTP: a photo's chain, and evidence packages of a report or issue."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from server.audit import chain as audit_chain
from server.audit import service as audit
from server.evidence.custody import chain, contents, keys, opened, package, right, schemas
from server.evidence.custody.rules import How
from server.issues import queries as issues
from server.issues.models import Issue
from server.kit import clock, tokens
from server.kit.actor import Actor
from server.kit.here import conf, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import Language, language
from server.kit.serving import named
from server.photos import queries as photos
from server.photos.models import Original, Photo
from server.reports import queries as reports
from server.reports.models import Report

routes = Routes("custody", __name__)
BATCHES = 20  # of links that are forged before a package is made, should the worker be behind


@routes.endpoint("GET", "/photos/<uuid:photo_id>/custody", of=photos.find_photo, answer=schemas.ChainOut)
def show_chain(call: Call, found: tuple[Photo, Original]) -> Any:
    """A photo's chain of custody: named by the phone, received, stored, opened, handed on, hashed again. Who opened it is
    told to the desk alone; an inspector learns when. Nobody of the firm whose work it shows is told anything, whatever
    else they are."""
    photo, original = found
    steps = chain.steps(call.db, right.of_photo(call.db, call.actor, photo), photo, original)
    return {"id": photo.id, "sha256": photo.sha256, "size": original.size, "steps": steps}


@routes.endpoint(
    "GET", "/reports/<uuid:report_id>/evidence/contents", of=reports.find_report, answer=schemas.PackageOut,
    stream=True,
)
def report_contents(call: Call, report_id: uuid.UUID) -> Any:
    """How much the evidence package of a report will hold, and a link to fetch it by."""
    return _about(call, "reports", partial(reports.find_report, report_id=report_id))


@routes.endpoint(
    "GET", "/reports/<uuid:report_id>/evidence", of=reports.find_report, query=schemas.PackageQuery, stream=True,
    linkable=True, produces="application/zip",
)
def report_evidence(call: Call, report_id: uuid.UUID) -> Response:
    """The evidence package of a report as a ZIP: originals, every revision to the letter, facts, the trail, a signed
    manifest and the program that checks it. Made as it is fetched; one that broke off is made again."""
    return _packed(call, "report", partial(reports.find_report, report_id=report_id))


@routes.endpoint(
    "GET", "/issues/<uuid:issue_id>/evidence/contents", of=issues.find_issue, answer=schemas.PackageOut, stream=True,
)
def issue_contents(call: Call, issue_id: uuid.UUID) -> Any:
    """How much the evidence package of an issue will hold, and a link to fetch it by."""
    return _about(call, "issues", partial(issues.find_issue, issue_id=issue_id))


@routes.endpoint(
    "GET", "/issues/<uuid:issue_id>/evidence", of=issues.find_issue, query=schemas.PackageQuery, stream=True,
    linkable=True, produces="application/zip",
)
def issue_evidence(call: Call, issue_id: uuid.UUID) -> Response:
    """The evidence package of an issue as a ZIP: photos before and after, replies and verifications to the letter, the
    trail, a signed manifest and the program that checks it. Made as it is fetched; one that broke off is made again."""
    return _packed(call, "issue", partial(issues.find_issue, issue_id=issue_id))


Thing = Report | Issue
Find = Callable[[Session, Actor], Thing]


def _found(db: Session, actor: Actor, find: Find) -> tuple[Thing, Actor]:
    """The report or issue, and the actor as whom its package is made."""
    thing = find(db, actor)
    return thing, right.of_report(db, actor, thing) if isinstance(thing, Report) else right.of_issue(db, actor, thing)


def _about(call: Call, places: str, find: Find) -> dict[str, Any]:
    signer = keys.signer(conf(), edge().database)
    with edge().database.read() as db:
        thing, maker = _found(db, call.actor, find)
        of_thing = contents.photos_of_report(db, thing) if isinstance(thing, Report) else contents.photos_of_issue(db, thing)
        count, size, removed = contents.measure(db, maker, of_thing)
    path = f"/api/v1/{places}/{thing.id}/evidence"
    return {
        "photos": count, "size": size, "removed": removed, "fingerprint": signer.fingerprint,
        "links": {"file": tokens.sign_link(path, call.actor.session_id, conf().link_minutes)},
    }


def _packed(call: Call, kind: str, find: Find) -> Response:
    database = edge().database
    with database.read() as db:
        thing, _ = _found(db, call.actor, find)
    signer = keys.signer(conf(), database)
    if call.request.method == "HEAD":
        return _labelled(Response(mimetype="application/zip"), kind, thing.number)
    database.write(lambda db: audit.record(
        db, call.actor, "evidence_packed", kind, thing.id, district=thing.district_code, key=signer.fingerprint,
    ))
    for _ in range(BATCHES):  # so that what is packed has its links, this very packing too
        if not database.write(audit_chain.forge):
            break
    spoken: Language = call.query["lang"] or language(call.request.accept_languages)
    with database.snapshot() as db:
        thing, maker = _found(db, call.actor, find)
        gathered = (
            contents.of_report(db, maker, thing, spoken) if isinstance(thing, Report)
            else contents.of_issue(db, maker, thing, spoken)
        )
    noted = opened.packing(call.actor.id, How.PACKAGE, f"{kind}:{thing.id}")
    zipped = Response(package.stream(gathered, signer, store(), noted), mimetype="application/zip")
    return _labelled(zipped, kind, thing.number)


def _labelled(response: Response, kind: str, number: str) -> Response:
    day = f"{clock.today():%Y%m%d}"
    response.headers["Content-Disposition"] = named(f"证据包_{number}_{day}.zip", f"evidence_{kind}_{number}_{day}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Accept-Ranges"] = "none"  # it is made anew each time
    return response
