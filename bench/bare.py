"""The yardstick: a bare Flask view that speaks the same requests and makes the same files durable, and no more.

It reads what a phone says of a photo, holds the bytes against their SHA-256, keeps them under it, and answers as tus
does; of a report it keeps the JSON. It asks nobody who is asking, checks no answer, knows no picture, has no database.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from pathlib import Path

import orjson
from flask import Flask, Response, request

HOME = Path(os.environ["BENCH_HOME"])
app = Flask("bare", static_folder=None)


def _durable(temporary: Path, name: str, write) -> None:
    with temporary.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    folder = HOME / name[:2]
    folder.mkdir(exist_ok=True)
    temporary.rename(folder / name)
    fd = os.open(folder, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


@app.get("/bytes/<int:count>")
def answer(count: int) -> Response:
    """As many bytes as a list's answer has, made of nothing."""
    return Response(b"x" * count, content_type="application/json")


@app.post("/api/v1/uploads")
def upload() -> Response:
    said = dict(pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
    sha256, photo_id = (base64.b64decode(said[name]).decode() for name in ("sha256", "photo"))
    length = int(request.headers["Upload-Length"])
    digest = hashlib.sha256()
    stream = request.environ["wsgi.input"]
    temporary = HOME / f"{uuid.UUID(photo_id)}.part"

    def write(file) -> None:
        while chunk := stream.read(65536):
            digest.update(chunk)
            file.write(chunk)
        if file.tell() != length or digest.hexdigest() != sha256:
            raise ValueError(sha256)

    _durable(temporary, sha256, write)
    return Response(status=201, headers={
        "Tus-Resumable": "1.0.0", "Location": f"/api/v1/uploads/{photo_id}", "Upload-Offset": str(length),
    })


@app.put("/api/v1/reports/<uuid:report_id>")
def report(report_id: uuid.UUID) -> Response:
    body = request.get_data()
    content = orjson.loads(body)
    digest = hashlib.sha256(body).hexdigest()
    _durable(HOME / f"{report_id}.part", str(report_id), lambda file: file.write(body))
    return Response(orjson.dumps({
        "id": report_id, "revision": content["revision"], "state": "submitted",
        "photos": {"expected": len(content["photos"]), "received": len(content["photos"]), "missing": []},
        "receipt": {"number": report_id, "digest": digest},
    }), status=201, content_type="application/json")
