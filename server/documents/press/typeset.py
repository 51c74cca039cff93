"""A paper typeset as PDF. The source is ours alone; what people wrote comes as data, in `paper.json`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from .pictures import shrink

_SOURCES = {name: Path(__file__).with_name(f"{name}.typ") for name in ("paper", "bulletin")}


def typeset(job: dict[str, Any]) -> dict[str, Any]:
    """Write the PDF of `job["paper"]` to `job["out"]`, laid out by the `source` it names; equal input gives equal bytes."""
    sizes = shrink(job["pictures"], job["pixels"], job["quality"])
    files = {
        picture["no"]: Path(picture["out"]).name
        for picture, size in zip(job["pictures"], sizes, strict=True) if size is not None
    }
    Path("paper.json").write_text(json.dumps(_with_files(job["paper"], files)))
    Path("paper.typ").write_bytes(_SOURCES[job.get("source", "paper")].read_bytes())
    try:
        typst.compile(
            "paper.typ", output=job["out"], format="pdf", root=".", ignore_system_fonts=True, font_paths=job["fonts"],
            timestamp=datetime.fromisoformat(job["made_at"]).astimezone(UTC).replace(microsecond=0),
        )
    except typst.TypstError as error:
        return {"error": "typeset", "detail": str(error)[:1000]}
    return {}


def _with_files(value: Any, files: dict[Any, str]) -> Any:
    """Every photo with the `file` that shows it, or none."""
    if isinstance(value, dict):
        inner = {key: _with_files(one, files) for key, one in value.items()}
        return inner | {"file": files.get(value.get("no"))} if "caption" in value else inner
    return [_with_files(one, files) for one in value] if isinstance(value, list) else value
