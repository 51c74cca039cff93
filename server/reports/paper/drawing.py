"""Draws the document of a report in the process that draws papers: the same facts and photos give the same bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from server.documents.drawing import Format, Photos, breakable, fonts
from server.documents.printing import ask
from server.documents.words import MISSING, pick

VERSION = 2  # raise it when the document is drawn otherwise, so that kept files of older versions are not given out
_PIXELS, _QUALITY = 800, 80  # 230 to the inch at half a page's width
_SECONDS, _MIB = 60, 2000


def draw(paper: dict[str, Any], form: Format, photos: Photos, *, folder: Path) -> bytes:
    """The document as a file; `folder` is where work may lie meanwhile. A photo that is missing says so at its place.

    Raises NotDrawnError; Refusal `papers-busy`.
    """
    with tempfile.TemporaryDirectory(prefix="paper-", dir=folder) as home:
        pictures = [
            {"no": one["no"], "path": _found(photos, one, Path(home)), "marks": one["marks"], "out": f"{one['no']}.jpg"}
            for one in paper["photos"]
        ]
        shown = paper | {"missing": pick(MISSING, paper["language"])}
        job = {
            "do": "report", "form": form, "pictures": pictures, "pixels": _PIXELS, "quality": _QUALITY,
            "made_at": paper["made_at"], "out": f"report.{form}", "fonts": fonts(),
            "paper": breakable(shown) if form == "pdf" else shown,
        }
        ask(Path(home), job, seconds=_SECONDS, memory_mib=_MIB)
        return (Path(home) / f"report.{form}").read_bytes()


def _found(photos: Photos, one: dict[str, Any], home: Path) -> str | None:
    found = photos(one["sha256"]) if one["there"] else None
    if isinstance(found, bytes):
        kept = home / f"{one['no']}.given"
        kept.write_bytes(found)
        return kept.name
    return str(found.resolve()) if found is not None else None
