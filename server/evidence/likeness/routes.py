"""What is like a photo: copies that were submitted before or after it, and the same view on other days."""

from __future__ import annotations

from typing import Any

from server.evidence.likeness import schemas, views
from server.kit.here import conf
from server.kit.http import Call, Routes
from server.photos import queries as photos
from server.photos.models import Original, Photo

routes = Routes("likeness", __name__)


@routes.endpoint("GET", "/photos/<uuid:photo_id>/likeness", answer=schemas.LikenessOut, of=photos.find_photo)
def show_likeness(call: Call, found: tuple[Photo, Original]) -> Any:
    """What is like this photo. Others that the asker may not see are counted and not named."""
    photo, _ = found
    return views.likeness(call.db, call.actor, photo, conf())
