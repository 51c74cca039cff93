"""The matrix of sites and kinds of work, the sites that nobody visited, and the plan against what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from server.kit import clock, here, http
from server.kit.http import Call, Routes
from server.kit.i18n import Language
from server.programme import list_sheets, matrix_sheet, overview_schemas, schedule, unvisited
from server.programme import matrix as matrices
from server.programme.models import Site
from server.programme.queries import SiteFilter, find_site
from server.programme.ranked import assigned_to
from server.programme.workbooks import XLSX, workbook

MOST = 1_000_000  # rows of a workbook: all there are
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
    query = call.query

    def write(spoken: Language, path: Path) -> None:
        matrix_sheet.write(
            http.edge().database, call.actor, _filter(query), awaiting=query["awaiting"], spoken=spoken, path=path
        )

    return workbook(call, matrix_sheet.NAMES, write)


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
    "GET", "/programme/unvisited.xlsx", query=overview_schemas.UnvisitedFileQuery, stream=True, produces=XLSX
)
def unvisited_file(call: Call) -> Any:
    """The same sites, all of them, as a workbook in Chinese or English."""
    with http.edge().database.snapshot() as db:
        days = call.query["days"] or unvisited.stale_days(db, here.conf())
        found = unvisited.unvisited(db, call.actor, district=call.query["district"], days=days, cursor=None, limit=MOST)
    return workbook(call, list_sheets.UNVISITED, lambda spoken, path: list_sheets.unvisited(found, spoken, path))


@routes.endpoint(
    "GET", "/programme/schedule", query=overview_schemas.ScheduleQuery, answer=overview_schemas.SchedulesOut
)
def list_schedule(call: Call) -> Any:
    """Planned days against actual ones, the latest sites first, with sums by district."""
    return _schedule(call, call.db, cursor=call.query["cursor"], limit=call.query["limit"])


@routes.endpoint(
    "GET", "/programme/schedule.xlsx", query=overview_schemas.ScheduleFileQuery, stream=True, produces=XLSX
)
def schedule_file(call: Call) -> Any:
    """The same sites, all of them, as a workbook in Chinese or English."""
    with http.edge().database.snapshot() as db:
        found = _schedule(call, db, cursor=None, limit=MOST)
    return workbook(call, list_sheets.SCHEDULE, lambda spoken, path: list_sheets.schedule(found, spoken, path))


def _schedule(call: Call, db: Session, *, cursor: str | None, limit: int) -> dict[str, Any]:
    query = call.query
    wanted = SiteFilter(district=query["district"], stage=query["stage"], q=query["q"])
    return schedule.schedule(db, call.actor, wanted, late=query["late"], cursor=cursor, limit=limit)


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
