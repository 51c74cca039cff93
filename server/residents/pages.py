"""The residents' page: one page that an old phone shows without scripts; nothing from elsewhere, no cookie."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from server.issues.rules import ResidentsAnswer
from server.kit.i18n import Language
from server.residents.queries import Matter
from server.residents.words import words

_HERE = Path(__file__).parent / "templates"
STYLE = (_HERE / "page.css").read_text(encoding="utf-8").strip()
# The page's own style and pictures, its form to itself, and nothing else whatever stands in a description.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the form when it is shown again."""

    answer: str = ""
    comment: str = ""


@lru_cache(maxsize=1)
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("page.html")


def _text(language: Language, heading: str, **more: object) -> str:
    usual = {"said": None, "problem": None, "switch": True}
    style = Markup(STYLE)  # noqa: S704 - our own file
    return _template().render(
        zh=language == "zh", w=words(language), heading=heading, style=style, **{**usual, **more}
    )


def ask(
    language: Language, code: str, matter: Matter, keep_days: int, *, entered: Entered | None = None,
    problem: str | None = None,
) -> str:
    """The question; with `problem`, once more with what was entered."""
    w, entered = words(language), entered or Entered()
    return _text(
        language, w["title"], code=code, matter=matter, privacy=w["privacy"].format(keep=keep_days),
        problem=problem, chosen=entered.answer, comment=entered.comment,
    )


def thanks(language: Language, answer: ResidentsAnswer) -> str:
    w = words(language)
    return _text(language, w["thanks"], said=w[f"thanks_{answer.value}"], switch=False)


def answered(language: Language) -> str:
    """Another answer was here first."""
    w = words(language)
    return _text(language, w["answered_title"], said=w["answered"], switch=False)


def closed(language: Language) -> str:
    """The same for a code that never was, was used or has expired."""
    w = words(language)
    return _text(language, w["closed_title"], said=w["closed"])


def slow_down(language: Language, seconds: int) -> str:
    w = words(language)
    return _text(language, w["slow_title"], said=w["slow"].format(minutes=max(1, -(-seconds // 60))))


def away(language: Language) -> str:
    w = words(language)
    return _text(language, w["slow_title"], said=w["away"])
