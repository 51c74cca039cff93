"""Webhooks and what went to them: for those who run the office."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from server.errors import Refusal
from server.kit import addresses
from server.kit.fields import Listing, listing
from server.kit.here import conf
from server.kit.http import Call, Reply, Routes, edge
from server.kit.paging import Page
from server.messages import again, queries, webhooks
from server.messages import webhook_schemas as shapes
from server.messages.models import Delivery, Webhook

routes = Routes("webhooks", __name__)


def _judge(url: str | None) -> None:
    """422 for an address that is not called. It asks the resolver, so it stands outside any transaction; what the name
    leads to when it is called is judged again then."""
    if url is None:
        return
    here = conf()
    try:
        where = addresses.place(url, allow_http=here.webhook_allow_http)
        addresses.addresses(where, allow_private=here.webhook_allow_private, seconds=here.webhook_timeout_s)
    except (addresses.ForbiddenError, addresses.NoAddressError) as error:
        raise Refusal("invalid", errors={"url": [str(error)]}) from None


@routes.endpoint("GET", "/webhooks", query=Listing, answer=listing(shapes.WebhookOut, "WebhooksOut"))
def list_webhooks(call: Call) -> Any:
    """Webhooks by name."""
    page = queries.webhooks(call.db, call.actor, **call.query)
    troubles = queries.troubles(call.db, [hook.id for hook in page.items])
    return Page([webhooks.view(hook, troubles.get(hook.id)) for hook in page.items], page.next_cursor)


@routes.endpoint("POST", "/webhooks", body=shapes.WebhookIn, answer=shapes.WebhookOut, status=201, stream=True)
def add_webhook(call: Call) -> Any:
    """Have an address outside told of events: a group's robot in WeCom or DingTalk, or another system."""
    _judge(call.body["url"])
    return edge().database.write(lambda db: webhooks.view(webhooks.add(db, call.actor, call.body), None))


@routes.endpoint(
    "PATCH", "/webhooks/<uuid:webhook_id>", body=shapes.WebhookPatch(partial=True), answer=shapes.WebhookOut,
    stream=True, of=queries.find_webhook,
)
def change_webhook(call: Call, webhook_id: uuid.UUID) -> Any:
    """Change a webhook; what is not sent stays, secrets too."""
    with edge().database.read() as db:
        queries.find_webhook(db, call.actor, webhook_id)
    _judge(call.body.get("url"))

    def verb(db: Session) -> dict[str, Any]:
        hook = webhooks.change(db, call.actor, queries.find_webhook(db, call.actor, webhook_id), call.body)
        return webhooks.view(hook, queries.troubles(db, [hook.id]).get(hook.id))

    return edge().database.write(verb)


@routes.endpoint("DELETE", "/webhooks/<uuid:webhook_id>", status=204, of=queries.find_webhook)
def remove_webhook(call: Call, webhook: Webhook) -> None:
    """Take a webhook away, with the list of what went there."""
    webhooks.remove(call.db, call.actor, webhook)


@routes.endpoint(
    "POST", "/webhooks/<uuid:webhook_id>/test", answer=shapes.DeliveryOut, status=202, of=queries.find_webhook
)
def test_webhook(call: Call, webhook: Webhook) -> Any:
    """Send a test message in the background; the list of deliveries says what came of it."""
    return again.view(call.db, [webhooks.try_out(call.db, call.actor, webhook)])[0]


@routes.endpoint(
    "GET", "/webhooks/<uuid:webhook_id>/deliveries", query=shapes.DeliveriesQuery,
    answer=listing(shapes.DeliveryOut, "DeliveriesOut"), of=queries.find_webhook,
)
def list_deliveries(call: Call, webhook: Webhook) -> Any:
    """What went, goes and did not go to a webhook, newest first."""
    return _shown(call, queries.deliveries_of(call.db, webhook.id, **call.query))


@routes.endpoint(
    "GET", "/deliveries", query=shapes.AllDeliveriesQuery, answer=listing(shapes.DeliveryOut, "AllDeliveriesOut")
)
def list_all_deliveries(call: Call) -> Any:
    """What went, goes and did not go to anyone, by e-mail and to webhooks, newest first; `state=parked` was given up."""
    return _shown(call, queries.deliveries(call.db, call.actor, **call.query))


@routes.endpoint(
    "POST", "/deliveries/<uuid:delivery_id>/again", answer=shapes.DeliveryOut, status=202, of=queries.find_delivery
)
def send_delivery_again(call: Call, delivery: Delivery) -> Any:
    """Send once more, in the background, what was given up. 200 without doing anything where it waits or went out
    already; 409 `delivery-skipped` where nobody is to be told any more."""
    done, begun = again.send_again(call.db, call.actor, delivery)
    return Reply(again.view(call.db, [done])[0], status=202 if begun else 200)


def _shown(call: Call, page: Page[Delivery]) -> Page[dict[str, Any]]:
    return Page(again.view(call.db, page.items), page.next_cursor)
