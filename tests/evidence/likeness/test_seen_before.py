"""Photos that were submitted before are told, whatever was done to them; likeness that is as it should be is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from server.evidence.likeness.models import Match, Print
from server.kit.jobs import Job
from tests.evidence.likeness.copies import (
    brighter,
    cut,
    flags,
    like,
    mirrored,
    photo,
    saved_again,
    send,
    work_off,
)
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.issues.loop import Loop, now, taken

DAY = "2026-11-21T09:15:00+08:00"
NEXT_WEEK = "2026-11-27T10:20:00+08:00"
FIRST = photo(3)
ELSEWHERE = photo(13)  # of the same kind


class City:
    """Two inspectors and two sites in one district; the office and the supervisors of two districts look on."""

    def __init__(self, office: SiteOffice) -> None:
        office.checklists()
        self.office = office
        self.wang = office.person("wang", "inspector", districts=(YINGZE,))
        self.zhao = office.person("zhao", "inspector", districts=(YINGZE, JINYUAN))
        self.su = office.person("su", "supervisor", districts=(YINGZE,))
        self.sun = office.person("sun", "supervisor", districts=(JINYUAN,))
        self.desk = office.person("desk", "office")
        self.here = office.site("老军营小区", inspectors=(self.wang, self.zhao))
        self.there = office.site("桃园小区", inspectors=(self.wang, self.zhao))
        self.beyond = office.site("晋祠小区", district=JINYUAN, inspectors=(self.zhao,))


def others(shown: dict[str, Any]) -> dict[str, Any]:
    """What is told of other photos than the one asked about."""
    return {name: value for name, value in shown.items() if name != "own"}


@pytest.fixture
def city(office: SiteOffice) -> City:
    return City(office)


@pytest.mark.parametrize(("change", "transform"), [
    (saved_again, "none"), (brighter, "none"), (mirrored, "mirrored"), (cut, "cropped"),
    (lambda data: cut(mirrored(saved_again(data, 0.8))), "mirrored-cropped"),
], ids=["saved-again", "brighter", "mirrored", "cut", "mirrored-and-cut"])
def test_a_copy_in_another_report_is_told_with_its_numbers(
    city: City, change: Callable[[bytes], bytes], transform: str
) -> None:
    first, (original,) = send(city.wang, city.here, FIRST)
    send(city.wang, city.here, ELSEWHERE, at=DAY)
    second, (copy,) = send(city.zhao, city.there, change(FIRST), at=DAY)
    work_off(city.office)
    (numbers,) = flags(city.su, copy)
    assert (numbers["kind"], numbers["transform"], numbers["others"]) == ("near-copy", transform, 1)
    assert numbers["distance"] <= 32
    assert flags(city.su, original) == [], "the flag is on the later one"
    shown = like(city.su, copy)
    (found,) = shown["found"]
    assert (shown["looked"], shown["hidden"], found["photo"], found["came_later"]) == (True, 0, original, False)
    assert (found["site"]["name"], found["reports"]) == ("老军营小区", [{"id": first["id"], "number": first["number"]}])
    assert found["captured_at"] == "2026-11-20T01:15:00+00:00"
    assert city.su.get(found["links"]["thumb"]).status_code == 200
    own = shown["own"]
    assert (own["site"]["name"], own["reports"]) == ("桃园小区", [{"id": second["id"], "number": second["number"]}])
    assert (own["issues"], own["captured_at"]) == ([], "2026-11-21T01:15:00+00:00")
    (back,) = like(city.su, original)["found"]
    assert (back["photo"], back["came_later"]) == (copy, True)


def test_the_same_bytes_in_another_report_are_told_before_anything_is_decoded(city: City) -> None:
    send(city.wang, city.here, FIRST)
    report, (again,) = send(city.zhao, city.there, FIRST, at=DAY)
    work_off(city.office, "likeness-judge")
    assert flags(city.su, again) == [{
        "kind": "same-bytes", "transform": "none", "distance": 0, "likeness_percent": 100, "drift": 0.0, "light_percent": 0.0,
        "others": 1,
    }]
    assert [flag["code"] for flag in city.su.get(f"/reports/{report['id']}").json["flags"]] == ["seen-before"]


def test_a_photo_sent_again_a_revision_and_the_same_bytes_within_one_report_are_none(city: City) -> None:
    entry, twin = photo_entry(FIRST), photo_entry(FIRST)
    report, _ = send(city.wang, city.here, FIRST, FIRST, entries=[entry, twin])
    assert city.wang.upload(report["id"], entry, FIRST).status_code == 201
    renamed = photo_entry(FIRST)
    second = report_body(city.here, photos=[entry, renamed], revision=2)
    city.wang.send(second, {entry["id"]: FIRST, renamed["id"]: FIRST}, report_id=report["id"])
    work_off(city.office)
    assert [flags(city.su, one["id"]) for one in (entry, twin, renamed)] == [[], [], []]
    assert others(like(city.su, renamed["id"])) == {"looked": True, "found": [], "hidden": 0}


def _void(supervisor: Someone, report: str) -> None:
    said = {"decision": "void", "revision": 1, "comment": "走错了"}
    assert supervisor.post(f"/reports/{report}/reviews", said).status_code == 201


def test_one_photo_given_for_two_visits_is_told_until_one_of_them_is_void(city: City) -> None:
    """Not sent twice: the phone names the same photo in both reports."""
    entry = photo_entry(FIRST, captured_at=DAY)
    first, _ = send(city.wang, city.here, FIRST, entries=[entry])
    twin, _ = send(city.wang, city.here, FIRST, entries=[entry])
    work_off(city.office)
    assert flags(city.su, entry["id"]) == [], "two reports of one visit"
    second, _ = send(city.wang, city.there, FIRST, entries=[entry])
    third, _ = send(city.wang, city.here, FIRST, entries=[entry], at=NEXT_WEEK)
    work_off(city.office)
    (numbers,) = flags(city.su, entry["id"])
    assert (numbers["kind"], numbers["others"]) == ("same-bytes", 2)
    shown = [report["number"] for report in like(city.su, entry["id"])["own"]["reports"]]
    assert shown == sorted(report["number"] for report in (first, twin, second, third))
    (listed,) = city.su.get("/reports?flag=seen-before").json["items"]
    assert listed["id"] == third["id"]
    _void(city.su, second["id"])
    work_off(city.office)
    assert [one["others"] for one in flags(city.su, entry["id"])] == [1]
    _void(city.su, third["id"])
    work_off(city.office)
    assert flags(city.su, entry["id"]) == []


def test_what_stands_on_a_photo_counts_every_other_that_comes(city: City) -> None:
    _, (late,) = send(city.wang, city.here, FIRST)
    for number, who in enumerate((city.zhao, city.wang)):
        _, (copy,) = send(who, city.there, saved_again(FIRST, quality=60 + number), at=DAY if number else NEXT_WEEK)
        work_off(city.office)
        assert [one["others"] for one in flags(city.su, copy)] == [number + 1]
    assert flags(city.su, late) == []


def test_a_burst_of_one_visit_is_none_and_a_copy_much_later_within_it_is(city: City) -> None:
    """Also over two reports of the visit."""
    soon, late = "2026-11-20T09:18:00+08:00", "2026-11-20T15:40:00+08:00"
    _, first = send(city.wang, city.here, FIRST, photo(3, noise=1, x=0.002, turn=0.1))
    _, second = send(city.wang, city.here, saved_again(FIRST), at=soon)
    _, third = send(city.wang, city.here, cut(FIRST), at=late)
    work_off(city.office)
    assert [flags(city.su, one) for one in (*first, *second)] == [[], [], []]
    assert [one["kind"] for one in flags(city.su, third[0])] == ["near-copy"]


def test_the_same_item_from_the_same_spot_next_week_is_shown_and_not_flagged(city: City) -> None:
    _, (before,) = send(city.wang, city.here, FIRST)
    again = photo(3, noise=2, light=1, x=0.02, y=0.01, turn=0.8, zoom=1.02, step=0.01, changed=1)
    _, (later,) = send(city.zhao, city.here, again, at=NEXT_WEEK)
    _, (other_item,) = send(city.zhao, city.here, photo(3, noise=3, x=-0.02, turn=-0.8), item="ELEV-A02", at=NEXT_WEEK)
    work_off(city.office)
    assert [flags(city.su, one) for one in (before, later, other_item)] == [[], [], []]
    (found,) = like(city.su, later)["found"]
    assert (found["kind"], found["photo"], found["came_later"]) == ("same-view", before, False)


def test_a_camera_on_a_mount_gives_the_same_view_of_its_item_and_no_copy(city: City) -> None:
    """To a hair the same spot, another day: the light tells that it was taken anew."""
    _, (before,) = send(city.wang, city.here, FIRST)
    again = photo(3, noise=2, light=1)
    _, (later,) = send(city.zhao, city.here, again, at=NEXT_WEEK)
    _, (elsewhere,) = send(city.zhao, city.there, saved_again(again), at=NEXT_WEEK)
    work_off(city.office)
    assert flags(city.su, later) == []
    kinds = {found["photo"]: found for found in like(city.su, later)["found"]}
    assert (kinds[before]["kind"], kinds[elsewhere]["kind"]) == ("same-view", "near-copy")
    assert kinds[before]["drift"] < 0.2, "by its place alone it would be a copy"
    assert kinds[before]["light_percent"] > 1
    assert kinds[elsewhere]["light_percent"] <= 0.2
    assert [one["kind"] for one in flags(city.su, elsewhere)] == ["near-copy"]


def test_whatever_its_light_a_mirrored_photo_was_not_taken_anew(city: City) -> None:
    send(city.wang, city.here, FIRST)
    _, (copy,) = send(city.zhao, city.here, mirrored(photo(3, noise=2, light=1)), at=NEXT_WEEK)
    work_off(city.office)
    (told,) = flags(city.su, copy)
    assert (told["kind"], told["transform"]) == ("near-copy", "mirrored")
    assert told["light_percent"] > 0.2


def test_last_weeks_photo_of_the_same_item_is_a_copy_and_not_the_same_view(city: City) -> None:
    send(city.wang, city.here, FIRST)
    _, (copy,) = send(city.zhao, city.here, saved_again(brighter(FIRST)), at=NEXT_WEEK)
    work_off(city.office)
    assert [one["kind"] for one in flags(city.su, copy)] == ["near-copy"]


def _replied(loop: Loop, before: bytes, after: bytes) -> str:
    """An issue whose report has the one photo and whose reply the other; the after-photo's id."""
    entry = photo_entry(before, item="ELEV-A05")
    issue = loop.issued(extra=[(entry, before)])
    answer = photo_entry(after, captured_at=now(minutes=1))
    answer["pair_of"] = loop.su.get(f"/issues/{issue}").json["photos"]["before"][0]["id"]
    body: dict[str, Any] = {"id": str(answer["id"]), "measure": "已整改", "done_at": now(), "photos": [answer]}
    taken(loop.jia.post(f"/issues/{issue}/replies", body))
    assert loop.jia.upload(body["id"], answer, after).status_code == 201
    work_off(loop.office)
    return str(answer["id"])


