"""The weekly report over HTTP."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from flask import Response

from server.errors import Refusal, not_found
from server.kit import tokens
from server.kit.actor import Actor
from server.kit.fields import listing
from server.kit.here import conf, staging, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import Language, language
from server.kit.paging import Page
from server.kit.serving import stored_file
from server.weekly import files, queries, rules, schemas, service
from server.weekly.models import WeeklyReport

routes = Routes("weekly", __name__)


@routes.endpoint("POST", "/weekly-reports", body=schemas.WeeklyIn, answer=schemas.WeeklyOut, status=202)
def ask(call: Call) -> Any:
    """Have the report of a week made, or made again; while one is under way, that one is the answer."""
    wanted = call.body
    weekly = service.request(
        call.db, call.actor, conf(), int(wanted["iso_year"]), int(wanted["iso_week"]), wanted["district"]
    )
    return _shapes(call, [weekly])[0]


@routes.endpoint(
    "GET", "/weekly-reports", query=schemas.WeeklyQuery, answer=listing(schemas.WeeklyOut, "WeeklyReports")
)
def list_weekly(call: Call) -> Any:
    """The weekly reports you may see, the newest week first."""
    found = queries.list_weekly(call.db, call.actor, call.query)
    return Page(_shapes(call, list(found.items)), found.next_cursor)


@routes.endpoint("GET", "/weekly-reports/<uuid:weekly_id>", of=queries.find_weekly, answer=schemas.WeeklyOut)
def get_weekly(call: Call, weekly: WeeklyReport) -> Any:
    """How far one is, and its files once it was made; while it is made again, those of the last time."""
    return _shapes(call, [weekly])[0]


@routes.endpoint("GET", "/weekly-reports/<uuid:weekly_id>/figures", of=queries.find_weekly, answer=schemas.FiguresOut)
def figures(call: Call, weekly: WeeklyReport) -> Any:
    """Every figure as JSON, of the last time that they could be made; 404 `not-ready` until then."""
    made = queries.last_made(call.db, weekly.id)
    if made is None:
        raise _not_ready(weekly)
    return made[1]


@routes.endpoint(
    "GET", "/weekly-reports/<uuid:weekly_id>/files/<format>", of=queries.find_weekly, query=schemas.FileQuery,
    stream=True, linkable=True, produces=files.XLSX,
)
def file(call: Call, weekly_id: uuid.UUID, format: str) -> Response:
    """The report as xlsx, csv (the register), json, or zip (these and every table as CSV), in Chinese or English.

    404 `format-not-made` for what this server does not print yet (docx, pdf).
    """
    with edge().database.read() as db:
        weekly = queries.find_weekly(db, call.actor, weekly_id)
        names = queries.district_names(db)
    if format not in files.FORMATS:
        raise Refusal("format-not-made") if format in files.LATER else not_found()
    if weekly.figures_digest is None:
        raise _not_ready(weekly)
    spoken: Language = call.query["lang"] or language(call.request.accept_languages)
    where = files.key(weekly.id, weekly.figures_digest, format, spoken)
    if store().size(where) is None:  # lost with the store's disk, or of an older version of the print
        where = _print_again(weekly, format, spoken)
    return _send(call, weekly, names.get(weekly.scope, {}), format, spoken, where)


def _print_again(weekly: WeeklyReport, form: str, spoken: Language) -> str:
    with edge().database.read() as db:  # a newer making may have come since: its figures go under its own digest
        made = queries.last_made(db, weekly.id)
    if made is None:
        raise _not_ready(weekly)
    return files.put(store(), staging(), weekly.id, made, form, spoken)


def _send(  # noqa: PLR0917 - a file is sent with all of these
    call: Call, weekly: WeeklyReport, district: dict[str, str], form: str, spoken: Language, where: str
) -> Response:
    about, week = files.FORMATS[form], _week_of(weekly)
    named = f"{rules.stem(week, district.get('name'))}.{form}"
    plain = f"{rules.ascii_stem(week, district.get('code'))}.{form}"
    etag = where.rpartition("/")[2]
    response = stored_file(store(), where, call.request, media_type=about.media_type, etag=etag, name=named, seconds=0)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{plain}"; filename*=UTF-8\'\'{quote(named, safe="")}'
    )
    response.headers["Cache-Control"] = "private, no-cache"  # the same address gives the newest making
    if about.spoken:
        response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
        response.vary.add("Accept-Language")
    return response


def _not_ready(weekly: WeeklyReport) -> Refusal:
    return Refusal("not-ready", extra={"state": weekly.state.value, "progress": weekly.progress})


def _week_of(weekly: WeeklyReport) -> rules.Week:
    return rules.week(weekly.iso_year, weekly.iso_week, starts_on=conf().week_starts_on)


def _shapes(call: Call, found: list[WeeklyReport]) -> list[dict[str, Any]]:
    names = queries.district_names(call.db)
    return [_shape(weekly, names.get(weekly.scope), call.actor) for weekly in found]


def _shape(weekly: WeeklyReport, district: dict[str, str] | None, actor: Actor) -> dict[str, Any]:
    week, made = _week_of(weekly), weekly.figures_digest is not None
    return {
        "id": weekly.id, "iso_year": weekly.iso_year, "iso_week": weekly.iso_week, "starts_on": week.starts_on,
        "ends_on": week.ends_on, "district": district, "state": weekly.state, "progress": weekly.progress,
        "why": weekly.why, "requested_at": weekly.requested_at, "made_at": weekly.made_at,
        "figures_digest": weekly.figures_digest,
        "links": {
            form: tokens.sign_link(
                f"/api/v1/weekly-reports/{weekly.id}/files/{form}", actor.session_id, conf().link_minutes
            )
            for form in files.FORMATS
        } if made else {},
    }
