"""Letters for stamps: open Chinese fonts, one after the other, and a geta mark for what neither has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from PIL import ImageFont

GETA = "〓"
LONGEST = 240  # letters of one line of a stamp
_MEASURED = 100  # pixels
_NOBODY_HAS = "\U0010ffff"  # a code point that will never be a character: how a font draws what it does not have


class Run(NamedTuple):
    """Letters of one font that follow one another."""

    text: str
    font: ImageFont.FreeTypeFont
    width: float


@lru_cache(maxsize=64)
def fonts(size: int) -> tuple[ImageFont.FreeTypeFont, ...]:
    """Sans first, which reads better small."""
    import pylopdf_fonts_zh_cn as package

    folder = package.serif_path().parent
    names = sorted(path.name for path in folder.iterdir() if path.suffix in {".otf", ".ttf"})
    basic = ImageFont.Layout.BASIC  # the same everywhere, whether or not the machine has Raqm
    return tuple(ImageFont.truetype(str(folder / name), size, layout_engine=basic) for name in names)


def printable(text: str) -> str:
    """One line without controls, marks that turn the direction of reading, or halves of a character."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    plain = (" " if one.isspace() and one != "\u3000" else one for one in unicodedata.normalize("NFC", text))
    return "".join(one for one in plain if not _unseen(one)).strip()


def _unseen(letter: str) -> bool:
    """Also what chooses how the letter before it looks, as emoji have it."""
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co"} or "\ufe00" <= letter <= "\ufe0f"


def runs(text: str, size: int) -> Iterator[Run]:
    """The text cut where the font changes."""
    held, of = "", 0
    for letter in text:
        found = _font_with(letter)
        at = found or 0
        if at != of and held:
            yield _run(held, size, of)
            held = ""
        held, of = held + (GETA if found is None else letter), at
    if held:
        yield _run(held, size, of)


def width_of(text: str, size: int) -> float:
    """A little more than the letters take: hinting moves them by parts of a pixel."""
    return sum(map(_advance, text)) * size * 1.01


@lru_cache(maxsize=8192)
def _advance(letter: str) -> float:
    """In parts of the size. Measured once: to measure whole lines again and again took minutes for a long one."""
    (run,) = runs(letter, _MEASURED)
    return run.width / _MEASURED


def _run(text: str, size: int, at: int) -> Run:
    font = fonts(size)[at]
    return Run(text, font, font.getlength(text))


@lru_cache(maxsize=8192)
def _font_with(letter: str) -> int | None:
    """Which font has it. Asked at one size: a font has a letter at all sizes or at none."""
    if letter in " \u3000\u00a0":
        return 0
    for at, font in enumerate(fonts(16)):
        if _drawn(font, letter) not in {_drawn(font, _NOBODY_HAS), b""}:
            return at
    return None


def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> bytes:
    mask = font.getmask(letter)
    return bytes(mask) if mask.size[0] and mask.size[1] else b""
