"""Cursors: each list takes its own and no other's."""

from __future__ import annotations

import pytest

from server.errors import Refusal
from server.kit.paging import decode, encode
from tests.factories import SiteOffice


def test_a_cursor_is_taken_back_by_the_list_that_gave_it_alone() -> None:
    cursor = encode([7], of="events")
    assert decode(cursor, [int], of="events") == [7]
    assert decode(encode([1, 2]), [int, int]) == [1, 2]
    for kinds, of in (([int], "changes"), ([int], None), ([int, str], "events")):
        with pytest.raises(Refusal, match="invalid"):
            decode(cursor, kinds, of=of)
    for forged in ("", "bnVsbA", "W10", "e30", "WzFd"):  # nothing, null, [], {}, [1]
        with pytest.raises(Refusal, match="invalid"):
            decode(forged, [int], of="events")


def test_the_cursor_of_another_list_is_refused_by_name(office: SiteOffice) -> None:
    boss = office.person("boss", "admin")
    for name in ("a", "b"):
        office.organisation(name)
        office.site(name)
        office.person(f"inspector.{name}", "inspector").sign_in()  # which the trail tells
    lists = ("/districts?", "/people?", "/organisations?", "/sites?", "/sites?near=37.8,112.5&", "/audit?")
    given = {path: boss.get(f"{path}limit=1").json["next_cursor"] for path in lists}
    for path in given:
        for source, cursor in given.items():
            answer = boss.get(f"{path}cursor={cursor}")
            assert answer.status_code == (200 if source == path else 422), (path, source)
            if source != path:
                assert list(answer.json["errors"]) == ["cursor"]


def test_every_list_has_its_two_parameters(office: SiteOffice) -> None:
    boss = office.person("boss", "admin")
    for path in ("/districts", "/areas", "/sites", "/people", "/organisations", "/audit"):
        assert boss.get(f"{path}?limit=201").status_code == 422, path
    first = boss.get("/districts?limit=1").json
    rest = boss.get(f"/districts?limit=1&cursor={first['next_cursor']}").json
    assert [one["code"] for one in (*first["items"], *rest["items"])] == ["140106", "140110"]
    assert rest["next_cursor"] is None
