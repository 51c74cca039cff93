"""What OpenAPI must say of a route beyond its schemas: headers of tus, bodies that are files, further statuses."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def header(name: str, kind: Shape, meaning: str, *, required: bool = False) -> Shape:
    return {"name": name, "in": "header", "required": required, "schema": kind, "description": meaning}


BYTES: Shape = {"type": "integer", "minimum": 0}
VERSION = header("Tus-Resumable", {"type": "string", "enum": ["1.0.0"]}, "protocol version", required=True)
LENGTH = header("Upload-Length", BYTES, "bytes of the whole file", required=True)
METADATA = header(
    "Upload-Metadata", {"type": "string"},
    "`report <b64>,photo <b64>,sha256 <b64>,filename <b64>`; for a reply's photo `report` carries the reply's id",
    required=True,
)
OFFSET = header("Upload-Offset", BYTES, "where these bytes begin; must equal the offset HEAD tells", required=True)
CHECKSUM = header("Upload-Checksum", {"type": "string"}, "`sha256 <b64>` or `sha1 <b64>` of these bytes; 460 if wrong")
BINARY: Shape = {"schema": {"type": "string", "format": "binary"}}
CHUNK: Shape = {"required": True, "content": {"application/offset+octet-stream": BINARY}}
OPTIONAL_CHUNK: Shape = {**CHUNK, "required": False}


def answer_header(kind: Shape, meaning: str) -> Shape:
    return {"schema": kind, "description": meaning}


TUS_ANSWER: Shape = {
    "Tus-Resumable": answer_header({"type": "string"}, "1.0.0"),
    "Upload-Offset": answer_header(BYTES, "bytes that the server holds"),
    "Upload-Expires": answer_header({"type": "string"}, "when an unfinished upload is swept (HTTP date)"),
}
LOCATION = {"Location": answer_header({"type": "string"}, "address of the upload")}
CAPABILITIES: Shape = {
    name: answer_header({"type": "string"}, meaning)
    for name, meaning in {
        "Tus-Version": "versions spoken", "Tus-Extension": "extensions spoken", "Tus-Max-Size": "largest file, bytes",
        "Tus-Checksum-Algorithm": "algorithms of Upload-Checksum",
    }.items()
}
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE: Shape = {
    "required": True,
    "content": {
        "text/csv": BINARY,
        SPREADSHEET: BINARY,
        "application/octet-stream": BINARY,
    },
}
LANGUAGE: Shape = {
    "name": "lang", "in": "query", "required": False, "schema": {"type": "string", "enum": ["zh", "en"]},
    "description": "`zh` or `en`; else Accept-Language. Other parameters are passed by",
}
RESIDENTS: Shape = {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["answer"], "properties": {
        "answer": {"type": "string", "enum": ["yes", "no"]}, "comment": {"type": "string", "maxLength": 500},
        "photo": {"type": "string", "format": "binary"},
    },
}}}}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORD_FILE: Shape = {"required": True, "content": {WORD: BINARY, "application/octet-stream": BINARY}}
RANGE = header("Range", {"type": "string"}, "`bytes=first-last`; a part is answered with 206")

PAPERS = ("documents/{document_id}", "issues/{issue_id}/notice", "issues/{issue_id}/reply", "issues/{issue_id}/verification")

VALIDATED: Shape = {"also": [304], "refuses": [412]}  # If-None-Match, If-Match
RANGED: Shape = {"parameters": [RANGE], "also": [206, 304], "refuses": [412, 416]}
NO_TABLE = [400, 411, 413, 415, 422]
NO_UPLOAD = [400, 404, 409, 410, 412, 413, 415, 422, 423, 429, 460, 507]

# route → parameters | requestBody | headers (of the success) | produces (media types, where there are several) | also
# (further statuses of success) | refuses (further statuses of refusal) | pages (refusals are pages for people)
EXTRAS: dict[str, Shape] = {
    **dict.fromkeys([
        "GET /api/v1/checklists", "GET /api/v1/checklists/{code}", "GET /api/v1/checklists/{code}/versions/{version}",
        "GET /", "GET /desk", "GET /assets/{name}", "GET /api/v1/openapi.json",
        "GET /api/v1/photos/{photo_id}/preview", "GET /api/v1/photos/{photo_id}/thumb",
    ], VALIDATED),
    "GET /sw.js": {**VALIDATED, "refuses": [404, 412]},
    "GET /manifest.webmanifest": {**VALIDATED, "refuses": [404, 412]},
    "GET /r/{code}": {"parameters": [LANGUAGE], "pages": True, "refuses": [410, 429]},
    "POST /r/{code}": {
        "parameters": [LANGUAGE], "pages": True, "requestBody": RESIDENTS,
        "refuses": [400, 409, 410, 413, 415, 422, 423, 429, 507],
    },
    "GET /r/{code}/before.jpg": {"also": [206, 304], "refuses": [412, 416]},
    "GET /r/{code}/after.jpg": {"also": [206, 304], "refuses": [412, 416]},
    "GET /api/v1/issues/{issue_id}/residents/{question_id}/photo": RANGED,
    "POST /api/v1/issues/{issue_id}/residents": {"also": [200, 201]},
    "PUT /api/v1/documents/templates/{kind}": {
        "requestBody": WORD_FILE, "refuses": [400, 404, 409, 411, 413, 415, 422, 503],
    },
    "DELETE /api/v1/documents/templates/{kind}": {"refuses": [409]},
    "POST /api/v1/documents/templates/{kind}/preview": {
        "requestBody": {**WORD_FILE, "required": False}, "refuses": [400, 404, 411, 413, 415, 422, 503],
    },
    "POST /api/v1/documents": {"also": [200], "refuses": [404]},
    **{
        f"GET /api/v1/{paper}.{form}": {"parameters": [RANGE], "also": [206, 304], "refuses": [409, 412, 416]}
        for paper in PAPERS for form in ("docx", "pdf")
    },
    "GET /api/v1/documents/templates/{kind}": {"refuses": [404]},
    "GET /api/v1/issues.xlsx": {"refuses": [413]},
    "GET /metrics": {"refuses": [401, 404]},
    "GET /api/v1/programme/summary": {"refuses": [404]},  # a district that is not one's own
    "POST /api/v1/issues": {"also": [200], "refuses": [404]},
    "POST /api/v1/notices": {"also": [200], "refuses": [404]},
    **{
        f"POST /api/v1/issues/{{issue_id}}/{word}": {"also": [200]} for word in (
            "notice", "acknowledgement", "objection", "objection/settlement", "extensions",
            "extensions/{extension_id}/settlement", "replies", "verifications", "follow-ups", "reopening",
            "affirmation", "void",
        )
    },
    "GET /api/v1/programme/unvisited": {"refuses": [404]},
    "GET /api/v1/programme/unvisited.xlsx": {"refuses": [404]},
    "GET /api/v1/programme/schedule": {"refuses": [404]},
    "GET /api/v1/programme/schedule.xlsx": {"refuses": [404]},
    "POST /api/v1/auth/login": {"refuses": [401, 429]},
    "POST /api/v1/auth/refresh": {"refuses": [401]},
    "POST /api/v1/auth/password": {"refuses": [429]},
    "POST /api/v1/me/password": {"refuses": [429]},
    "OPTIONS /api/v1/uploads": {"headers": CAPABILITIES},
    "OPTIONS /api/v1/uploads/{upload_id}": {"headers": CAPABILITIES},
    "POST /api/v1/uploads": {
        "parameters": [VERSION, LENGTH, METADATA, CHECKSUM], "requestBody": OPTIONAL_CHUNK,
        "headers": {**TUS_ANSWER, **LOCATION}, "refuses": NO_UPLOAD,
    },
    "HEAD /api/v1/uploads/{upload_id}": {
        "parameters": [VERSION], "headers": {**TUS_ANSWER, "Upload-Length": answer_header(BYTES, "bytes of the whole")},
        "refuses": NO_UPLOAD,
    },
    "PATCH /api/v1/uploads/{upload_id}": {
        "parameters": [VERSION, OFFSET, CHECKSUM], "requestBody": CHUNK, "headers": TUS_ANSWER, "refuses": NO_UPLOAD,
    },
    "DELETE /api/v1/uploads/{upload_id}": {"parameters": [VERSION], "refuses": NO_UPLOAD},
    "PUT /api/v1/reports/{report_id}": {"also": [200, 201]},
    "POST /api/v1/reports/{report_id}/reviews": {"also": [200, 201]},
    **{
        f"GET /api/v1/reports/{{report_id}}.{form}": {"parameters": [RANGE], "also": [206, 304], "refuses": [412, 416]}
        for form in ("docx", "pdf")
    },
    **{  # the key that signs is not to be had
        f"GET /api/v1/{what}/evidence{end}": {"refuses": [503]}
        for what in ("reports/{report_id}", "issues/{issue_id}") for end in ("", "/contents")
    },
    "POST /api/v1/exports": {"refuses": [429]},
    "GET /api/v1/exports/{export_id}/file": {**RANGED, "produces": [SPREADSHEET, "text/csv", "application/zip"]},
    "POST /api/v1/weekly-reports": {"also": [200, 202]},
    "POST /api/v1/deliveries/{delivery_id}/again": {"also": [200]},
    "POST /api/v1/sites/import": {"requestBody": TABLE, "also": [200, 201], "refuses": NO_TABLE},
    "POST /api/v1/calendar/import": {"requestBody": TABLE, "refuses": NO_TABLE},
    "PATCH /api/v1/programme/policy": {"refuses": [409]},
    "POST /api/v1/people/import": {"requestBody": TABLE, "also": [200, 201], "refuses": NO_TABLE},
    "GET /api/v1/photos/{photo_id}/original": {**RANGED, "refuses": [410, 412, 416]},
    "POST /api/v1/holds": {"also": [200], "refuses": [404]},
    "GET /api/v1/photos/{photo_id}/stamped": VALIDATED,
    "GET /api/v1/weekly-reports/{weekly_id}/files/{format}": {
        "parameters": [RANGE], "also": [206, 304], "refuses": [412, 416],
        "produces": [SPREADSHEET, "text/csv", "application/json", "application/zip"],
    },
}
