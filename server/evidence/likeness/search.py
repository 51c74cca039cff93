"""One photo held against all others: its print is kept, what is near is laid upon it, what is alike is told."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from PIL import Image

from config import Config
from server.evidence.likeness import prints, queries, service
from server.evidence.likeness.aligning import Fit, laid_upon
from server.evidence.likeness.index import Found, nearest
from server.evidence.likeness.shelf import Shelf
from server.kit.db import Database
from server.kit.storage import Store, rendition_key


def look_for(database: Database, store: Store, settings: Config, shelf: Shelf, sha256: str) -> None:
    """Find what came before and is like this original. Doing it twice does no harm."""
    thumb = _thumb(store, sha256)
    pixels = prints.grey(thumb)
    bits = prints.print_of(pixels)
    own = database.write(lambda db: service.keep_print(db, sha256, bits))
    if bits is None:
        return
    asked = prints.asked_of(pixels)
    with database.read() as db:
        near = shelf.look(db, asked, most=settings.likeness_checks + 1, within=settings.likeness_doubt_percent / 100)
        before = [one for one in near if one.seq < own]
        known = {one.seq for one in before}
        before += [
            nearest(asked, seq, kept) for seq, kept in queries.of_same_item(db, sha256, own) if seq not in known
        ]
        sums = queries.sums_of(db, [one.seq for one in before])
    alike = []
    for one in before:
        if one.seq not in sums:
            continue  # removed since
        try:
            kept = _thumb(store, sums[one.seq])
        except FileNotFoundError:
            continue
        fit = laid_upon(thumb, kept, asked.windows[one.look], mirrored=bool(asked.mirrored[one.look]))
        if is_copy(fit, settings) or 100 * fit.fitting >= settings.likeness_view_percent:
            alike.append(_values(sums[one.seq], one, fit, settings))
    if alike:
        database.write(partial(service.keep_matches, sha256=sha256, found=alike))


def is_copy(fit: Fit, settings: Config) -> bool:
    """Whether the check calls it a copy: nearly all parts fit, and to a fraction of a pixel."""
    return 100 * fit.fitting >= settings.likeness_fit_percent and 100 * fit.drift <= settings.likeness_drift_percent


def _values(other: str, found: Found, fit: Fit, settings: Config) -> dict[str, Any]:
    return {
        "other_sha256": other, "copy": is_copy(fit, settings), "mirrored": fit.mirrored, "cut": round(fit.cut, 4),
        "distance": found.distance, "likeness": round(fit.likeness, 4), "fitting": round(fit.fitting, 4),
        "drift": round(fit.drift, 4), "light": round(fit.light, 5),
    }


def _thumb(store: Store, sha256: str) -> Image.Image:
    """Our own JPEG of at most 320 pixels, in grey."""
    with Image.open(io.BytesIO(b"".join(store.read(rendition_key(sha256, "thumb")))), formats=("JPEG",)) as image:
        return image.convert("L")
