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
from server.weekly.rules import WeeklyState

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
    """How far one is, and its files once it is ready."""
    return _shapes(call, [weekly])[0]


@routes.endpoint("GET", "/weekly-reports/<uuid:weekly_id>/figures", of=queries.find_weekly, answer=schemas.FiguresOut)
def figures(call: Call, weekly: WeeklyReport) -> Any:
    """Every figure as JSON; 404 `not-ready` until it is made."""
    _demand_ready(weekly)
    return queries.figures_of(call.db, weekly.id)


@routes.endpoint(
    "GET", "/weekly-reports/<uuid:weekly_id>/files/<format>", of=queries.find_weekly, query=schemas.FileQuery,
    stream=True, linkable=True, produces=files.XLSX,
)
def file(call: Call, weekly_id: uuid.UUID, format: str) -> Response:
    """The report as xlsx, csv (the register) or json, in Chinese or English."""
    with edge().database.read() as db:
        weekly = queries.find_weekly(db, call.actor, weekly_id)
        names = queries.district_names(db)
    if format not in files.FORMATS:
        raise Refusal("not-acceptable") if format in files.LATER else not_found()
    _demand_ready(weekly)
    spoken: Language = call.query["lang"] or language(call.request.accept_languages)
    where = files.key(weekly.id, weekly.figures_digest or "", format, spoken)
    if store().size(where) is None:  # lost with the store's disk, or of an older version of the print
        with edge().database.read() as db:
            counted = queries.figures_of(db, weekly.id)
        files.put(store(), staging(), where, format, spoken, counted or {})
    return _send(call, weekly, names.get(weekly.scope, {}), format, spoken)


def _send(call: Call, weekly: WeeklyReport, district: dict[str, str], form: str, spoken: Language) -> Response:
    about, where = files.FORMATS[form], files.key(weekly.id, weekly.figures_digest or "", form, spoken)
    week = _week_of(weekly)
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


def _demand_ready(weekly: WeeklyReport) -> None:
    if weekly.state is not WeeklyState.READY:
        raise Refusal("not-ready", extra={"state": weekly.state.value, "progress": weekly.progress})


def _week_of(weekly: WeeklyReport) -> rules.Week:
    return rules.week(weekly.iso_year, weekly.iso_week, starts_on=conf().week_starts_on)


def _shapes(call: Call, found: list[WeeklyReport]) -> list[dict[str, Any]]:
    names = queries.district_names(call.db)
    return [_shape(weekly, names.get(weekly.scope), call.actor) for weekly in found]


def _shape(weekly: WeeklyReport, district: dict[str, str] | None, actor: Actor) -> dict[str, Any]:
    week, ready = _week_of(weekly), weekly.state is WeeklyState.READY
    return {
        "id": weekly.id, "iso_year": weekly.iso_year, "iso_week": weekly.iso_week, "starts_on": week.starts_on,
        "ends_on": week.ends_on, "district": district, "state": weekly.state, "progress": weekly.progress,
        "why": weekly.why, "requested_at": weekly.requested_at, "made_at": weekly.made_at if ready else None,
        "figures_digest": weekly.figures_digest if ready else None,
        "links": {
            form: tokens.sign_link(
                f"/api/v1/weekly-reports/{weekly.id}/files/{form}", actor.session_id, conf().link_minutes
            )
            for form in files.FORMATS
        } if ready else {},
    }
