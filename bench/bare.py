"""The yardstick: a bare Flask view that takes the same requests and makes the same bytes durable, no more."""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path

from flask import Flask, Response, request

HOME = Path(os.environ["BENCH_HOME"])
app = Flask("bare", static_folder=None)


def _durable(name: str, write) -> None:
    temporary = HOME / f"{name}.part"
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
    digest = hashlib.sha256()
    stream = request.environ["wsgi.input"]

    def write(file) -> None:
        while chunk := stream.read(65536):
            digest.update(chunk)
            file.write(chunk)

    _durable(uuid.uuid4().hex, write)
    return Response(status=201, headers={"Tus-Resumable": "1.0.0"})


@app.put("/api/v1/reports/<report_id>")
def report(report_id: str) -> Response:
    body = request.get_data()
    digest = hashlib.sha256(body).hexdigest()
    _durable(report_id, lambda file: file.write(body))
    return Response(
        f'{{"receipt": {{"number": "1", "digest": "{digest}"}}}}', status=201, content_type="application/json"
    )
