"""Verbs of webhooks: add, change, take away, try out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import hooks
from server.audit import service as audit
from server.errors import Refusal, invalid
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.ids import new_id
from server.messages import presets, rules, service
from server.messages.models import Delivery, Outlet, Webhook
from server.messages.rules import OPEN, Channel

KEY = re.compile(r"(?=.*[0-9]).{16,}")
FIELDS = ("name", "url", "preset", "secret", "kinds", "districts", "enabled")
SECRETS = frozenset({"url", "secret"})  # of which the trail says that they changed, and no more


def add(db: Session, actor: Actor, given: Mapping[str, Any]) -> Webhook:
    """Have one more address told. 409 `webhook-taken`; 422 naming what is wrong. The address was judged before."""
    hook = Webhook(id=new_id(), created_at=clock.now(), **{field: given[field] for field in FIELDS})
    _refuse_misfit(db, hook, districts=hook.districts)
    db.add(hook)
    db.flush()
    audit.record(
        db, actor, "webhook_added", "webhook", hook.id, name=hook.name, preset=hook.preset.value, kinds=hook.kinds,
        districts=hook.districts, enabled=hook.enabled,
    )
    return hook


def change(db: Session, actor: Actor, hook: Webhook, changes: Mapping[str, Any]) -> Webhook:
    """Change what `changes` names; it holds for what is sent from now on, deliveries that wait included."""
    before = {field: getattr(hook, field) for field in FIELDS}
    for field in FIELDS:
        if field in changes:
            setattr(hook, field, changes[field])
    with db.no_autoflush:
        _refuse_misfit(db, hook, districts=sorted(set(hook.districts) - set(before["districts"])))
    db.flush()
    changed = {
        field: "changed" if field in SECRETS else [before[field], getattr(hook, field)]
        for field in FIELDS if before[field] != getattr(hook, field)
    }
    if changed:
        audit.record(db, actor, "webhook_changed", "webhook", hook.id, name=hook.name, changed=changed)
    if {"url", "secret", "preset"} & changed.keys() or changed.get("enabled") == [False, True]:
        # What was wrong may be mended: what waits is tried now.
        waiting = sa.select(Delivery.id, Delivery.again_at).where(Delivery.webhook_id == hook.id, Delivery.state.in_(OPEN))
        service.hasten(db, [(row.id, row.again_at) for row in db.execute(waiting)])
        db.execute(sa.update(Outlet).where(Outlet.name == str(hook.id), Outlet.held_by.is_(None))
                   .values(open_at=clock.now(), failures=0, why=None))
    return hook


def remove(db: Session, actor: Actor, hook: Webhook) -> None:
    """Take it away with all that went or was to go there. What is under way now may still come."""
    hold(db, f"outlet:{hook.id}")
    db.execute(sa.delete(Delivery).where(Delivery.webhook_id == hook.id))
    db.execute(sa.delete(Outlet).where(Outlet.name == str(hook.id)))
    db.delete(hook)
    db.flush()
    audit.record(db, actor, "webhook_removed", "webhook", hook.id, name=hook.name)


def try_out(db: Session, actor: Actor, hook: Webhook) -> Delivery:
    """Send a test message, soon, also where the webhook is switched off; one at a time."""
    hold(db, f"outlet:{hook.id}")
    under_way = db.scalar(sa.select(Delivery).where(
        Delivery.webhook_id == hook.id, Delivery.kind == rules.TEST_KIND, Delivery.state.in_(OPEN)
    ).limit(1))
    if under_way is not None:
        return under_way
    db.execute(sa.update(Outlet).where(Outlet.name == str(hook.id), Outlet.held_by.is_(None))
               .values(open_at=clock.now()))
    rows = [{"channel": Channel.WEBHOOK, "person_id": None, "webhook_id": hook.id, "outlet": str(hook.id)}]
    facts = {"name": hook.name}
    written = service.write(
        db, rows, kind=rules.TEST_KIND, key=f"test:{new_id()}", facts=facts, district=None
    )
    audit.record(db, actor, "webhook_tested", "webhook", hook.id, name=hook.name)
    return db.get_one(Delivery, written[0])


def shown_url(url: str) -> str:
    """A webhook's address without what in it is a key: the values of its query, and parts of its path that are long and
    hold a digit (some services have the key there). The host stays, by which the office knows it."""
    address, mark, query = url.partition("?")
    host, slash, path = address.removeprefix("https://").removeprefix("http://").partition("/")
    scheme = address[: len(address) - len(host + slash + path)]
    steps = ["…" if KEY.fullmatch(step) else step for step in path.split("/")]
    hidden = [f"{part.partition('=')[0]}=…" if "=" in part else "…" for part in query.split("&")] if query else []
    return scheme + host + slash + "/".join(steps) + mark + "&".join(hidden)


def view(hook: Webhook, trouble: str | None) -> dict[str, Any]:
    """A webhook as the office sees it."""
    return {
        "id": hook.id, "name": hook.name, "url": shown_url(hook.url), "preset": hook.preset,
        "has_secret": hook.secret is not None, "kinds": hook.kinds, "districts": hook.districts,
        "enabled": hook.enabled, "trouble": trouble, "created_at": hook.created_at,
    }


def _refuse_misfit(db: Session, hook: Webhook, *, districts: list[str]) -> None:
    """422 for a secret that the preset cannot sign with or a district that is not there; 409 for a name that is."""
    why = presets.secret_misfit(hook.preset, hook.secret)
    if why is not None:
        raise Refusal("invalid", errors={"secret": [why]})
    if districts and (unknown := sorted(set(districts) - hooks.district_names(db).keys())):
        raise invalid("districts", f"没有此区：{', '.join(unknown)}", f"no such district: {', '.join(unknown)}")
    taken = sa.select(Webhook.id).where(Webhook.name == hook.name, Webhook.id != hook.id)
    if db.scalar(taken) is not None:
        raise Refusal("webhook-taken", errors={"name": ["已被使用 / is taken"]})


