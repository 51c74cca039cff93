"""The story of one issue, from the failed item to its close-out and a later look, over real HTTP on both databases."""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import python_calamine
from docx import Document as Word

from server.kit.ids import new_id
from tests.city import City, until
from tests.journeys.test_one_inspection import ok
from tests.phone import OCTETS, TUS, Phone, Sending, creation
from tests.photos import jpeg

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITE = (37.8723, 112.5489)
DISTRICT = "140106"


@dataclass(slots=True)
class Cast:
    inspector: Phone
    supervisor: Phone
    contractor: Phone
    office: Phone
    site_id: str
    site: str

    def hang_up(self) -> None:
        for one in (self.inspector, self.supervisor, self.contractor, self.office):
            one.hang_up()


def now(seconds: float = 0) -> str:
    return (datetime.now(SHANGHAI) + timedelta(seconds=seconds)).isoformat()


def test_one_issue(city: City) -> None:
    cast = people(city)
    try:
        issue, before = something_fails_and_the_report_is_approved(cast)
        notice = the_supervisor_gives_notice(cast, issue)
        the_firm_is_told_and_acknowledges(cast, issue, notice)
        first = the_firm_replies_and_the_line_breaks(cast, issue, before)
        the_inspector_on_site_does_not_accept_it(cast, issue, first)
        second = the_firm_replies_again(cast, issue, before)
        another_person_closes_it(cast, issue, second)
        the_papers_say_so(cast, issue, notice)
        the_register_holds_it(cast, issue)
        a_later_look_finds_a_false_closure(cast, issue)
    finally:
        cast.hang_up()


def people(city: City) -> Cast:
    """A site with its people; of nobody else's story."""
    office, tag = city.office, uuid.uuid4().hex[:8]
    firm = office.organisation(f"施工{tag}公司")
    inspector = office.person(f"inspector.{tag}", "inspector", districts=(DISTRICT,))
    site = office.site(
        f"老军营{tag}小区", district=DISTRICT, contractor=firm, inspectors=(inspector,),
        lat=SITE[0], lng=SITE[1], lat_wgs84=SITE[0], lng_wgs84=SITE[1],
    )
    return Cast(
        inspector=city.phone(inspector),
        supervisor=city.phone(office.person(f"supervisor.{tag}", "supervisor", districts=(DISTRICT,))),
        contractor=city.phone(office.person(f"contractor.{tag}", "contractor", organisation=firm)),
        office=city.phone(office.person(f"office.{tag}", "office")),
        site_id=str(site), site=f"老军营{tag}小区",
    )


def photo(seed: int, **more: Any) -> tuple[dict[str, Any], bytes]:
    data = jpeg(640, 480, seed=seed)
    return {
        "id": str(new_id()), "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "media_type": "image/jpeg",
        "captured_at": now(1), "source": "camera",
        "location": {"lat": SITE[0], "lng": SITE[1], "crs": "wgs84", "accuracy_m": 9.0}, **more,
    }, data


def something_fails_and_the_report_is_approved(cast: Cast) -> tuple[str, str]:
    taken, data = photo(uuid.uuid4().int % 10**6, item="ELEV-A05")
    body = {
        "revision": 1, "site_id": cast.site_id, "checklist": {"code": "ELEV", "version": 1}, "visit": "unannounced",
        "started_at": now(-1800), "finished_at": now(-60), "location": None, "location_reason": "地下室无信号",
        "answers": [{"item": "ELEV-A05", "value": "fail", "note": "安装单位许可证已过期", "photos": [taken["id"]],
                     "issue": {"severity": "critical"}}],
        "photos": [taken],
    }
    sending = Sending(body, {taken["id"]: data}, id=str(new_id()))
    assert cast.inspector.deliver(sending)["digest"] == sending.digest
    answer = ok(cast.supervisor.send_json(
        "POST", f"/reports/{sending.id}/reviews", {"decision": "approve", "revision": 1}
    ), 201)
    return answer["issues"][0], taken["id"]


def the_supervisor_gives_notice(cast: Cast, issue: str) -> dict[str, Any]:
    notice: dict[str, Any] = ok(cast.supervisor.send_json("POST", f"/issues/{issue}/notice", {}), 201)
    again = ok(cast.supervisor.send_json("POST", f"/issues/{issue}/notice", {}))
    assert again == notice  # a doubled click is the same paper
    assert notice["stop_work"]["number"].startswith("〔")  # it is critical
    return notice


def the_firm_is_told_and_acknowledges(cast: Cast, issue: str, notice: dict[str, Any]) -> None:
    [told] = ok(cast.contractor.get("/messages"))["items"]
    assert (told["kind"], notice["number"] in told["text"], cast.site in told["title"]) == ("issue-notice", True, True)
    pulled = ok(cast.contractor.get("/sync"))
    assert ([one["id"] for one in pulled["issues"]], pulled["sites"], pulled["reports"]) == ([issue], [], [])
    assert {"acknowledge", "reply", "object", "ask_extension"} == set(pulled["issues"][0]["moves"])
    assert ok(cast.contractor.send_json("POST", f"/issues/{issue}/acknowledgement", {}), 201)["state"] == "rectifying"


