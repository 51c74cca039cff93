"""The job of a delivery: take it, hand it over, say what came of it."""

from __future__ import annotations

import uuid
from functools import partial
from urllib.parse import parse_qsl, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts.models import Person
from server.kit import outbound
from server.kit.addresses import ForbiddenError, place
from server.kit.jobs import LaterError, Work, handles, on_parked
from server.messages import attachments, deliveries, mail, presets
from server.messages.deliveries import Taken, Wait
from server.messages.failing import DeliveryError, SkipError
from server.messages.models import Webhook
from server.messages.rules import TEST_KIND, Channel
from server.messages.service import JOB

MARGIN_S = 5.0  # an outlet is held a little longer than a try may take


@handles(JOB, background=True)
def deliver(work: Work) -> None:
    """One try. deliveries.py says what happens at which line where the worker is killed."""
    conf: Config = work.app.config["DUDAO"]
    delivery_id = uuid.UUID(str(work.payload["delivery"]))
    seconds = max(conf.smtp_timeout_s, conf.webhook_timeout_s) + MARGIN_S
    taken = work.database.write(partial(deliveries.take, delivery_id=delivery_id, seconds=seconds))
    if taken is None:
        return
    if isinstance(taken, Wait):
        raise LaterError(taken.why, taken.seconds)
    try:
        if taken.channel is Channel.EMAIL:
            _by_mail(work, conf, taken)
        else:
            _by_webhook(work, conf, taken)
    except SkipError as nobody:
        why = str(nobody)
        work.database.write(lambda db: deliveries.skip(db, taken, why))
    except DeliveryError as error:
        failure = error
        again = work.database.write(lambda db: deliveries.failed(db, taken, failure))
        if again is not None:
            raise LaterError(error.why, again) from None
    else:
        work.database.write(lambda db: deliveries.sent(db, taken))


@on_parked(JOB)
def give_up(db: Session, payload: dict[str, object], why: str) -> None:
    deliveries.give_up(db, uuid.UUID(str(payload["delivery"])), why)


def _by_mail(work: Work, conf: Config, taken: Taken) -> None:
    if not conf.smtp_host:
        raise SkipError("未设置邮件服务器 / no mail server is set")
    name, address = _recipient(work, taken)
    files = attachments.of(taken.kind, work.database, conf, work.app.extensions["dudao-store"], taken.facts)
    message = mail.compose(
        conf, delivery_id=taken.id, name=name, address=address, kind=taken.kind, facts=taken.facts,
        created_at=taken.created_at, files=files,
    )
    mail.hand_over(conf, message)


def _recipient(work: Work, taken: Taken) -> tuple[str, str]:
    """Name and address, as they are now."""
    if taken.address is not None:
        return str(taken.facts.get("recipient") or ""), taken.address
    with work.database.read() as db:
        row = db.execute(sa.select(Person.name, Person.email, Person.active).where(Person.id == taken.person_id)).one()
    if not row.active:
        raise SkipError("人员已停用 / the person was disabled")
    if not row.email:
        raise SkipError("人员没有邮箱 / the person has no address")
    return row.name, row.email


def _by_webhook(work: Work, conf: Config, taken: Taken) -> None:
    with work.database.read() as db:
        hook = db.get(Webhook, taken.webhook_id)
    if hook is None or not (hook.enabled or taken.kind == TEST_KIND):
        raise SkipError("此推送已停用或删除 / the webhook was switched off or removed")
    event = presets.Event(taken.id, taken.kind, taken.facts, taken.district, taken.created_at)
    sending = presets.sending(hook.preset, hook.url, hook.secret, event, conf.public_url)
    try:
        where = place(sending.url, allow_http=conf.webhook_allow_http)
        answer = outbound.post(
            where, sending.headers, sending.body, allow_private=conf.webhook_allow_private,
            seconds=conf.webhook_timeout_s,
        )
        presets.judge(hook.preset, answer)
    except ForbiddenError as forbidden:
        raise DeliveryError(f"网址不予访问 / its address is not called: {forbidden}", permanent=True, outlet=True) from None
    except outbound.NotReachedError as away:
        raise DeliveryError(str(away), outlet=True, maybe_taken=away.maybe_taken) from None
    except DeliveryError as error:
        error.why = _without_secrets(error.why, hook)
        raise


def _without_secrets(said: str, hook: Webhook) -> str:
    """What the other side says may repeat what we sent; keys and secrets go into no row and no log."""
    parts = [hook.url, hook.secret, *(value for _, value in parse_qsl(urlsplit(hook.url).query))]
    for secret in filter(None, parts):
        said = said.replace(secret, "…")
    return said
