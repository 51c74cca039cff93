"""The weekly report over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response
from sqlalchemy.orm import Session

from server.errors import Refusal, invalid, not_found
from server.evidence.custody.opened import packing
from server.evidence.custody.rules import How
from server.kit import tokens
from server.kit.actor import Actor
from server.kit.fields import listing
from server.kit.here import conf, store
from server.kit.http import Call, Reply, Routes, edge
from server.kit.i18n import Language, language
from server.kit.paging import Page
from server.kit.serving import stored_file
from server.weekly import files, freezing, own_words, queries, rules, schemas, sending, service, weeks, words_schemas
from server.weekly.figures import as_json
from server.weekly.models import WeeklyReport

routes = Routes("weekly", __name__)


@routes.endpoint("POST", "/weekly-reports", body=schemas.WeeklyIn, answer=schemas.WeeklyOut, status=202)
def ask(call: Call) -> Any:
    """Have the report of a week made, or made again; while one is under way, that one is the answer. A frozen one is not
    made again: it is the answer, with 200."""
    wanted = call.body
    weekly = service.request(
        call.db, call.actor, conf(), int(wanted["iso_year"]), int(wanted["iso_week"]), wanted["district"]
    )
    return Reply(_shapes(call.db, call.actor, [weekly])[0], status=200 if weekly.frozen_at else None)


@routes.endpoint(
    "GET", "/weekly-reports", query=schemas.WeeklyQuery, answer=listing(schemas.WeeklyOut, "WeeklyReports")
)
def list_weekly(call: Call) -> Any:
    """The weekly reports you may see, the newest week first."""
    found = queries.list_weekly(call.db, call.actor, call.query)
    return Page(_shapes(call.db, call.actor, list(found.items)), found.next_cursor)


@routes.endpoint(
    "GET", "/weekly-reports/<uuid:weekly_id>", of=queries.find_weekly, answer=words_schemas.WeeklyOneOut
)
def get_weekly(call: Call, weekly: WeeklyReport) -> Any:
    """How far one is, the office's words, and its files once it was made; while it is made again, those of the last
    time."""
    return _whole(call.db, call.actor, weekly)


@routes.endpoint(
    "PATCH", "/weekly-reports/<uuid:weekly_id>", of=queries.find_weekly, body=words_schemas.WordsIn,
    answer=words_schemas.WeeklyOneOut,
)
def word(call: Call, weekly: WeeklyReport) -> Any:
    """Write the office's own words, until the report is frozen."""
    written = dict(call.body)
    version = written.pop("version", None)
    own_words.change(call.db, call.actor, weekly, _plain(written), version=version)
    return _whole(call.db, call.actor, weekly)


@routes.endpoint(
    "POST", "/weekly-reports/<uuid:weekly_id>/freeze", of=queries.find_weekly, answer=words_schemas.WeeklyOneOut,
    stream=True,
)
def freeze(call: Call, weekly_id: uuid.UUID) -> Any:
    """Freeze figures, words and number; a week that still runs is counted up to now. One that is frozen stays as it is."""
    database = edge().database
    with database.read() as db:
        queries.find_weekly(db, call.actor, weekly_id)
    try:
        freezing.freeze(database, conf(), weekly_id, call.actor)
    except rules.StockBrokenError as broken:
        raise Refusal("stock-broken", extra={"where": broken.where, "why": str(broken)}) from None
    with database.read() as db:
        return _whole(db, call.actor, queries.find_weekly(db, call.actor, weekly_id))


@routes.endpoint(
    "POST", "/weekly-reports/<uuid:weekly_id>/sending", of=queries.find_weekly, answer=words_schemas.WeeklyOneOut
)
def send(call: Call, weekly: WeeklyReport) -> Any:
    """Mail a frozen report to those of its recipients who have not been sent it."""
    sending.send(call.db, call.actor, conf(), weekly)
    return _whole(call.db, call.actor, weekly)


@routes.endpoint(
    "GET", "/weekly-recipients", query=words_schemas.RecipientsQuery, answer=words_schemas.RecipientsOut
)
def get_recipients(call: Call) -> Any:
    """Whom the reports of the city, or of a district, are mailed to."""
    return _recipients(call)


@routes.endpoint(
    "PUT", "/weekly-recipients", query=words_schemas.RecipientsQuery, body=words_schemas.RecipientsIn,
    answer=words_schemas.RecipientsOut,
)
def put_recipients(call: Call) -> Any:
    """Have the reports of the city, or of a district, mailed to these addresses and no others."""
    _scope(call)
    sending.set_recipients(call.db, call.actor, _scope(call), call.body["recipients"])
    return _recipients(call)


