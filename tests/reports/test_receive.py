"""A report comes in: once, however often and in whatever order it is sent."""

from __future__ import annotations

import copy
import hashlib
import threading
import uuid

import pytest
import rfc8785
import sqlalchemy as sa

from server.kit.ids import new_id
from server.reports.models import Report, ReportConflict, Revision
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    """An inspector of Yingze; the checklists are published."""
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


@pytest.fixture
def site(office: SiteOffice, wang: Someone) -> uuid.UUID:
    return office.site(inspectors=(wang,))


def test_a_report_without_photos_gets_its_receipt_at_once(wang: Someone, site: uuid.UUID) -> None:
    report_id, body = str(new_id()), report_body(site)
    answer = wang.put(f"/reports/{report_id}", body)
    assert answer.status_code == 201, answer.text
    assert answer.json["id"] == report_id
    assert answer.json["state"] == "submitted"
    assert answer.json["photos"] == {"expected": 0, "received": 0, "missing": [], "refused": []}
    content = copy.deepcopy(body)
    del content["device"]["sent_at"]
    assert answer.json["receipt"]["digest"] == hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    assert answer.json["receipt"]["number"]


def test_the_same_report_again_is_the_same_answer_whenever_it_was_sent(wang: Someone, site: uuid.UUID) -> None:
    report_id, body = str(new_id()), report_body(site)
    first = wang.put(f"/reports/{report_id}", body)
    body["device"]["sent_at"] = "2026-12-20T12:01:03+08:00"
    again = wang.put(f"/reports/{report_id}", body)
    assert again.status_code == 200
    assert again.json == first.json


def test_a_revision_that_was_replaced_is_answered_with_its_own_receipt(wang: Someone, site: uuid.UUID) -> None:
    report_id, body = str(new_id()), report_body(site)
    first = wang.put(f"/reports/{report_id}", body)
    second = wang.put(f"/reports/{report_id}", {**body, "revision": 2, "summary": "重新填写"})
    assert second.json["receipt"]["digest"] != first.json["receipt"]["digest"]
    again = wang.put(f"/reports/{report_id}", body)
    assert (again.status_code, again.json) == (200, first.json)
    assert wang.get(f"/reports/{report_id}").json["revision"] == 2


def test_a_revision_that_was_replaced_before_it_was_whole_learns_so(wang: Someone, site: uuid.UUID) -> None:
    report_id, lost = str(new_id()), photo_entry(jpeg(64, 48))
    wang.put(f"/reports/{report_id}", report_body(site, photos=[lost]))
    second = wang.put(f"/reports/{report_id}", {**report_body(site), "revision": 2})
    again = wang.put(f"/reports/{report_id}", report_body(site, photos=[lost]))
    assert (again.status_code, again.json) == (200, second.json)
    assert again.json["revision"] == 2


def test_other_content_under_the_same_revision_is_refused_but_kept_aside(
    office: SiteOffice, wang: Someone, site: uuid.UUID
) -> None:
    report_id, body = str(new_id()), report_body(site)
    wang.put(f"/reports/{report_id}", body)
    other = {**body, "summary": "改过的说明"}
    for _ in range(2):
        refused = wang.put(f"/reports/{report_id}", other)
        assert refused.status_code == 409
        assert refused.json["code"] == "report-conflict"
    kept = office.read(sa.select(ReportConflict))
    assert [one.content for one in kept] == [rfc8785.dumps(_content(other)).decode()]
    supervisor = office.person("su", "supervisor", districts=(YINGZE,))
    listed = supervisor.get(f"/reports/{report_id}/conflicts").json["items"]
    assert [one["content"]["summary"] for one in listed] == ["改过的说明"]
    assert wang.get(f"/reports/{report_id}").json["content"]["summary"] == body["summary"]


def _content(body: dict) -> dict:
    content = copy.deepcopy(body)
    content["device"].pop("sent_at", None)
    return content


