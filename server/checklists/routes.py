"""Checklists as published, and the limits that a site sets."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Response

from server.checklists import files, queries, schemas, service
from server.checklists.burden import burden
from server.checklists.queries import Published
from server.checklists.rules import Limit
from server.errors import not_found
from server.kit import fields as kit
from server.kit.http import Call, Routes
from server.kit.paging import decode, encode
from server.kit.serving import unless_known
from server.programme.models import Site
from server.programme.queries import find_site

routes = Routes("checklists", __name__)


@routes.endpoint("GET", "/checklists", query=kit.Listing, answer=schemas.ChecklistsOut)
def list_checklists(call: Call) -> Any:
    """The newest version of every checklist, by code, whole; and a legend of the words they use."""
    found = queries.all_newest(call.db)
    if call.query["cursor"]:
        (after,) = decode(call.query["cursor"], [str], of="checklists")
        found = [one for one in found if one.checklist.code > after]
    more, found = len(found) > call.query["limit"], found[: call.query["limit"]]
    body = {
        "items": [orjson.Fragment(one.body) for one in found],
        "next_cursor": encode([found[-1].checklist.code], of="checklists") if more else None,
        "legend": files.legend(),
    }
    data = orjson.dumps(body)
    return _unchanging(call, data, hashlib.sha256(data).hexdigest())


@routes.endpoint("GET", "/checklists/burden", answer=schemas.BurdensOut)
def get_burden(call: Call) -> Any:
    """What every checklist costs those who fill it in, times the sites that it is for; and which items ask what the
    system knows by itself."""
    found = [one.checklist for one in queries.all_newest(call.db)]
    sites = queries.sites_by_checklist(call.db, call.actor, found)
    costs = [burden(one, sites[one.code]) for one in found]
    return {"items": sorted(costs, key=lambda cost: (-cost["hours"], cost["code"]))}


@routes.endpoint("GET", "/checklists/<code>", answer=schemas.ChecklistShape)
def get_checklist(call: Call, code: str) -> Any:
    """The newest published version."""
    return _send(call, queries.newest(call.db, code))


@routes.endpoint("GET", "/checklists/<code>/versions/<int:version>", answer=schemas.ChecklistShape)
def get_version(call: Call, code: str, version: int) -> Any:
    """One published version; it never changes."""
    return _send(call, queries.get_published(call.db, code, version))


def _send(call: Call, found: Published | None) -> Response:
    if found is None:
        raise not_found()
    return _unchanging(call, found.body, found.digest)


def _unchanging(call: Call, body: bytes, digest: str) -> Response:
    """The JSON with a strong validator; 304 without a body where the asker has it already."""
    response = Response(body, content_type="application/json")
    response.set_etag(digest)
    response.headers["Cache-Control"] = "private, no-cache"  # keep it, but ask whether it is still so
    return unless_known(response, call.request)


@routes.endpoint("GET", "/sites/<uuid:site_id>/limits", answer=schemas.LimitsOut, of=find_site)
def get_limits(call: Call, site: Site) -> Any:
    """What the site's design or a local rule sets, by item."""
    return {"site_id": site.id, "items": queries.limits_of(call.db, site.id)}


@routes.endpoint(
    "PUT", "/sites/<uuid:site_id>/limits", body=schemas.LimitsIn, answer=schemas.LimitsOut, of=find_site
)
def put_limits(call: Call, site: Site) -> Any:
    """Replace the site's limits; reports received from now on are judged by them."""
    limits = {code: Limit(**bounds) for code, bounds in call.body["items"].items()}
    return {"site_id": site.id, "items": service.set_limits(call.db, call.actor, site, limits)}
