"""Who may do what: one table of route × role, and one of what each role sees of each kind of thing.

A route that is not in MAY does not start. A role that is not named there gets 403 where it may see the
thing, else 404. SEES is turned into SQL by each feature's `visible_to(actor)` in its queries.py.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from server.errors import Refusal
from server.kit.actor import Actor, Role
from server.kit.geo import coarse

INSPECTOR, SUPERVISOR, CONTRACTOR, OFFICE, ADMIN = (
    Role.INSPECTOR, Role.SUPERVISOR, Role.CONTRACTOR, Role.OFFICE, Role.ADMIN,
)
ANYBODY: frozenset[Role] = frozenset()  # no sign-in at all
SIGNED_IN = frozenset(Role)
DESK = frozenset({SUPERVISOR, OFFICE, ADMIN})


def only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


class Reach(StrEnum):
    """How far a role sees."""

    NOTHING = "nothing"
    OWN = "own"  # made by this person
    ASSIGNED = "assigned"  # at a site that this person is or was assigned to
    ORGANISATION = "organisation"  # of this person's firm
    DISTRICTS = "districts"  # in this person's districts
    ALL = "all"


SEES: dict[str, dict[Role, Reach]] = {
    "site": {INSPECTOR: Reach.ASSIGNED, SUPERVISOR: Reach.DISTRICTS, OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "report": {INSPECTOR: Reach.OWN, SUPERVISOR: Reach.DISTRICTS, OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "issue": {
        INSPECTOR: Reach.ASSIGNED, SUPERVISOR: Reach.DISTRICTS, CONTRACTOR: Reach.ORGANISATION,
        OFFICE: Reach.ALL, ADMIN: Reach.ALL,
    },
    "person": {ADMIN: Reach.ALL},
    "audit": {SUPERVISOR: Reach.DISTRICTS, OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "upload": {INSPECTOR: Reach.OWN, SUPERVISOR: Reach.OWN, CONTRACTOR: Reach.OWN},
    "weekly_report": {SUPERVISOR: Reach.DISTRICTS, OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "export": dict.fromkeys(Role, Reach.OWN),
    "job": {OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "message": dict.fromkeys(Role, Reach.OWN),
    "delivery": {OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "webhook": {OFFICE: Reach.ALL, ADMIN: Reach.ALL},
    "hold": {OFFICE: Reach.ALL, ADMIN: Reach.ALL},
}
# A photo is seen by whoever sees a report, reply or issue that holds it; photos asks its holders.

# Who works with positions to the metre: who goes to the place, and who judges what was seen there. A firm knows its
# site, and needs nobody's track.
EXACT_PLACES = frozenset({INSPECTOR, SUPERVISOR, OFFICE, ADMIN})

MAY: dict[str, frozenset[Role]] = {
    # pages and operation
    "GET /": ANYBODY,
    "GET /desk": ANYBODY,
    "GET /assets/{name}": ANYBODY,
    "GET /sw.js": ANYBODY,
    "GET /manifest.webmanifest": ANYBODY,
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /metrics": ANYBODY,
    "GET /api/v1/openapi.json": ANYBODY,
    "GET /api/v1/docs": ANYBODY,
    # a resident who holds a link
    "GET /r/{code}": ANYBODY,
    "POST /r/{code}": ANYBODY,
    "GET /r/{code}/before.jpg": ANYBODY,
    "GET /r/{code}/after.jpg": ANYBODY,
    # sign-in
    "POST /api/v1/auth/login": ANYBODY,
    "POST /api/v1/auth/refresh": ANYBODY,
    "POST /api/v1/auth/logout": SIGNED_IN,
    "POST /api/v1/auth/password": ANYBODY,
    "GET /api/v1/me": SIGNED_IN,
    "POST /api/v1/me/password": SIGNED_IN,
    # people
    "GET /api/v1/people": only(ADMIN),
    "POST /api/v1/people": only(ADMIN),
    "POST /api/v1/people/import": only(ADMIN),
    "GET /api/v1/people/{person_id}": only(ADMIN),
    "PATCH /api/v1/people/{person_id}": only(ADMIN),
    "POST /api/v1/people/{person_id}/password-reset": only(ADMIN),
    "POST /api/v1/people/{person_id}/handover": only(ADMIN),
    "GET /api/v1/people/{person_id}/devices": only(ADMIN),
    "DELETE /api/v1/people/{person_id}/devices": only(ADMIN),
    "DELETE /api/v1/people/{person_id}/devices/{device_id}": only(ADMIN),
    "GET /api/v1/organisations": DESK,
    "POST /api/v1/organisations": only(OFFICE, ADMIN),
    "GET /api/v1/audit": only(SUPERVISOR, OFFICE, ADMIN),
    # programme
    "GET /api/v1/districts": SIGNED_IN,
    "GET /api/v1/areas": SIGNED_IN,
    "GET /api/v1/sites": SIGNED_IN,
    "POST /api/v1/sites": only(OFFICE, ADMIN),
    "POST /api/v1/sites/import": only(OFFICE, ADMIN),
    "GET /api/v1/sites.geojson": SIGNED_IN,
    "GET /api/v1/sites/{site_id}": SIGNED_IN,
    "PATCH /api/v1/sites/{site_id}": only(SUPERVISOR, OFFICE, ADMIN),
    "GET /api/v1/sites/{site_id}/changes": DESK,
    "GET /api/v1/sites/{site_id}/assignments": DESK,
    "PUT /api/v1/sites/{site_id}/assignments": only(SUPERVISOR, OFFICE, ADMIN),
    "GET /api/v1/programme/summary": DESK,
    "GET /api/v1/programme/policy": DESK,
    "PATCH /api/v1/programme/policy": only(OFFICE, ADMIN),
    "GET /api/v1/programme/policy/changes": DESK,
    "GET /api/v1/calendar": DESK,
    "POST /api/v1/calendar/import": only(OFFICE, ADMIN),
    "GET /api/v1/programme/matrix": DESK,
    "GET /api/v1/programme/matrix.xlsx": DESK,
    "GET /api/v1/programme/unvisited": DESK,
    "GET /api/v1/programme/unvisited.xlsx": DESK,
    "GET /api/v1/programme/schedule": DESK,
    "GET /api/v1/programme/schedule.xlsx": DESK,
    "GET /api/v1/sites/{site_id}/standing": DESK,
    # checklists
    "GET /api/v1/checklists": SIGNED_IN,
    "GET /api/v1/checklists/burden": DESK,
    "GET /api/v1/checklists/{code}": SIGNED_IN,
    "GET /api/v1/checklists/{code}/versions/{version}": SIGNED_IN,
    "GET /api/v1/sites/{site_id}/limits": SIGNED_IN,
    "PUT /api/v1/sites/{site_id}/limits": only(SUPERVISOR, OFFICE, ADMIN),
    # reports
    "GET /api/v1/reports": SIGNED_IN,
    "PUT /api/v1/reports/{report_id}": only(INSPECTOR),
    "GET /api/v1/reports/{report_id}": SIGNED_IN,
    "GET /api/v1/reports/{report_id}.pdf": SIGNED_IN,
    "GET /api/v1/reports/{report_id}.docx": SIGNED_IN,
    "GET /api/v1/reports/{report_id}/revisions/{revision}": SIGNED_IN,
    "GET /api/v1/reports/{report_id}/conflicts": only(SUPERVISOR, OFFICE, ADMIN),
    "POST /api/v1/reports/{report_id}/reviews": only(SUPERVISOR),
    # photos
    "OPTIONS /api/v1/uploads": ANYBODY,
    "POST /api/v1/uploads": only(INSPECTOR, SUPERVISOR, CONTRACTOR),
    "HEAD /api/v1/uploads/{upload_id}": SIGNED_IN,
    "PATCH /api/v1/uploads/{upload_id}": SIGNED_IN,
    "DELETE /api/v1/uploads/{upload_id}": SIGNED_IN,
    "OPTIONS /api/v1/uploads/{upload_id}": ANYBODY,
    "GET /api/v1/photos/{photo_id}": SIGNED_IN,
    "GET /api/v1/photos/{photo_id}/likeness": SIGNED_IN,
    "GET /api/v1/photos/{photo_id}/original": SIGNED_IN,
    "GET /api/v1/photos/{photo_id}/preview": SIGNED_IN,
    "GET /api/v1/photos/{photo_id}/thumb": SIGNED_IN,
    # flags: what the product worked out, answered by whose report it is and settled by who reviews
    "POST /api/v1/flags/{flag_id}/answer": only(INSPECTOR),
    "POST /api/v1/flags/{flag_id}/settlement": only(SUPERVISOR),
    # custody: an inspector sees when others opened a photo but not who; never the firm whose work the photo shows
    "GET /api/v1/photos/{photo_id}/custody": only(INSPECTOR, SUPERVISOR, OFFICE, ADMIN),
    "GET /api/v1/reports/{report_id}/evidence": DESK,
    "GET /api/v1/reports/{report_id}/evidence/contents": DESK,
    "GET /api/v1/issues/{issue_id}/evidence": DESK,
    "GET /api/v1/issues/{issue_id}/evidence/contents": DESK,
    "GET /api/v1/photos/{photo_id}/stamped": SIGNED_IN,
    # the office too: it answers to people who find themselves in a bulletin, and a cover changes no report
    "POST /api/v1/photos/{photo_id}/redactions": only(SUPERVISOR, OFFICE),
    "POST /api/v1/photos/{photo_id}/redactions/{redaction_id}/lifting": only(SUPERVISOR, OFFICE),
    # retention: rules are set on the machine, and removed is by nobody's click; holds stop it
    "GET /api/v1/retention": only(OFFICE, ADMIN),
    "GET /api/v1/holds": only(OFFICE, ADMIN),
    "POST /api/v1/holds": only(OFFICE, ADMIN),
    "POST /api/v1/holds/{hold_id}/lifting": only(OFFICE, ADMIN),
    # issues
    "GET /api/v1/issues": SIGNED_IN,
    "GET /api/v1/issues/counts": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}": SIGNED_IN,
    "POST /api/v1/issues": only(INSPECTOR, SUPERVISOR),
    "PATCH /api/v1/issues/{issue_id}": only(INSPECTOR, SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/submission": only(INSPECTOR),
    "POST /api/v1/issues/{issue_id}/discard": only(INSPECTOR),
    "GET /api/v1/second-looks": DESK,
    "POST /api/v1/second-looks/{look_id}": only(SUPERVISOR),
    "GET /api/v1/follow-ups": only(INSPECTOR, SUPERVISOR, OFFICE, ADMIN),
    "POST /api/v1/notices": only(SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/notice": only(SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/acknowledgement": only(CONTRACTOR),
    "POST /api/v1/issues/{issue_id}/objection": only(CONTRACTOR),
    "POST /api/v1/issues/{issue_id}/objection/settlement": only(SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/extensions": only(CONTRACTOR),
    "POST /api/v1/issues/{issue_id}/extensions/{extension_id}/settlement": only(SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/replies": only(CONTRACTOR),
    "POST /api/v1/issues/{issue_id}/verifications": only(INSPECTOR, SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/follow-ups": only(INSPECTOR, SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/reopening": only(SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/affirmation": only(SUPERVISOR),
    "POST /api/v1/issues/{issue_id}/void": only(SUPERVISOR),
    # the residents' word: never for the firm whose work it judges
    "GET /api/v1/issues/{issue_id}/residents": only(INSPECTOR, SUPERVISOR, OFFICE, ADMIN),
    "POST /api/v1/issues/{issue_id}/residents": only(SUPERVISOR),
    "GET /api/v1/issues/{issue_id}/residents.svg": only(INSPECTOR, SUPERVISOR, OFFICE, ADMIN),
    "GET /api/v1/issues/{issue_id}/residents/{question_id}/photo": only(INSPECTOR, SUPERVISOR, OFFICE, ADMIN),
    # papers
    "GET /api/v1/issues.xlsx": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}/notice.docx": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}/notice.pdf": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}/reply.docx": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}/reply.pdf": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}/verification.docx": SIGNED_IN,
    "GET /api/v1/issues/{issue_id}/verification.pdf": SIGNED_IN,
    "GET /api/v1/documents": SIGNED_IN,
    "POST /api/v1/documents": only(SUPERVISOR, OFFICE),
    "GET /api/v1/documents/{document_id}.docx": SIGNED_IN,
    "GET /api/v1/documents/{document_id}.pdf": SIGNED_IN,
    "GET /api/v1/documents/templates": only(OFFICE, ADMIN),
    "GET /api/v1/documents/templates/{kind}": only(OFFICE, ADMIN),
    "PUT /api/v1/documents/templates/{kind}": only(OFFICE, ADMIN),
    "DELETE /api/v1/documents/templates/{kind}": only(OFFICE, ADMIN),
    "POST /api/v1/documents/templates/{kind}/preview": only(OFFICE, ADMIN),
    # the week
    "POST /api/v1/weekly-reports": only(OFFICE, ADMIN),
    "GET /api/v1/weekly-reports": DESK,
    "GET /api/v1/weekly-reports/{weekly_id}": DESK,
    "GET /api/v1/weekly-reports/{weekly_id}/figures": DESK,
    "GET /api/v1/weekly-reports/{weekly_id}/files/{format}": DESK,
    "PATCH /api/v1/weekly-reports/{weekly_id}": only(OFFICE, ADMIN),
    "POST /api/v1/weekly-reports/{weekly_id}/freeze": only(OFFICE, ADMIN),
    "POST /api/v1/weekly-reports/{weekly_id}/sending": only(OFFICE, ADMIN),
    "GET /api/v1/weekly-recipients": only(OFFICE, ADMIN),
    "PUT /api/v1/weekly-recipients": only(OFFICE, ADMIN),
    # exports: of what a list shows to whoever asks
    "POST /api/v1/exports": SIGNED_IN,
    "GET /api/v1/exports": SIGNED_IN,
    "GET /api/v1/exports/{export_id}": SIGNED_IN,
    "GET /api/v1/exports/{export_id}/file": SIGNED_IN,
    "DELETE /api/v1/exports/{export_id}": SIGNED_IN,
    # the phone, the inbox, jobs
    "GET /api/v1/sync": SIGNED_IN,
    "GET /api/v1/settings": SIGNED_IN,
    "GET /api/v1/messages": SIGNED_IN,
    "POST /api/v1/messages/{message_id}/read": SIGNED_IN,
    "GET /api/v1/webhooks": only(OFFICE, ADMIN),
    "POST /api/v1/webhooks": only(OFFICE, ADMIN),
    "PATCH /api/v1/webhooks/{webhook_id}": only(OFFICE, ADMIN),
    "DELETE /api/v1/webhooks/{webhook_id}": only(OFFICE, ADMIN),
    "POST /api/v1/webhooks/{webhook_id}/test": only(OFFICE, ADMIN),
    "GET /api/v1/webhooks/{webhook_id}/deliveries": only(OFFICE, ADMIN),
    "GET /api/v1/deliveries": only(OFFICE, ADMIN),
    "POST /api/v1/deliveries/{delivery_id}/again": only(OFFICE, ADMIN),
    "GET /api/v1/jobs": only(OFFICE, ADMIN),
    "GET /api/v1/jobs/{job_id}": only(OFFICE, ADMIN),
}


def may(actor: Actor, route: str) -> bool:
    """Whether one of the actor's roles is named for `route`."""
    return not MAY[route].isdisjoint(actor.roles)


def demand(actor: Actor, route: str) -> None:
    """Refuse with 403 unless the actor's role is named for `route`."""
    if not may(actor, route):
        raise Refusal("not-allowed")


def within(actor: Actor, route: str) -> Actor:
    """The actor with those roles alone that carry the right to `route`: what other roles show is not theirs by it."""
    return replace(actor, roles=actor.roles & MAY[route])


def demand_district(actor: Actor, district: str | None) -> None:
    """Refuse with 403 a supervisor's word in a district that is not theirs, which another role lets them see."""
    if district is not None and district not in actor.districts:
        raise Refusal("not-allowed")


def reaches(actor: Actor, kind: str) -> set[Reach]:
    """How far this actor sees things of `kind`, over all roles."""
    table = SEES[kind]
    return {table[role] for role in actor.roles if role in table}


def sees_exact_places(actor: Actor) -> bool:
    """Whether positions are shown to this actor as they are, and not to about a hundred metres."""
    return actor.has(*EXACT_PLACES)


def placed(actor: Actor, shown: Any) -> Any:
    """What is shown, with the positions in it as exact as this actor may have them."""
    return shown if sees_exact_places(actor) else coarse(shown)
