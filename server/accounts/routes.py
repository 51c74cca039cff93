"""Sign-in, refresh, sign-out, and who I am."""

from __future__ import annotations

from typing import Any

from flask import current_app

from server.accounts import schemas, service
from server.accounts.models import Person
from server.kit.http import Call, Routes

routes = Routes("accounts", __name__)


@routes.endpoint("POST", "/auth/login", body=schemas.LoginIn, answer=schemas.TokensOut, public=True)
def login(call: Call) -> Any:
    """Sign in with user name and password."""
    device = call.body["device"] or {}
    return service.sign_in(
        call.db, current_app.config["DUDAO"], username=call.body["username"], password=call.body["password"],
        address=call.request.remote_addr or "", device_id=device.get("id"), device_name=device.get("name"),
    )


@routes.endpoint("POST", "/auth/refresh", answer=schemas.TokensOut, public=True)
def refresh(call: Call) -> Any:
    """Swap the refresh token in the Authorization header for a new pair."""
    return service.refresh(call.db, current_app.config["DUDAO"], call.request.headers.get("Authorization"))


@routes.endpoint("POST", "/auth/logout", status=204)
def logout(call: Call) -> None:
    """End this sign-in."""
    service.sign_out(call.db, call.actor)


@routes.endpoint("GET", "/me", answer=schemas.UserOut)
def me(call: Call) -> Any:
    """The signed-in person with roles, districts and organisation."""
    return call.db.get(Person, call.actor.id)
