"""What people do to a photo before they submit it once more, and the worker that looks for it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageEnhance

from server.kit.ids import new_id
from server.kit.jobs import HANDLERS, Job, JobState, LaterError, Work
from tests.factories import SiteOffice, Someone, photo_entry, report_body
from tests.scenes import Camera, Scene

KINDS = ("renditions", "likeness-backfill", "likeness", "likeness-judge")


def jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def photo(number: int, **camera: Any) -> bytes:
    """A photograph of a made scene."""
    return jpeg(Scene(number).view(Camera(**camera)))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def cut(data: bytes, left: float = 0.06, top: float = 0.03, right: float = 0.03, bottom: float = 0.05) -> bytes:
    picture = opened(data)
    wide, high = picture.size
    return jpeg(picture.crop((
        round(wide * left), round(high * top), round(wide * (1 - right)), round(high * (1 - bottom)),
    )))


def mirrored(data: bytes) -> bytes:
    return jpeg(opened(data).transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def saved_again(data: bytes, scale: float = 0.5, quality: int = 55) -> bytes:
    picture = opened(data)
    return jpeg(picture.resize((round(picture.width * scale), round(picture.height * scale))), quality)


def brighter(data: bytes) -> bytes:
    return jpeg(ImageEnhance.Brightness(opened(data)).enhance(1.25))


def send(who: Someone, site: Any, *pictures: bytes, item: str | None = "ELEV-A01", at: str = "2026-11-20T09:15:00+08:00",
         entries: Iterable[dict[str, Any]] = (), **more: Any) -> tuple[dict[str, Any], list[str]]:
    """A report with these photos: as the phone then reads it, and the ids of its photos."""
    named = list(entries) or [photo_entry(one, item=item, captured_at=at) for one in pictures]
    day = at[:10]
    body = report_body(site, photos=named, **{
        "started_at": f"{day}T09:12:00+08:00", "finished_at": f"{day}T09:58:00+08:00", **more,
    })
    sent = who.send(body, {entry["id"]: data for entry, data in zip(named, pictures, strict=True)})
    return sent, [entry["id"] for entry in named]


def work_off(office: SiteOffice, *kinds: str) -> int:
    """Do what waits, as the worker would, until nothing is left that can be done now; how many are put off."""
    later = set()
    while True:
        with office.database.read() as db:
            waiting = db.execute(
                sa.select(Job.id, Job.kind, Job.payload)
                .where(Job.kind.in_(kinds or KINDS), Job.state == JobState.QUEUED, Job.id.not_in(later))
                .order_by(Job.created_at)
            ).all()
        if not waiting:
            return len(later)
        for job_id, kind, payload in waiting:
            with office.app.app_context():
                try:
                    HANDLERS[kind](Work(office.database, office.app, new_id(), payload, lambda _percent: None))
                except LaterError:
                    later.add(job_id)
                    continue
            done = sa.update(Job).where(Job.id == job_id).values(state=JobState.DONE)
            office.write(lambda db, done=done: db.execute(done))


def flags(who: Someone, photo_id: str) -> list[dict[str, Any]]:
    """The numbers of the flags of this kind on a photo."""
    answer = who.get(f"/photos/{photo_id}")
    assert answer.status_code == 200, answer.text
    return [flag["numbers"] for flag in answer.json["flags"] if flag["code"] == "seen-before"]


def like(who: Someone, photo_id: str) -> dict[str, Any]:
    answer = who.get(f"/photos/{photo_id}/likeness")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found
