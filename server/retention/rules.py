"""The classes of data with the rule of each, and what a plan is: plain figures, and the digest that names exactly these."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Pair = tuple[str, str]  # zh, en


class HoldKind(StrEnum):
    """What a hold is laid on."""

    REPORT = "report"
    ISSUE = "issue"
    SITE = "site"
    PHOTO = "photo"


class By(StrEnum):
    """Who had it removed."""

    DUTY = "duty"  # the worker, once a day
    COMMAND = "command"  # a person who had seen the plan


@dataclass(frozen=True, slots=True)
class DataClass:
    """One kind of data and its rule: so many days, by a setting, after the moment in `counted`; none: for ever."""

    name: str
    what: Pair
    counted: Pair

    @property
    def variable(self) -> str:
        return f"DUDAO_RETENTION_{self.name.upper()}_DAYS"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A kind of data that has a rule of its own at another place: told here, done there."""

    name: str
    what: Pair
    counted: Pair
    where: Pair


# From when each counts is by the server's clock alone: no phone that is wrong makes anything old.
CLASSES = (
    DataClass(
        "photo_originals",
        (
            "照片原件（预览图、缩略图、照片信息与相似度指纹保留）",
            "originals of photos; previews, facts and prints of likeness stay",
        ),
        ("照片所在的报告、问题全部办结之时", "when the last report or issue with the photo was decided"),
    ),
    DataClass(
        "positions",
        ("手机行程位置与时钟偏差", "the ways of phones (positions by time), and how far their clocks are off"),
        ("报告审核通过或作废之时；时钟为最近一次测得之时", "the decision on the report; of a clock, when it was last measured"),
    ),
    DataClass(
        "sign_ins",
        ("已结束的登录及其设备", "sign-ins that have ended, and devices without any other"),
        ("登录结束之时；设备为最后一次使用之时", "the end of the sign-in; of a device, when it was last seen"),
    ),
    DataClass(
        "openings",
        ("照片原件的打开记录索引（操作记录本身不清除）", "the index of who opened originals; the audit trail itself stays"),
        ("打开之时", "the opening"),
    ),
    DataClass(
        "messages",
        ("已读消息与已送达的邮件、推送", "messages that were read, e-mail and calls of webhooks that were delivered"),
        ("阅读或送达之时", "when it was read or delivered"),
    ),
)
ELSEWHERE = (
    Elsewhere(
        "residents", ("居民答复的文字与照片", "residents' words and photos"), ("答复之时", "the answer"),
        ("项目规则“居民答复保存天数”", "the programme's policy, days of keeping residents' answers"),
    ),
    Elsewhere(
        "exports", ("导出的文件与生成的报告文书", "exported files, and drawn documents of reports"),
        ("生成或最近一次取用之时", "when it was made or last asked for"), ("DUDAO_EXPORTS_DAYS", "DUDAO_EXPORTS_DAYS"),
    ),
)
BY_NAME = {one.name: one for one in CLASSES}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that its class would remove: `rows` and `files` that go together, or, `held`, do not."""

    key: str
    since: datetime  # counted from
    rows: int
    held: bool
    what: Any  # by which its class finds it again
    files: int = 0
    size: int = 0
    about: Any = None  # what its class writes into the record


@dataclass(slots=True)
class Figures:
    """What would go, or went."""

    rows: int = 0
    files: int = 0
    bytes: int = 0
    held: int = 0  # rows kept by a hold alone
    oldest: datetime | None = None
    newest: datetime | None = None

    def count(self, due: Due) -> None:
        if due.held:
            self.held += due.rows
            return
        self.rows += due.rows
        self.files += due.files
        self.bytes += due.size
        self.oldest = min(self.oldest or due.since, due.since)
        self.newest = max(self.newest or due.since, due.since)


@dataclass(slots=True)
class Plan:
    """All that a class would remove now. `digest` names these things, this rule and this day, and no others."""

    name: str
    days: int
    cutoff: datetime  # what counts from before this is due
    figures: Figures = field(default_factory=Figures)
    keys: set[str] = field(default_factory=set)
    whole: bool = True  # False: it was looked at only so far

    @property
    def digest(self) -> str:
        found = hashlib.sha256(f"{self.name}\n{self.days}\n{self.cutoff.isoformat()}\n".encode())
        for key in sorted(self.keys):
            found.update(f"{key}\n".encode())
        return found.hexdigest()
