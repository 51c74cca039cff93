"""Flags over HTTP: answered and settled."""

from __future__ import annotations

from typing import Any

from server.evidence.settling import schemas, service
from server.kit.http import Call, Routes
from server.kit.i18n import language
from server.photos import views
from server.photos.models import Flag
from server.photos.queries import find_flag
from server.photos.schemas import FlagOut

routes = Routes("flags", __name__)


@routes.endpoint("POST", "/flags/<uuid:flag_id>/settlement", of=find_flag, body=schemas.SettlementIn, answer=FlagOut)
def settle_flag(call: Call, flag: Flag) -> Any:
    """Settle a flag with a reason: looked at. The same reason again changes nothing, another one is refused with 409."""
    return _shown(call, service.settle(call.db, call.actor, flag, call.body["reason"]))


@routes.endpoint("POST", "/flags/<uuid:flag_id>/answer", of=find_flag, body=schemas.AnswerIn, answer=FlagOut)
def answer_flag(call: Call, flag: Flag) -> Any:
    """Say something to a flag of your own report, for the reviewer to read; it may be changed until that is settled."""
    return _shown(call, service.answer(call.db, call.actor, flag, call.body["text"]))


def _shown(call: Call, flag: Flag) -> dict[str, Any]:
    (shown,) = views.shape_flags(call.db, [flag], language(call.request.accept_languages))
    return shown
