"""What the web client's tests hold against this server's own rules: made here, kept in `web/src`.

    .venv/bin/python -m tests.shared_with_web

writes the files anew. `tests/checklists/test_shared_verdicts.py` and `tests/reports/test_shared_with_web.py` fail where
one is not what the rules say now; then the client's tests say what of it has to follow.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from server.checklists import files
from server.checklists.rules import (
    COMPLAINTS,
    MAX_NUMBER,
    MAX_TEXT,
    Checklist,
    Item,
    ItemType,
    Limit,
    check_value,
    judge,
    photos_required,
)
from server.kit.fields import Number
from server.reports import drawing
from server.reports.rules import Pen, canonical, content_of, digest

WEB = Path(__file__).resolve().parents[1] / "web" / "src"
GOLDEN = WEB / "reports" / "golden.json"
COMMAND = ".venv/bin/python -m tests.shared_with_web"
LONG = "LONG"  # stands for a text of one character too many


def verdicts() -> list[dict[str, Any]]:
    """Every item of the published templates with values at its edges: [value, the site's limit, complaint, verdict, needs a
    photo]."""
    items = [item for version in files.read_all() for item in Checklist.of(version.content).index.values()]
    return [
        {"item": _shape(item), "cases": [_case(item, value, limit) for value, limit in _values(item)]}
        for item in sorted(items, key=lambda item: item.code)
    ]


def _shape(item: Item) -> dict[str, Any]:
    """As the client knows it, without the words."""
    options = [{"value": one.value, "zh": "", "en": "", "fails": one.fails} for one in item.options]
    shape = {
        "code": item.code, "zh": "", "en": "", "type": item.type.value, "unit": item.unit, "min": item.min, "max": item.max,
        "options": options or None, "severity": item.severity.value, "photo": item.photo.value,
        "limit_source": item.limit_source, "limit_kind": item.limit_kind,
    }
    return {key: value for key, value in shape.items() if value is not None}


def _values(item: Item) -> Iterator[tuple[Any, Limit | None]]:
    yield "na", None
    match item.type:
        case ItemType.PASS_FAIL_NA:
            yield from (("pass", None), ("fail", None), ("ok", None), (None, None))
        case ItemType.NUMBER:
            for bound in (item.min, item.max):
                if bound is not None:
                    yield from ((bound, None), (bound - 0.1, None), (bound + 0.1, None))
            yield from ((0, None), ("4", None), (True, None), (MAX_NUMBER * 10, None))
            if item.limit_source:
                yield from ((1, Limit(min=2)), (1, Limit(max=1)), (1, Limit(max=0.5)), (1, Limit(min=1, max=1)))
        case ItemType.CHOICE:
            yield from ((option.value, None) for option in item.options)
            yield "?", None
        case ItemType.TEXT:
            yield from (("字", None), (LONG, None), (3, None))
        case ItemType.PHOTO:
            yield from ((None, None), ("x", None))


def _case(item: Item, value: Any, limit: Limit | None) -> list[Any]:
    given = "字" * (MAX_TEXT + 1) if value == LONG else value
    shown = None if limit is None else {"min": limit.min, "max": limit.max}
    complaint = check_value(item, given)
    if complaint:
        assert complaint in COMPLAINTS
        return [value, shown, complaint, None, None]
    verdict = judge(item, given, limit)
    return [value, shown, None, verdict.value, photos_required(item, verdict)]


def drawn() -> dict[str, Any]:
    """How much may be drawn on a photo and as a signature."""
    width = drawing.MarkIn().fields["width"]
    assert isinstance(width, Number)
    return {
        "marks": {
            "strokes": drawing.STROKES_OF_A_PHOTO,
            "points": drawing.POINTS_OF_A_PHOTO,
            "widths": [width.low, width.high],
            "colours": [pen.value for pen in Pen],
        },
        "signature": {"strokes": drawing.STROKES_OF_A_SIGNATURE, "points": drawing.POINTS_OF_A_SIGNATURE},
    }


def digests() -> dict[str, Any]:
    """What a body comes to: the golden one, and such as only look alike."""
    golden = json.loads(GOLDEN.read_text())
    device = {"id": "d", "sent_at": "2026-11-20T10:00:00+08:00"}
    bodies: list[dict[str, Any]] = [
        {"revision": 1, "device": device},
        {"revision": 1, "device": {**device, "sent_at": None}},
        {"revision": 1, "device": None},
        {"revision": 1},
        {"plain": [0.1, -0.5, 4.25, 0.30000000000000004, 123456789012345.6], "far": [1e-7, 1.5e15, 1e21, 2**53 - 1]},
        {"words": "é\n\t\"\\ \u2028 \x7f 焊工 👷", "€": 1, "𬭎": 2, "\ufb33": 3, "Z": 4, "a": {}, "": []},
    ]
    return {"golden": _digest(golden), "cases": [{"body": body, "digest": _digest(body)} for body in bodies]}


def _digest(body: dict[str, Any]) -> str:
    return digest(canonical(content_of(body)))


FILES: dict[str, Callable[[], Any]] = {
    "checklists/fixtures/verdicts.json": verdicts,
    "photos/fixtures/drawing.json": drawn,
    "outbox/fixtures/digests.json": digests,
}


def is_kept(name: str) -> bool:
    """Whether the client's file says what the rules say now."""
    path = WEB / name
    return path.exists() and json.dumps(json.loads(path.read_text())) == json.dumps(FILES[name]())  # 1 is not true


def advice(name: str) -> str:
    return f"web/src/{name} is not what the server's rules say now; make it anew: {COMMAND}"


def _text(value: Any, indent: str = "") -> str:
    """As the client's formatter lays it out: what is small on one line."""
    inner = indent + "  "
    if isinstance(value, list):
        line = f"[{', '.join(map(_line, value))}]"
        if all(map(_is_small, value)) and len(indent + line) < 100:
            return indent + line
        return _block("[]", [_text(one, inner) for one in value], indent)
    if isinstance(value, dict) and value:
        lines = [f"{inner}{_line(key)}: {_text(one, inner).lstrip()}" for key, one in value.items()]
        return _block("{}", lines, indent)
    return indent + _line(value)


def _block(ends: str, lines: list[str], indent: str) -> str:
    return indent + ends[0] + "\n" + ",\n".join(lines) + "\n" + indent + ends[1]


def _line(value: Any) -> str:
    if isinstance(value, float):
        return orjson.dumps(value).decode().replace("e+", "e")
    if isinstance(value, dict) and value:
        pairs = [f"{_line(key)}: {_line(one)}" for key, one in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    return orjson.dumps(value).decode().replace("\u2028", "\\u2028").replace("\x7f", "\\u007f")


def _is_small(value: Any) -> bool:
    return not isinstance(value, list) and (not isinstance(value, dict) or 0 < len(value) <= 2)


if __name__ == "__main__":
    for file, make in FILES.items():
        (WEB / file).parent.mkdir(exist_ok=True)
        (WEB / file).write_text(_text(make()) + "\n")
        sys.stdout.write(f"web/src/{file}\n")
