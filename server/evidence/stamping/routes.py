"""Stamped copies over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from server.errors import Refusal
from server.evidence.stamping import queries, service, words
from server.evidence.stamping.schemas import StampQuery
from server.kit.here import staging, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import Language, language
from server.kit.serving import stored_file
from server.photos import covers
from server.photos import queries as photos
from server.photos.models import Renditions

routes = Routes("stamping", __name__)
SECONDS = 300  # what stands on it may change sooner than a photo does


@routes.endpoint(
    "GET", "/photos/<uuid:photo_id>/stamped", of=photos.find_photo, query=StampQuery, stream=True, linkable=True,
    produces="image/jpeg",
)
def show_stamped(call: Call, photo_id: uuid.UUID) -> Response:
    """The preview with time, place, community, item, who took it and the first digits of its SHA-256 drawn at its foot."""
    asked: Language | None = call.query["lang"]
    spoken = asked or language(call.request.accept_languages)
    with edge().database.read() as db:
        photo, original = photos.find_photo(db, call.actor, photo_id)
        made, why = original.renditions, original.renditions_why
        sha256, cover = photo.sha256, covers.cover_of(db, photo.sha256)
        lines = words.lines(queries.stamp_of(db, call.actor, photo), spoken)
    _demand(made, why)
    try:
        where = service.put(store(), staging(), sha256, cover, lines)
        response = stored_file(
            store(), where, call.request, media_type="image/jpeg", etag=where.rpartition("/")[2].removesuffix(".jpg"),
            name=f"{photo_id}-stamped.jpg", seconds=SECONDS,
        )
    except FileNotFoundError:
        raise Refusal("rendition-pending" if cover else "storage-away") from None
    response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
    response.vary.add("Accept-Language")
    return response


def _demand(made: Renditions, why: Any) -> None:
    if made is Renditions.PENDING:
        raise Refusal("rendition-pending")
    if made is not Renditions.MADE:
        said = why or made.value
        raise Refusal("rendition-not-made", (f"无法生成：{said}", f"not made: {said}"))
