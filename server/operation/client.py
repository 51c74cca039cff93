"""The built web client: its two pages and the files that they name, as `web/` was built into `web_dir`."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from flask import Request, Response

from server.errors import not_found
from server.kit.serving import unless_known

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".webmanifest": "application/manifest+json", ".json": "application/json", ".png": "image/png",
    ".svg": "image/svg+xml", ".woff2": "font/woff2", ".wasm": "application/wasm",
}
COMPRESSED = (("br", ".br"), ("gzip", ".gz"))
FOREVER, ASK = "public, max-age=31536000, immutable", "no-cache"
# Scripts are ours alone; the phone's photos are blobs; map tiles come from where the settings say, and nothing else.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:{tiles}; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SHARDS = "1234"  # what {s} stands for; the pages know the same
PERMISSIONS = "camera=(self), geolocation=(self), microphone=()"


def is_built(folder: Path) -> bool:
    """Whether there is a client to give out."""
    return (folder / "index.html").is_file()


def page(folder: Path, name: str, request: Request, *, tiles: tuple[str, ...] = ()) -> Response:
    """One of the pages, which is asked for anew each time: it names the scripts of the newest build. `tiles` are the
    templates that its maps may ask for."""
    response = _file(folder, name, request, ASK)
    hosts = sorted({host for template in tiles for host in _hosts(template)})
    response.headers["Content-Security-Policy"] = POLICY.format(tiles="".join(f" {host}" for host in hosts))
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response


def _hosts(template: str) -> list[str]:
    """The origins of a template of tiles: `https://t{s}.example.cn/…` has four."""
    url = urlsplit(template)
    return [f"{url.scheme}://{url.netloc}".replace("{s}", shard) for shard in SHARDS]


def asset(folder: Path, name: str, request: Request) -> Response:
    """A file whose name holds the hash of its content, compressed where the build has it so and the browser takes it.

    404 where this build has none of that name.
    """
    response = _file(folder / "assets", name, request, FOREVER)
    response.vary.add("Accept-Encoding")
    for encoding, suffix in COMPRESSED:
        packed = folder / "assets" / f"{name}{suffix}"
        if response.status_code == HTTPStatus.OK and request.accept_encodings[encoding] > 0 and packed.is_file():
            response.set_data(packed.read_bytes())
            response.content_encoding = encoding
            break
    return response


def beside(folder: Path, name: str, request: Request) -> Response:
    """A file with a fixed name beside the pages: the service worker, the manifest."""
    return _file(folder, name, request, ASK)


def _file(folder: Path, name: str, request: Request, caching: str) -> Response:
    path = folder / name
    media_type = TYPES.get(path.suffix)
    if media_type is None or not _NAME.fullmatch(name):
        raise not_found()
    try:
        content = path.read_bytes()
    except OSError:
        raise not_found() from None
    response = Response(content, content_type=media_type)
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = caching
    return unless_known(response, request)
