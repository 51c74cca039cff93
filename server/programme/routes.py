"""Districts, areas, sites, who is assigned, the map, import and the summary."""

from __future__ import annotations

from itertools import chain
from typing import Any

from flask import Response

from server.errors import invalid
from server.kit import fields as kit
from server.kit import here, http
from server.kit.geo import Box, Point, check_point, parse_bbox
from server.kit.http import Call, Reply, Routes
from server.kit.paging import Page
from server.kit.table_upload import uploaded_table
from server.programme import entry_schemas, figures, geojson, importing, queries, schemas, service
from server.programme.models import Site
from server.programme.queries import SiteFilter, find_site

routes = Routes("programme", __name__)


@routes.endpoint("GET", "/districts", query=kit.Listing, answer=schemas.DistrictsOut)
def list_districts(call: Call) -> Any:
    """The districts of the city, with their GB/T 2260 codes."""
    return queries.list_districts(call.db, cursor=call.query["cursor"], limit=call.query["limit"])


@routes.endpoint("GET", "/areas", query=schemas.AreasQuery, answer=schemas.AreasOut)
def list_areas(call: Call) -> Any:
    """Renovation areas (片区) by district and name."""
    query = call.query
    return queries.list_areas(call.db, query["district"], cursor=query["cursor"], limit=query["limit"])


@routes.endpoint("GET", "/sites", query=schemas.SitesQuery, answer=schemas.SitesOut)
def list_sites(call: Call) -> Any:
    """The sites one sees, by code, or by distance from `near`."""
    wanted, pages = _filter(call.query), {"cursor": call.query["cursor"], "limit": call.query["limit"]}
    if call.query["near"] is None:
        return queries.list_sites(call.db, call.actor, wanted, **pages)
    return queries.list_sites_near(call.db, call.actor, wanted, _point(call.query["near"]), **pages)


@routes.endpoint("POST", "/sites", body=entry_schemas.SiteIn, answer=schemas.SiteOut, status=201)
def add_site(call: Call) -> Any:
    """Add a site to the programme."""
    return service.add_site(call.db, call.actor, call.body)


@routes.endpoint("GET", "/sites/<uuid:site_id>", answer=schemas.SiteOut, of=find_site)
def get_site(_call: Call, site: Site) -> Any:
    """One site with its kinds of work."""
    return site


@routes.endpoint(
    "PATCH", "/sites/<uuid:site_id>", body=entry_schemas.SitePatchIn, answer=schemas.SiteOut, of=find_site
)
def change_site(call: Call, site: Site) -> Any:
    """Enter progress, money, dates and the like; each change is kept with who and when."""
    return service.change_site(call.db, call.actor, site, call.body, schemas.SiteOut().dump)


@routes.endpoint(
    "GET", "/sites/<uuid:site_id>/changes", query=kit.Listing, answer=schemas.ChangesOut, of=find_site
)
def list_changes(call: Call, site: Site) -> Any:
    """What was changed at the site, newest first."""
    return queries.list_changes(call.db, site, cursor=call.query["cursor"], limit=call.query["limit"])


@routes.endpoint("GET", "/sites/<uuid:site_id>/assignments", answer=schemas.AssignmentsOut, of=find_site)
def list_assignments(call: Call, site: Site) -> Any:
    """The site's inspectors, the present ones first."""
    return _assignments(call, site)


@routes.endpoint(
    "PUT", "/sites/<uuid:site_id>/assignments", body=schemas.AssignmentsIn, answer=schemas.AssignmentsOut, of=find_site
)
def put_assignments(call: Call, site: Site) -> Any:
    """Say who the site's inspectors are; who is not named is no longer."""
    service.assign(call.db, call.actor, site, call.body["person_ids"])
    return _assignments(call, site)


def _assignments(call: Call, site: Site) -> Page[Any]:
    return Page(
        [
            {"person_id": one.person_id, "username": person.username, "name": person.name, "since": one.since,
             "ended_at": one.ended_at}
            for one, person in queries.assignments(call.db, site.id)
        ],
        None,
    )


@routes.endpoint(
    "GET", "/sites.geojson", query=schemas.MapQuery, stream=True, produces="application/geo+json"
)
def map_of_sites(call: Call) -> Any:
    """The sites one sees as a GeoJSON FeatureCollection of points in WGS-84."""
    pieces = geojson.stream(http.edge().database, call.actor, _filter(call.query))
    first, second = next(pieces), next(pieces)  # so that a database that is away is refused, not cut off
    response = Response(chain((first, second), pieces), content_type="application/geo+json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.endpoint("POST", "/sites/import", query=schemas.ImportQuery, answer=schemas.ImportOut, stream=True)
def import_sites(call: Call) -> Any:
    """Add and update sites from a CSV or XLSX, sent as the body or as a form's `file`; all rows or none."""
    sheet = importing.read_sheet(uploaded_table(call.request, here.conf().max_table_bytes))
    result = importing.import_sites(http.edge().database, call.actor, sheet, dry_run=call.query["dry_run"])
    return Reply(result, status=201 if result["created"] and not result["dry_run"] else 200)


@routes.endpoint("GET", "/programme/summary", query=schemas.SummaryQuery, answer=schemas.SummaryOut)
def summary(call: Call) -> Any:
    """The programme's figures for the districts one sees, by district and by kind of work, as of a day."""
    return figures.summary(call.db, call.actor, district=call.query["district"], as_of=call.query["as_of"])


def _filter(query: dict[str, Any]) -> SiteFilter:
    bbox = _box(query["bbox"]) if query["bbox"] is not None else None
    return SiteFilter(query["district"], query["stage"], query["work_type"], query["q"], bbox)


def _box(given: str) -> Box:
    try:
        return parse_bbox(given)
    except ValueError:
        raise invalid("bbox", "须为 西,南,东,北", "must be west,south,east,north in degrees") from None


def _point(given: str) -> Point:
    try:
        lat, lng = (float(part) for part in given.split(","))
        return check_point(lat, lng)
    except ValueError:
        raise invalid("near", "须为 纬度,经度", "must be lat,lng in degrees") from None
