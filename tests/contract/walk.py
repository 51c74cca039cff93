"""Every field of every body and query string, found by walking the marshmallow schemas that the server runs on."""

from __future__ import annotations

import base64
import copy
import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import marshmallow as ma
from marshmallow import fields

from server.issues.rules import IssueState
from server.kit import clock
from server.kit.fields import Text
from server.kit.http import Endpoint
from server.kit.ids import new_id
from server.permissions import MAY
from tests.contract.world import BOXES, NOBODY, World
from tests.factories import PASSWORD, YINGZE, mark, photo_entry, report_body, representative

LIMITED = "AGE-C03"  # an item whose limit a site sets
Place = tuple[str | int, ...]  # ("answers", 0, "note")
PREFERRED = ("admin", "office", "supervisor", "inspector", "contractor")
WIDEST = {
    "GET /api/v1/sync": "inspector", "GET /api/v1/messages": "supervisor",
    # an export is its maker's alone
    "GET /api/v1/exports/{export_id}": "office", "GET /api/v1/exports/{export_id}/file": "office",
    "DELETE /api/v1/exports/{export_id}": "office",
}


def caller(route: str) -> str:
    """Who may do it, and sees most."""
    roles = {str(role) for role in MAY[route]}
    return WIDEST.get(route) or next((role for role in PREFERRED if role in roles), NOBODY)


def places(schema: ma.Schema, at: Place = ()) -> Iterator[tuple[Place, fields.Field[Any]]]:
    """Every leaf of a body that may be sent, with its field; of lists the first member, of maps the member LIMITED."""
    for name, field in schema.load_fields.items():
        yield from _inside(field, (*at, field.data_key or name))


def _inside(field: fields.Field[Any], at: Place) -> Iterator[tuple[Place, fields.Field[Any]]]:
    if isinstance(field, fields.Nested):
        yield from places(field.schema, at)
    elif isinstance(field, fields.List):
        yield from _inside(field.inner, (*at, 0))
    elif isinstance(field, fields.Dict):
        yield from _inside(field.value_field, (*at, LIMITED))
    else:
        yield at, field


def put(body: Any, at: Place, value: Any) -> Any:
    """A copy of the body with `value` at this place; what is missing on the way is made."""
    made = copy.deepcopy(body)
    node = made
    for step, following in itertools.pairwise(at):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if not node:
                node.append(empty)
        elif node.get(step) is None:
            node[step] = empty
        node = node[step]
    if isinstance(at[-1], int):
        node[:] = [value]
    else:
        node[at[-1]] = value
    return made


def is_prose(field: fields.Field[Any]) -> bool:
    """Free text, which comes back as it was sent but for the documented cleaning."""
    return isinstance(field, Text)


def login(_world: World) -> Any:
    return {"username": "visitor", "password": PASSWORD, "device": {"id": "phone-2", "name": "平板"}}


def person(_world: World) -> Any:
    return {
        "username": f"p{uuid.uuid4().hex[:16]}", "name": "王芳", "phone": "13800000000", "email": "wang@example.cn",
        "roles": ["inspector"], "districts": [YINGZE], "organisation_id": None, "password": PASSWORD,
    }


def person_patch(_world: World) -> Any:
    return {"name": "王芳", "phone": None, "email": None, "roles": ["inspector"], "districts": [YINGZE],
        "active": True}


def site_patch(_world: World) -> Any:
    return {
        "name": "老军营小区", "street": "老军营街道", "households": 100, "planned_start_on": "2026-03-01",
        "location": {"lat": 37.86, "lng": 112.55, "crs": "wgs84"}, "fence": {"radius_m": 150},
        "work_items": [{"type": "lift", "quantity": 2, "planned": 2}], "investment_planned_yuan": 10.5,
    }


def site(world: World) -> Any:
    return {"code": f"S{uuid.uuid4().hex}", "district": YINGZE, **site_patch(world)}


def report(world: World) -> Any:
    original = {"sha256": "ab" * 32, "size": 3_251_000, "media_type": "image/jpeg", "width": 4000, "height": 3000}
    photo = photo_entry(new_id().bytes, item="ELEV-A05", marks=[mark()], original=original)
    signed, others = representative(), [world.ids["person_id"][0]]
    return report_body(world.site, photos=[photo], representative=signed, co_inspectors=others, answers=[
        {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]],
         "issue": {"severity": "major", "due_on": "2026-12-01"}},
        {"item": "ELEV-C02", "value": 4.2},
    ])


