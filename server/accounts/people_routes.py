"""People, their devices, and organisations: for those who administer them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter

from server.accounts import people, queries, table
from server.accounts import people_schemas as shapes
from server.accounts.models import Device, Person
from server.accounts.schemas import OrganisationOut
from server.errors import Refusal
from server.kit.fields import listing
from server.kit.here import conf
from server.kit.http import Call, Reply, Routes, edge
from server.kit.table_upload import uploaded_table

routes = Routes("people", __name__)


class Anything(BaseConverter):
    """The rest of the path as it is: a device's id is its own and may hold slashes, at either end too."""

    part_isolating = False
    regex = ".+"
    weight = 300


routes.record_once(lambda state: state.app.url_map.converters.update(anything=Anything))


@routes.endpoint("GET", "/people", query=shapes.PeopleQuery, answer=listing(shapes.PersonOut, "PeopleOut"))
def list_people(call: Call) -> Any:
    """People by user name."""
    return queries.people(call.db, call.actor, **call.query)


@routes.endpoint("POST", "/people", body=shapes.PersonIn, answer=shapes.HiredOut, status=201, stream=True)
def add_person(call: Call) -> Any:
    """Take a person on. Without a password the answer holds a one-time code with which they set their own."""
    given = dict(call.body)
    given["password_hash"] = people.password_hash(given.pop("password"), given["username"], given["name"])
    return edge().database.write(lambda db: people.add(db, conf(), call.actor, **given))


@routes.endpoint("POST", "/people/import", query=shapes.ImportQuery, answer=shapes.ImportOut, stream=True)
def import_people(call: Call) -> Any:
    """Take on the people of a CSV or XLSX, all or none, answered row by row."""
    settings = conf()
    found = uploaded_table(call.request, settings.max_table_bytes)
    schema = shapes.PersonIn()

    def take_on(db: Session) -> table.Imported:
        return table.take_on(db, settings, call.actor, found, schema, dry_run=call.query["dry_run"])

    result = edge().database.write(take_on)
    if result.refused and not result.dry_run:
        errors = {f"rows.{row.row}.{name}": why for row in result.rows for name, why in row.errors.items()}
        raise Refusal("table-rows-invalid", errors=dict(list(errors.items())[:200]),
                      extra={"rows": shapes.ImportOut().dump(result)["rows"]})
    return Reply(result, status=200 if result.dry_run else 201)


@routes.endpoint("GET", "/people/<uuid:person_id>", answer=shapes.PersonOut, of=queries.find_person)
def get_person(_call: Call, person: Person) -> Any:
    """One person."""
    return person


@routes.endpoint(
    "PATCH", "/people/<uuid:person_id>", body=shapes.PersonPatch(partial=True), answer=shapes.PersonOut,
    of=queries.find_person,
)
def change_person(call: Call, person: Person) -> Any:
    """Change a person. Roles and scope take effect with their next request; `active: false` ends their sign-ins."""
    return people.change(call.db, call.actor, person, call.body)


@routes.endpoint(
    "POST", "/people/<uuid:person_id>/password-reset", answer=shapes.CodeOut, of=queries.find_person
)
def reset_password(call: Call, person: Person) -> Any:
    """End the person's sign-ins and password; the answer's code lets them set a new one."""
    return people.reset_password(call.db, conf(), call.actor, person)


@routes.endpoint(
    "POST", "/people/<uuid:person_id>/handover", body=shapes.HandoverIn, answer=shapes.HandoverOut,
    of=queries.find_person,
)
def hand_over(call: Call, person: Person) -> Any:
    """Hand a leaver's sites to another person."""
    return {"handed_over": people.hand_over(call.db, call.actor, person, call.body["to"])}


@routes.endpoint(
    "GET", "/people/<uuid:person_id>/devices", answer=shapes.DevicesOut, of=queries.find_person
)
def list_devices(call: Call, person: Person) -> Any:
    """The phones and browsers that the person signed in from."""
    return {"items": people.devices_of(call.db, person), "next_cursor": None}


@routes.endpoint("DELETE", "/people/<uuid:person_id>/devices", status=204, of=queries.find_person)
def cut_off_all(call: Call, person: Person) -> None:
    """Cut off all phones and browsers of the person: every sign-in ends at once."""
    people.cut_off_all(call.db, call.actor, person)


@routes.endpoint(
    "DELETE", "/people/<uuid:person_id>/devices/<anything:device_id>", status=204, of=queries.find_device
)
def cut_off(call: Call, device: Device) -> None:
    """Cut off a lost phone: its sign-ins end at once."""
    people.cut_off(call.db, call.actor, device)


@routes.endpoint(
    "GET", "/organisations", query=shapes.OrganisationsQuery,
    answer=listing(OrganisationOut, "OrganisationsOut"),
)
def list_organisations(call: Call) -> Any:
    """Firms and authorities by name."""
    return queries.organisations(call.db, **call.query)


@routes.endpoint("POST", "/organisations", body=shapes.OrganisationIn, answer=OrganisationOut, status=201)
def add_organisation(call: Call) -> Any:
    """Add a firm or authority."""
    return people.add_organisation(call.db, call.actor, **call.body)
