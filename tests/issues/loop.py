"""A site with its people, and an issue brought to where a test wants it: opened, noticed, replied to, closed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from server.kit import clock
from server.kit.ids import new_id
from tests.factories import YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg

AT_SITE = {"lat": 37.8601, "lng": 112.5502, "crs": "wgs84", "accuracy_m": 8.0}
FAR_AWAY = {"lat": 37.80, "lng": 112.40, "crs": "wgs84", "accuracy_m": 8.0}
ITEM = "ELEV-A05"


class Loop:
    """Inspector wang and her colleague zhao, supervisors su and sun, the firm's jia and yi, a stranger firm's bing."""

    def __init__(self, office: SiteOffice) -> None:
        self.office = office
        office.checklists()
        self.firm = office.organisation("施工甲公司")
        self.wang = office.person("wang", "inspector", districts=(YINGZE,))
        self.zhao = office.person("zhao", "inspector", districts=(YINGZE,))
        self.su = office.person("su", "supervisor", districts=(YINGZE,))
        self.sun = office.person("sun", "supervisor", districts=(YINGZE,))
        self.jia = office.person("jia", "contractor", organisation=self.firm)
        self.yi = office.person("yi", "contractor", organisation=self.firm)
        self.other = office.organisation("施工乙公司")
        self.bing = office.person("bing", "contractor", organisation=self.other)
        self.site = office.site(inspectors=(self.wang, self.zhao), contractor=self.firm)
        self.seed = 0

    def picture(self, **more: Any) -> tuple[dict[str, Any], bytes]:
        """A new photo: its entry and its bytes."""
        self.seed += 1
        data = jpeg(64, 48, seed=self.seed)
        return photo_entry(data, **{"location": AT_SITE, **more}), data

    def opened(self, item: str = ITEM, *, site: uuid.UUID | None = None, severity: str | None = None,
               issue: dict[str, Any] | None = None, extra: list[tuple[dict[str, Any], bytes]] | None = None) -> str:
        """A report with one failure, approved: the issue's id. Its before-photo is the report's."""
        photo, data = self.picture(item=item)
        said = {**({"severity": severity} if severity else {}), **(issue or {})}
        failed = {"item": item, "value": "fail", "note": "焊工无证上岗", "photos": [photo["id"]],
                  **({"issue": said} if said else {})}
        pictures = [(photo, data), *(extra or [])]
        body = report_body(site or self.site, answers=[failed], photos=[one for one, _ in pictures])
        report = self.wang.send(body, {one["id"]: bytes_ for one, bytes_ in pictures})
        review = self.su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1})
        assert review.status_code == 201, review.text
        found: str = review.json["issues"][0]
        return found

    def issued(self, **how: Any) -> str:
        issue = self.opened(**how)
        taken(self.su.post(f"/issues/{issue}/notice"))
        return issue

    def reply(self, issue: str, *, by: Someone | None = None, send: bool = True, reply_id: str | None = None,
              pair: bool = True, **photo: Any) -> TestResponse:
        """A reply with one after-photo, taken now and at the site unless told otherwise."""
        someone = by or self.jia
        before = self.su.get(f"/issues/{issue}").json["photos"]["before"]
        entry, data = self.picture(**{"captured_at": now(minutes=1), **photo})
        if pair and before:
            entry["pair_of"] = before[0]["id"]
        body = {
            "id": reply_id or str(new_id()), "measure": "已换持证焊工，并对班组交底", "cause": "审查不严",
            "done_at": now(), "photos": [entry],
        }
        answer = someone.post(f"/issues/{issue}/replies", body)
        if answer.status_code in {200, 201} and send:
            sent = someone.upload(body["id"], entry, data)
            assert sent.status_code == 201, sent.text
        return answer

    def replied(self, **how: Any) -> str:
        issue = self.issued(**how)
        taken(self.reply(issue))
        return issue

    def closed(self, **how: Any) -> str:
        issue = self.replied(**how)
        taken(self.su.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格"}))
        return issue

    def look(self, issue: str, by: Someone | None = None) -> Any:
        answer = (by or self.su).get(f"/issues/{issue}")
        assert answer.status_code == 200, answer.text
        return answer.json


def now(*, minutes: float = 0) -> str:
    return (clock.now() + timedelta(minutes=minutes)).isoformat()


def taken(answer: TestResponse) -> Any:
    assert answer.status_code == 201, answer.text
    return answer.json


def refused(answer: TestResponse, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    return answer.json


def at(day: str, time: str = "12:00") -> None:
    """Set the clock, by the clock of Asia/Shanghai."""
    moment = datetime.fromisoformat(f"{day}T{time}+08:00").astimezone(UTC)
    clock.set_source(lambda: moment)