def test_an_after_photo_from_the_spot_of_its_before_photo_is_a_pair(office: SiteOffice) -> None:
    loop = Loop(office)
    after = _replied(loop, FIRST, photo(3, noise=1, light=1, x=0.01, turn=0.6, step=0.01, changed=2))
    assert flags(loop.su, after) == []
    assert like(loop.su, after)["found"] == []


def test_the_before_photo_cut_and_given_as_the_after_photo_is_told(office: SiteOffice) -> None:
    loop = Loop(office)
    after = _replied(loop, FIRST, cut(FIRST))
    assert [one["kind"] for one in flags(loop.su, after)] == ["near-copy"]
    (found,) = like(loop.jia, after)["found"]
    assert found["reports"] == [], "the firm sees the issue that shows it, and not the report"
    assert len(found["issues"]) == 1


def test_what_one_may_not_see_is_counted_and_not_named(city: City) -> None:
    report, (original,) = send(city.zhao, city.beyond, FIRST)
    _, (copy,) = send(city.wang, city.here, mirrored(FIRST), at=DAY)
    work_off(city.office)
    answer = city.su.get(f"/photos/{copy}/likeness")
    assert others(answer.json) == {"looked": True, "found": [], "hidden": 1}
    facts = city.su.get(f"/photos/{copy}").text + answer.text
    assert not [secret for secret in (original, report["id"], report["number"], str(city.beyond), "晋祠") if secret in facts]
    assert city.sun.get(f"/photos/{copy}/likeness").status_code == 404
    (found,) = like(city.desk, copy)["found"]
    assert (found["photo"], found["site"]["name"]) == (original, "晋祠小区")