# The state in which an issue takes what is sent to each of its routes.
STANDS_IN: dict[str, IssueState] = {
    "PATCH /api/v1/issues/{issue_id}": IssueState.PENDING_ISSUE, "POST /api/v1/notices": IssueState.PENDING_ISSUE,
    "POST /api/v1/documents": IssueState.ISSUED,
    **{f"POST /api/v1/issues/{{issue_id}}/{word}": state for word, state in {
        "submission": IssueState.DRAFT, "discard": IssueState.DRAFT, "notice": IssueState.PENDING_ISSUE,
        "acknowledgement": IssueState.ISSUED, "objection": IssueState.ISSUED,
        "objection/settlement": IssueState.RECTIFYING, "extensions": IssueState.ISSUED,
        "extensions/{extension_id}/settlement": IssueState.RECTIFYING, "replies": IssueState.ISSUED,
        "verifications": IssueState.PENDING_VERIFICATION, "follow-ups": IssueState.CLOSED,
        "reopening": IssueState.CLOSED, "affirmation": IssueState.REOPENED, "void": IssueState.ISSUED,
    }.items()},
}


def ready_for(route: str, world: World) -> None:
    """What the route speaks of stands so that it takes a good body, whatever other tests did to it."""
    if route == "POST /api/v1/reports/{report_id}/reviews":
        world.renew_report()
    if route == "PATCH /api/v1/weekly-reports/{weekly_id}":
        world.renew_weekly()
    if route.startswith("GET ") and "{photo_id}" in route:
        world.uncover()
    if "{delivery_id}" in route:
        world.renew_delivery()
    if "{hold_id}" in route:
        world.renew_hold()
    if "{flag_id}" in route:
        world.renew_flag()
    if "{look_id}" in route:
        world.renew_look()
    if route in STANDS_IN:
        world.renew_issue(STANDS_IN[route])


WORDLESS = {f"POST /api/v1/issues/{{issue_id}}/{word}" for word in ("submission", "discard", "notice", "acknowledgement")}


def photos() -> dict[str, Any]:
    """One photo, and where the phone is."""
    photo = photo_entry(new_id().bytes, marks=[mark()], location={"lat": 37.86, "lng": 112.55, "crs": "wgs84"})
    return {
        "photos": [photo], "device": {"id": "phone-1"},
        "location": {"lat": 37.86, "lng": 112.55, "crs": "wgs84", "accuracy_m": 10.0},
    }


def entry() -> dict[str, Any]:
    """What a phone sends about an issue, with one photo."""
    return {"id": str(new_id()), "round": 1, **photos()}


