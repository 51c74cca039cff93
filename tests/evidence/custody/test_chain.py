"""A photo's chain of custody, from the phone's word to the last look, as each role may see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from server.kit.ids import new_id
from tests.evidence.custody.site import Clock, sent, trail
from tests.factories import JINYUAN, YINGZE, Someone, photo_entry, report_body
from tests.issues.loop import Loop, refused, taken
from tests.photos import jpeg


def chain(who: Someone, photo: Any) -> list[dict[str, Any]]:
    answer = who.get(f"/photos/{photo['id']}/custody")
    assert answer.status_code == 200, answer.text
    assert (answer.json["id"], answer.json["sha256"], answer.json["size"]) == (photo["id"], photo["sha256"], photo["size"])
    return list(answer.json["steps"])


def test_the_phone_names_it_it_comes_is_stored_and_opened(loop: Loop, clerk: Someone, time: Clock) -> None:
    report, (photo,), _ = sent(loop.wang, loop.site)
    number = loop.su.get(f"/reports/{report}").json["number"]
    time.later(30)
    loop.su.get(f"/photos/{photo['id']}/original")
    time.later(300)
    (event,) = trail(loop.office)
    named, received, stored, opened = chain(loop.su, photo)
    assert [one["kind"] for one in (named, received, stored, opened)] == ["named", "received", "stored", "opened"]
    assert named["phone_at"] == "2026-11-20T04:01:03+00:00"
    assert (named["sha256"], named["same"], named["number"], named["revision"]) == (photo["sha256"], True, number, 1)
    assert named["by"] == {"id": str(loop.wang.id), "name": "Wang"}
    assert (stored["sha256"], stored["size"], stored["same"]) == (photo["sha256"], photo["size"], True)
    (line,) = [
        one for one in clerk.get(f"/audit?object=photo:{photo['id']}").json["items"] if one["verb"] == "photo_stored"
    ]
    assert stored["event"] == line["id"]
    assert (opened["by"]["name"], opened["event"], opened["same"]) == ("Su", event.id, True)


def test_it_was_received_when_its_first_byte_came_and_stored_with_its_last(loop: Loop, time: Clock) -> None:
    data = jpeg(64, 48, seed=3)
    photo = photo_entry(data, item="ELEV-A01")
    report = str(new_id())
    loop.wang.put(f"/reports/{report}", report_body(loop.site, photos=[photo]))
    began = time.later(60)
    upload = loop.wang.upload(report, photo, data[:100], **{"Upload-Length": str(len(data))})
    ended = time.later(600)
    rest = loop.wang.patch(upload.headers["Location"], data=data[100:], headers={
        "Tus-Resumable": "1.0.0", "Upload-Offset": "100", "Content-Type": "application/offset+octet-stream",
    })
    assert rest.status_code == 204, rest.text
    _, received, stored = chain(loop.su, photo)
    assert [datetime.fromisoformat(one["at"]) for one in (received, stored)] == [began, ended]


def test_an_opening_shows_before_the_trail_tells_it(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    for _ in range(2):
        loop.su.get(f"/photos/{photo['id']}/original")
        time.later(10)
    loop.office.app.extensions["dudao-custody"].settle()
    (opened,) = [one for one in chain(loop.su, photo) if one["kind"] == "opened"]
    assert opened["event"] is None
    assert opened["last_at"] > opened["at"]


def test_an_inspector_learns_when_others_looked_but_not_who(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    loop.su.get(f"/photos/{photo['id']}/original")
    loop.wang.get(f"/photos/{photo['id']}/original")
    time.later(121)
    trail(loop.office)
    opened = [one for one in chain(loop.wang, photo) if one["kind"] == "opened"]
    assert sorted((one["by"] and one["by"]["name"], one["by_other"]) for one in opened if one["by"]) == [("Wang", False)]
    assert [one["by_other"] for one in opened if one["by"] is None] == [True]
    assert str(loop.su.id) not in str(chain(loop.wang, photo))


def test_a_firm_and_a_stranger_see_no_chain(loop: Loop) -> None:
    issue = loop.closed()
    before = loop.su.get(f"/issues/{issue}").json["photos"]["before"][0]["id"]
    assert loop.jia.get(f"/photos/{before}/custody").status_code == 403
    assert loop.bing.get(f"/photos/{before}/custody").status_code == 404


def test_who_is_of_the_firm_and_an_inspector_too_sees_no_chain_of_its_work(loop: Loop) -> None:
    both = loop.office.person("both", "contractor", "inspector", organisation=loop.firm, districts=(YINGZE,))
    assigned = {"person_ids": [str(one.id) for one in (loop.wang, both)]}
    assert loop.su.put(f"/sites/{loop.site}/assignments", assigned).status_code == 200
    issue = loop.issued()
    taken(loop.reply(issue, by=both))
    photos = loop.su.get(f"/issues/{issue}").json["photos"]
    _, (own,), _ = sent(both, loop.site)
    before, after = photos["before"][0]["id"], photos["after"][0]["id"]
    for photo in (before, after, own["id"]):
        assert both.get(f"/photos/{photo}").status_code == 200
        refused(both.get(f"/photos/{photo}/custody"), 403, "not-allowed")
    elsewhere = loop.office.site("别家小区", contractor=loop.other, inspectors=(both,))
    _, (photo,), _ = sent(both, elsewhere, first=5)
    assert chain(both, photo), "at another firm's site they are an inspector as any other"
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass"}))
    taken(loop.su.post(f"/issues/{issue}/reopening", {"reason": "又坏了"}))
    assert loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)}).status_code == 200
    refused(both.get(f"/photos/{after}/custody"), 403, "not-allowed")


def test_what_the_firm_shows_is_no_inspectors_and_no_supervisors_to_trace(loop: Loop) -> None:
    """Another role's right does not reach what only the firm's issue shows."""
    issue = loop.closed()
    before = loop.su.get(f"/issues/{issue}").json["photos"]["before"][0]["id"]
    for number, other in enumerate(("inspector", "supervisor")):
        who = loop.office.person(f"far{number}", "contractor", other, organisation=loop.firm, districts=(JINYUAN,))
        assert who.get(f"/photos/{before}").status_code == 200
        refused(who.get(f"/photos/{before}/custody"), 403, "not-allowed")


def test_names_are_told_where_one_is_of_the_desk(loop: Loop, time: Clock) -> None:
    both = loop.office.person("both", "inspector", "supervisor", districts=(JINYUAN,))
    _, (photo,), _ = sent(both, loop.office.site("又一小区", inspectors=(both,)))
    loop.su.get(f"/photos/{photo['id']}/original")
    time.later(121)
    trail(loop.office)
    (opened,) = [one for one in chain(both, photo) if one["kind"] == "opened"]
    assert (opened["by"], opened["by_other"]) == (None, True)
    (opened,) = [one for one in chain(loop.su, photo) if one["kind"] == "opened"]
    assert opened["by"]["name"] == "Su"


def test_a_replys_photo_is_named_by_the_reply(loop: Loop) -> None:
    issue = loop.closed()
    after = loop.su.get(f"/issues/{issue}").json["photos"]["after"][0]["id"]
    steps = loop.su.get(f"/photos/{after}/custody").json["steps"]
    assert [one["kind"] for one in steps] == ["named", "received", "stored"]
    assert (steps[0]["by"]["name"], steps[0]["number"]) == ("Jia", loop.look(issue)["number"])


def test_other_bytes_under_the_same_id_are_told_as_not_the_same(loop: Loop) -> None:
    report, (photo,), _ = sent(loop.wang, loop.site)
    other = {**photo, "sha256": "cd" * 32}
    loop.wang.put(f"/reports/{report}", report_body(loop.site, photos=[other], revision=2))
    named = [one for one in chain(loop.su, photo) if one["kind"] == "named"]
    assert [(one["revision"], one["same"]) for one in named] == [(1, True), (2, False)]
