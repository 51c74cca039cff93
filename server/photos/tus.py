"""The words of tus 1.0.0: its headers read and checked. Plain Python; what is done with them is intake's."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Protocol

from server.errors import Refusal, invalid
from server.kit import text

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1")
BODY_TYPE = "application/offset+octet-stream"
MAX_METADATA = 4096
MAX_FILENAME = 255



class Headers(Protocol):
    """The headers of a request, as any web framework gives them."""

    def get(self, name: str, default: str, /) -> str: ...

    def __contains__(self, name: str, /) -> bool: ...


_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_DIGITS = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Creation:
    """What a POST announces. `header` is its Upload-Metadata to the letter; `length` in bytes."""

    length: int
    holder_id: uuid.UUID
    photo_id: uuid.UUID
    sha256: str
    filename: str | None
    header: str


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes

    def start(self) -> Any:
        return hashlib.new(self.algorithm, usedforsecurity=False)


def demand_version(headers: Headers) -> None:
    """412 with the version we speak, unless the client speaks it."""
    if headers.get("Tus-Resumable", "") != VERSION:
        raise Refusal("tus-version-unsupported", headers={"Tus-Version": VERSION})


def demand_body_type(headers: Headers) -> None:
    """415 unless the body is what PATCH and creation-with-upload carry."""
    if headers.get("Content-Type", "").strip().lower() != BODY_TYPE:
        raise Refusal("unsupported-media-type", (f"Content-Type 须为 {BODY_TYPE}", f"Content-Type must be {BODY_TYPE}"))


def creation(headers: Headers) -> Creation:
    """Read Upload-Length and Upload-Metadata; 400 where a header is malformed, 422 where a value is wrong."""
    if "Upload-Defer-Length" in headers:
        raise _bad("Upload-Defer-Length", "不支持延后给出长度", "a length to be told later is not supported")
    length = whole(headers, "Upload-Length")
    header = headers.get("Upload-Metadata", "")
    values = metadata(header)
    sha256 = _demanded(values, "sha256")
    if not _SHA256.fullmatch(sha256):
        raise invalid("sha256", "须为 64 位十六进制", "must be 64 hexadecimal digits")
    filename = text.one_line(values.get("filename", b"").decode("utf-8", "replace"))[:MAX_FILENAME]
    return Creation(
        length=length, holder_id=_id(values, "report"), photo_id=_id(values, "photo"),
        sha256=sha256.lower(), filename=filename or None, header=header.strip(),
    )


def metadata(header: str) -> dict[str, bytes]:
    """`key base64,key base64,…` as a mapping; keys are ASCII, unique and not empty, a value may be missing."""
    if len(header) > MAX_METADATA:
        raise _bad("Upload-Metadata", "过长", "too long")
    found: dict[str, bytes] = {}
    for pair in header.split(",") if header.strip() else []:
        key, _, value = pair.strip().partition(" ")
        if not key or not key.isascii() or not key.isprintable() or key in found:
            raise _bad("Upload-Metadata", "键名无效或重复", "a key is malformed or given twice")
        try:
            found[key] = base64.b64decode(value.strip().encode("ascii"), validate=True)
        except (binascii.Error, UnicodeError):
            raise _bad(key, "不是有效的 Base64", "not valid Base64") from None
    return found


def whole(headers: Headers, name: str) -> int:
    """A header that is a non-negative whole number; 400 where it is missing or anything else."""
    given = headers.get(name, "").strip()
    if not _DIGITS.fullmatch(given):
        raise _bad(name, "须为非负整数", "must be a non-negative whole number")
    return int(given)


def checksum(headers: Headers) -> Checksum | None:
    """`Upload-Checksum: sha256 <base64>`, or None without one."""
    if "Upload-Checksum" not in headers:
        return None
    given = headers.get("Upload-Checksum", "")
    algorithm, _, value = given.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Refusal("checksum-algorithm-unsupported", headers={"Tus-Checksum-Algorithm": ",".join(ALGORITHMS)})
    try:
        digest = base64.b64decode(value.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError):
        raise _bad("Upload-Checksum", "不是有效的 Base64", "not valid Base64") from None
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise _bad("Upload-Checksum", "长度不符", "not as long as this algorithm's digest")
    return Checksum(algorithm, digest)


def expires(moment: datetime) -> str:
    """A moment as Upload-Expires says it (RFC 9110)."""
    return format_datetime(moment, usegmt=True)


def _demanded(values: Mapping[str, bytes], key: str) -> str:
    value = values.get(key)
    if not value:
        raise invalid(key, "Upload-Metadata 中缺少此项", "missing in Upload-Metadata")
    return value.decode("ascii", "replace")


def _id(values: Mapping[str, bytes], key: str) -> uuid.UUID:
    value = _demanded(values, key)
    try:
        found = uuid.UUID(value)
        if str(found) != value.lower():
            raise ValueError
        return found
    except ValueError:
        raise invalid(key, "须为 UUID", "must be a UUID") from None


def _bad(name: str, zh: str, en: str) -> Refusal:
    return Refusal("tus-header-invalid", (f"{name}:{zh}", f"{name}: {en}"), errors={name: [f"{zh} / {en}"]})
