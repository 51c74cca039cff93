"""How a week's sample is drawn, so that whoever has the same reports draws the same ones; and how the rule is told."""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

MOST_FLAGS = 5  # beyond which a report weighs no more


class Verdict(StrEnum):
    """What the second look found."""

    AGREE = "agree"
    DISAGREE = "disagree"


class Rule(NamedTuple):
    """How many are drawn, and how much each kind of flag adds to a report's weight."""

    percent: int
    flag_weight: int

    def weight(self, kinds: int) -> int:
        """Of a report with so many kinds of flags. One without any can be drawn too."""
        return 1 + self.flag_weight * min(kinds, MOST_FLAGS)

    def told(self, reports: int, chosen: int) -> dict[str, str]:
        """The rule in words, with its numbers, so that anybody can draw again."""
        zh = (
            f"本周审核通过的报告{reports}份，抽取{self.percent}%（向上取整）共{chosen}份。每份报告的权重为1，每有一类照片或报告"
            f"提示加{self.flag_weight}（最多计{MOST_FLAGS}类）。以“周次:报告ID”的SHA-256为随机数u（除以2的256次方），"
            "按-ln(u)÷权重由小到大取。提示只决定看哪一份，不评价人。"
        )
        en = (
            f"Of the {reports} reports approved in the week {self.percent} % are drawn, rounded up: {chosen}. A report weighs "
            f"1, and {self.flag_weight} more for each kind of flag on it or its photos ({MOST_FLAGS} kinds at most). With u "
            "the SHA-256 of “week:report id” divided by 2^256, those with the smallest -ln(u) ÷ weight are taken. Flags decide "
            "what is looked at; they judge nobody."
        )
        return {"zh": zh, "en": en}


def sample(week: str, weights: Mapping[uuid.UUID, int], percent: int) -> list[uuid.UUID]:
    """`percent` of the reports, rounded up, without putting any back: heavier ones are likelier, none is certain.

    Source: Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006.
    """

    def key(report_id: uuid.UUID) -> tuple[float, uuid.UUID]:
        drawn = int.from_bytes(hashlib.sha256(f"{week}:{report_id}".encode()).digest()) + 1
        return -math.log(drawn / (2**256 + 1)) / weights[report_id], report_id

    return sorted(weights, key=key)[: math.ceil(len(weights) * percent / 100)]
