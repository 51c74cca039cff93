"""Makes a stamped copy, and keeps it under a name that says all that stands on it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from server.kit.covering import Cover, kind_of
from server.kit.storage import Store, rendition_key

FOLDER = "stamped"


def key(sha256: str, cover: Cover | None, lines: Sequence[str]) -> str:
    """Another site's name, another revision, another cover or a coarser position make another copy."""
    from server.evidence.stamping.drawing import VERSION

    said = json.dumps([VERSION, cover.name if cover else None, list(lines)], ensure_ascii=False)
    return f"{FOLDER}/{sha256[:2]}/{sha256}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.jpg"


def put(store: Store, folder: Path, sha256: str, cover: Cover | None, lines: Sequence[str]) -> str:
    """Where the copy lies, drawn if need be of the preview that may be shown. FileNotFoundError where that is not there.

    Drawn when asked for and not by a job: it takes a tenth of a second, and most photos are never asked for so.
    """
    where = key(sha256, cover, lines)
    if store.size(where) is not None:
        return where
    from server.evidence.stamping.drawing import stamped

    plain = b"".join(store.read(rendition_key(sha256, kind_of(cover, "preview"))))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stamp-", dir=folder) as home:
        path = Path(home) / "stamped.jpg"
        path.write_bytes(stamped(plain, lines))
        store.adopt(path, where)
    return where
