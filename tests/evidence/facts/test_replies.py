"""Photos of a firm's reply are judged as those of a report are, and shown to whoever verifies it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import Job
from server.photos.models import Flag
from server.photos.service import raise_flag
from tests import photos as sample
from tests.evidence.desk import HERE, saved_by
from tests.evidence.likeness.copies import work_off
from tests.factories import SiteOffice, photo_entry
from tests.issues.loop import AT_SITE, FAR_AWAY, Loop, now, taken

FAR = (FAR_AWAY["lat"], FAR_AWAY["lng"])


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


def shot(seed: int = 1, **more: Any) -> bytes:
    """As the firm's phone takes it now, at the site."""
    at = clock.now().astimezone(clock.SHANGHAI).replace(tzinfo=None)
    return sample.jpeg(640, 480, seed=seed, **{"exif_at": at, "gps": HERE, **more})


def replied(loop: Loop, *pictures: tuple[bytes, dict[str, Any]], **more: Any) -> tuple[str, list[str]]:
    """An issue with a reply that has these photos, judged as the worker would; the photos' ids."""
    issue = loop.issued()
    entries = [photo_entry(data, **{"captured_at": now(), "location": AT_SITE, **said}) for data, said in pictures]
    body = {
        "id": str(new_id()), "measure": "已整改", "done_at": now(), "photos": entries, "location": AT_SITE,
        "device": {"id": "firm-1", "sent_at": now()}, **more,
    }
    taken(loop.jia.post(f"/issues/{issue}/replies", body))
    for entry, (data, _) in zip(entries, pictures, strict=True):
        assert loop.jia.upload(body["id"], entry, data).status_code == 201
    judged(loop)
    return issue, [entry["id"] for entry in entries]


def judged(loop: Loop) -> None:
    work_off(loop.office, "renditions", "evidence-facts")


def codes(loop: Loop, issue: str) -> dict[str, set[str]]:
    """By photo what is said of it; never without its numbers."""
    found: dict[str, set[str]] = {}
    for flag in loop.look(issue)["flags"]:
        assert flag["numbers"]
        found.setdefault(flag["object_id"], set()).add(flag["code"])
    return found


@pytest.mark.parametrize(("make", "said", "expected"), [
    (shot, {}, set()),
    (lambda: shot(gps=FAR), {}, {"position-mismatch"}),
    (shot, {"location": FAR_AWAY}, {"outside-fence", "position-mismatch"}),
    (lambda: shot(gps=None), {"location": None}, {"no-position"}),
    (shot, {"captured_at": "2026-11-01T09:00:00+08:00"}, {"time-mismatch"}),
    (shot, {"captured_at": "2099-11-01T09:00:00+08:00"}, {"time-mismatch", "time-order"}),
    (lambda: sample.jpeg(640, 480, make=None, model=None), {}, {"no-exif"}),
    (lambda: sample.png(1080, 2400), {"source": "gallery"}, {"screenshot", "from-gallery"}),
    (lambda: saved_by("Adobe Photoshop 26.0", shot()), {}, {"edited"}),
    (lambda: sample.heic(640, 480), {}, {"no-exif"}),
    (lambda: shot()[:3000], {}, {"unreadable"}),
])
def test_each_fact(loop: Loop, make: Any, said: dict[str, Any], expected: set[str]) -> None:
    issue, (photo,) = replied(loop, (make(), said))
    assert codes(loop, issue).get(photo, set()) == expected


def test_without_a_position_and_without_exif_each_photo_says_it(loop: Loop) -> None:
    """There is no report on which it could stand for all of them."""
    bare = [(sample.jpeg(640, 480, seed=seed, make=None, model=None), {"location": None}) for seed in range(3)]
    issue, photos = replied(loop, *bare, location=None, device=None)
    assert codes(loop, issue) == {photo: {"no-position", "no-exif"} for photo in photos}
    ids = [uuid.UUID(photo) for photo in photos]
    assert loop.office.read(sa.select(Flag.report_id).where(Flag.object_id.in_(ids)).distinct()) == [None]


