"""The desk's queues: how many issues stand where, and what may be done with how many; the same ones as the list shows."""

from __future__ import annotations

from datetime import timedelta

from server.issues.rules import ENDED, MOVES, IssueState
from server.kit import clock
from tests.factories import JINYUAN
from tests.issues.loop import Loop, taken
from tests.issues.test_moves import put


def test_counts_are_those_of_the_lists(loop: Loop) -> None:
    loop.opened("ELEV-A01")
    asked = loop.issued(item="ELEV-A05")
    taken(loop.jia.post(f"/issues/{asked}/objection", {"reason": "有证"}))
    loop.closed(item="ELEV-A02")
    late = clock.today() - timedelta(days=2)
    put(loop.office, IssueState.ISSUED, site=loop.site, due_on=late, first_due_on=late, contractor_id=loop.firm)
    put(loop.office, IssueState.PENDING_VERIFICATION, site=loop.site, replied_by=loop.su.id)
    put(loop.office, IssueState.ISSUED, site=loop.office.site("晋源小区", district=JINYUAN), district_code=JINYUAN)
    for someone in (loop.su, loop.sun, loop.wang, loop.jia, loop.bing):
        counted = someone.get("/issues/counts").json
        for state in IssueState:
            assert counted["states"][state] == len(someone.get(f"/issues?state={state}").json["items"]), state
        assert counted["overdue"] == len(someone.get("/issues?overdue=true").json["items"])
        for move, number in counted["moves"].items():
            assert number == len(someone.get(f"/issues?move={move}").json["items"]), move
    own = loop.su.get("/issues/counts").json["moves"]
    assert (own["notice"], own["pass"], own["keep"], loop.sun.get("/issues/counts").json["moves"]["pass"]) == (1, 0, 1, 1)
    assert not {move for move in own if MOVES[move].states <= ENDED}
    assert loop.bing.get("/issues/counts").json["overdue"] == 0
