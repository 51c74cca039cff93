"""What is said when an issue is moved. `round` is what the screen showed: where the issue has moved on, 409."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from server.documents.rules import Kind
from server.issues.rules import EntryKind, EntryState, Extended, Objected, Result, Source
from server.issues.schemas import IssueOut
from server.kit import fields as kit
from server.kit.here import conf
from server.kit.severity import Severity
from server.kit.text import says_nothing
from server.reports.device_schemas import DeviceIn
from server.reports.rules import canonical, content_of, digest
from server.reports.schemas import (
    PhotoIn,
    PhotosOut,
    PositionIn,
    ReceiptOut,
    SiteRefOut,
)

REASON: dict[str, Any] = {"limit": 2000, "empty": False}


class MoveIn(kit.Schema):
    """A move without a word."""

    round = kit.Whole(load_default=None, allow_none=True, low=1, high=10**6)


class ReasonIn(MoveIn):
    reason = kit.Text(required=True, **REASON)


class CorrectIn(MoveIn):
    """Before the notice; what is not named stays."""

    severity = fields.Enum(Severity, by_value=True)
    due_on = fields.Date()
    description = kit.Text(limit=4000, empty=False)
    contractor_id = kit.Id()


WITHOUT_PHOTOS = {"description": "give it although photos of an issue that was entered by hand are still to come"}


class NoticeOfOneIn(MoveIn):
    """A notice for one issue."""

    without_photos = fields.Boolean(load_default=False, metadata=WITHOUT_PHOTOS)


class NoticeIn(kit.Schema):
    """One notice for several issues of one site and one firm."""

    without_photos = fields.Boolean(load_default=False, metadata=WITHOUT_PHOTOS)
    issue_ids = fields.List(kit.Id(), required=True, validate=validate.Length(min=1, max=100))

    @validates_schema(skip_on_field_errors=True)
    def each_once(self, data: dict[str, Any], **_: Any) -> None:
        if len(set(data["issue_ids"])) < len(data["issue_ids"]):
            raise ValidationError({"issue_ids": ["重复 / given twice"]})


class StopWorkOut(kit.Answer):
    id = kit.Id()
    number = fields.String()


class NoticeOut(kit.Answer):
    id = kit.Id()
    kind = fields.Enum(Kind, by_value=True)
    number = fields.String(metadata={"description": "〔2026〕12号"})
    year = fields.Integer()
    serial = fields.Integer()
    site = fields.Nested(SiteRefOut)
    issue_ids = fields.List(kit.Id())
    issued_at = kit.Moment()
    stop_work = fields.Nested(StopWorkOut, allow_none=True)


class ObjectionIn(ReasonIn):
    """The responsible firm's one objection (异议)."""


class ObjectionSettledIn(MoveIn):
    result = fields.Enum(Objected, by_value=True, required=True)
    comment = kit.Text(required=True, **REASON)


class ExtensionIn(ReasonIn):
    id = kit.Id(load_default=None, allow_none=True)
    due_on = fields.Date(required=True)


class ExtensionSettledIn(MoveIn):
    result = fields.Enum(Extended, by_value=True, required=True)
    comment = kit.Text(load_default=None, allow_none=True, limit=2000)
    due_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "where another day is granted"})

    @validates_schema(skip_on_field_errors=True)
    def says_why(self, data: dict[str, Any], **_: Any) -> None:
        if data["result"] is Extended.REFUSED and says_nothing(data["comment"]):
            raise ValidationError({"comment": ["须说明理由 / say why"]})


def _few(photos: list[Any]) -> None:
    most = conf().max_photos_per_report
    if len(photos) > most:
        raise ValidationError(f"最多{most}张照片 / at most {most} photos")


