"""Answers as text go out compressed; pictures, downloads and ranges go out as they are."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress


def set_up(app: Flask) -> None:
    app.config.update(
        COMPRESS_MIMETYPES=[
            "application/json", "application/problem+json", "application/geo+json", "text/html", "text/plain",
            "text/javascript", "text/css",
        ],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=5,
        COMPRESS_MIN_SIZE=800,
        COMPRESS_STREAMS=False,
    )
    Compress(app)
