"""Issues in every state, each brought there as its people bring it there; and a loop of its own for a story."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from server.issues.follow_ups import week_of
from server.issues.models import FollowUp, Issue
from server.kit import clock
from server.kit.ids import new_id
from server.programme.models import Site
from tests.browser.drawing import picture
from tests.city import City
from tests.factories import JINYUAN, SiteOffice, Someone, photo_entry
from tests.issues.loop import Loop, now, taken

MEASURE = "已铲除空鼓部位，重新涂刷界面剂并分层抹灰，养护三天；对作业班组重新交底。"


class OwnLoop(Loop):
    """People and a site of its own, so that stories on one city do not meet. `tag` is a part of all their names."""

    def __init__(self, office: SiteOffice) -> None:  # another city, other names
        self.office, self.tag = office, uuid.uuid4().hex[:6]
        self.firm = office.organisation(f"施工{self.tag}公司")
        people = {"districts": (JINYUAN,)}
        self.wang = office.person(f"wang.{self.tag}", "inspector", **people)
        self.su = office.person(f"su.{self.tag}", "supervisor", **people)
        self.sun = office.person(f"sun.{self.tag}", "supervisor", **people)
        self.jia = office.person(f"jia.{self.tag}", "contractor", organisation=self.firm)
        self.site = self.found("一")
        self.seed = int(self.tag, 16)

    def found(self, name: str) -> uuid.UUID:
        return self.office.site(
            f"{self.tag}{name}小区", district=JINYUAN, inspectors=(self.wang,), contractor=self.firm,
        )


class _Rounds:
    """Brings the issues of a site forward."""

    def __init__(self, supervisor: Someone, contractor: Someone, site: Site) -> None:
        self.supervisor, self.contractor, self.site = supervisor, contractor, site
        self.taken = 0

    def does(self, someone: Someone, issue: str, what: str, body: dict[str, Any] | None = None) -> Any:
        answer = someone.post(f"/issues/{issue}/{what}", body or {})
        assert answer.status_code in {200, 201}, answer.text
        return answer.json

    def notice(self, *issues: str) -> None:
        taken(self.supervisor.post("/notices", {"issue_ids": list(issues)}))

    def reply(self, issue: str, *, far: bool = False) -> None:
        """Each before-photo answered by one of the same spot (the report's pictures are drawn from 11 on)."""
        before = self.supervisor.get(f"/issues/{issue}").json["photos"]["before"]
        photos, files = [], {}
        for number, one in enumerate(before, 1):
            self.taken += 1
            at = clock.now() + timedelta(minutes=1, seconds=self.taken)
            place = (self.site.lat + (0.02 if far else 0), self.site.lng)
            data = picture(10 + number, at=at, place=place, mended=True)
            entry = photo_entry(
                data, captured_at=at.isoformat(), location={"lat": place[0], "lng": place[1], "accuracy_m": 8},
                pair_of=one["id"],
            )
            photos.append(entry)
            files[entry["id"]] = data
        body = {
            "id": str(new_id()), "measure": MEASURE, "cause": "基层未清理干净，抹灰一次过厚。", "done_at": now(),
            "prevention": "每道工序完成后由质检员验收签字。", "responsible_person": "张工", "photos": photos,
        }
        taken(self.contractor.post(f"/issues/{issue}/replies", body))
        for entry in photos:
            assert self.contractor.upload(body["id"], entry, files[entry["id"]]).status_code == 201

    def verdict(self, issue: str, result: str, comment: str | None = None, **more: Any) -> None:
        self.does(self.supervisor, issue, "verifications", {"result": result, "comment": comment, **more})


def all_round(city: City, inspector: Someone, supervisor: Someone, contractor: Someone, site: Site) -> dict[str, str]:
    """Nine issues of the site, one in each state and more; by their states, and `critical`, `hotline`."""
    items = supervisor.get(f"/issues?site={site.id}").json["items"]
    critical, plain, issued, rectifying, rich, rejected, closed, reopened, void = sorted(one["id"] for one in items)
    does = (rounds := _Rounds(supervisor, contractor, site)).does
    for issue in (critical, rich):
        assert supervisor.patch(f"/issues/{issue}", {"severity": "critical"}).status_code == 200
    rounds.notice(issued, rectifying)
    rounds.notice(rich, rejected, closed, reopened)
    later = (clock.today() + timedelta(days=40)).isoformat()
    does(contractor, issued, "extensions", {"reason": "界面剂供货延迟，须待下周到场。", "due_on": later})
    does(contractor, rectifying, "acknowledgement")
    does(contractor, rectifying, "objection", {"reason": "该部位属二标段施工范围，不属我方。"})

    does(contractor, rich, "objection", {"reason": "开裂系原墙体沉降所致。"})
    does(supervisor, rich, "objection/settlement", {"result": "kept", "comment": "现场核实为抹灰空鼓，维持。"})
    asked = does(contractor, rich, "extensions", {"reason": "连日降雨无法施工。", "due_on": later})
    does(supervisor, rich, f"extensions/{asked['extensions'][0]['id']}/settlement", {"result": "granted", "comment": "同意。"})
    rounds.reply(rich)
    rounds.verdict(rich, "fail", "2 号楼东侧仍有空鼓，敲击可辨，请铲除重做。")
    rounds.reply(rich)

    rounds.reply(rejected)
    rounds.verdict(rejected, "fail", "只修补了表面。")
    rounds.reply(closed, far=True)
    rounds.verdict(closed, "pass", reason="照片在加工场拍摄，复查人已到现场核实。")
    rounds.reply(reopened)
    rounds.verdict(reopened, "pass", "合格。")
    last_week = clock.today() - timedelta(days=7)
    city.office.write(lambda db: db.add_all(
        FollowUp(id=new_id(), issue_id=uuid.UUID(one), week=week_of(last_week), drawn_at=clock.now(),
                 due_on=clock.today() + timedelta(days=30))
        for one in (closed, reopened)
    ))
    does(supervisor, reopened, "follow-ups", {"result": "false_closure", "comment": "雨后再次开裂，未按方案处理。"})
    does(supervisor, void, "void", {"reason": "与另一问题重复。"})
    said = {"site_id": str(site.id), "severity": "major"}
    draft = taken(inspector.post("/issues", {**said, "description": "巡查：3 号楼单元门前井盖松动。", "source": "patrol"}))
    hotline = taken(supervisor.post("/issues", {
        **said, "description": "12345 转办：居民反映 2 号楼外墙脚手架夜间施工，噪声扰民。", "source": "hotline",
    }))
    city.office.write(lambda db: db.execute(
        sa.update(Issue).where(Issue.id == uuid.UUID(rejected)).values(due_on=clock.today() - timedelta(days=3))
    ))
    return {
        "critical": critical, "pending_issue": plain, "issued": issued, "rectifying": rectifying, "void": void,
        "pending_verification": rich, "rejected": rejected, "closed": closed, "reopened": reopened,
        "draft": draft["id"], "hotline": hotline["id"],
    }
