"""A paper as its readers see it: every code in words, every day written out. The names that templates may use."""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import Any

from server.documents import words
from server.documents.layout import layout
from server.documents.paper import Paper, PaperIssue, PaperPhoto, PaperReply, PaperVerification
from server.documents.rules import Kind
from server.kit.i18n import Language
from server.kit.sheets.cells import printable

Picture = dict[str, Any]


def facts(paper: Paper, language: Language) -> dict[str, Any]:
    """What a template may name. Text is fit for XML; what is not known is empty; nothing is missing.

    A picture says its number, what it shows, when it was taken and the SHA-256 under which it is found; how it is
    drawn is the drawers' business.
    """
    counts = Counter(issue.severity for issue in paper.issues)
    numbers = _Numbers(language)
    issues = [_issue(no, issue, paper, language, numbers) for no, issue in enumerate(paper.issues, 1)]
    results = {issue.verification.result for issue in paper.issues if issue.verification}
    known: dict[str, Any] = {
        "kind": paper.kind, "language": language, "title": layout(Kind(paper.kind), language).title,
        "number": paper.number, "day": words.day(paper.day, language), "to": paper.to, "office": paper.office,
        "issued_by": paper.issued_by, "signer": paper.signer or paper.issued_by,
        "issued_at": words.moment(paper.issued_at), "site": _site(paper),
        "client": paper.client, "contractor": paper.contractor, "supervision_firm": paper.supervision_firm,
        "inspected_on": words.day(paper.inspected_on, language), "visit": words.code(words.VISIT, paper.visit, language),
        "inspectors": words.pick(words.AND, language).join(paper.inspectors), "refers_to": paper.refers_to,
        "due_on": words.day(paper.due_on, language), "copies_to": paper.copies_to, "note": paper.note,
        "count": len(paper.issues), **{grade: counts[grade] for grade in words.SEVERITY},
        "verdict": words.code(words.RESULT, next(iter(results)), language) if len(results) == 1 else "",
        "verifiers": words.pick(words.AND, language).join(
            dict.fromkeys(issue.verification.by for issue in paper.issues if issue.verification)
        ),
        "issues": issues, "photo_rows": _rows(issues, language),
    }
    return _fit(known)  # type: ignore[no-any-return]


def _site(paper: Paper) -> dict[str, Any]:
    site = {name: paper.site.get(name) for name in ("code", "name", "district", "street", "area", "address")}
    return site | {"place": site["address"] or site["area"] or ""}


class _Numbers:
    """Photos are numbered through the whole paper."""

    def __init__(self, language: Language) -> None:
        self.language, self.last = language, 0

    def picture(self, photo: PaperPhoto | None, what: words.Pair) -> Picture:
        if photo is None:
            return {"label": "", "what": "", "taken": "", "picture": "", "caption": ""}
        self.last += 1
        said = words.pick(what, self.language)
        label = f"{words.pick(words.PHOTO, self.language)}{self.last}"
        taken = words.moment(photo.captured_at) or words.pick(words.NO_TIME, self.language)
        more = f"　{photo.caption}" if photo.caption else ""
        return {
            "no": self.last, "label": label, "what": said, "taken": taken, "sha256": photo.sha256, "marks": photo.marks,
            "caption": f"{label}　{said}　{taken}{more}" if self.language == "zh"
            else f"{label}, {said.lower()}, {taken}{', ' + photo.caption if photo.caption else ''}",
        }


