"""Finds the columns that an import needs by the names people give them, in Chinese or English, with units."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

_BRACKETS = re.compile(r"[(\[【〔〈<《{](?P<unit>[^()\[\]【】〔〕〈〉<>《》{}]*)[)\]】〕〉>》}]")
_NOISE = re.compile(r"[\s_\-*·.:,、\u200b\ufeff]+")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field stands, the unit its header names, and what a value is to be multiplied by.

    The factor leads to yuan, m², m or single pieces; it is 1 where no unit is named and None where the bracket holds
    something that is no known unit (a text column may ignore that, a column of money must not).
    """

    index: int
    header: str
    unit: str | None
    factor: Decimal | None


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Field → column, the headers nobody asked for, and those that name a field again (the first one counts)."""

    columns: dict[str, Column]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]

    def missing(self, required: Iterable[str]) -> tuple[str, ...]:
        """The required fields that have no column."""
        return tuple(field for field in required if field not in self.columns)


def _table(*groups: tuple[str, str]) -> dict[str, Decimal]:
    return {unit: Decimal(factor) for factor, units in groups for unit in units.split()}


_FACTORS = _table(
    ("1", "元 人民币元 yuan rmb cny"),
    ("0.01", "分 fen"),
    ("1000", "千元 千米 公里 km"),
    ("10000", "万元 人民币万元 万 wan 万yuan 10kyuan 10000yuan wanyuan 万户 万人 万m2 万平方米 万平米 万m 公顷 ha"),
    ("1000000", "百万元 millionyuan myuan"),
    ("100000000", "亿元 亿 yiyuan 100millionyuan"),
    ("1", "m2 平方米 平米 sqm m 米 延米 % 百分比"),
    ("1", "户 个 台 栋 幢 处 套 座 年 人 项 households buildings pcs year"),
)


def match_headers(headers: Sequence[str], synonyms: Mapping[str, tuple[str, ...]]) -> HeaderMatch:
    """Find each field's column by its name or one of its synonyms.

    Case, spaces, full-width forms and signs such as * _ - : make no difference; a unit may stand in brackets or after
    a slash, as in 建筑面积(m²), 计划投资/万元 or Investment planned (10k yuan). A synonym that itself has brackets is
    tried whole first. ValueError `synonym-repeated` when one name is given to two fields.
    """
    known = _known(synonyms)
    columns: dict[str, Column] = {}
    unknown, repeated = [], []
    for index, header in enumerate(headers):
        field, unit = _recognise(header, known)
        if field is None:
            if header.strip():
                unknown.append(header)
        elif field in columns:
            repeated.append(header)
        else:
            factor = Decimal(1) if unit is None else _FACTORS.get(_key(unit))
            columns[field] = Column(index, header, unit, factor)
    return HeaderMatch(columns, tuple(unknown), tuple(repeated))


def _known(synonyms: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    known: dict[str, str] = {}
    for field, names in synonyms.items():
        for name in (field, *names):
            if known.setdefault(_key(name), field) != field:
                raise ValueError("synonym-repeated")
    return known


def _recognise(header: str, known: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The field a header names, and its unit."""
    tidy = unicodedata.normalize("NFKC", header)
    bracket = _BRACKETS.search(tidy)
    unit = bracket["unit"].strip() or None if bracket else None
    if (whole := known.get(_key(tidy))) is not None:
        return whole, unit
    bare = _BRACKETS.sub("", tidy)
    if (field := known.get(_key(bare))) is not None:
        return field, unit
    stem, slash, after = bare.rpartition("/")
    if slash and _key(after) in _FACTORS:
        return known.get(_key(stem)), after.strip()
    return None, None


def _key(name: str) -> str:
    """A name as compared."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()
