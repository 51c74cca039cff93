"""The one copy of a resident's photo that is kept: a JPEG of at most 1600 pixels with nothing of the original's data."""

from __future__ import annotations

from pathlib import Path

from config import Config
from server.errors import Refusal
from server.kit.images import Limits, make_renditions
from server.residents.rules import MAX_PHOTO_BYTES, PHOTO_PX

REFUSED = {"unsupported-media-type", "image-too-large", "polyglot-refused", "bomb-refused"}


def copy_of(original: Path, conf: Config) -> Path:
    """The copy, beside the original, made in a child process with limits. Refuses what is no sound picture: this is no
    evidence that must be kept however damaged, and the resident can take another."""
    conf.data_dir.mkdir(parents=True, exist_ok=True)
    limits = Limits(
        preview_px=PHOTO_PX, max_pixels=conf.max_photo_megapixels * 1_000_000, max_bytes=MAX_PHOTO_BYTES,
        lock_path=conf.data_dir / "heavy-picture.lock", lock_seconds=30.0,
    )
    copy, thumb = (original.with_name(f"{original.name}.{kind}.jpg") for kind in ("copy", "thumb"))
    result = make_renditions(original, preview=copy, thumb=thumb, limits=limits)
    if result.state == "made" and not result.partial:
        return copy
    if result.reason == "busy":
        raise Refusal("busy", retry_after=30)
    raise Refusal(result.reason if result.reason in REFUSED else "residents-photo-unreadable")