def _issue(no: int, issue: PaperIssue, paper: Paper, language: Language, numbers: _Numbers) -> dict[str, Any]:
    pairs = [
        {"before": numbers.picture(pair.before, words.BEFORE), "after": numbers.picture(pair.after, words.AFTER)}
        for pair in issue.pairs
    ]
    shown = [str(photo["no"]) for pair in pairs for photo in pair.values() if "no" in photo]
    photos = words.pick(words.PHOTOS, language) + words.pick(words.AND, language).join(shown) if shown else ""
    item = (issue.item_zh if language == "zh" else issue.item_en) or issue.item_zh or issue.item
    part = (issue.part if language == "zh" else issue.part_en) or issue.part
    place = _lines(part, item)
    known: dict[str, Any] = {
        "no": no, "number": issue.number, "description": issue.description,
        "basis": words.code(words.BASIS, issue.basis, language),
        "severity": words.code(words.SEVERITY, issue.severity, language),
        "requirement": (issue.requirement if language == "zh" else issue.requirement_en) or issue.requirement,
        "part": part, "item": item, "place": place,
        "due_on": words.short_day(issue.due_on), "first_due_on": words.short_day(issue.first_due_on),
        "round": issue.round, "days_late": max(0, issue.days_late), "state": issue.state,
        "site": issue.site or paper.site.get("name"), "district": issue.district or paper.site.get("district"),
        "street": issue.street or paper.site.get("street"), "contractor": issue.contractor or paper.contractor,
        "reply": _reply(issue.reply, language, photos), "verification": _verification(issue.verification, language, photos),
        "pairs": pairs, "photos": photos,
    }
    return known | {
        "problem": _lines(place, issue.description), "deadline": _lines(known["due_on"], photos),
        "rounds": _lines(str(issue.round), photos), "project": _lines(known["site"], known["street"]),
        "party": _lines(known["site"], known["contractor"]),
    }


def _lines(*given: str | None) -> str:
    """Those that say something, each on its own line."""
    return "\n".join(one for one in given if one)


def _reply(given: PaperReply | None, language: Language, photos: str) -> dict[str, Any]:
    reply = given or PaperReply("", "", "", "")
    told = f"{words.pick(words.PREVENTION, language)}{reply.prevention}" if reply.prevention else ""
    done = words.short_day(reply.done_at)
    return {
        "cause": reply.cause, "measure": reply.measure, "prevention": reply.prevention,
        "measures": _lines(reply.measure, told), "responsible_person": reply.responsible_person, "done_at": done,
        "done": _lines(done, photos), "by": reply.by, "at": words.moment(reply.at),
    }


def _verification(given: PaperVerification | None, language: Language, photos: str) -> dict[str, Any]:
    found = given or PaperVerification("", "", "")
    at = words.moment(found.at)
    return {
        "result": words.code(words.RESULT, found.result, language), "comment": found.comment, "reason": found.reason,
        "comments": _lines(found.comment, found.reason), "by": found.by, "at": at, "when": _lines(at, photos),
    }


def _rows(issues: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """The photos two by two: where there is any after-photo, each beside its before-photo, else one after another."""
    rows: list[dict[str, Any]] = []
    paired = any("no" in pair["after"] for issue in issues for pair in issue["pairs"])
    for issue in issues:
        if paired:
            sides = [(pair["before"], pair["after"]) for pair in issue["pairs"]]
        else:
            shown = [pair["before"] for pair in issue["pairs"] if "no" in pair["before"]]
            sides = list(zip_longest(shown[::2], shown[1::2], fillvalue=_Numbers(language).picture(None, words.BEFORE)))
        rows += [
            {"heading": _heading(issue), "first": at == 0, "left": left, "right": right}
            for at, (left, right) in enumerate(sides)
        ]
    for side in (side for row in rows for side in (row["left"], row["right"]) if paired and "no" not in side):
        side["caption"] = words.pick(words.NONE, language)
    return rows


def _heading(issue: dict[str, Any]) -> str:
    said = str(issue["description"] or "").replace("\n", " ")
    return f"{issue['no']}. {said[:60]}{'…' if len(said) > 60 else ''}"


def _fit(value: Any) -> Any:
    """The same with None as nothing and every text as it can stand in XML."""
    match value:
        case None:
            return ""
        case str():
            return printable(value)
        case dict():
            return {key: _fit(one) for key, one in value.items()}
        case list():
            return [_fit(one) for one in value]
        case _:
            return value
