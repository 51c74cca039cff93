"""What a reply, verification or follow-up does to its issue once it is whole, and what it needs to be taken at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.errors import Refusal, invalid
from server.issues import papers, telling
from server.issues.doubts import Doubt, Since, demand_reason, doubts_of
from server.issues.models import EntryPhoto, FollowUp, Issue, IssueEntry, IssueEvent, IssuePhoto
from server.issues.moving import as_it_is, demand_alone, is_alone, make
from server.issues.rules import MOVES, VERDICTS, EntryKind, EntryState, Move, Result
from server.issues.service import Picture, pair_up, show
from server.kit import clock
from server.kit.actor import Actor
from server.kit.here import conf
from server.programme.calendar import default_due_on
from server.programme.models import Site
from server.programme.policy import policy_of
from server.reports.models import Report

THRICE = 3  # verifications failed, one after another, after which it is a matter for those above


def actor_of(db: Session, person_id: uuid.UUID) -> Actor:
    """Whose entry it is, where the last photo completes it: the rights were asked when it was received."""
    person = db.get_one(Person, person_id)
    return Actor(id=person.id, username=person.username, name=person.name, roles=frozenset(),
                 organisation_id=person.organisation_id)


def acknowledge(db: Session, actor: Actor, issue: Issue) -> None:
    """A reply acknowledges: whoever answers a notice has had it."""
    if issue.state in MOVES[Move.ACKNOWLEDGE].states:
        make(db, actor, issue, Move.ACKNOWLEDGE)


def newest_reply(db: Session, issue: Issue) -> IssueEntry | None:
    """The reply that counts in the issue's present round."""
    return db.scalar(sa.select(IssueEntry).where(
        IssueEntry.issue_id == issue.id, IssueEntry.kind == EntryKind.REPLY,
        IssueEntry.state == EntryState.COMPLETE, IssueEntry.round == issue.round,
    ))


def demand_newest(db: Session, issue: Issue, kind: EntryKind, body: dict[str, Any]) -> None:
    """A verdict on a reply that is not the newest comes from a stale screen."""
    if kind is not EntryKind.VERIFICATION or body.get("reply_id") is None:
        return
    newest = newest_reply(db, issue)
    if newest is None or newest.id != body["reply_id"]:
        raise Refusal("issue-changed", extra=as_it_is(db, issue))


def demand_evidence(db: Session, issue: Issue, kind: EntryKind, body: dict[str, Any]) -> list[Doubt]:
    """What an entry must bring: a reply an after-photo, a pass one that is beyond doubt or a reason, a new due date
    one that is to come. Returns the doubts that stand."""
    if kind is EntryKind.REPLY:
        if not body["photos"]:
            raise Refusal("after-photo-missing", errors={"photos": ["须附整改后照片 / needs an after-photo"]})
        _demand_before_photos(db, issue, body["photos"])
        return []
    if body.get("due_on") and body["due_on"] < clock.today():
        raise invalid("due_on", "不能早于今天", "is in the past")
    if body["result"] is Result.FALSE_CLOSURE:
        demand_alone(db, issue)
    if body["result"] is Result.FAIL and _firm(db, issue) is None:
        raise Refusal("contractor-missing")  # it would go to nobody
    if body["result"] is not Result.PASS:
        return []
    doubts = _doubts(db, issue, body["photos"])
    if not demand_reason(doubts):
        return doubts
    # A client that knows of reasons says that it has none yet, and is asked; to one that does not, its comment is one.
    body["reason"] = (body.get("reason") or "").strip() or None if "reason" in body else body.get("comment")
    if not body["reason"]:
        raise Refusal(
            "reason-missing", errors={"reason": ["整改后照片存疑，须说明理由 / an after-photo is in doubt; say why"]},
            extra={"doubts": doubts},
        )
    return doubts


def _demand_before_photos(db: Session, issue: Issue, photos: list[dict[str, Any]]) -> None:
    before = set(db.scalars(
        sa.select(IssuePhoto.photo_id).where(IssuePhoto.issue_id == issue.id, IssuePhoto.kind == "before")
    ))
    for number, photo in enumerate(photos):
        if photo.get("pair_of") and photo["pair_of"] not in before:
            raise invalid(
                f"photos.{number}.pair_of", "不是此问题的整改前照片", "is no before-photo of this issue"
            )


def _firm(db: Session, issue: Issue) -> uuid.UUID | None:
    """Who has to answer: what was put right on the spot never had a notice for which the firm had to be known."""
    return issue.contractor_id or db.scalar(sa.select(Site.contractor_id).where(Site.id == issue.site_id))


def _doubts(db: Session, issue: Issue, own: list[dict[str, Any]]) -> list[Doubt]:
    reply = newest_reply(db, issue)
    replied = sent_photos(reply) if reply else []
    site = db.get_one(Site, issue.site_id)
    return doubts_of(
        site, [*replied, *own], since=_since(db, issue), default_radius_m=conf().fence_default_m,
        extra_m=policy_of(db, conf()).after_photo_extra_m,
    )


def _since(db: Session, issue: Issue) -> Since:
    noticed = issue.issued_at
    if noticed is None or (issue.fixed_on_spot and issue.round == 1):
        report = db.get(Report, issue.report_id) if issue.report_id else None
        noticed = report.started_at if report else issue.created_at
    rejected = db.scalar(
        sa.select(sa.func.max(IssueEvent.at)).where(IssueEvent.issue_id == issue.id, IssueEvent.verb == Move.FAIL)
    )
    return Since(rejected, rejection=True) if rejected and rejected >= noticed else Since(noticed)


