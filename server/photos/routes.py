"""Uploads by tus 1.0.0, and photos: facts, the very bytes, preview and thumb."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, g, request
from flask.blueprints import BlueprintSetupState

from server.errors import Refusal
from server.kit import clock
from server.kit.covering import kind_of
from server.kit.here import conf, staging, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import language
from server.kit.serving import stored_file
from server.kit.storage import original_key, rendition_key
from server.kit.streams import Source
from server.photos import covers, hooks, queries, schemas, tus, views
from server.photos.intake import Intake, Progress
from server.photos.models import Original, Photo, Renditions
from server.photos.rules import EXTENSION

Found = tuple[Photo, Original]

uploads = Routes("uploads", __name__)
photos = Routes("photos", __name__)
UPLOADS = re.compile(r"/api/v1/uploads(/[^/]*)?/?")


@uploads.before_request
def speak_one_version() -> None:
    """A client of another version is told so before anything else happens."""
    if request.method != "OPTIONS":
        tus.demand_version(request.headers)


@uploads.after_app_request
def say_version(response: Response) -> Response:
    """Every answer under /uploads says which version we speak, also one that no route of ours gave."""
    if UPLOADS.fullmatch(request.path):
        response.headers["Tus-Resumable"] = tus.VERSION
        if response.status_code >= 400 and request.method in {"POST", "PATCH"}:
            _hear_out()
    return response


@uploads.record
def understand_override(state: BlueprintSetupState) -> None:
    """X-HTTP-Method-Override stands for the method, for clients whose surroundings know no PATCH or DELETE."""
    app: Any = state.app
    inner: Callable[..., Iterable[bytes]] = app.wsgi_app

    def overridden(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE")
        if method and UPLOADS.fullmatch(environ.get("PATH_INFO", "")):
            environ["REQUEST_METHOD"] = method.upper() if method.isascii() and method.isalpha() else "INVALID"
        return inner(environ, start)

    app.wsgi_app = overridden


def _hear_out() -> None:
    """Read what a client is still sending, within limits: else it sees a broken line instead of our refusal."""
    source: Source = g.get("upload_source") or Source(request.environ)
    if not source.cut:
        source.drain(conf().max_photo_bytes)


def _intake(call: Call) -> tuple[Intake, Source]:
    g.upload_source = Source(call.request.environ)
    return Intake(edge().database, store(), conf(), staging(), call.actor), g.upload_source


def _bare(status: int) -> Response:
    response = Response(status=status)
    response.headers.pop("Content-Type", None)
    return response


def _answer(progress: Progress, status: int, **more: str) -> Response:
    response = _bare(status)
    response.headers.update({
        "Upload-Offset": str(progress.offset), "Upload-Expires": tus.expires(progress.expires_at),
        "Cache-Control": "no-store", **more,
    })
    return response


@uploads.endpoint("OPTIONS", "/uploads", status=204, public=True, stream=True)
def uploads_offered(_call: Call) -> Response:
    """What this server's tus can do."""
    response = _bare(204)
    response.headers.update({
        "Tus-Version": tus.VERSION, "Tus-Extension": tus.EXTENSIONS, "Tus-Max-Size": str(conf().max_photo_bytes),
        "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS), "Cache-Control": "no-store",
    })
    return response


@uploads.endpoint("OPTIONS", "/uploads/<uuid:upload_id>", status=204, public=True, stream=True)
def upload_offered(call: Call, upload_id: uuid.UUID) -> Response:  # noqa: ARG001 - it is the same for all
    """What this server's tus can do."""
    return uploads_offered(call)


@uploads.endpoint("POST", "/uploads", status=201, stream=True)
def create_upload(call: Call) -> Response:
    """Open an upload, with or without its first bytes."""
    intake, source = _intake(call)
    progress = intake.create(call.request.headers, source)
    return _answer(progress, 201, Location=queries.upload_url(progress.id))


@uploads.endpoint("HEAD", "/uploads/<uuid:upload_id>", stream=True)
def look_at_upload(call: Call, upload_id: uuid.UUID) -> Response:
    """How many bytes are durable."""
    intake, _ = _intake(call)
    progress = intake.look(upload_id)
    more = {"Upload-Metadata": progress.header} if progress.header else {}
    return _answer(progress, 200, **{"Upload-Length": str(progress.length)}, **more)


