"""A report of which the server notices much: photos from the gallery, from elsewhere, and one that was submitted before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.kit import clock
from server.programme.models import Site
from tests.city import City, until
from tests.evidence.likeness.copies import cut, like, mirrored, photo, send
from tests.factories import Someone, photo_entry, report_body

AWAY = 0.02  # degrees: two kilometres


def doubted(city: City, inspector: Someone, supervisor: Someone, site: Site, other: Site) -> tuple[str, str]:
    """The report, of which one flag is answered and one settled, and its photo that is a copy of one of the `other` site."""
    send(inspector, other.id, photo(3))
    began = clock.now() - timedelta(minutes=70)
    place = (site.lat + AWAY, site.lng)
    pictures = [*map(photo, (21, 24, 27)), cut(mirrored(photo(3)))]
    entries = [
        photo_entry(
            data, item="FACADE-A02", source="gallery", captured_at=(began + timedelta(minutes=number)).isoformat(),
            location={"lat": place[0], "lng": place[1], "accuracy_m": 10},
        ) for number, data in enumerate(pictures)
    ]
    failed: dict[str, Any] = {
        "item": "FACADE-A02", "value": "fail", "note": "二层窗间墙抹灰空鼓。", "photos": [one["id"] for one in entries],
    }
    body = report_body(
        site.id, answers=[failed], photos=entries, checklist={"code": "FACADE", "version": 1}, started_at=began.isoformat(),
        finished_at=(began + timedelta(minutes=30)).isoformat(), device=None,
        location={"lat": place[0], "lng": place[1], "accuracy_m": 10, "captured_at": began.isoformat()},
    )
    sent = inspector.send(body, {entry["id"]: data for entry, data in zip(entries, pictures, strict=True)})
    report, copy = str(sent["id"]), str(entries[-1]["id"])
    until(lambda: like(supervisor, copy)["found"], "the copy is found", seconds=300)
    wanted = {"from-gallery", "no-exif", "seen-before"}
    said: list[dict[str, Any]] = []

    def noticed() -> bool:
        said[:] = supervisor.get(f"/reports/{report}").json["flags"]
        return wanted <= {flag["code"] for flag in said}

    until(noticed, "what the server notices", seconds=300)
    first = {flag["code"]: flag["id"] for flag in reversed(said)}
    answer = inspector.post(f"/flags/{first['from-gallery']}/answer", {"text": "雨天，先用相机拍摄，回办公室后选入。"})
    assert answer.status_code == 200, answer.text
    settled = supervisor.post(f"/flags/{first['no-exif']}/settlement", {"reason": "已现场核实，情况属实"})
    assert settled.status_code == 200, settled.text
    return report, copy


def covered(city: City, supervisor: Someone, report: str) -> str:
    """The first photo of a report, with a part of it covered."""
    first = str(supervisor.get(f"/reports/{report}").json["gallery"][0]["id"])
    box = {"x": 0.1, "y": 0.55, "w": 0.18, "h": 0.3}
    answer = supervisor.post(f"/photos/{first}/redactions", {"boxes": [box], "reason": "遮盖路人面部"})
    assert answer.status_code in {200, 201}, answer.text
    until(lambda: supervisor.get(f"/photos/{first}/preview").status_code == 200, "the cover is drawn", seconds=300)
    return first
