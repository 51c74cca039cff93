"""A paper of each kind as it might be, with every name filled: what templates are tried with and previewed by."""

from __future__ import annotations

from server.documents.paper import (
    Paper,
    PaperIssue,
    PaperPair,
    PaperPhoto,
    PaperReply,
    PaperVerification,
)
from server.documents.rules import Kind

_TO = {
    Kind.RECTIFICATION_NOTICE: "山西汾河建筑工程有限公司", Kind.RECTIFICATION_REPLY: "太原市老旧小区改造督导组",
    Kind.VERIFICATION_RECORD: "山西汾河建筑工程有限公司", Kind.STOP_WORK_NOTICE: "山西汾河建筑工程有限公司",
    Kind.HANDOVER_LIST: "迎泽区住房和城乡建设局", Kind.ESCALATION_LETTER: "迎泽区住房和城乡建设局",
}
_ANSWERS = frozenset({Kind.RECTIFICATION_REPLY, Kind.VERIFICATION_RECORD})


def sample(kind: Kind) -> Paper:
    """A paper of that kind over three issues."""
    return Paper(
        kind=kind.value, number="并老改督〔2026〕12号", day="2026-11-26",
        site={
            "code": "TY-2026-0412", "name": "老军营南二条小区", "district": "迎泽区", "street": "老军营街道",
            "area": "老军营片区", "address": "迎泽区老军营南二条18号",
        },
        to=_TO[kind], issues=[_wall(kind), _light(kind), _cable(kind)], issued_by="张立新",
        issued_at="2026-11-26T09:20:00.123456+08:00", office="太原市老旧小区改造督导组", client="迎泽区老军营街道办事处",
        contractor="山西汾河建筑工程有限公司", supervision_firm="太原诚信工程监理有限公司", inspected_on="2026-11-25",
        visit="unannounced", inspectors=["王建国", "李晓梅"],
        refers_to="并老改督〔2026〕9号" if kind in _ANSWERS else None, due_on="2026-11-29",
        copies_to="迎泽区住房和城乡建设局、老军营街道办事处", note="请于复查当日安排项目经理到场。",
    )


def _issue(kind: Kind, issue: PaperIssue, after: bool = True) -> PaperIssue:
    issue.site, issue.district, issue.street = "老军营南二条小区", "迎泽区", "老军营街道"
    issue.contractor = "山西汾河建筑工程有限公司"
    if kind is Kind.ESCALATION_LETTER:
        issue.days_late, issue.round = 5, 2
    if kind not in _ANSWERS:
        for pair in issue.pairs:
            pair.after = None
        issue.reply = issue.verification = None
    elif not after:
        issue.verification = PaperVerification("fail", "李晓梅", "2026-11-30T10:20:00+08:00", "三层灯仍不亮。", None)
    return issue


def _photo(number: int, at: str, caption: str, marked: bool = False) -> PaperPhoto:
    marks = [{"colour": "red", "width": 0.014, "points": [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7], [0.3, 0.3]]}]
    return PaperPhoto(f"photo-{number}", f"{number:064x}", at, caption, marks if marked else [])


def _wall(kind: Kind) -> PaperIssue:
    return _issue(kind, PaperIssue(
        number="140106-20261125-0007",
        description="3号楼东山墙外保温板锚栓数量不足，实测每平方米4个，设计不少于6个，局部板缝宽12毫米未填充。",
        severity="major", due_on="2026-11-29", first_due_on="2026-11-29", item="facade-07",
        item_zh="锚栓数量与位置", item_en="Number and place of anchors", part="外墙节能改造", part_en="Outer walls",
        basis="JGJ 144-2019 第5.2.6条", requirement="补足锚栓，板缝填充后重新抹面",
        pairs=[
            PaperPair(_photo(1, "2026-11-25T09:31:00+08:00", "3号楼东山墙", True),
                      _photo(2, "2026-11-28T16:02:00+08:00", "3号楼东山墙")),
            PaperPair(_photo(3, "2026-11-25T09:33:00+08:00", "板缝"), _photo(4, "2026-11-28T16:05:00+08:00", "板缝")),
        ],
        reply=PaperReply(
            "按设计补打锚栓186个，板缝以聚氨酯发泡填充并重做抹面。", "2026-11-28", "赵强", "2026-11-28T17:10:00+08:00",
            cause="班组交底不到位，漏打锚栓。", prevention="每面墙隐蔽前由质检员逐平方米点数并留影像。",
            responsible_person="赵强",
        ),
        verification=PaperVerification("pass", "李晓梅", "2026-11-30T10:12:00+08:00", "抽查六处，均不少于6个。", None),
    ))


def _light(kind: Kind) -> PaperIssue:
    return _issue(kind, PaperIssue(
        number="140106-20261125-0008", description="二单元三层应急照明灯不亮。", severity="minor", due_on="2026-12-02",
        first_due_on="2026-12-02", item_zh="应急照明", item_en="Emergency lighting", part="消防设施", part_en="Fire safety",
        basis="GB 51309-2018 第4.5.1条", requirement="更换灯具并测试",
        pairs=[PaperPair(_photo(5, "2026-11-25T10:02:00+08:00", "二单元三层"), None)],
        reply=PaperReply(
            "更换蓄电池。", "2026-11-28", "赵强", "2026-11-28T17:10:00+08:00", cause="蓄电池老化。", responsible_person="孙磊"
        ),
    ), after=False)


def _cable(kind: Kind) -> PaperIssue:
    return _issue(kind, PaperIssue(
        number="140106-20261125-0009",
        description="5号楼脚手架连墙件拆除两处未恢复，作业面无人监护。",
        severity="critical",
        due_on="2026-11-26", first_due_on="2026-11-26", item_zh="连墙件", item_en="Ties to the wall",
        part="脚手架", part_en="Scaffolding",
        basis="建质规〔2022〕2号 第九条", requirement="立即停止该部位施工，恢复连墙件后复验",
        pairs=[PaperPair(_photo(6, "2026-11-25T10:40:00+08:00", "5号楼北侧四步"),
                         _photo(7, "2026-11-26T15:20:00+08:00", "5号楼北侧四步"))],
        reply=PaperReply(
            "恢复连墙件两处，全数复查紧固。", "2026-11-26", "赵强", "2026-11-26T16:00:00+08:00", cause="外墙施工时擅自拆除。",
            prevention="拆除连墙件须报项目经理批准并挂牌。", responsible_person="周海",
        ),
        verification=PaperVerification("pass", "李晓梅", "2026-11-27T09:00:00+08:00", None, "照片无定位，现场核对无误。"),
    ))