def test_a_report_waits_for_its_photos_and_then_gets_its_receipt(wang: Someone, site: uuid.UUID) -> None:
    one, two = jpeg(640, 480, seed=1), jpeg(640, 480, seed=2)
    entries = [photo_entry(one, item="ELEV-A01"), photo_entry(two)]
    body = report_body(site, photos=entries)
    report_id = str(new_id())
    first = wang.put(f"/reports/{report_id}", body).json
    assert first["state"] == "incomplete"
    assert first["receipt"] is None
    assert [missing["id"] for missing in first["photos"]["missing"]] == [entry["id"] for entry in entries]
    assert wang.upload(report_id, entries[0], one).status_code == 201
    half = wang.get(f"/reports/{report_id}").json
    assert half["photos"]["received"] == 1
    assert half["receipt"] is None
    assert wang.upload(report_id, entries[1], two).status_code == 201
    whole = wang.put(f"/reports/{report_id}", body).json
    assert whole["state"] == "submitted"
    assert whole["photos"] == {"expected": 2, "received": 2, "missing": [], "refused": []}
    assert whole["receipt"]


def test_a_photo_may_come_before_its_report(wang: Someone, site: uuid.UUID) -> None:
    data = jpeg(640, 480, seed=3)
    entry, report_id = photo_entry(data), str(new_id())
    assert wang.upload(report_id, entry, data).status_code == 201
    answer = wang.put(f"/reports/{report_id}", report_body(site, photos=[entry]))
    assert answer.json["state"] == "submitted"


def test_equal_photos_twice_in_one_report_and_in_two_reports_are_fine(wang: Someone, site: uuid.UUID) -> None:
    data = jpeg(640, 480, seed=4)
    for _ in range(2):
        entries = [photo_entry(data), photo_entry(data)]
        report = wang.send(report_body(site, photos=entries), {entry["id"]: data for entry in entries})
        assert report["state"] == "submitted"
        original = wang.get(f"/photos/{entries[1]['id']}/original")
        assert original.data == data


