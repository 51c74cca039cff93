"""Covering parts of a photo, and lifting that again, over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from server.kit.actor import Actor
from server.kit.here import conf
from server.kit.http import Call, Routes
from server.kit.i18n import language
from server.photos import queries, redaction_schemas, redactions, schemas, views
from server.photos.models import Original, Photo

Found = tuple[Photo, Original]
Lifted = tuple[Photo, Original, uuid.UUID]
routes = Routes("redactions", __name__)


def _with_redaction(db: Session, actor: Actor, photo_id: uuid.UUID, redaction_id: uuid.UUID) -> Lifted:
    return (*queries.find_photo(db, actor, photo_id), redaction_id)


@routes.endpoint(
    "POST", "/photos/<uuid:photo_id>/redactions", body=redaction_schemas.RedactionIn, of=queries.find_photo,
    answer=schemas.PhotoOut, status=201,
)
def cover(call: Call, found: Found) -> Any:
    """Lay black boxes over faces, number plates and the like on everything that is made of the photo. The original stays
    as it is, for the desk alone. The covered pictures are there a moment later; the uncovered ones are given out no
    more from now on."""
    photo, original = found
    boxes = [(box["x"], box["y"], box["w"], box["h"]) for box in call.body["boxes"]]
    redactions.cover(call.db, call.actor, photo, boxes, call.body["reason"])
    return _shown(call, photo, original)


@routes.endpoint(
    "POST", "/photos/<uuid:photo_id>/redactions/<uuid:redaction_id>/lifting", body=redaction_schemas.LiftingIn,
    of=_with_redaction, answer=schemas.PhotoOut,
)
def lift(call: Call, found: Lifted) -> Any:
    """Take the boxes of one redaction away again, with a reason."""
    photo, original, redaction_id = found
    redactions.lift(call.db, call.actor, photo, redaction_id, call.body["reason"])
    return _shown(call, photo, original)


def _shown(call: Call, photo: Photo, original: Original) -> Any:
    return views.shape_photo(
        call.db, call.actor, photo, original, language=language(call.request.accept_languages), minutes=conf().link_minutes,
    )
