"""Which of the two languages a person reads: Chinese unless English is preferred."""

from __future__ import annotations

from typing import Literal

from werkzeug.datastructures import LanguageAccept

Language = Literal["zh", "en"]


def language(accept: LanguageAccept) -> Language:
    """`en` where Accept-Language ranks an English first among those we speak, else `zh`."""
    best = accept.best_match(["zh-CN", "zh", "en", "en-US", "en-GB"], default="zh-CN")
    return "en" if best.startswith("en") else "zh"
