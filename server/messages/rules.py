"""What each kind of message says, in both languages: the words are made when it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple


class Words(NamedTuple):
    """A title and a sentence, with the names of facts in braces."""

    title: str
    text: str


class Kind(NamedTuple):
    zh: Words
    en: Words


CATALOGUE: dict[str, Kind] = {
    "critical-failure": Kind(
        Words("发现重大问题：{site}", "报告 {number}：{site} 的检查项 {items} 不合格，等级为重大，请立即处理。"),
        Words("Critical failure at {site}", "Report {number}: {items} failed at {site} with critical severity."),
    ),
    "residents-no": Kind(
        Words("居民反映没有修好：{site}",
              "问题 {number}（{site}）销号后，居民答复“没修好”，请查看后决定重新下发、维持销号或作废。"),
        Words("Residents say it is not fixed: {site}",
              "Issue {number} at {site} was closed, and a resident says that it is not fixed. Give notice anew, affirm the "
              "closure or make it void."),
    ),
}
BETWEEN = {"zh": "、", "en": ", "}  # the parts of a list
MISSING = "—"  # a fact that an older message does not have


def words(kind: str, facts: Mapping[str, Any], language: Literal["zh", "en"]) -> Words:
    """The title and text of a message. A fact is put in as it is, braces in it mean nothing; a list in one row."""
    said = CATALOGUE[kind].zh if language == "zh" else CATALOGUE[kind].en
    known: defaultdict[str, str] = defaultdict(lambda: MISSING)
    for name, value in facts.items():
        if isinstance(value, list):
            known[name] = BETWEEN[language].join(map(str, value)) or MISSING
        elif value is not None:
            known[name] = str(value)
    return Words(said.title.format_map(known), said.text.format_map(known))
