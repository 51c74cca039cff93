"""Sign-in, refresh, sign-out, passwords, and who I am."""

from __future__ import annotations

from typing import Any

from server.accounts import new_password, queries, schemas, service
from server.kit.here import conf
from server.kit.http import Call, Routes, edge

routes = Routes("accounts", __name__)


# Password checks are slow: such views open their own short transactions around them (stream=True).


@routes.endpoint("POST", "/auth/login", body=schemas.LoginIn, answer=schemas.TokensOut, public=True, stream=True)
def login(call: Call) -> Any:
    """Sign in with user name and password."""
    device = call.body["device"] or {}
    return service.sign_in(
        edge().database, conf(), username=call.body["username"], password=call.body["password"],
        address=call.request.remote_addr or "", device_id=device.get("id"), device_name=device.get("name"),
    )


@routes.endpoint("POST", "/auth/refresh", answer=schemas.TokensOut, public=True)
def refresh(call: Call) -> Any:
    """Swap the refresh token in the Authorization header for a new pair."""
    return service.refresh(call.db, conf(), call.request.headers.get("Authorization"))


@routes.endpoint("POST", "/auth/logout", status=204)
def logout(call: Call) -> None:
    """End this sign-in."""
    service.sign_out(call.db, call.actor)


@routes.endpoint("POST", "/auth/password", body=schemas.FirstPasswordIn, status=204, public=True, stream=True)
def set_password(call: Call) -> None:
    """Set a first or new password with a one-time code."""
    new_password.set_with_code(
        edge().database, conf(), code=call.body["code"], new_password=call.body["new_password"],
        address=call.request.remote_addr or "",
    )


@routes.endpoint("GET", "/me", answer=schemas.MeOut)
def me(call: Call) -> Any:
    """The signed-in person with roles, districts and organisation."""
    return queries.myself(call.db, call.actor)


@routes.endpoint("POST", "/me/password", body=schemas.NewPasswordIn, status=204, stream=True)
def change_password(call: Call) -> None:
    """Put a new password in place of one's own; every other sign-in ends."""
    new_password.change_own(
        edge().database, conf(), call.actor, old_password=call.body["old_password"],
        new_password=call.body["new_password"], address=call.request.remote_addr or "",
    )