class KeptIn(kit.Schema):
    """What is kept to the letter, with photos. `canonical` and `digest` of its content are added on loading."""

    id = kit.Id(load_default=None, allow_none=True)
    photos = fields.List(fields.Nested(PhotoIn), load_default=list, validate=_few)
    device = fields.Nested(DeviceIn, load_default=None, allow_none=True)
    location = fields.Nested(PositionIn, load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def each_photo_once(self, data: dict[str, Any], **_: Any) -> None:
        ids = [photo["id"] for photo in data["photos"]]
        for number, photo_id in enumerate(ids):
            if photo_id in ids[:number]:
                raise ValidationError({f"photos.{number}": ["重复 / given twice"]})

    @post_load(pass_original=True)
    def keep_content(self, data: dict[str, Any], original: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            text = canonical(content_of(original))
        except (ValueError, RecursionError):
            raise ValidationError({"body": ["数字超出可精确表示的范围 / a number beyond exact JSON"]}) from None
        return {**data, "canonical": text.decode(), "digest": digest(text)}


class EnterIn(KeptIn):
    """An issue that no report opened: a call to the hotline, a patrol, the supervision firm, the leaders' list.
    Its photos are the before-photos; they go up by tus with the issue's id as `report`."""

    site_id = kit.Id(required=True)
    description = kit.Text(required=True, limit=4000, empty=False)
    severity = fields.Enum(Severity, by_value=True, required=True)
    source = fields.Enum(Source, by_value=True, load_default=Source.OTHER)
    due_on = fields.Date(load_default=None, allow_none=True)


class EntryPhotoIn(PhotoIn):
    """A photo as in a report, and the before-photo of the same spot that it answers."""

    pair_of = kit.Id(load_default=None, allow_none=True)


class EntryIn(KeptIn, MoveIn):
    """What a phone sends about an issue."""

    photos = fields.List(fields.Nested(EntryPhotoIn), load_default=list, validate=_few)


class ReplyIn(EntryIn):
    """The contractor's reply (整改回复)."""

    id = kit.Id(required=True)
    measure = kit.Text(required=True, limit=4000, empty=False)
    cause = kit.Text(load_default=None, allow_none=True, limit=4000)
    prevention = kit.Text(load_default=None, allow_none=True, limit=4000)
    responsible_person = kit.Line(load_default=None, allow_none=True, limit=100)
    done_at = kit.Moment(required=True)


class VerificationIn(EntryIn):
    """A verification (复查): pass closes, fail sends back with a comment and a new due date."""

    result = fields.Enum(Result, by_value=True, required=True, validate=validate.OneOf([Result.PASS, Result.FAIL]))
    comment = kit.Text(load_default=None, allow_none=True, limit=4000)
    reason = kit.Text(allow_none=True, limit=2000, metadata={"description": (
        "why it is closed although the after-photos are early or far from the site; not named at all, the comment is it"
    )})
    due_on = fields.Date(load_default=None, allow_none=True)
    reply_id = kit.Id(load_default=None, allow_none=True, metadata={"description": "the reply that was looked at"})

    @validates_schema(skip_on_field_errors=True)
    def says_why(self, data: dict[str, Any], **_: Any) -> None:
        if data["result"] is Result.FAIL and says_nothing(data["comment"]):
            raise ValidationError({"comment": ["须说明理由 / say why"]})


class FollowUpIn(EntryIn):
    """A later look (回头看) at a closed issue."""

    result = fields.Enum(
        Result, by_value=True, required=True, validate=validate.OneOf([Result.HOLDS, Result.FALSE_CLOSURE])
    )
    comment = kit.Text(load_default=None, allow_none=True, limit=4000)

    @validates_schema(skip_on_field_errors=True)
    def says_why(self, data: dict[str, Any], **_: Any) -> None:
        if data["result"] is Result.FALSE_CLOSURE and says_nothing(data["comment"]):
            raise ValidationError({"comment": ["须说明理由 / say why"]})


class SentOut(kit.Answer):
    """The phone's answer: only `receipt` allows it to delete its copy."""

    id = kit.Id()
    issue_id = kit.Id()
    kind = fields.Enum(EntryKind, by_value=True)
    round = fields.Integer()
    state = fields.Enum(EntryState, by_value=True)
    photos = fields.Nested(PhotosOut)
    receipt = fields.Nested(ReceiptOut, allow_none=True)
    doubts = fields.List(fields.Dict())


class EntryOut(SentOut):
    """What was received, and the issue after it."""

    issue = fields.Nested(IssueOut)


class EnteredOut(IssueOut):
    """The issue, and what was received of it."""

    entry = fields.Nested(SentOut)
