"""Twenty equal requests at the same moment: one of each thing, the same answer for all, and never a 5xx."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from server.issues.models import Issue
from server.photos.models import Original, Photo, Upload
from server.reports.models import Report, ReportConflict, ReportPhoto, Revision
from server.reviews.models import Review
from tests.city import City
from tests.factories import YINGZE, photo_entry, report_body
from tests.phone import OCTETS, TUS, Answer, Line, Phone, Sending, creation
from tests.photos import jpeg

TWENTY = 20
Ask = Callable[[Phone], Answer]


def at_once(city: City, token: str, asks: list[Ask]) -> list[Answer]:
    """Let each ask on a line of its own, opened before; all begin at the same moment."""
    start, answers, failures = threading.Barrier(len(asks)), [], []

    def work(ask: Ask) -> None:
        phone = Phone(city.server.port, token, line=Line(city.server.port))
        try:
            start.wait(10)
            answers.append(ask(phone))
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            phone.hang_up()

    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [answer.body for answer in answers if answer.status >= 500] == [], city.log()[-6000:]
    return answers


def twenty(city: City, token: str, ask: Ask) -> list[Answer]:
    return at_once(city, token, [ask] * TWENTY)


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def rows(city: City, query: sa.Select[Any]) -> list[Any]:
    return city.office.read(query)


@pytest.fixture
def told(city: City) -> Iterator[tuple[Phone, Sending, bytes]]:
    """A phone with a report that has one photo, which is about to be sent."""
    inspector = city.inspector()
    phone = inspector.phone
    photo = jpeg(320, 240, seed=random.SystemRandom().randrange(2**31), size=50_000)
    entry = photo_entry(photo, item="ELEV-A01")
    answers = [{"item": "ELEV-A01", "value": "fail", "note": "井道内有积水", "photos": [entry["id"]]}]
    yield phone, Sending(report_body(inspector.site_id, answers=answers, photos=[entry]), {entry["id"]: photo}), photo
    phone.hang_up()


def whole_upload(sending: Sending, photo: bytes) -> Ask:
    [photo_id] = sending.photos
    more = f"{TUS}{OCTETS}{creation(sending, photo_id, photo)}"
    return lambda phone: phone.ask("POST", "/uploads", photo, more)


def put(sending: Sending) -> Ask:
    return lambda phone: phone.send_json("PUT", f"/reports/{sending.id}", sending.body)


def test_a_report(city: City, told: tuple[Phone, Sending, bytes]) -> None:
    phone, sending, _ = told
    answers = twenty(city, phone.token, put(sending))
    assert statuses(answers) == {201: 1, 200: 19}
    assert len({answer.body for answer in answers}) == 1
    report_id = uuid.UUID(sending.id)
    assert len(rows(city, sa.select(Report).where(Report.id == report_id))) == 1
    [revision] = rows(city, sa.select(Revision).where(Revision.report_id == report_id))
    assert revision.digest == sending.digest
    assert len(rows(city, sa.select(ReportPhoto).where(ReportPhoto.report_id == report_id))) == 1


def test_twenty_contents_under_one_id_keep_one_and_put_the_others_aside(
    city: City, told: tuple[Phone, Sending, bytes]
) -> None:
    phone, sending, _ = told
    bodies = [sending.body | {"summary": f"第{number}种说法"} for number in range(TWENTY)]
    answers = at_once(city, phone.token, [
        lambda phone, body=body: phone.send_json("PUT", f"/reports/{sending.id}", body) for body in bodies
    ])
    assert statuses(answers) == {201: 1, 409: 19}
    assert {answer.code for answer in answers if answer.status == 409} == {"report-conflict"}
    report_id = uuid.UUID(sending.id)
    aside = rows(city, sa.select(ReportConflict.digest).where(ReportConflict.report_id == report_id))
    kept = rows(city, sa.select(Revision.digest).where(Revision.report_id == report_id))
    digests = {Sending(body).digest for body in bodies}
    assert (len(kept), set(kept) | set(aside)) == (1, digests)


def test_a_photo_before_its_report(city: City, told: tuple[Phone, Sending, bytes]) -> None:
    phone, sending, photo = told
    answers = twenty(city, phone.token, whole_upload(sending, photo))
    assert statuses(answers) == {201: TWENTY}
    assert {answer.headers["upload-offset"] for answer in answers} == {str(len(photo))}
    stored_once(city, sending, photo)
    assert phone.send_json("PUT", f"/reports/{sending.id}", sending.body).json["receipt"]["digest"] == sending.digest


def test_the_last_bytes_of_an_upload(city: City, told: tuple[Phone, Sending, bytes]) -> None:
    phone, sending, photo = told
    [photo_id] = sending.photos
    begun = phone.ask("POST", "/uploads", photo[:20_000], f"{TUS}{OCTETS}{creation(sending, photo_id, photo)}")
    assert (begun.status, begun.headers["upload-offset"]) == (201, "20000")
    more = f"{TUS}{OCTETS}Upload-Offset: 20000\r\n"
    answers = twenty(city, phone.token, lambda one: one.ask("PATCH", begun.headers["location"], photo[20_000:], more))
    assert set(statuses(answers)) <= {204, 409, 413, 423}, statuses(answers)
    # Each took the upload over from the one before: whoever was last may have been cut off by nobody.
    sending.passed[photo_id] = len(photo)
    sending.uploads[photo_id] = begun.headers["location"]
    assert phone.deliver(sending)["digest"] == sending.digest
    stored_once(city, sending, photo)


def test_a_report_and_its_photo_meet(city: City, told: tuple[Phone, Sending, bytes]) -> None:
    phone, sending, photo = told
    answers = at_once(city, phone.token, [put(sending), whole_upload(sending, photo)] * (TWENTY // 2))
    assert set(statuses(answers)) == {200, 201}
    receipt = phone.send_json("PUT", f"/reports/{sending.id}", sending.body).json["receipt"]
    assert receipt["digest"] == sending.digest
    [report] = rows(city, sa.select(Report).where(Report.id == uuid.UUID(sending.id)))
    assert (report.photos_expected, report.photos_received) == (1, 1)
    receipts = [answer.json["receipt"] for answer in answers if answer.body]
    assert {json.dumps(one) for one in receipts if one} <= {json.dumps(receipt)}
    stored_once(city, sending, photo)


def stored_once(city: City, sending: Sending, photo: bytes) -> None:
    """One photo, one original, its file, and no upload of it that is still open with nothing written."""
    sha256 = hashlib.sha256(photo).hexdigest()
    [photo_id] = sending.photos
    assert rows(city, sa.select(Photo.sha256).where(Photo.id == uuid.UUID(photo_id))) == [sha256]
    assert rows(city, sa.select(Original.size).where(Original.sha256 == sha256)) == [len(photo)]
    assert (city.uploads / "originals" / sha256[:2] / sha256).read_bytes() == photo
    open_ones = sa.select(Upload).where(Upload.photo_id == uuid.UUID(photo_id), Upload.finished_at.is_(None))
    assert rows(city, open_ones) == []


@pytest.fixture
def handed_in(city: City, told: tuple[Phone, Sending, bytes]) -> Sending:
    phone, sending, _ = told
    phone.deliver(sending)
    return sending


def decide(sending: Sending, decision: str) -> Ask:
    body = {"decision": decision, "revision": 1, "comment": "请看条目", "items": []}
    return lambda phone: phone.send_json("POST", f"/reports/{sending.id}/reviews", body)


def test_a_review(city: City, handed_in: Sending) -> None:
    supervisor = city.office.person("supervisor", "supervisor", districts=(YINGZE,))
    answers = twenty(city, supervisor.tokens["access_token"], decide(handed_in, "approve"))
    assert statuses(answers) == {201: 1, 200: 19}
    assert len({answer.body for answer in answers}) == 1
    report_id = uuid.UUID(handed_in.id)
    assert len(rows(city, sa.select(Review).where(Review.report_id == report_id))) == 1
    assert len(rows(city, sa.select(Issue).where(Issue.report_id == report_id))) == 1


def test_supervisors_who_disagree_at_the_same_moment(city: City, handed_in: Sending) -> None:
    supervisor = city.office.person("supervisor", "supervisor", districts=(YINGZE,))
    asks = [decide(handed_in, "approve"), decide(handed_in, "return")] * (TWENTY // 2)
    answers = at_once(city, supervisor.tokens["access_token"], asks)
    assert statuses(answers) == {201: 1, 200: 9, 409: 10}
    assert {answer.code for answer in answers if answer.status == 409} == {"review-decided"}
    report_id = uuid.UUID(handed_in.id)
    [review] = rows(city, sa.select(Review).where(Review.report_id == report_id))
    opened = rows(city, sa.select(Issue).where(Issue.report_id == report_id))
    assert len(opened) == (1 if review.decision == "approve" else 0)


def test_twenty_phones_of_twenty_people(city: City) -> None:
    """Not equal but at once, in another order for each: nobody waits for an error."""
    crowd = []
    for _ in range(TWENTY):
        inspector = city.inspector()
        crowd.append((inspector.phone.token, Sending(report_body(inspector.site_id))))
    answers = at_once(city, "", [
        lambda one, token=token, sending=sending: put(sending)(Phone(one.port, token, line=one.line))
        for token, sending in crowd
    ])
    assert statuses(answers) == {201: TWENTY}
    assert {answer.json["receipt"]["digest"] for answer in answers} == {sending.digest for _, sending in crowd}
    assert len({answer.json["receipt"]["number"] for answer in answers}) == TWENTY