def test_they_are_for_whoever_judges_and_settled_there(loop: Loop) -> None:
    issue, (photo,) = replied(loop, (shot(gps=FAR), {"source": "gallery"}))
    clerk = loop.office.person("clerk", "office")
    for who in (loop.su, loop.wang, clerk, loop.jia, loop.yi):
        assert {one["code"] for one in loop.look(issue, who)["flags"]} == {"outside-fence", "from-gallery"}, who.username
    assert "flags" not in loop.su.get("/issues").json["items"][0]
    (flag,) = [one for one in loop.look(issue)["flags"] if one["code"] == "from-gallery"]
    where = f"/flags/{flag['id']}/settlement"
    assert loop.jia.post(where, {"reason": "我说没事"}).status_code == 403
    done = loop.su.post(where, {"reason": "已与现场核对"})
    assert (done.status_code, done.json["settled_by_name"]) == (200, "Su")
    (line,) = [one for one in loop.su.get(f"/audit?object=photo:{photo}").json["items"] if one["verb"] == "flag_settled"]
    assert line["district"] == "140106"
    loop.office.write(lambda db: db.execute(sa.delete(Job)))
    assert [one["settled_reason"] for one in loop.look(issue)["flags"] if one["id"] == flag["id"]] == ["已与现场核对"]


def test_a_firm_reads_distances_in_hundreds_of_metres(loop: Loop) -> None:
    issue, _ = replied(loop, (shot(gps=FAR), {}))
    read = [loop.look(issue, who)["flags"][0]["numbers"]["distance_m"] for who in (loop.su, loop.jia)]
    assert read[0] % 100
    assert read[1] == round(read[0], -2)
    assert f" {read[1]} " in loop.look(issue, loop.jia)["flags"][0]["detail"]


def test_a_firm_is_not_told_what_is_doubted_of_who_verified(loop: Loop) -> None:
    issue, (photo,) = replied(loop, (shot(), {}))
    seen, data = loop.picture(captured_at=now())
    body = {"id": str(new_id()), "result": "pass", "comment": "合格", "photos": [seen]}
    taken(loop.su.post(f"/issues/{issue}/verifications", body))
    assert loop.su.upload(body["id"], seen, data).status_code == 201
    for one in (seen["id"], photo):
        loop.office.write(lambda db, of=one: raise_flag(db, "seen-before", "photo", uuid.UUID(of), numbers={"others": 1}))
    assert codes(loop, issue) == {photo: {"seen-before"}, seen["id"]: {"seen-before"}}
    assert [one["object_id"] for one in loop.look(issue, loop.jia)["flags"]] == [photo]
    assert loop.jia.get(f"/photos/{seen['id']}").json["flags"] == []
    told = loop.jia.get(f"/photos/{seen['id']}/likeness").json
    assert (told["looked"], told["found"], told["hidden"]) == (False, [], 0)


def test_photos_of_a_report_stand_with_their_report(loop: Loop) -> None:
    """What was put right on the spot is shown by the issue, and judged as the visit's."""
    after, data = loop.picture(source="gallery")
    issue = loop.opened(issue={"fixed_on_spot": True, "after": [after["id"]]}, extra=[(after, data)])
    judged(loop)
    report = loop.look(issue)["report_id"]
    found = loop.su.get(f"/reports/{report}").json["flags"]
    assert "from-gallery" in {one["code"] for one in found if one["object_id"] == after["id"]}
    assert "from-gallery" in codes(loop, issue)[after["id"]]
    assert set(loop.office.read(sa.select(sa.cast(Flag.report_id, sa.Text)).where(Flag.object_kind == "photo")))


def test_a_reply_that_came_too_late_is_not_judged(loop: Loop) -> None:
    issue, _ = replied(loop, (shot(), {}))
    assert loop.look(issue)["flags"] == []
    late = photo_entry(shot(7), location=FAR_AWAY)
    body = {"id": str(new_id()), "measure": "已整改", "done_at": now(), "photos": [late]}
    assert loop.yi.post(f"/issues/{issue}/replies", body).status_code == 409
    judged(loop)
    assert loop.look(issue)["flags"] == []