def test_a_photo_that_came_before_its_report_is_judged_when_the_report_is_here(city: City) -> None:
    send(city.wang, city.here, FIRST)
    data = saved_again(FIRST)
    entry = photo_entry(data, captured_at=DAY)
    body = report_body(city.there, photos=[entry])
    assert city.zhao.upload(str(entry["id"]), entry, data).status_code == 201
    assert work_off(city.office) == 1, "put off"
    assert flags(city.zhao, entry["id"]) == []
    city.zhao.send(body, {entry["id"]: data})
    assert work_off(city.office) == 0
    assert len(flags(city.su, entry["id"])) == 1


def test_of_two_copies_that_two_workers_have_at_one_moment_one_finds_the_other(city: City) -> None:
    """Every photo finds those whose prints came before, and prints are seen in their order."""
    sent = [send(city.wang, city.here, FIRST), send(city.zhao, city.there, mirrored(FIRST), at=DAY)]
    work_off(city.office, "renditions")
    threads = [threading.Thread(target=_work_apart, args=(city.office, one)) for one in _waiting(city.office)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(city.office.read(sa.select(Match))) == 1
    work_off(city.office, "likeness-judge")
    assert [len(flags(city.desk, ids[0])) for _, ids in sent] == [0, 1]


def _waiting(office: SiteOffice) -> list[dict[str, Any]]:
    return office.read(sa.select(Job.payload).where(Job.kind == "likeness"))


def _work_apart(office: SiteOffice, payload: dict[str, Any]) -> None:
    """As a worker of its own, with an index of its own."""
    from server.evidence.likeness import search
    from server.evidence.likeness.shelf import Shelf
    from server.kit.here import conf, store

    with office.app.app_context():
        shelf = Shelf(conf().data_dir / "none.index")
        search.look_for(office.database, store(), conf(), shelf, payload["sha256"])


def test_looking_twice_does_no_harm(city: City) -> None:
    send(city.wang, city.here, FIRST)
    _, (copy,) = send(city.zhao, city.there, cut(FIRST), at=DAY)
    work_off(city.office)
    for payload in _waiting(city.office):
        _work_apart(city.office, payload)
    work_off(city.office)
    assert (len(city.office.read(sa.select(Print))), len(city.office.read(sa.select(Match)))) == (2, 1)
    assert len(flags(city.su, copy)) == 1


def test_photos_of_before_there_was_likeness_are_looked_for_by_the_migrations_job(city: City) -> None:
    send(city.wang, city.here, FIRST)
    _, (copy,) = send(city.zhao, city.there, cut(FIRST), at=DAY)
    _, (same,) = send(city.zhao, city.there, FIRST, at=DAY)
    work_off(city.office, "renditions")
    city.office.write(lambda db: db.execute(sa.delete(Job).where(Job.kind.in_(["likeness", "likeness-judge"]))))
    from server.kit.jobs import enqueue

    city.office.write(lambda db: enqueue(db, "likeness-backfill", {"after": ""}, key="after "))
    work_off(city.office)
    assert [one["kind"] for photo_id in (copy, same) for one in flags(city.su, photo_id)] == ["near-copy", "same-bytes"]


def test_a_picture_on_which_nothing_is_to_be_seen_is_like_nothing(city: City) -> None:
    from PIL import Image

    from tests.evidence.likeness.copies import jpeg

    dark = [jpeg(Image.new("RGB", (640, 480), (level, level, level))) for level in (9, 12)]
    _, (one,) = send(city.wang, city.here, dark[0])
    _, (other,) = send(city.zhao, city.there, dark[1], at=DAY)
    work_off(city.office)
    assert [flags(city.su, photo_id) for photo_id in (one, other)] == [[], []]
    assert others(like(city.su, other)) == {"looked": True, "found": [], "hidden": 0}


def test_a_covered_photo_is_offered_under_the_address_of_its_cover(city: City) -> None:
    _, (original,) = send(city.wang, city.here, FIRST)
    _, (copy,) = send(city.zhao, city.there, cut(FIRST), at=DAY)
    work_off(city.office)
    box = {"x": 0.2, "y": 0.2, "w": 0.2, "h": 0.2}
    cover = taken(city.su.post(f"/photos/{original}/redactions", {"boxes": [box], "reason": "路人"}))["cover"]
    (found,) = like(city.su, copy)["found"]
    assert all(f"cover={cover}" in found["links"][name] for name in ("preview", "thumb", "stamped"))
    (found,) = like(city.su, original)["found"]
    assert "cover=" not in found["links"]["thumb"], "the other one is not covered"


def test_the_firm_is_not_told_by_likeness_what_is_doubted_of_the_inspector(office: SiteOffice) -> None:
    loop = Loop(office)
    _, (earlier,) = send(loop.zhao, office.site("别处小区", inspectors=(loop.zhao,)), FIRST)
    entry = photo_entry(FIRST, item="ELEV-A05", captured_at=DAY)
    issue = loop.issued(extra=[(entry, FIRST)])
    work_off(office)
    assert entry["id"] in [one["id"] for one in loop.look(issue, loop.jia)["photos"]["before"]]
    assert [one["kind"] for one in flags(loop.su, entry["id"])] == ["same-bytes"]
    assert [one["photo"] for one in like(loop.su, entry["id"])["found"]] == [earlier]
    assert flags(loop.jia, entry["id"]) == []
    assert others(like(loop.jia, entry["id"])) == {"looked": True, "found": [], "hidden": 0}