# A good body for every route that takes one; a test holds that none is missing.
BODIES: dict[str, Callable[[World], Any]] = {
    "POST /api/v1/auth/login": login,
    "POST /api/v1/auth/password": lambda _world: {"code": "ABCD-EFGH", "new_password": PASSWORD},
    "POST /api/v1/me/password": lambda _world: {"old_password": "Wrong-horse-7", "new_password": PASSWORD},
    "POST /api/v1/people": person,
    "PATCH /api/v1/people/{person_id}": person_patch,
    "POST /api/v1/people/{person_id}/handover": lambda world: {"to": world.ids["person_id"][1]},
    "POST /api/v1/organisations": lambda _world: {"name": f"甲公司{uuid.uuid4().hex}", "kind": "contractor"},
    "POST /api/v1/sites": site,
    "PATCH /api/v1/sites/{site_id}": site_patch,
    "PUT /api/v1/sites/{site_id}/assignments": lambda world: {"person_ids": [str(world.people["inspector"].id)]},
    "PATCH /api/v1/programme/policy": lambda _world: {
        "version": None, "due_days": {"minor": 5}, "due_day_kind": "working", "escalation_days": [2, 4],
        "number_prefixes": {"rectification_notice": "并建督改"}, "issuing_office": "专班", "signer": "张三",
        "copies_to": "市住建局", "stale_days": 14, "residents_asked": True,
    },
    "PUT /api/v1/sites/{site_id}/limits": lambda _world: {"items": {LIMITED: {"min": 1, "max": 5}}},
    "PUT /api/v1/reports/{report_id}": report,
    "POST /api/v1/reports/{report_id}/reviews": lambda _world: {
        "decision": "return", "revision": 1, "comment": "请补拍", "items": [{"item": "ELEV-A01", "comment": "看不清"}],
    },
    "POST /api/v1/flags/{flag_id}/answer": lambda _world: {"text": "地下车库信号不好"},
    "POST /api/v1/flags/{flag_id}/settlement": lambda _world: {"reason": "现场核实，坐标登记有误"},
    "POST /api/v1/photos/{photo_id}/redactions": lambda _world: BOXES,
    "POST /api/v1/photos/{photo_id}/redactions/{redaction_id}/lifting": lambda _world: {"reason": "误遮"},
    "POST /api/v1/holds": lambda world: {"kind": "report", "id": world.ids["report_id"][0], "reason": f"案件 {uuid.uuid4()}"},
    "POST /api/v1/holds/{hold_id}/lifting": lambda _world: {"reason": "案件已结"},
    "POST /api/v1/issues": lambda world: {
        "id": str(new_id()), "site_id": str(world.site), "description": "12345：路灯不亮", "severity": "minor",
        "source": "hotline", "due_on": "2099-01-01", **photos(),
    },
    "PATCH /api/v1/issues/{issue_id}": lambda world: {
        "severity": "major", "due_on": "2099-01-02", "description": "三单元焊工无证", "round": 1,
        "contractor_id": world.ids["organisation_id"][0],
    },
    "POST /api/v1/notices": lambda world: {"issue_ids": [world.ids["issue_id"][0]]},
    **dict.fromkeys([
        "POST /api/v1/issues/{issue_id}/submission", "POST /api/v1/issues/{issue_id}/discard",
        "POST /api/v1/issues/{issue_id}/notice", "POST /api/v1/issues/{issue_id}/acknowledgement",
    ], lambda _world: {"round": 1}),
    **dict.fromkeys([
        "POST /api/v1/issues/{issue_id}/objection", "POST /api/v1/issues/{issue_id}/reopening",
        "POST /api/v1/issues/{issue_id}/affirmation", "POST /api/v1/issues/{issue_id}/void",
    ], lambda _world: {"round": 1, "reason": "现场核实"}),
    "POST /api/v1/issues/{issue_id}/objection/settlement": lambda _world: {"result": "kept", "comment": "维持"},
    "POST /api/v1/issues/{issue_id}/extensions": lambda _world: {
        "id": str(new_id()), "reason": "连日降雨", "due_on": "2099-03-01", "round": 1,
    },
    "POST /api/v1/issues/{issue_id}/extensions/{extension_id}/settlement": lambda _world: {
        "result": "refused", "comment": "不同意", "due_on": None, "round": 1,
    },
    "POST /api/v1/issues/{issue_id}/replies": lambda _world: {
        **entry(), "measure": "已换持证焊工", "cause": "审查不严", "prevention": "每日核验", "responsible_person": "李工",
        "done_at": "2026-11-20T15:00:00+08:00",
    },
    "POST /api/v1/issues/{issue_id}/verifications": lambda _world: {
        **entry(), "result": "fail", "comment": "仍有一人无证", "reason": None, "due_on": "2099-01-01", "reply_id": None,
    },
    "POST /api/v1/second-looks/{look_id}": lambda _world: {"verdict": "disagree", "comment": "照片与检查项不符"},
    "POST /api/v1/issues/{issue_id}/follow-ups": lambda _world: {**entry(), "result": "holds", "comment": "完好"},
    "POST /api/v1/webhooks": lambda _world: {
        "name": f"推送{uuid.uuid4().hex}", "url": "https://8.8.8.8/hook", "preset": "standard", "enabled": False,
        "secret": "whsec_" + base64.b64encode(bytes(32)).decode(), "kinds": ["issue-closed"], "districts": [YINGZE],
    },
    "PATCH /api/v1/webhooks/{webhook_id}": lambda _world: {
        "name": f"推送{uuid.uuid4().hex}", "url": "https://8.8.8.8/hook", "preset": "dingtalk", "enabled": True,
        "secret": None, "kinds": [], "districts": [YINGZE],
    },
    "POST /api/v1/documents": lambda world: {
        "kind": "handover_list", "issue_ids": [world.ids["issue_id"][0]], "to": "迎泽区住建局", "note": "请于三日内办结",
        "copies_to": "街道办", "due_on": "2099-01-01",
    },
    "PATCH /api/v1/weekly-reports/{weekly_id}": lambda _world: {
        "key_points": ["一是进度加快。"], "red_list": [{"subject": "甲项目部", "reason": "按期整改率100%", "basis": "台账"}],
        "black_list": [{"subject": "乙公司", "reason": "同类问题两次", "basis": None}],
        "residents": {"hotline_received": 46, "hotline_done": 41, "hotline_in_time": 5, "replies_valid": 312,
                      "replies_satisfied": 286, "text": "停车难"},
        "next_week": [{"text": "逐一督办", "due_on": "2026-11-29", "responsible": "督导组"}],
        "distribution": {"report_to": "市委", "send_to": "市直单位", "issue_to": "各区", "copies": 30},
        "office": "专班", "cases": [],
    },
    "PUT /api/v1/weekly-recipients": lambda _world: {"recipients": [{"name": "张主任", "email": "zhang@example.cn"}]},
    "POST /api/v1/exports": lambda _world: {
        "kind": "reports", "format": "csv", "rows": None, "filters": {"district": YINGZE}, "lang": "zh",
    },
    "POST /api/v1/weekly-reports": lambda _world: {
        "iso_year": clock.today().isocalendar().year, "iso_week": 1, "district": YINGZE,
    },
}


def address(endpoint: Endpoint, world: World, **given: str) -> str:
    """The route's path with real ids in it; a report that is put gets a new one."""
    path = endpoint.rule
    if path.endswith((".docx", ".pdf")):  # of an issue that has every paper
        path = path.replace("{issue_id}", given.get("issue_id", world.closed))
    if "{question_id}" in path:
        path = path.replace("{issue_id}", given.get("issue_id", world.asked))
    for name, known in world.ids.items():
        chosen = given.get(name, known[-1] if name == "report_id" else known[0])
        path = path.replace(f"{{{name}}}", chosen)
    return path
