"""A table sent over HTTP, as the body itself or as the one file of a form."""

from __future__ import annotations

from io import BytesIO

from flask import Request
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from server.errors import Refusal, invalid
from server.kit.bodies import read_body
from server.kit.tables import Table, TableRefused, read_table


def uploaded_table(request: Request, limit: int) -> Table:
    """The CSV or XLSX of a request, at most `limit` bytes.

    `multipart/form-data` with one file of any field name, or the file's bytes as the body. Refuses with the codes of
    server/kit/tables, 422 where a form holds no file or several, and as every body where it is cut short or too large.
    Its length must be announced.
    """
    if request.content_length is None and "chunked" in request.headers.get("Transfer-Encoding", ""):
        raise Refusal("length-required")  # a line that is cut looks like an end, and half a CSV like a whole one
    data = read_body(request, limit)
    filename = ""
    if request.mimetype == "multipart/form-data":
        data, filename = _file_of(request, data)
    return open_table(data, filename, limit)


def open_table(data: bytes, filename: str, limit: int) -> Table:
    """`read_table`, refusing as the rest of the house does."""
    try:
        return read_table(data, filename, max_bytes=limit)
    except TableRefused as refused:
        zh, _, en = refused.detail.partition(" / ")
        raise Refusal(refused.code, (zh, en or zh), errors={"file": [refused.detail]}) from None


def _in_memory(**_size: object) -> BytesIO:
    """Where a file of the form goes: the whole form is in memory already."""
    return BytesIO()


def _file_of(request: Request, data: bytes) -> tuple[bytes, str]:
    parser = FormDataParser(
        _in_memory, max_form_memory_size=len(data) + 1, max_form_parts=20, silent=False  # type: ignore[arg-type]
    )
    try:
        _, _, files = parser.parse(BytesIO(data), request.mimetype, len(data), request.mimetype_params)
    except (ValueError, HTTPException):
        raise Refusal("bad-request") from None
    found = [file for _, many in files.lists() for file in many]
    if len(found) != 1:
        raise invalid("file", "须上传一个文件", "must be exactly one file")
    return found[0].stream.read(), found[0].filename or ""
