"""Marks on a photo, a representative's signature, the facts of an original: kept to the letter, or refused by name."""

from __future__ import annotations

import copy
import hashlib
import uuid
from typing import Any

import pytest
import rfc8785

from server.kit.ids import new_id
from tests.factories import YINGZE, SiteOffice, Someone, mark, photo_entry, report_body, representative
from tests.photos import jpeg

ORIGINAL = {"sha256": "ab" * 32, "size": 3_251_000, "media_type": "image/jpeg", "width": 4000, "height": 3000}
Where = tuple[str | int, ...]


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


@pytest.fixture
def site(office: SiteOffice, wang: Someone) -> uuid.UUID:
    return office.site(inspectors=(wang,))


def marked(site: uuid.UUID, **more: Any) -> dict[str, Any]:
    photo = photo_entry(jpeg(64, 48), marks=[mark(), mark(colour="yellow", points=[[0, 1]])], original=dict(ORIGINAL))
    return report_body(site, photos=[photo], representative=representative(), **more)


def test_what_was_drawn_comes_back_to_the_letter_and_is_in_the_digest(wang: Someone, site: uuid.UUID) -> None:
    body, report_id = marked(site), str(new_id())
    report = wang.send(body, {body["photos"][0]["id"]: jpeg(64, 48)}, report_id=report_id)
    [shown] = report["gallery"]
    assert shown["marks"] == body["photos"][0]["marks"]
    assert shown["original"] == ORIGINAL
    assert report["signed"] == {"revision": 1, **body["representative"]}
    content = copy.deepcopy(body)
    del content["device"]["sent_at"]
    assert report["content"] == content
    assert report["receipt"]["digest"] == hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    assert wang.get(f"/reports/{report_id}/revisions/1").json["content"] == content
    synced = wang.get("/sync").json["reports"]
    assert [one["signed"]["revision"] for one in synced] == [1]
    body["photos"][0]["marks"][0]["points"][0][0] = 0.1235
    assert wang.put(f"/reports/{report_id}", body).json["code"] == "report-conflict"


def test_a_photo_without_marks_says_so_and_nobody_need_sign(wang: Someone, site: uuid.UUID) -> None:
    photo = photo_entry(jpeg(64, 48))
    report = wang.send(report_body(site, photos=[photo]), {photo["id"]: jpeg(64, 48)})
    assert [(shown["marks"], shown["original"]) for shown in report["gallery"]] == [([], None)]
    assert report["signed"] is None


def test_a_later_revision_does_not_pass_for_signed(wang: Someone, site: uuid.UUID) -> None:
    report_id, signed = str(new_id()), representative()
    wang.put(f"/reports/{report_id}", report_body(site, representative=signed))
    named = {"name": "李工", "signed_at": None, "signature": None}
    wang.put(f"/reports/{report_id}", report_body(site, revision=2, representative=named))
    report = wang.get(f"/reports/{report_id}").json
    assert (report["revision"], report["signed"]) == (2, {"revision": 1, **signed})
    assert report["content"]["representative"] == named
    again = representative(signed_at="2026-11-22T10:00:00+08:00")
    wang.put(f"/reports/{report_id}", report_body(site, revision=3, representative=again))
    assert wang.get(f"/reports/{report_id}").json["signed"] == {"revision": 3, **again}


MARK: Where = ("photos", 0, "marks", 0)
DOT = [[0.5, 0.5]]
BAD: list[tuple[Where, Any, str]] = [
    ((*MARK, "colour"), "green", "photos.0.marks.0.colour"),
    ((*MARK, "width"), 0.2, "photos.0.marks.0.width"),
    ((*MARK, "width"), True, "photos.0.marks.0.width"),
    ((*MARK, "points"), [], "photos.0.marks.0.points"),
    ((*MARK, "points"), "M0 0", "photos.0.marks.0.points"),
    ((*MARK, "points"), [[0, 0], [0, 1.0001]], "photos.0.marks.0.points.1"),
    ((*MARK, "points"), [[0, -0.1]], "photos.0.marks.0.points.0"),
    ((*MARK, "points"), [[0, True]], "photos.0.marks.0.points.0"),
    ((*MARK, "points"), [[0, 0, 0]], "photos.0.marks.0.points.0"),
    ((*MARK, "points"), [{"x": 0, "y": 0}], "photos.0.marks.0.points.0"),
    ((*MARK, "points"), DOT * 2001, "photos.0.marks.0.points"),
    ((*MARK, "pressure"), 1, "photos.0.marks.0.pressure"),
    (("photos", 0, "marks"), [mark(points=DOT)] * 51, "photos.0.marks"),
    (("photos", 0, "marks"), [mark(points=DOT * 1001)] * 2, "photos.0.marks"),
    (("photos", 0, "marks"), {}, "photos.0.marks"),
    (("photos", 0, "original", "sha256"), "ab", "photos.0.original.sha256"),
    (("photos", 0, "original", "width"), 0, "photos.0.original.width"),
    (("photos", 0, "original", "size"), 1.5, "photos.0.original.size"),
    (("photos", 0, "original"), {}, "photos.0.original.sha256"),
    (("representative",), {}, "representative.name"),
    (("representative", "name"), "长" * 101, "representative.name"),
    (("representative", "signed_at"), None, "representative.signed_at"),
    (("representative", "signature"), None, "representative.signed_at"),
    (("representative", "signature"), [], "representative.signature"),
    (("representative", "signature"), [[]], "representative.signature.0"),
    (("representative", "signature"), [[[0, 2]]], "representative.signature.0.0"),
    (("representative", "signature"), [DOT] * 201, "representative.signature"),
    (("representative", "signature"), [DOT * 2001] * 2, "representative.signature"),
]


@pytest.mark.parametrize(("at", "value", "named"), BAD)
def test_what_cannot_be_drawn_is_refused_by_name(
    wang: Someone, site: uuid.UUID, at: Where, value: Any, named: str
) -> None:
    body: Any = marked(site)
    inner = body
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    refused = wang.put(f"/reports/{new_id()}", body)
    assert refused.status_code == 422, refused.text
    assert named in refused.json["errors"]


def test_the_most_that_may_be_drawn_is_taken(wang: Someone, site: uuid.UUID) -> None:
    body = marked(site)
    body["photos"][0]["marks"] = [mark(points=[[0.0001, 1]] * 40) for _ in range(50)]
    body["representative"]["signature"] = [[[1, 0.25]] * 20 for _ in range(200)]
    assert wang.put(f"/reports/{new_id()}", body).status_code == 201
