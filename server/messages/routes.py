"""The inbox: what one should know, and that one has read it."""

from __future__ import annotations

from typing import Any

from server.kit.fields import listing
from server.kit.http import Call, Routes
from server.kit.i18n import language
from server.kit.paging import Page
from server.messages import queries, rules, schemas, service
from server.messages.models import Message

routes = Routes("messages", __name__)


def _spoken(call: Call, message: Message) -> dict[str, Any]:
    words = rules.words(message.kind, message.facts, language(call.request.accept_languages))
    return {
        "id": message.id, "kind": message.kind, "title": words.title, "text": words.text, "facts": message.facts,
        "created_at": message.created_at, "read_at": message.read_at,
    }


@routes.endpoint(
    "GET", "/messages", query=schemas.InboxQuery, answer=listing(schemas.MessageOut, "MessagesOut")
)
def list_messages(call: Call) -> Any:
    """One's own messages, newest first."""
    page = queries.inbox(call.db, call.actor, **call.query)
    return Page([_spoken(call, message) for message in page.items], page.next_cursor)


@routes.endpoint("POST", "/messages/<uuid:message_id>/read", answer=schemas.MessageOut, of=queries.find_message)
def read_message(call: Call, message: Message) -> Any:
    """Mark one's own message as read; doing it again changes nothing."""
    return _spoken(call, service.read(call.db, message))
