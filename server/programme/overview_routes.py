"""The matrix of sites and kinds of work, the sites that nobody visited, and the plan against what came of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Response

from server.kit import clock, here, http
from server.kit.http import Call, Routes
from server.kit.i18n import Language, language
from server.kit.serving import disposition
from server.programme import matrix as matrices
from server.programme import matrix_sheet, overview_schemas, schedule, unvisited
from server.programme.models import Site
from server.programme.queries import SiteFilter, find_site
from server.programme.ranked import assigned_to

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE = 64 * 1024
routes = Routes("overview", __name__)


@routes.endpoint(
    "GET", "/programme/matrix", query=overview_schemas.MatrixQuery, answer=overview_schemas.MatrixOut
)
def matrix(call: Call) -> Any:
    """The sites one sees × the kinds of work: planned, reported, verified, and the evidence behind it."""
    query = call.query
    return matrices.matrix(
        call.db, call.actor, _filter(query), awaiting=query["awaiting"], cursor=query["cursor"], limit=query["limit"]
    )


@routes.endpoint(
    "GET", "/programme/matrix.xlsx", query=overview_schemas.MatrixFileQuery, stream=True, produces=XLSX
)
def matrix_file(call: Call) -> Any:
    """The same matrix, all of it, as a workbook in Chinese or English."""
    spoken: Language = call.query["lang"] or language(call.request.accept_languages)
    here.staging().mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="matrix-", suffix=".xlsx", dir=here.staging())
    os.close(handle)
    path = Path(name)
    try:
        matrix_sheet.write(
            http.edge().database, call.actor, _filter(call.query), awaiting=call.query["awaiting"], spoken=spoken, path=path
        )
        size, pieces = path.stat().st_size, _pieces(path)
        next(pieces)  # opened: from here on it needs no name
    finally:
        path.unlink()
    response = Response(pieces, content_type=XLSX)
    response.content_length = size
    response.headers["Content-Disposition"] = disposition(matrix_sheet.file_name(spoken, clock.today()), kind="attachment")
    response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
    response.headers["Cache-Control"] = "private, no-store"
    response.vary.add("Accept-Language")
    return response


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield b""
        while piece := file.read(PIECE):
            yield piece


@routes.endpoint(
    "GET", "/programme/unvisited", query=overview_schemas.UnvisitedQuery, answer=overview_schemas.UnvisitedOut
)
def list_unvisited(call: Call) -> Any:
    """Sites in progress without a valid visit for more than so many days, those that waited longest first."""
    query = call.query
    days = query["days"] or unvisited.stale_days(call.db, here.conf())
    return unvisited.unvisited(
        call.db, call.actor, district=query["district"], days=days, cursor=query["cursor"], limit=query["limit"]
    )


@routes.endpoint(
    "GET", "/programme/schedule", query=overview_schemas.ScheduleQuery, answer=overview_schemas.SchedulesOut
)
def list_schedule(call: Call) -> Any:
    """Planned days against actual ones, the latest sites first, with sums by district."""
    query = call.query
    wanted = SiteFilter(district=query["district"], stage=query["stage"], q=query["q"])
    return schedule.schedule(
        call.db, call.actor, wanted, late=query["late"], cursor=query["cursor"], limit=query["limit"]
    )


@routes.endpoint("GET", "/sites/<uuid:site_id>/standing", answer=overview_schemas.StandingOut, of=find_site)
def get_standing(call: Call, site: Site) -> Any:
    """How a site stands: against its plan, by its visits, and what its verified work rests on."""
    return {
        "as_of": clock.today(), "schedule": schedule.of_site(site),
        "visits": unvisited.of_site(site, unvisited.stale_days(call.db, here.conf())),
        "assigned": assigned_to(call.db, [site.id]).get(site.id, []),
        "items": matrices.items_of(call.db, [site.id], reports=True).get(site.id, []),
    }


def _filter(query: dict[str, Any]) -> SiteFilter:
    return SiteFilter(
        district=query["district"], area=query["area"], stage=query["stage"], work_type=query["work_type"], q=query["q"]
    )
