"""The blocks that papers are made of; `wording_zh.py` and `wording_en.py` say which stand on each kind.

Text holds placeholders such as `{{ site.name }}`, names of what `facts.py` gives; each is one name, nothing is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

PORTRAIT, LANDSCAPE = 156, 225  # millimetres between the margins of GB/T 9704


@dataclass(frozen=True, slots=True)
class Heading:
    """First order: 一、黑体."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `when` names the fact without which it is left out; one without indent begins at the margin."""

    text: str
    when: str | None = None
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of labels and values, two pairs a row; a pair alone in its row has all of it."""

    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of issues: header, width in millimetres, text of a cell, whether it is centred."""

    header: str
    width: int
    text: str
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Issues:
    """One row for each issue below a header that comes again on every page."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Labels with room to write by hand, sign and seal."""

    rows: tuple[tuple[str, str, int], ...]  # label, what is printed in it, height in millimetres


@dataclass(frozen=True, slots=True)
class Sign:
    """Who signs, the place of the seal, the day: at the right."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """签收: receiver, time, seal."""

    labels: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Photos:
    """Pictures side by side, on pages of their own; left out where there are none."""

    heading: str


Block = Heading | Text | Facts | Issues | Boxes | Sign | Receipt | Photos


def project(labels: tuple[str, ...], reference: str | None = None) -> Facts:
    """The table of whom and what a paper is about, under these eleven labels; `reference` labels the notice answered."""
    name, number, district, street, place, client, contractor, firm, on, visit, people = labels
    first = (((reference, "{{ refers_to }}"),),) if reference else ()
    return Facts((
        *first,
        ((name, "{{ site.name }}"), (number, "{{ site.code }}")),
        ((district, "{{ site.district }}"), (street, "{{ site.street }}")),
        ((place, "{{ site.place }}"),),
        ((client, "{{ client }}"),),
        ((contractor, "{{ contractor }}"),),
        ((firm, "{{ supervision_firm }}"),),
        ((on, "{{ inspected_on }}"), (visit, "{{ visit }}")),
        ((people, "{{ inspectors }}"),),
    ))