@uploads.endpoint("PATCH", "/uploads/<uuid:upload_id>", status=204, stream=True)
def append_to_upload(call: Call, upload_id: uuid.UUID) -> Response:
    """Add bytes at the offset."""
    intake, source = _intake(call)
    return _answer(intake.append(upload_id, call.request.headers, source), 204)


@uploads.endpoint("DELETE", "/uploads/<uuid:upload_id>", status=204, stream=True)
def end_upload(call: Call, upload_id: uuid.UUID) -> Response:
    """Forget the upload."""
    intake, _ = _intake(call)
    intake.end(upload_id)
    return _bare(204)


@photos.endpoint("GET", "/photos/<uuid:photo_id>", answer=schemas.PhotoOut, of=queries.find_photo)
def show_photo(call: Call, found: Found) -> Any:
    """The facts of a photo and the flags that stand on it."""
    photo, original = found
    return views.shape_photo(
        call.db, call.actor, photo, original, language=language(call.request.accept_languages),
        minutes=conf().link_minutes,
    )


@photos.endpoint(
    "GET", "/photos/<uuid:photo_id>/original", of=queries.find_photo, linkable=True, produces="image/*"
)
def show_original(call: Call, found: Found) -> Response:
    """The very bytes that the phone sent; 410 `original-removed` where the rule of retention has removed them."""
    photo, original = found
    _demand_not_removed(photo)
    covers.demand_original(call.db, call.actor, photo)
    name = photo.filename or f"{photo.id}.{EXTENSION.get(original.media_type, 'bin')}"
    try:
        response = stored_file(
            store(), original_key(photo.sha256), call.request, media_type=original.media_type, etag=photo.sha256,
            name=name,
        )
    except FileNotFoundError:
        raise Refusal("storage-away") from None  # the row says that it is here: this is the store's trouble
    if call.request.method == "GET":  # HEAD gives nothing away; with 304 a browser shows the bytes that it has
        try:
            for hook in hooks.OPENED:
                hook(call.actor, photo.id, photo.sha256)
        except Exception:
            response.close()
            raise
    return response


@photos.endpoint(
    "GET", "/photos/<uuid:photo_id>/preview", of=queries.find_photo, linkable=True, produces="image/jpeg"
)
def show_preview(call: Call, found: Found) -> Response:
    """At most 1600 pixels long, upright, without metadata."""
    return _rendition(call, found, "preview")


@photos.endpoint("GET", "/photos/<uuid:photo_id>/thumb", of=queries.find_photo, linkable=True, produces="image/jpeg")
def show_thumb(call: Call, found: Found) -> Response:
    """At most 320 pixels long, upright, without metadata."""
    return _rendition(call, found, "thumb")


def _demand_not_removed(photo: Photo) -> None:
    if photo.removed_at is not None:
        day, days = clock.day_of(photo.removed_at).isoformat(), photo.removed_days
        raise Refusal("original-removed", (
            f"原件已于 {day} 按保存期限清除：全部办结满 {days} 天；预览图仍可查看",
            f"removed on {day} by the rule of retention: {days} days after all was decided; the preview stays",
        ), extra={"removed_at": photo.removed_at.isoformat(), "removed_days": days})


def _rendition(call: Call, found: Found, kind: str) -> Response:
    photo, original = found
    if original.renditions is Renditions.PENDING:
        raise Refusal("rendition-pending")
    if original.renditions is not Renditions.MADE:
        why = original.renditions_why or original.renditions.value
        raise Refusal("rendition-not-made", (f"无法生成：{why}", f"not made: {why}"))
    cover = covers.cover_of(call.db, photo.sha256)
    shown = kind_of(cover, kind)
    try:
        return stored_file(
            store(), rendition_key(photo.sha256, shown), call.request, media_type="image/jpeg",
            etag=f"{photo.sha256}-{shown}", name=f"{photo.id}-{kind}.jpg",
        )
    except FileNotFoundError:
        # the covered copy is being drawn: never the uncovered one in its place
        raise Refusal("rendition-pending" if cover else "storage-away") from None
