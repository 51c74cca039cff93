"""A Word template filled in with a paper; equal input gives equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage  # type: ignore[import-untyped]
from jinja2 import TemplateError, meta

from .inspect import drawn_faults, faults
from .pictures import shrink
from .sandbox import Environment

_EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first day
_UNTOLD = {"alt", "marks", "sha256"}  # of a picture, what is for who draws it and no name for templates


def draw(job: dict[str, Any]) -> dict[str, Any]:
    """Fill `template` in with `facts`; the answer names `unknown` variables, or the `error` and its `detail`.

    With `inspected`, a template that brings along what it must not is not opened at all. A document that
    came out with fields that fetch or run something is not given out, whoever's the template.
    """
    if job["inspected"] and (found := faults(Path(job["template"]))):
        return {"error": "unfit", "detail": ",".join(found)}
    sizes = shrink(job["pictures"], job["pixels"], job["quality"])
    environment = Environment()
    try:
        template = _Template(job["template"])
        template.init_docx()
        facts = _with_pictures(job, template, sizes)
        undeclared = _undeclared(template, environment) - set(facts)
        template.render(facts, jinja_env=environment, autoescape=True)
        _describe(template, job)
        out = io.BytesIO()
        template.save(out)
    except TemplateError as error:
        return {"error": "template", "detail": f"{type(error).__name__}: {error}"[:300]}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - what a file that is not Word's makes of python-docx is anybody's guess
        return {"error": "broken", "detail": f"{type(error).__name__}: {error}"[:300]}
    # Every time, not only when a template is tried: what a tag writes may hang on the paper at hand.
    if found := drawn_faults(out.getvalue()):
        return {"error": "unfit", "detail": ",".join(found)}
    Path(job["out"]).write_bytes(repacked(out.getvalue()))
    return {"unknown": sorted(environment.unknown | _not_told(undeclared, environment.unknown))}


def _not_told(undeclared: set[str], told: set[str]) -> set[str]:
    """Those of the names of which nothing longer is told: `sit.name` says all that `sit` would."""
    return undeclared - {re.split(r"[.\[|]", path, maxsplit=1)[0] for path in told}


class Picture:
    """A photo at its place, told in words to who cannot see it; where there is none, `missing` stands there.

    It hands out nothing but itself: the sandbox lets a template see no attribute of it.
    """

    __slots__ = ("_image", "_missing", "_told")

    def __init__(self, image: InlineImage | None, told: str, missing: str) -> None:
        self._image, self._told, self._missing = image, told, missing

    def __html__(self) -> str:
        if self._image is None:
            return self._missing
        return str(self._image).replace("<wp:docPr ", f"<wp:docPr descr={quoteattr(self._told)} ", 1)

    __str__ = __html__


def _with_pictures(job: dict[str, Any], template: DocxTemplate, sizes: list[tuple[int, int] | None]) -> dict[str, Any]:
    """The facts with a `picture` in every photo."""
    made = {
        picture["no"]: _placed(template, picture["out"], size, picture.get("box_mm", job["box_mm"]))
        for picture, size in zip(job["pictures"], sizes, strict=True)
    }

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            inner = {key: filled(one) for key, one in value.items() if key not in _UNTOLD}
            if "caption" not in value or value.get("no") not in made:
                return inner
            told = value.get("alt") or value["caption"]
            return inner | {"picture": Picture(made[value["no"]], told, job["missing"])}
        return [filled(one) for one in value] if isinstance(value, list) else value

    facts: dict[str, Any] = filled(job["facts"])
    return facts


def _placed(template: DocxTemplate, path: str, size: tuple[int, int] | None, box_mm: list[int]) -> InlineImage | None:
    if size is None:
        return None
    wide, high = box_mm
    scale = min(wide / size[0], high / size[1])
    return InlineImage(template, path, width=Mm(size[0] * scale), height=Mm(size[1] * scale))


def _undeclared(template: DocxTemplate, environment: Environment) -> set[str]:
    """Names that stand anywhere in it, also where the paper at hand does not come."""
    xml = [template.get_xml()]
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        xml += [template.get_part_xml(part) for _, part in template.get_headers_footers(uri)]
    return set().union(*(meta.find_undeclared_variables(environment.parse(template.patch_xml(one))) for one in xml)) - {"range"}


class _Template(DocxTemplate):  # type: ignore[misc] # docxtpl says nothing of its types
    """The document's properties are ours to set: as tags they would be escaped twice, and refused when long."""

    def render_properties(self, *_given: Any) -> None:
        pass


def _describe(template: DocxTemplate, job: dict[str, Any]) -> None:
    facts, most = job["facts"], 255
    moment = datetime.fromisoformat(job["made_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about = template.docx.core_properties
    about.created = about.modified = moment
    about.title, about.author = f"{facts['title']} {facts['number']}".strip()[:most], facts["office"][:most]
    about.last_modified_by = ""
    about.revision = 1


def repacked(data: bytes) -> bytes:
    """The same document with fixed times in its directory."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()
