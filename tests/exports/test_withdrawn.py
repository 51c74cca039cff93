"""A finished export is given out while its maker may see what it shows; who has lost something asks anew."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.exports import making, service
from server.exports.models import Export
from server.exports.rules import WITHDRAWN, ExportState
from server.kit.jobs import HANDLERS, Work
from tests.exports.made import ask, made, table, work_off
from tests.exports.test_exports import SITES
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone
from tests.issues.loop import Loop, refused


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


@pytest.fixture
def boss(loop: Loop) -> Someone:
    return loop.office.person("boss", "admin")


def change(boss: Someone, who: Someone, **what: Any) -> None:
    answer = boss.patch(f"/people/{who.id}", what)
    assert answer.status_code == 200, answer.text


def is_withdrawn(who: Someone, export_id: str) -> bool:
    """Whether it is refused by every way, whole and in pieces; else it is given out."""
    path = f"/exports/{export_id}/file"
    answers = [who.get(path), who.get(path, headers={"Range": "bytes=1-"})]
    if {answer.status_code for answer in answers} == {200, 206}:
        return False
    for answer in answers:
        refused(answer, 410, "export-withdrawn")
    shown = who.get(f"/exports/{export_id}").json
    assert (shown["state"], shown["why"], shown["links"], shown["size"]) == ("failed", WITHDRAWN, {}, None)
    assert shown in who.get("/exports").json["items"]
    return True


def test_with_another_role_district_or_firm_it_is_asked_for_anew(loop: Loop, boss: Someone) -> None:
    loop.issued()
    losers: list[tuple[Someone, dict[str, Any]]] = [
        (loop.su, {"districts": [JINYUAN]}), (loop.sun, {"roles": ["inspector"]}),
        (loop.jia, {"organisation_id": str(loop.other)}),
    ]
    for who, lost in losers:
        before, data = made(loop.office, who, "issues", "csv")
        assert len(table(data)) == 1
        assert not is_withdrawn(who, before["id"])
        change(boss, who, **lost)
        assert is_withdrawn(who, before["id"])
        _, data = made(loop.office, who, "issues", "csv")
        assert table(data) == []


def test_another_name_changes_nothing(loop: Loop, boss: Someone) -> None:
    shown, _ = made(loop.office, loop.su, "issues", "csv")
    change(boss, loop.su, name="苏大为", phone="13800000000")
    change(boss, loop.su, districts=[YINGZE])
    assert not is_withdrawn(loop.su, shown["id"])


def test_a_signed_link_from_before_leads_nowhere(loop: Loop, boss: Someone) -> None:
    shown, _ = made(loop.office, loop.su, "issues", "csv")
    change(boss, loop.su, districts=[JINYUAN])
    refused(loop.office.app.test_client().get(shown["links"]["file"]), 410, "export-withdrawn")


def test_an_issue_that_is_another_firms_now_goes_with_the_first_firms_files(loop: Loop) -> None:
    issue = loop.opened()
    exports = [
        (who, made(loop.office, who, kind, form)[0]["id"])
        for who in (loop.jia, loop.bing, loop.su) for kind, form in (("issues", "csv"), ("photos", "zip"))
    ]
    assert loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)}).status_code == 200
    assert [is_withdrawn(who, export) for who, export in exports] == [True] * 2 + [False] * 4
    _, data = made(loop.office, loop.jia, "issues", "csv")
    assert table(data) == []


def test_what_went_while_somebody_was_of_another_firm_or_away_is_not_given_back(loop: Loop, boss: Someone) -> None:
    """Nobody tells of an issue who is not of the firm just then."""
    gone = ({"organisation_id": str(loop.other)}, {"active": False})
    back = ({"organisation_id": str(loop.firm)}, {"active": True})
    made_before = {who: made(loop.office, who, "issues", "csv")[0]["id"] for who in (loop.jia, loop.yi)}
    issue = loop.opened()
    for who, away in zip((loop.jia, loop.yi), gone, strict=True):
        change(boss, who, **away)
    assert loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)}).status_code == 200
    for who, again in zip((loop.jia, loop.yi), back, strict=True):
        change(boss, who, **again)
        who.tokens = loop.office.sign_in(who.username, who.id).tokens
        assert is_withdrawn(who, made_before[who])


def test_a_site_that_is_taken_from_an_inspector_takes_the_files_along(loop: Loop) -> None:
    exports = {who: made(loop.office, who, "sites", "csv")[0]["id"] for who in (loop.wang, loop.zhao)}
    answer = loop.su.put(f"/sites/{loop.site}/assignments", {"person_ids": [str(loop.wang.id)]})
    assert answer.status_code == 200, answer.text
    assert not is_withdrawn(loop.wang, exports[loop.wang])
    assert is_withdrawn(loop.zhao, exports[loop.zhao])
    assert loop.su.put(
        f"/sites/{loop.site}/assignments", {"person_ids": [str(loop.wang.id), str(loop.zhao.id)]}
    ).status_code == 200
    fresh, _ = made(loop.office, loop.zhao, "sites", "csv")
    assert not is_withdrawn(loop.zhao, fresh["id"]), "what comes takes nothing"


def test_one_that_is_being_made_meanwhile_does_not_come_out_with_old_rights(loop: Loop, boss: Someone) -> None:
    loop.issued()
    asked = ask(loop.su, "sites", "csv")
    export = loop.office.read(sa.select(Export))[0]
    conf, files = loop.office.app.config["DUDAO"], loop.office.app.extensions["dudao-store"]
    tell = making.teller(loop.office.database, export.id, export.job_id)

    def changed_meanwhile(**values: Any) -> bool:
        if loop.office.read(sa.select(Export.key)) == [None]:
            change(boss, loop.su, districts=[JINYUAN])
        return tell(**values)

    key = making.make(loop.office.database, conf, files, export, SITES, changed_meanwhile)
    assert loop.office.write(lambda db: service.made(db, conf, export.id, export.job_id, key))
    assert len(table(b"".join(files.read(key)))) == 1
    assert is_withdrawn(loop.su, asked["id"])


def test_an_equal_one_from_before_is_no_answer_and_one_not_begun_is_made_with_new_rights(loop: Loop, boss: Someone) -> None:
    loop.issued()
    before = ask(loop.su, "issues", "csv")
    change(boss, loop.su, districts=[JINYUAN])
    after = ask(loop.su, "issues", "csv")
    assert after["id"] != before["id"]
    work_off(loop.office)
    for one in (before, after):
        assert table(loop.su.get(f"/exports/{one['id']}/file").data) == []


def test_the_sweep_takes_the_file_and_leaves_the_reason(loop: Loop, boss: Someone) -> None:
    lost, _ = made(loop.office, loop.su, "sites", "csv")
    kept, _ = made(loop.office, loop.sun, "sites", "csv")
    keys = {one.id: one.key for one in loop.office.read(sa.select(Export))}
    change(boss, loop.su, districts=[JINYUAN])
    sweep(loop)
    sweep(loop)
    files = loop.office.app.extensions["dudao-store"]
    assert files.size(keys[uuid.UUID(lost["id"])]) is None
    assert files.size(keys[uuid.UUID(kept["id"])]) == kept["size"]
    assert is_withdrawn(loop.su, lost["id"])
    assert not is_withdrawn(loop.sun, kept["id"])
    row = loop.office.read(sa.select(Export).where(Export.id == uuid.UUID(lost["id"])))[0]
    assert (row.state, row.key) == (ExportState.FAILED, None)
    told = sa.select(AuditEvent.object_id).where(AuditEvent.verb == "export_withdrawn")
    assert loop.office.read(told) == [lost["id"]]


def sweep(loop: Loop) -> None:
    with loop.office.app.app_context():
        HANDLERS["exports-sweep"](Work(loop.office.database, loop.office.app, uuid.uuid4(), {}, lambda _percent: None))


def test_one_that_was_ready_before_losses_were_counted_is_asked_for_anew(loop: Loop) -> None:
    shown, _ = made(loop.office, loop.su, "sites", "csv")
    loop.office.write(lambda db: db.execute(sa.update(Export).values(losses=None)))
    assert is_withdrawn(loop.su, shown["id"])
