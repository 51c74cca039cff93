"""回头看: ten in a hundred of a week's closed issues are looked at again, the same ones whoever draws."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.issues import follow_ups, jobs
from server.issues.models import FollowUp
from server.kit.ids import new_id
from tests.issues.loop import Loop, at, refused, taken
from tests.issues.test_reminders import work

IDS = st.lists(st.uuids(), max_size=60, unique=True)


@given(IDS, st.integers(0, 100), st.randoms())
def test_a_sample_depends_on_nothing_but_the_week_and_its_issues(ids: list[uuid.UUID], percent: int, chance: object) -> None:
    drawn = follow_ups.sample("2026-W47", ids, percent)
    shuffled = list(ids)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert follow_ups.sample("2026-W47", shuffled, percent) == drawn
    assert set(drawn) <= set(ids)
    assert len(drawn) == -(-len(ids) * percent // 100)


def test_last_weeks_closed_issues_are_drawn_once_and_looked_at(loop: Loop, app: Flask) -> None:
    at("2026-11-20")
    closed = loop.closed()
    at("2026-11-20", "18:00")
    jobs.draw(work(app))
    assert loop.office.read(sa.select(FollowUp.id)) == []  # the week is not over
    at("2026-11-23", "08:00")
    for _ in range(3):
        jobs.draw(work(app))
    listed = loop.wang.get("/follow-ups?open=true").json["items"]
    assert [(one["week"], one["issue"]["id"], one["due_on"]) for one in listed] == [("2026-W47", closed, "2026-11-30")]
    assert loop.look(closed)["follow_up"]["result"] is None
    pulled = loop.wang.get("/sync").json["issues"]
    assert [one["id"] for one in pulled] == [closed]  # a task for the phone, though it is closed
    assert loop.jia.get("/sync").json["issues"] == []
    taken(loop.wang.post(f"/issues/{closed}/follow-ups", {"id": str(new_id()), "result": "holds"}))
    assert loop.look(closed)["follow_up"]["result"] == "holds"
    assert loop.wang.get("/follow-ups?open=true").json["items"] == []


def test_who_replied_does_not_look_again_and_the_week_has_a_name(loop: Loop) -> None:
    refused(loop.wang.get("/follow-ups?week=2026-47"), 422, "invalid")
    refused(loop.wang.get("/follow-ups?week=2026-W99"), 422, "invalid")
    assert loop.wang.get("/follow-ups?week=2026-W47").json["items"] == []


@pytest.mark.parametrize("ending", ["reopened", "void"])
def test_what_was_reopened_or_made_void_waits_for_no_later_look(loop: Loop, app: Flask, ending: str) -> None:
    at("2026-11-20")
    closed = loop.closed()
    at("2026-11-23", "08:00")
    jobs.draw(work(app))
    cursor = loop.wang.get("/sync").json["cursor"]
    taken(loop.su.post(f"/issues/{closed}/reopening", {"reason": "居民反映"}))
    if ending == "void":
        taken(loop.su.post(f"/issues/{closed}/void", {"reason": "重复"}))
    assert loop.wang.get("/follow-ups?open=true").json["items"] == []
    assert [one["issue"]["id"] for one in loop.wang.get("/follow-ups").json["items"]] == [closed]
    whole = [one["id"] for one in loop.wang.get("/sync").json["issues"]]
    assert whole == ([closed] if ending == "reopened" else [])
    changed = loop.wang.get(f"/sync?cursor={cursor}").json["issues"]
    assert [(one["state"], one["follow_up"]) for one in changed] == [(ending, None)]
