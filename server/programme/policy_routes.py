"""The programme's policy and its calendar of working days."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from server.kit import clock, http
from server.kit import fields as kit
from server.kit.here import conf
from server.kit.http import Call, Routes
from server.kit.table_upload import uploaded_table
from server.programme import calendar, calendar_importing, calendar_schemas, policy, policy_rules, policy_schemas

routes = Routes("policy", __name__)


@routes.endpoint("GET", "/programme/policy", answer=policy_schemas.PolicyOut)
def get_policy(call: Call) -> Any:
    """What the office has set for the programme, over the installation's defaults."""
    return _shown(call.db, policy.present(call.db, conf()))


@routes.endpoint(
    "PATCH", "/programme/policy", body=policy_schemas.PolicyPatchIn, answer=policy_schemas.PolicyOut
)
def change_policy(call: Call) -> Any:
    """Set what is named; null gives a setting back to its default. It holds from the next request on."""
    settings = dict(call.body)
    version = settings.pop("version", None)
    changed = policy.change(call.db, conf(), call.actor, policy_rules.paths(settings), version=version)
    return _shown(call.db, changed)


@routes.endpoint("GET", "/programme/policy/changes", query=kit.Listing, answer=policy_schemas.PolicyChangesOut)
def list_policy_changes(call: Call) -> Any:
    """What was changed of the policy, newest first."""
    return policy.list_changes(call.db, cursor=call.query["cursor"], limit=call.query["limit"])


@routes.endpoint("GET", "/calendar", query=calendar_schemas.CalendarQuery, answer=calendar_schemas.CalendarOut)
def get_calendar(call: Call) -> Any:
    """The days off and the worked weekends of a year."""
    year = call.query["year"] or clock.today().year
    return {
        "year": year, "days": calendar.arranged_days(call.db, year), "years": calendar.years_with_days(call.db),
    }


@routes.endpoint(
    "POST", "/calendar/import", query=calendar_schemas.CalendarImportQuery, answer=calendar_schemas.CalendarImportOut,
    stream=True,
)
def import_calendar(call: Call) -> Any:
    """Enter a year's arrangement from a CSV or XLSX, sent as the body or as a form's `file`; all rows or none."""
    table = uploaded_table(call.request, conf().max_table_bytes)
    return calendar_importing.import_days(http.edge().database, call.actor, table, **call.query)


def _shown(db: Session, present: policy.Present) -> dict[str, Any]:
    missing = calendar.missing_for(db, present.policy, clock.today())
    return {"present": present, "calendar_missing_for": missing}
