"""Which of the two languages a person reads: Chinese unless English is preferred."""

from __future__ import annotations

import re
from typing import Literal

from werkzeug.datastructures import LanguageAccept

Language = Literal["zh", "en"]


def language(accept: LanguageAccept) -> Language:
    """`en` where Accept-Language ranks an English first among those we speak, else `zh`."""
    best = accept.best_match(["zh-CN", "zh", "en", "en-US", "en-GB"], default="zh-CN")
    return "en" if best.startswith("en") else "zh"


# What marshmallow says of a field, by its English; a number in it stands where the Chinese has {0}, {1}.
_FIELD_MESSAGES = [(re.compile(pattern), zh) for pattern, zh in (
    (r"Missing data for required field\.", "缺少此项"),
    (r"Field may not be null\.", "不能为空"),
    (r"Unknown field\.", "没有此项"),
    (r"Not a valid string\.", "须为文字"),
    (r"Not a valid list\.", "须为列表"),
    (r"Not a valid mapping type\.|Invalid input type\.", "须为对象"),
    (r"Not a valid boolean\.", "须为 true 或 false"),
    (r"Not a valid integer\.", "须为整数"),
    (r"Not a valid number\.", "须为数字"),
    (r"Not a valid date\.", "须为日期"),
    (r"Not a valid UUID\.", "须为 UUID"),
    (r"Not a valid URL\.", "不是有效的网址"),
    (r"Not a valid email address\.", "不是有效的电子邮箱"),
    (r"String does not match expected pattern\.", "格式不符"),
    (r"Must be one of: (.+)\.", "须为其中之一：{0}"),
    (r"Longer than maximum length (\d+)\.", "最长 {0}"),
    (r"Shorter than minimum length (\d+)\.", "最短 {0}"),
    (r"Length must be between (\d+) and (\d+)\.", "长度须为 {0} 至 {1}"),
    (r"Length must be (\d+)\.", "长度须为 {0}"),
    (r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", "须在 {0} 至 {1} 之间"),
    (r"Must be greater than or equal to (\S+)\.", "不小于 {0}"),
    (r"Must be less than or equal to (\S+)\.", "不大于 {0}"),
)]


def in_both(message: str) -> str:
    """A message of a field as `中文 / English`, as ours are; one of marshmallow's own comes in English alone."""
    for pattern, zh in _FIELD_MESSAGES:
        if found := pattern.fullmatch(message):
            return f"{zh.format(*found.groups())} / {message.rstrip('.')}"
    return message
