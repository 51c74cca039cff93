"""What a checklist costs those who fill it in: questions, photos and minutes, times the sites that it is for; and which of
its items ask what the system knows by itself.

It weighs checklists, never people: the office sees it before it publishes another list (力戒形式主义).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from server.checklists.rules import Checklist, Item, ItemType, PhotoRule


class Known(NamedTuple):
    """Something that a report holds without being asked: how an item that asks for it reads, and where it comes from."""

    pattern: re.Pattern[str]
    zh: str
    en: str


_TYPED = {ItemType.TEXT, ItemType.NUMBER, ItemType.CHOICE}  # a yes or no about a thing is a check, not a question for it


def _known(zh: str, en: str, from_zh: str, from_en: str) -> Known:
    return Known(re.compile(rf"^(?:{zh})$|^(?:{en})$", re.IGNORECASE), from_zh, from_en)


KNOWN = (
    _known("(?:小区|项目|工程)(?:名称|编号|代码|地址)?", r"(?:name|code|address) of (?:the )?(?:site|project|community)|"
           r"(?:site|project|community)(?: name| code| address)?", "小区由所选项目带出", "the site is chosen"),
    _known("(?:检查|巡查|填报|拍摄|上报)?(?:日期|时间)", r"(?:date|time)(?: of (?:the )?(?:inspection|visit|report))?|"
           r"(?:inspection|visit|report) (?:date|time)", "时间由手机和服务器记录", "the phone and the server keep the time"),
    _known("(?:检查|巡查|督导|填报|记录)(?:人|人员|员)(?:姓名|签名|电话)?|姓名", r"(?:name of (?:the )?)?inspector(?:'s name)?",
           "填报人由登录账号带出", "who is signed in is known"),
    _known("(?:区|区县|所属区|所在区|街道|所属街道|乡镇)", "district|sub-?district|street", "区和街道由项目带出",
           "the site has its district"),
    _known("(?:位置|定位|坐标|经纬度|经度|纬度|gps)", r"(?:gps )?(?:position|location|coordinates)|latitude|longitude",
           "位置由手机记录", "the phone keeps the position"),
    _known("(?:施工|承建|责任|监理)(?:单位|企业|公司)(?:名称)?", r"(?:name of (?:the )?)?(?:contractor|responsible firm)",
           "责任单位由项目带出", "the site has its contractor"),
    _known("(?:检查表|表单)(?:名称|编号|版本)?|报告编号", r"(?:checklist|form)(?: name| version)?|report number",
           "由系统编号", "the system numbers it"),
    _known("(?:总)?户数|(?:总)?楼栋数|楼栋总数|建筑面积", "households|number of (?:households|buildings)|floor area",
           "由项目台账带出", "the register of sites has it"),
)


class Asked(NamedTuple):
    """An item that asks what is known, and from where it is known."""

    item: Item
    known: Known


def asks_known(items: Iterable[Item]) -> list[Asked]:
    """The items whose typed answer the system has already."""
    found = []
    for item in items:
        if item.type in _TYPED:
            words = [item.zh.strip(" ：:?？"), item.en.strip(" :?")]
            known = next((one for one in KNOWN if any(one.pattern.match(text) for text in words)), None)
            if known:
                found.append(Asked(item, known))
    return found


def burden(checklist: Checklist, sites: int) -> dict[str, Any]:
    """The shape of BurdenOut. `sites` is how many it is for; hours are those of one round through all of them."""
    asked = [item for item in checklist.index.values() if item.default_enabled]
    minutes = int(checklist.content["estimated_minutes"])
    return {
        "code": checklist.code, "version": checklist.version, "zh": checklist.content["zh"], "en": checklist.content["en"],
        "questions": len(asked), "typed": sum(item.type in _TYPED for item in asked),
        "photos_always": sum(item.photo is PhotoRule.ALWAYS or item.type is ItemType.PHOTO for item in asked),
        "photos_on_fail": sum(item.photo is PhotoRule.ON_FAIL and item.type is not ItemType.PHOTO for item in asked),
        "photo_max": checklist.photo_max, "minutes": minutes, "sites": sites, "hours": round(minutes * sites / 60, 1),
        "asks_known": [
            {"item": one.item.code, "zh": one.item.zh, "en": one.item.en, "why_zh": one.known.zh, "why_en": one.known.en}
            for one in asks_known(asked)
        ],
    }
