"""A programme whose reports are judged as the worker would, at the moment at which the factories' report is sent."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from PIL import ExifTags, Image

from server.kit.ids import new_id
from server.kit.jobs import HANDLERS, Job, JobState, Work
from tests import photos as sample
from tests.factories import YINGZE, SiteOffice, Someone, photo_entry, report_body

SENT = datetime(2026, 11, 20, 4, 1, 5, tzinfo=UTC)  # two seconds after the phone of report_body says that it sent
HERE = (37.86, 112.55)  # the site
SPOT = {"lat": 37.8601, "lng": 112.5502, "crs": "wgs84", "accuracy_m": 12.0, "captured_at": "2026-11-20T09:15:00+08:00"}
TAKEN = datetime(2026, 11, 20, 9, 15)


def spot(lat: float, lng: float, **more: Any) -> dict[str, Any]:
    return {**SPOT, "lat": lat, "lng": lng, **more}


def honest(seed: int = 0, **more: Any) -> bytes:
    """A photo as a phone's camera writes it, of the visit and at the site."""
    return sample.jpeg(640, 480, seed=seed, **{"exif_at": TAKEN, "gps": HERE, **more})


def with_exif(data: bytes, change: Any) -> bytes:
    """The same JPEG with its EXIF changed by `change(exif)`."""
    image, out = Image.open(io.BytesIO(data)), io.BytesIO()
    exif = image.getexif()
    change(exif)
    image.save(out, "JPEG", quality=85, exif=exif.tobytes())
    return out.getvalue()


def saved_by(program: str, data: bytes) -> bytes:
    return with_exif(data, lambda exif: exif.update({ExifTags.Base.Software: program}))


class Desk:
    """An inspector, a supervisor, a site; and the worker's hands."""

    def __init__(self, office: SiteOffice) -> None:
        self.office = office
        office.checklists()
        self.wang = office.person("wang", "inspector", districts=(YINGZE,))
        self.su = office.person("su", "supervisor", districts=(YINGZE,))
        self.site = office.site(inspectors=(self.wang,))

    def send(
        self, *photos: tuple[dict[str, Any], bytes], by: Someone | None = None, report_id: str | None = None, **more: Any
    ) -> str:
        """A report with these photos, sent and judged; its id."""
        body = report_body(more.pop("site", self.site), photos=[entry for entry, _ in photos], **more)
        sent = (by or self.wang).send(body, {entry["id"]: data for entry, data in photos}, report_id=report_id)
        self.work_off()
        return str(sent["id"])

    def work_off(self) -> None:
        """Everything that waits, and what that asks for, whatever its hour."""
        for _ in range(20):
            jobs = self.office.database
            with jobs.read() as db:
                waiting = [
                    (job.id, job.kind, job.payload) for job in db.scalars(sa.select(Job).where(
                        Job.state == JobState.QUEUED, Job.kind.in_(["renditions", "evidence-facts"])
                    ).order_by(Job.kind.desc(), Job.id))
                ]
            if not waiting:
                return
            for job_id, kind, payload in waiting:
                self.office.write(lambda db, done=job_id: db.execute(sa.delete(Job).where(Job.id == done)))
                with self.office.app.app_context():
                    HANDLERS[kind](Work(self.office.database, self.office.app, new_id(), payload, lambda _percent: None))
        raise AssertionError("jobs ask for jobs without end")

    def flags(self, report_id: str, *, english: bool = True) -> list[dict[str, Any]]:
        headers = {"Accept-Language": "en" if english else "zh-CN"}
        found: list[dict[str, Any]] = self.su.get(f"/reports/{report_id}", headers=headers).json["flags"]
        assert all(flag["numbers"] for flag in found), "never a flag without its numbers"
        return found

    def of_report(self, report_id: str) -> dict[str, Any]:
        return {flag["code"]: flag["numbers"] for flag in self.flags(report_id) if flag["object_kind"] == "report"}

    def of_photo(self, report_id: str, photo: str) -> dict[str, Any]:
        return {flag["code"]: flag["numbers"] for flag in self.flags(report_id) if flag["object_id"] == photo}

    def one(self, data: bytes, **entry: Any) -> dict[str, Any]:
        """The flags of one photo in a report of its own, whose report is as it should be."""
        said = photo_entry(data, **{"location": SPOT, **entry})
        return self.of_photo(self.send((said, data)), said["id"])


def taken(data: bytes, **more: Any) -> tuple[dict[str, Any], bytes]:
    return photo_entry(data, **{"location": SPOT, **more}), data


def ident() -> str:
    return str(uuid.uuid4())
