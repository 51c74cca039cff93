"""What a numbered paper says, as plain data: filled by whoever issues it, frozen with it, read by the drawers.

Days are ISO dates of Asia/Shanghai, moments ISO with offset; photos are named by the SHA-256 of their original.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class PaperPhoto:
    id: str
    sha256: str
    captured_at: str | None = None
    caption: str | None = None
    marks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class PaperPair:
    """A before-photo and the after-photo of the same spot; either may be missing."""

    before: PaperPhoto | None
    after: PaperPhoto | None


@dataclass(slots=True)
class PaperReply:
    measure: str
    done_at: str
    by: str
    at: str
    cause: str | None = None
    prevention: str | None = None
    responsible_person: str | None = None


@dataclass(slots=True)
class PaperVerification:
    result: str  # pass | fail
    by: str
    at: str
    comment: str | None = None
    reason: str | None = None  # why it was closed although a photo was in doubt


@dataclass(slots=True)
class PaperIssue:
    number: str
    description: str
    severity: str  # minor | major | critical
    due_on: str
    first_due_on: str
    round: int = 1
    item: str | None = None
    item_zh: str | None = None
    item_en: str | None = None
    part: str | None = None  # the checklist's name: the kind of work
    part_en: str | None = None
    basis: str | None = None  # the clause that is breached
    requirement: str | None = None
    requirement_en: str | None = None
    days_late: int = 0
    state: str | None = None
    site: str | None = None  # in a list over several sites: the name of its own
    district: str | None = None
    street: str | None = None
    contractor: str | None = None
    pairs: list[PaperPair] = field(default_factory=list)
    reply: PaperReply | None = None
    verification: PaperVerification | None = None


@dataclass(slots=True)
class Paper:
    kind: str
    day: str
    site: dict[str, str | None]  # code, name, district, street, area, address; empty for a list over several sites
    to: str | None  # whom it is for: the contractor, or a district
    issues: list[PaperIssue]
    issued_by: str
    issued_at: str
    number: str = ""
    office: str | None = None  # who issues it, as it stands over the paper and where it is sealed
    signer: str | None = None  # who signs it, where that is not who issued it here
    client: str | None = None
    contractor: str | None = None
    supervision_firm: str | None = None
    inspected_on: str | None = None
    visit: str | None = None
    inspectors: list[str] = field(default_factory=list)
    refers_to: str | None = None  # the number of the notice that a reply or verification answers
    due_on: str | None = None  # the earliest due date in it
    copies_to: str | None = None
    note: str | None = None  # the issuer's own words

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def from_dict(data: dict[str, Any]) -> Paper:
    """A frozen paper again; keys that a later version added take their defaults."""

    def photo(value: dict[str, Any] | None) -> PaperPhoto | None:
        return None if value is None else PaperPhoto(**value)

    def issue(value: dict[str, Any]) -> PaperIssue:
        return PaperIssue(**{
            **value,
            "pairs": [PaperPair(photo(pair["before"]), photo(pair["after"])) for pair in value.get("pairs", [])],
            "reply": PaperReply(**value["reply"]) if value.get("reply") else None,
            "verification": PaperVerification(**value["verification"]) if value.get("verification") else None,
        })

    return Paper(**{**data, "issues": [issue(value) for value in data["issues"]]})
