"""Reading a request's body: whole or not at all, and as JSON that can be kept."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

import orjson
from flask import Request

from server.errors import Refusal, invalid
from server.kit.streams import Source
from server.kit.text import has_surrogate

MAX_DEPTH = 64
FORM = "application/x-www-form-urlencoded"
HEARD = "dudao.body-heard"
HEAR_BYTES, HEAR_S = 64 * 1024 * 1024, 5.0


def read_body(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes; refuses one that is shorter than its Content-Length.

    The web server hands a body that was cut off to us as if it had ended.
    """
    announced = request.content_length
    if announced is not None and announced > limit:
        raise Refusal("body-too-large")
    stream = request.environ["wsgi.input"]
    chunks: list[bytes] = []
    size = 0
    wanted = announced if announced is not None else limit + 1
    if announced is None and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        return b""
    while size < wanted:
        try:
            chunk = stream.read(min(wanted - size, 1 << 16))
        except OSError:
            break
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    if announced is not None and size < announced:
        raise Refusal("body-cut-short")
    if size > limit:
        raise Refusal("body-too-large")
    request.environ[HEARD] = True
    return b"".join(chunks)


def hear_out(request: Request) -> None:
    """Read and forget what a client may still be sending, within limits: else it sees a broken line instead of our
    refusal. Whoever asks first whether to send (Expect) or announces more than we hear is answered at once."""
    source = Source(request.environ)
    too_long = source.announced is not None and source.announced > HEAR_BYTES
    if not source.present or too_long or HEARD in request.environ or "Expect" in request.headers:
        return
    until = monotonic() + HEAR_S
    while not source.ended and source.taken < HEAR_BYTES and monotonic() < until:
        source.read()


def demand_json(request: Request) -> None:
    """415 where a body says that it is something other than JSON.

    One that says nothing is read as JSON, and so is the type of forms, which curl and others put on by themselves.
    """
    kind = request.mimetype
    if kind in {"", "application/json", "text/json", FORM}:
        return
    if not (kind.startswith("application/") and kind.endswith("+json")):
        raise _send_json()


def read_json(request: Request, limit: int, *, may_be_empty: bool = False) -> Any:
    """The JSON value of a request's body; `{}` where there is none and `may_be_empty`. A form is no JSON: 415."""
    demand_json(request)
    data = read_body(request, limit)
    if not data and may_be_empty:
        return {}
    try:
        return load_json(data)
    except Refusal as refusal:
        if refusal.code == "not-json" and request.mimetype == FORM and data:
            raise _send_json() from None
        raise


def load_json(data: bytes) -> Any:
    """The JSON value in `data`. 400 where it is not JSON (NaN is not), 422 where it is but cannot be taken: a string that
    is not Unicode is named, a number is out of range, it is nested too deeply."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _explain(data) from None
    if _depth_exceeds(value, MAX_DEPTH):
        raise _too_deep()
    return value


def _explain(data: bytes) -> Refusal:
    """orjson refused: whether it is not JSON at all, holds a lone surrogate (and where), or what orjson cannot read."""

    def no_constants(name: str) -> Any:
        raise ValueError(name)

    try:
        value = json.loads(data.decode("utf-8"), parse_constant=no_constants, parse_int=len)  # of any length
    except RecursionError:
        return _too_deep()
    except ValueError:
        return Refusal("not-json")
    where = _surrogate_at(value)
    if where is not None:
        return invalid(where, "含有无效的 Unicode 字符", "holds a lone surrogate")
    if _depth_exceeds(value, MAX_DEPTH):
        return _too_deep()
    return invalid("body", "数字超出范围", "a number is out of range")


def _too_deep() -> Refusal:
    return invalid("body", "嵌套过深", "nested too deeply")


def _send_json() -> Refusal:
    return Refusal("unsupported-media-type", ("须以 application/json 发送", "send it as application/json"))


def _surrogate_at(value: Any, path: str = "", depth: int = 0) -> str | None:
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        return (path or "body") if has_surrogate(value) else None
    if isinstance(value, dict):
        for key, inner in value.items():
            if has_surrogate(key):
                return path or "body"
            found = _surrogate_at(inner, f"{path}.{key}" if path else key, depth + 1)
            if found:
                return found
    if isinstance(value, list):
        for number, inner in enumerate(value):
            found = _surrogate_at(inner, f"{path}.{number}" if path else str(number), depth + 1)
            if found:
                return found
    return None


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