@routes.endpoint("GET", "/weekly-reports/<uuid:weekly_id>/figures", of=queries.find_weekly, answer=schemas.FiguresOut)
def figures(call: Call, weekly: WeeklyReport) -> Any:
    """Every figure as JSON, of the last time that they could be made; 404 `not-ready` until then."""
    made = queries.last_made(call.db, weekly.id)
    if made is None:
        raise _not_ready(weekly)
    return Reply(orjson.Fragment(as_json(made[1])), plain=True)


@routes.endpoint(
    "GET", "/weekly-reports/<uuid:weekly_id>/files/<format>", of=queries.find_weekly, query=schemas.FileQuery,
    stream=True, linkable=True, produces=files.XLSX,
)
def file(call: Call, weekly_id: uuid.UUID, format: str) -> Response:
    """The report as docx, pdf, xlsx, csv (the register), json (the figures), or zip (all of these, every table as CSV, and
    the photos), in Chinese or English."""
    with edge().database.read() as db:
        weekly = queries.find_weekly(db, call.actor, weekly_id)
        if format not in files.FORMATS and format != files.ZIP:
            raise not_found()
        if weekly.figures_digest is None:
            raise _not_ready(weekly)
        names = queries.district_names(db)
        made = files.made(db, weekly)
    spoken: Language = call.query["lang"] or language(call.request.accept_languages)
    named = files.names(made, names.get(weekly.scope, {}), format, spoken)
    if format == files.ZIP:
        return _stream(call.actor, made, spoken, named)
    where = files.put(files.House(conf(), store()), made, format, spoken)
    about, etag = files.FORMATS[format], where.rpartition("/")[2]
    response = stored_file(store(), where, call.request, media_type=about.media_type, etag=etag, name=named[0], seconds=0)
    return _labelled(response, named, spoken if about.spoken else None)


def _stream(actor: Actor, made: files.Made, spoken: Language, named: tuple[str, str]) -> Response:
    noted = packing(actor.id, How.WEEKLY, made.weekly_id)
    response = Response(files.zipped(files.House(conf(), store()), made, spoken, noted), mimetype="application/zip")
    return _labelled(response, named, spoken)


def _labelled(response: Response, named: tuple[str, str], spoken: Language | None) -> Response:
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{named[1]}"; filename*=UTF-8\'\'{quote(named[0], safe="")}'
    )
    response.headers["Cache-Control"] = "private, no-cache"  # the same address gives the newest making
    if spoken:
        response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
        response.vary.add("Accept-Language")
    return response


def _not_ready(weekly: WeeklyReport) -> Refusal:
    return Refusal("not-ready", extra={"state": weekly.state.value, "progress": weekly.progress})


def _plain(value: Any) -> Any:
    """As JSON has it: what is kept is compared with what is sent."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, uuid.UUID | date) else value


def _scope(call: Call) -> str:
    """The scope that the query names; 422 for a district that there is not."""
    district = call.query["district"]
    if district is not None and district not in queries.district_names(call.db):
        raise invalid("district", "没有此区", "no such district")
    return district or queries.CITY


def _recipients(call: Call) -> dict[str, Any]:
    return {"district": call.query["district"], "recipients": queries.recipients(call.db, _scope(call))}


def _whole(db: Session, actor: Actor, weekly: WeeklyReport) -> dict[str, Any]:
    written = weekly.words or {}
    return _shapes(db, actor, [weekly])[0] | {
        "words": own_words.of(db, weekly, own_words.drafted(db, weekly)), "written": sorted(written),
        "words_version": weekly.words_version, "words_at": weekly.words_at,
        "words_by": queries.name_of(db, weekly.words_by), "mails": sending.deliveries(db, weekly),
    }


def _shapes(db: Session, actor: Actor, found: list[WeeklyReport]) -> list[dict[str, Any]]:
    names = queries.district_names(db)
    return [_shape(weekly, names.get(weekly.scope), actor) for weekly in found]


def _shape(weekly: WeeklyReport, district: dict[str, str] | None, actor: Actor) -> dict[str, Any]:
    week, made = weeks.named(conf(), weekly.iso_year, weekly.iso_week), weekly.figures_digest is not None
    number = {"year": weekly.bulletin_year, "serial": weekly.serial, "total": weekly.total}
    return {
        "id": weekly.id, "iso_year": weekly.iso_year, "iso_week": weekly.iso_week, "starts_on": week.starts_on,
        "ends_on": week.ends_on, "district": district, "state": weekly.state, "progress": weekly.progress,
        "why": weekly.why, "requested_at": weekly.requested_at, "made_at": weekly.made_at,
        "figures_digest": weekly.figures_digest, "counted_to": weekly.counted_to, "held_at": weekly.held_at,
        "frozen_at": weekly.frozen_at, "number": number if weekly.frozen_at else None,
        "links": {
            form: tokens.sign_link(
                f"/api/v1/weekly-reports/{weekly.id}/files/{form}", actor.session_id, conf().link_minutes
            )
            for form in (*files.FORMATS, files.ZIP)
        } if made else {},
    }
