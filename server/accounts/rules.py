"""What a person's facts must look like: user names, phones, and which roles need a scope."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from server.kit.actor import Role
from server.kit.text import one_line

USERNAME_MIN, USERNAME_MAX = 2, 64
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
ORGANISATION_KINDS = ("contractor", "client", "supervision_firm", "authority")

_USERNAME = re.compile(r"\w[\w.@+-]*", re.UNICODE)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(0\d{2,3}-?)?\d{7,8}(-\d{1,6})?", re.ASCII)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))  # NFKC leaves these as they are

ROLE_NAMES = {
    Role.INSPECTOR: ("督导员", "巡查员", "inspector"),
    Role.SUPERVISOR: ("审核人", "审核员", "supervisor"),
    Role.CONTRACTOR: ("施工单位", "施工方", "contractor"),
    Role.OFFICE: ("专班办公室", "办公室", "office"),
    Role.ADMIN: ("管理员", "系统管理员", "admin", "administrator"),
}


def is_username(text: str) -> bool:
    """2 to 64 letters, digits or . _ - @ +, in any script, beginning with a letter, digit or underscore."""
    return USERNAME_MIN <= len(text) <= USERNAME_MAX and bool(_USERNAME.fullmatch(text))


def tidy_phone(text: str) -> str | None:
    """A Chinese mobile as 11 digits or a landline as typed; None where it is neither."""
    plain = unicodedata.normalize("NFKC", one_line(text)).translate(_DASHES).replace(" ", "")
    bare = re.sub(r"^(\+|00)86-?", "", plain)
    mobile = bare.replace("-", "")
    if _MOBILE.fullmatch(mobile):
        return mobile
    landline = bare.replace("(", "").replace(")", "-")
    if bare != plain and not landline.startswith("0"):
        landline = f"0{landline}"  # abroad the 0 of the area code is left out
    return landline if _LANDLINE.fullmatch(landline) else None


def is_credit_code(text: str) -> bool:
    """Whether the 18 characters of a unified social credit code (统一社会信用代码) fit their check character."""
    if len(text) != 18 or any(sign not in CREDIT_ALPHABET for sign in text):
        return False
    total = sum(CREDIT_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(text[:17]))
    return CREDIT_ALPHABET[-total % 31] == text[17]


def misfits(roles: Collection[Role], districts: Collection[str], has_organisation: bool) -> dict[str, str]:
    """Fields that the roles ask for and that are missing, each with the reason in both languages."""
    missing = {}
    if Role.CONTRACTOR in roles and not has_organisation:
        missing["organisation_id"] = "施工单位人员须属于一个单位 / a contractor needs an organisation"
    if Role.SUPERVISOR in roles and not districts:
        missing["districts"] = "审核人至少负责一个区 / a supervisor needs at least one district"
    return missing


def role_named(text: str) -> Role | None:
    """The role that a cell of a table names, in Chinese or English."""
    wanted = text.strip().casefold()
    return next((role for role, names in ROLE_NAMES.items() if wanted in names), None)