def sent_photos(entry: IssueEntry) -> list[dict[str, Any]]:
    """The photos of an entry as its content names them, with moments as moments."""
    found = []
    for photo in orjson.loads(entry.content).get("photos") or []:
        taken, where = photo.get("captured_at"), photo.get("location")
        found.append({
            **photo, "captured_at": clock.read(taken) if taken else None,
            "location": {"crs": "wgs84", **where} if where else None,
        })
    return found


def still_fits(db: Session, issue: Issue, entry: IssueEntry) -> bool:
    """Whether the issue still waits for what this entry brings."""
    if entry.kind is EntryKind.OPENING:
        return True
    move = Move.REPLY if entry.kind is EntryKind.REPLY else VERDICTS[entry.result or Result.FAIL]
    if issue.round != entry.round or issue.state not in MOVES[move].states:
        return False
    if move is Move.FALSE_CLOSURE and not is_alone(db, issue):
        return False
    if entry.kind is EntryKind.REPLY:  # not to an earlier notice, which may have gone to another firm
        return issue.issued_at is None or entry.received_at >= issue.issued_at
    return issue.replied_by == entry.replied_by


def take_effect(db: Session, actor: Actor, issue: Issue, entry: IssueEntry, photos: Iterable[EntryPhoto]) -> None:
    """The move that the entry makes."""
    if entry.kind is EntryKind.REPLY:
        _reply(db, actor, issue, entry, list(photos))
    elif entry.kind is EntryKind.VERIFICATION:
        _verify(db, actor, issue, entry)
    elif entry.kind is EntryKind.FOLLOW_UP:
        _follow_up(db, actor, issue, entry)


def show_before(db: Session, issue: Issue, entry: IssueEntry, photo_ids: set[uuid.UUID]) -> None:
    """Photos of an issue that was entered by hand, each as soon as it is here: one that never comes hides no other."""
    show(db, issue, [picture for picture in _pictures(entry) if picture.id in photo_ids], "before")


def _pictures(entry: IssueEntry) -> list[Picture]:
    return [
        Picture(uuid.UUID(photo["id"]), photo["captured_at"], photo.get("caption"), photo.get("marks"))
        for photo in sent_photos(entry)
    ]


def _reply(db: Session, actor: Actor, issue: Issue, entry: IssueEntry, photos: list[EntryPhoto]) -> None:
    before = list(db.scalars(
        sa.select(IssuePhoto.photo_id)
        .where(IssuePhoto.issue_id == issue.id, IssuePhoto.kind == "before").order_by(IssuePhoto.position)
    ))
    show(db, issue, _pictures(entry), "after")
    pair_up(db, issue, [(photo.pair_of, photo.photo_id) for photo in photos], before=before)
    issue.replied_by = entry.by
    make(db, actor, issue, Move.REPLY, entry=str(entry.id))
    papers.issue(db, actor, papers.of_reply(db, actor, issue), [issue])
    who = {*telling.supervisors(db, issue), *telling.inspectors(db, issue)} - {entry.by}
    telling.tell(db, "issue-reply", f"reply:{entry.id}", issue, who)


def _verify(db: Session, actor: Actor, issue: Issue, entry: IssueEntry) -> None:
    passed = entry.result is Result.PASS
    show(db, issue, _pictures(entry), "after")
    paper = papers.of_verification(db, actor, issue)
    if not passed:
        given = entry.due_on if entry.due_on and entry.due_on >= clock.today() else None  # its photos may come days later
        issue.due_on = given or default_due_on(db, policy_of(db, conf()), issue.severity, clock.today())
        if issue.issued_at is None:  # put right on the spot, it seemed: this is how the firm comes to know of it
            issue.issued_at, issue.first_due_on, issue.contractor_id = clock.now(), issue.due_on, _firm(db, issue)
    make(
        db, actor, issue, Move.PASS if passed else Move.FAIL, entry=str(entry.id), comment=entry.comment,
        reason=entry.reason, due_on=None if passed else issue.due_on.isoformat(),
    )
    papers.issue(db, actor, paper, [issue], round_=entry.round)
    kind, key = "issue-closed" if passed else "issue-rejected", f"verdict:{entry.id}"
    telling.tell(
        db, kind, key, issue, telling.contractor(db, issue), telling.PHONE, reason=None if passed else entry.comment,
        round=entry.round,
    )
    if not passed and entry.round >= THRICE:
        above = {*telling.supervisors(db, issue), *telling.office(db)}
        telling.tell(db, "issue-failed-thrice", key, issue, above, round=entry.round, reason=entry.comment)


def _follow_up(db: Session, actor: Actor, issue: Issue, entry: IssueEntry) -> None:
    drawn = db.scalar(
        sa.select(FollowUp).where(FollowUp.issue_id == issue.id, FollowUp.result.is_(None))
        .order_by(FollowUp.drawn_at.desc()).limit(1)
    )
    if drawn is not None:
        drawn.entry_id, drawn.result = entry.id, entry.result
    show(db, issue, _pictures(entry), "after")
    move = VERDICTS[entry.result or Result.HOLDS]
    if move is Move.FALSE_CLOSURE:
        issue.false_closures += 1
    make(db, actor, issue, move, entry=str(entry.id), comment=entry.comment)
    if move is Move.FALSE_CLOSURE:
        telling.tell(
            db, "issue-reopened", f"follow-up:{entry.id}", issue, telling.supervisors(db, issue), reason=entry.comment
        )