def reply(cast: Cast, issue: str, before: str, seed: int) -> tuple[Sending, dict[str, Any]]:
    after, data = photo(seed, pair_of=before)
    body = {"id": str(new_id()), "measure": "已更换持证单位，并公示许可证", "cause": "进场审查不严", "done_at": now(),
            "responsible_person": "李工", "photos": [after]}
    answer = ok(cast.contractor.send_json("POST", f"/issues/{issue}/replies", body), 201)
    return Sending(body, {after["id"]: data}, id=body["id"]), answer


def send(cast: Cast, sending: Sending, photo_id: str, data: bytes) -> None:
    more = TUS + OCTETS + creation(sending, photo_id, data)
    assert cast.contractor.ask("POST", "/uploads", data, more).status == 201


def the_firm_replies_and_the_line_breaks(cast: Cast, issue: str, before: str) -> str:
    """The words come, the photo does not: nothing counts yet, and nothing is lost."""
    sending, answer = reply(cast, issue, before, 71)
    assert (answer["state"], answer["receipt"], answer["issue"]["state"]) == ("incomplete", None, "rectifying")
    refused = cast.supervisor.send_json("POST", f"/issues/{issue}/verifications", {"result": "pass"})
    assert (refused.status, refused.code) == (409, "issue-state")
    [(photo_id, data)] = sending.photos.items()
    send(cast, sending, photo_id, data)
    again = ok(cast.contractor.send_json("POST", f"/issues/{issue}/replies", sending.body))
    assert (again["state"], again["issue"]["state"]) == ("complete", "pending_verification")
    assert again["receipt"]["digest"]
    return sending.id


def the_inspector_on_site_does_not_accept_it(cast: Cast, issue: str, reply_id: str) -> None:
    verdict = {"result": "fail", "comment": "公示牌仍是旧证", "reply_id": reply_id, "round": 1}
    answer = ok(cast.inspector.send_json("POST", f"/issues/{issue}/verifications", verdict), 201)
    assert (answer["issue"]["state"], answer["issue"]["round"]) == ("rejected", 2)
    stale = cast.supervisor.send_json("POST", f"/issues/{issue}/verifications", {"result": "pass", "round": 1})
    assert (stale.status, stale.code, stale.json["state"]) == (409, "issue-changed", "rejected")


def the_firm_replies_again(cast: Cast, issue: str, before: str) -> str:
    sending, _ = reply(cast, issue, before, 72)
    [(photo_id, data)] = sending.photos.items()
    send(cast, sending, photo_id, data)
    return sending.id


def another_person_closes_it(cast: Cast, issue: str, reply_id: str) -> None:
    own = cast.contractor.send_json("POST", f"/issues/{issue}/verifications", {"result": "pass"})
    assert own.status == 403
    answer = ok(cast.supervisor.send_json(
        "POST", f"/issues/{issue}/verifications", {"result": "pass", "reply_id": reply_id, "reason": None}
    ), 201)
    closed = answer["issue"]
    assert (closed["state"], closed["stop_work"], answer["doubts"]) == ("closed", False, [])
    assert [pair["round"] for pair in closed["pairs"]] == [2, 1]
    assert all(pair["before"] == closed["photos"]["before"][0]["id"] for pair in closed["pairs"])


def the_papers_say_so(cast: Cast, issue: str, notice: dict[str, Any]) -> None:
    kinds = [paper["kind"] for paper in ok(cast.supervisor.get(f"/issues/{issue}"))["documents"]]
    assert sorted(kinds) == [
        "rectification_notice", "rectification_reply", "rectification_reply", "stop_work_notice",
        "verification_record", "verification_record",
    ]
    word = cast.contractor.get(f"/issues/{issue}/notice.docx")
    assert word.status == 200
    paper = Word(io.BytesIO(word.body))
    text = "\n".join([*(line.text for line in paper.paragraphs),
                      *(cell.text for table in paper.tables for row in table.rows for cell in row.cells)])
    assert notice["number"] in text
    assert cast.site in text
    assert "安装单位许可证已过期" in text
    for name in ("notice.pdf", "reply.pdf", "verification.pdf"):
        made = cast.supervisor.get(f"/issues/{issue}/{name}")
        assert (made.status, made.body[:5]) == (200, b"%PDF-"), name


def the_register_holds_it(cast: Cast, issue: str) -> None:
    number = ok(cast.office.get(f"/issues/{issue}"))["number"]
    until(lambda: cast.office.get(f"/issues.xlsx?site={cast.site_id}").status == 200, "the register is made")
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(cast.office.get(f"/issues.xlsx?site={cast.site_id}").body)
    )
    cells = [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert number in cells
    assert "已更换持证单位，并公示许可证" in cells


def a_later_look_finds_a_false_closure(cast: Cast, issue: str) -> None:
    look = {"id": str(new_id()), "result": "false_closure", "comment": "许可证公示牌又被撤下"}
    answer = ok(cast.inspector.send_json("POST", f"/issues/{issue}/follow-ups", look), 201)
    assert (answer["issue"]["state"], answer["issue"]["false_closures"]) == ("reopened", 1)
    assert ok(cast.inspector.send_json("POST", f"/issues/{issue}/follow-ups", look))["receipt"] == answer["receipt"]
    assert "issue-reopened" in {one["kind"] for one in ok(cast.supervisor.get("/messages"))["items"]}