def test_twenty_equal_requests_at_once_make_one_report(office: SiteOffice, wang: Someone, site: uuid.UUID) -> None:
    report_id, body = str(new_id()), report_body(site)
    statuses: list[int] = []

    def send() -> None:
        client = office.app.test_client()
        headers = {"Authorization": f"Bearer {wang.tokens['access_token']}"}
        statuses.append(client.put(f"/api/v1/reports/{report_id}", json=body, headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 19 + [201]
    assert len(office.read(sa.select(Report))) == 1
    assert len(office.read(sa.select(Revision))) == 1


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"revision": 0}, "revision"),
        ({"site_id": "x"}, "site_id"),
        ({"started_at": "2026-11-20T09:12:00"}, "started_at"),
        ({"finished_at": "2026-11-19T00:00:00+08:00"}, "finished_at"),
        ({"visit": "surprise"}, "visit"),
        ({"location": None}, "location_reason"),
        ({"location": None, "location_reason": " "}, "location_reason"),
        ({"location": {"lat": 91, "lng": 0}}, "location.lat"),
        ({"checklist": {"code": "ELEV", "version": 99}}, "checklist"),
        ({"answers": [{"item": "NOPE-1", "value": "pass"}]}, "answers.0.item"),
        ({"answers": [{"item": "ELEV-A01", "value": "maybe"}]}, "answers.0.value"),
        ({"answers": [{"item": "ELEV-C02", "value": "4.2"}]}, "answers.0.value"),
        ({"answers": [{"item": "ELEV-A01", "value": "pass"}] * 2}, "answers.1"),
        ({"answers": [{"item": "ELEV-A01", "value": "fail"}]}, "answers.0.photos"),
        ({"answers": [{"item": "ELEV-B01", "value": "pass"}]}, "answers.0.photos"),
        ({"answers": [{"item": "ELEV-A01", "value": "pass", "photos": [str(uuid.UUID(int=1))]}]}, "answers.0.photos"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_what_is_wrong_is_named(wang: Someone, site: uuid.UUID, change: dict, where: str) -> None:
    refused = wang.put(f"/reports/{new_id()}", {**report_body(site), **change})
    assert refused.status_code == 422, refused.text
    assert where in refused.json["errors"], refused.json


def test_a_missing_required_photo_names_the_item(wang: Someone, site: uuid.UUID) -> None:
    body = report_body(site, answers=[{"item": "ELEV-A05", "value": "fail", "note": "无证上岗"}])
    refused = wang.put(f"/reports/{new_id()}", body)
    assert refused.status_code == 422
    assert refused.json["code"] == "photo-missing"
    assert refused.json["items"] == ["ELEV-A05"]


def test_one_may_not_report_on_a_site_that_one_was_never_assigned(office: SiteOffice, wang: Someone) -> None:
    elsewhere = office.site("化二建小区", district=JINYUAN)
    refused = wang.put(f"/reports/{new_id()}", report_body(elsewhere))
    unknown = wang.put(f"/reports/{new_id()}", report_body(uuid.uuid4()))
    assert refused.status_code == unknown.status_code == 404
    assert refused.json == unknown.json


def test_another_inspectors_report_id_is_not_found(office: SiteOffice, wang: Someone, site: uuid.UUID) -> None:
    report_id = str(new_id())
    wang.put(f"/reports/{report_id}", report_body(site))
    li = office.person("li", "inspector", districts=(YINGZE,))
    place = office.site("别处", inspectors=(li,))
    assert li.put(f"/reports/{report_id}", report_body(place)).status_code == 404
    assert li.get(f"/reports/{report_id}").status_code == 404


def test_other_bytes_than_the_report_names_are_refused_and_keep_nothing_from_coming(
    wang: Someone, site: uuid.UUID
) -> None:
    right, wrong = jpeg(640, 480, seed=5), jpeg(640, 480, seed=6)
    entry, report_id = photo_entry(right), str(new_id())
    body = report_body(site, photos=[entry])
    wang.put(f"/reports/{report_id}", body)
    refused = wang.upload(report_id, photo_entry(wrong, photo_id=entry["id"]), wrong)
    assert (refused.status_code, refused.json["code"]) == (460, "checksum-mismatch")
    assert wang.upload(report_id, entry, right).status_code == 201
    assert wang.put(f"/reports/{report_id}", body).json["state"] == "submitted"


def test_a_photo_that_came_with_other_bytes_is_called_refused(wang: Someone, site: uuid.UUID) -> None:
    named, came = jpeg(640, 480, seed=7), jpeg(640, 480, seed=8)
    entry = photo_entry(named)
    report_id, other_id = str(new_id()), str(new_id())
    wang.upload(other_id, photo_entry(came, photo_id=entry["id"]), came)  # before any report names it
    answer = wang.put(f"/reports/{report_id}", report_body(site, photos=[entry])).json
    assert answer["photos"]["refused"] == [{"id": entry["id"], "code": "photo-conflict"}]
    assert answer["state"] == "incomplete"


def test_a_report_that_waited_for_other_bytes_under_the_same_id_says_so(wang: Someone, site: uuid.UUID) -> None:
    """Two reports of one phone name one id with different bytes: what one gets, the other will never have."""
    first, second = jpeg(640, 480, seed=9), jpeg(640, 480, seed=10)
    entry = photo_entry(first)
    reports = [str(new_id()), str(new_id())]
    wang.put(f"/reports/{reports[0]}", report_body(site, photos=[entry]))
    wang.put(f"/reports/{reports[1]}", report_body(site, photos=[photo_entry(second, photo_id=entry["id"])]))
    assert wang.upload(reports[0], entry, first).status_code == 201
    assert wang.get(f"/reports/{reports[0]}").json["state"] == "submitted"
    left = wang.get(f"/reports/{reports[1]}").json["photos"]
    assert (left["missing"], left["refused"]) == ([], [{"id": entry["id"], "code": "photo-conflict"}])


def test_naming_a_photo_of_another_is_not_found_and_keeps_nobody_from_sending_it(
    office: SiteOffice, wang: Someone, site: uuid.UUID
) -> None:
    data = jpeg(640, 480, seed=11)
    entry, report_id = photo_entry(data), str(new_id())
    wang.put(f"/reports/{report_id}", report_body(site, photos=[entry]))
    li = office.person("li", "inspector", districts=(YINGZE,))
    place = office.site("别处", inspectors=(li,))
    assert li.put(f"/reports/{new_id()}", report_body(place, photos=[entry])).status_code == 404
    assert wang.upload(report_id, entry, data).status_code == 201
    assert wang.get(f"/reports/{report_id}").json["state"] == "submitted"


@pytest.mark.parametrize("number", [2**53, 10**16, -(2**60)])
def test_a_whole_number_that_is_a_double_is_kept_as_the_phone_says_it(
    wang: Someone, site: uuid.UUID, number: int
) -> None:
    body = report_body(site)
    body["device"]["counter"] = number
    answer = wang.put(f"/reports/{new_id()}", body)
    assert answer.status_code == 201, answer.text
    content = copy.deepcopy(body)
    del content["device"]["sent_at"]
    content["device"]["counter"] = float(number)
    assert answer.json["receipt"]["digest"] == hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    body["device"]["counter"] = 2**53 + 1
    assert wang.put(f"/reports/{new_id()}", body).status_code == 422


def test_an_id_has_one_spelling_and_a_report_that_was_let_in_with_another_is_still_shown(
    office: SiteOffice, wang: Someone, site: uuid.UUID
) -> None:
    entry, report_id = photo_entry(b"never sent"), str(new_id())
    odd = photo_entry(b"never sent", photo_id=f"urn:{uuid.UUID(int=7).hex}")
    assert wang.put(f"/reports/{new_id()}", report_body(site, photos=[odd])).status_code == 422
    wang.put(f"/reports/{report_id}", report_body(site, photos=[entry]))
    spelled = f"urn:{uuid.UUID(entry['id']).hex}"
    content = office.read(sa.select(Revision.content))[0].replace(entry["id"], spelled)
    office.write(lambda db: db.execute(sa.update(Revision).values(content=content)))
    assert wang.get(f"/reports/{report_id}").json["gallery"][0]["id"] == entry["id"]


def test_an_incomplete_report_may_be_replaced_when_a_photo_is_lost(wang: Someone, site: uuid.UUID) -> None:
    lost = photo_entry(b"lost on the phone")
    report_id = str(new_id())
    wang.put(f"/reports/{report_id}", report_body(site, photos=[lost]))
    second = wang.put(f"/reports/{report_id}", report_body(site, revision=2))
    assert second.status_code == 201
    assert second.json["state"] == "submitted"
    assert second.json["revision"] == 2
    late = wang.put(f"/reports/{report_id}", report_body(site, photos=[lost]))
    assert late.status_code == 200
    assert late.json["revision"] == 2
    early = wang.put(f"/reports/{report_id}", report_body(site, revision=9))
    assert early.status_code == 409
    assert early.json["code"] == "revision-out-of-order"


def test_odd_text_in_a_report_is_kept_to_the_letter(wang: Someone, site: uuid.UUID) -> None:
    odd = "𬭎 emoji 🏗️ NUL\x00 tab\t 照片 '; drop table report; -- =1+1 \u202e"
    body = report_body(site, summary=odd, answers=[{"item": "ELEV-A01", "value": "pass", "note": odd}])
    report_id = str(new_id())
    assert wang.put(f"/reports/{report_id}", body).status_code == 201
    kept = wang.get(f"/reports/{report_id}").json
    assert kept["content"] == _content(body)


def test_what_is_no_json_or_no_unicode_is_refused_by_name(wang: Someone, site: uuid.UUID) -> None:
    def put(data: bytes) -> tuple[int, dict]:
        answer = wang.ask("PUT", f"/reports/{new_id()}", data=data, headers={"Content-Type": "application/json"})
        return answer.status_code, answer.json

    assert put(b"{")[0] == 400
    assert put(b'{"revision": NaN}')[0] == 400
    assert put(b"[]")[0] == 422
    assert put(b"[" * 5000 + b"]" * 5000)[0] in {400, 422}
    status, problem = put(b'{"summary": "\\ud800"}')
    assert status == 422
    assert "summary" in problem["errors"]
    assert put(b'{"revision": 1e400}')[0] in {400, 422}
    assert put(b'{"revision": 9223372036854775808}')[0] == 422


def test_what_a_phone_says_of_itself_is_kept_within_measure(wang: Someone, site: uuid.UUID) -> None:
    body = report_body(site)
    body["device"]["model"] = "华为 P60"
    assert wang.put(f"/reports/{new_id()}", body).status_code == 201
    body["device"]["pad"] = "满" * 9000
    refused = wang.put(f"/reports/{new_id()}", body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["device._schema"])
