"""What a report looks like on the wire, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from server.kit import fields as kit
from server.kit.geo import Crs
from server.kit.here import conf
from server.kit.severity import Severity
from server.kit.text import has_surrogate
from server.photos.schemas import FlagOut
from server.reports.device_schemas import DeviceIn
from server.reports.drawing import RepresentativeIn, SignedOut, marks
from server.reports.photo_schemas import SHA256, GalleryOut, OriginalIn
from server.reports.rules import Order, State, Visit, canonical, content_of, digest

ITEM: dict[str, Any] = {"limit": 60, "empty": False}


class PositionIn(kit.Schema):
    """A position as the device gave it, with the datum it is in."""

    lat = kit.Number(required=True, low=-90, high=90)
    lng = kit.Number(required=True, low=-180, high=180)
    crs = fields.Enum(Crs, by_value=True, load_default=Crs.WGS84)
    accuracy_m = kit.Number(load_default=None, allow_none=True, low=0, high=1e7)
    captured_at = kit.Moment(load_default=None, allow_none=True)
    source = kit.Raw(load_default=None, allow_none=True, limit=20)


class ChecklistRef(kit.Schema):
    code = kit.Raw(required=True, limit=40, empty=False)
    version = kit.Whole(required=True, low=1, high=10**6)


class FindingIn(kit.Schema):
    """What the inspector proposes for the issue of a failed item."""

    severity = fields.Enum(Severity, by_value=True, load_default=None, allow_none=True)
    due_on = fields.Date(load_default=None, allow_none=True)
    fixed_on_spot = fields.Boolean(load_default=None, allow_none=True, metadata={
        "description": "put right before the inspector left (立行立改): straight to verification by another person"
    })
    after = fields.List(
        kit.Id(), load_default=list, validate=validate.Length(max=50),
        metadata={"description": "the after-photos of what was put right on the spot, of this report"},
    )

    @validates_schema(skip_on_field_errors=True)
    def shows_what_was_done(self, data: dict[str, Any], **_: Any) -> None:
        if data["fixed_on_spot"] and not data["after"]:
            raise ValidationError({"after": ["立行立改须附整改后照片 / what was put right needs an after-photo"]})


class AnswerIn(kit.Schema):
    item = kit.Raw(required=True, **ITEM)
    value = fields.Raw(required=True, allow_none=True)
    note = kit.Raw(load_default=None, allow_none=True, limit=4000)
    photos = fields.List(kit.Id(), load_default=list, validate=validate.Length(max=200))
    issue = fields.Nested(FindingIn, load_default=None, allow_none=True)


class Answered(fields.Nested):
    """An answer. Nearly all say an item and its value and nothing more, and are read without asking the schema, which
    takes a third of a report's whole reading for them."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if type(value) is dict and value.keys() == _BARE and type(value["item"]) is str:
            item = value["item"]
            if 0 < len(item) <= ITEM["limit"] and not has_surrogate(item):
                return {"item": item, "value": value["value"], "note": None, "photos": [], "issue": None}
        return super()._deserialize(value, *args, **kwargs)


_BARE = {"item", "value"}


class PhotoIn(kit.Schema):
    id = kit.Id(required=True)
    sha256 = fields.String(required=True, validate=SHA256)
    size = kit.Whole(required=True, low=1, high=2**40)
    media_type = kit.Raw(load_default=None, allow_none=True, limit=100)
    item = kit.Raw(load_default=None, allow_none=True, **ITEM)
    captured_at = kit.Moment(load_default=None, allow_none=True)
    source = kit.Raw(load_default=None, allow_none=True, limit=20)
    live = fields.Boolean(metadata={
        "description": "drawn by the page's own camera (with an earlier photo over it), which writes no EXIF"
    })
    location = fields.Nested(PositionIn, load_default=None, allow_none=True)
    caption = kit.Raw(load_default=None, allow_none=True, limit=1000)
    marks = marks()
    original = fields.Nested(OriginalIn, load_default=None, allow_none=True)


def _as_many_as_set(photos: list[Any]) -> None:
    most = conf().max_photos_per_report
    if len(photos) > most:
        raise ValidationError(f"最多{most}张照片 / at most {most} photos")


class ReportIn(kit.Schema):
    """The whole report as the phone has it. `canonical` and `digest` of its content are added on loading."""

    revision = kit.Whole(required=True, low=1, high=10**6)
    site_id = kit.Id(required=True)
    checklist = fields.Nested(ChecklistRef, required=True)
    visit = fields.Enum(Visit, by_value=True, load_default=None, allow_none=True)
    started_at = kit.Moment(required=True)
    finished_at = kit.Moment(required=True)
    device = fields.Nested(DeviceIn, load_default=None, allow_none=True)
    location = fields.Nested(PositionIn, load_default=None, allow_none=True)
    location_reason = kit.Raw(load_default=None, allow_none=True, limit=1000)
    outside_reason = kit.Raw(load_default=None, allow_none=True, limit=1000)
    correction_reason = kit.Raw(load_default=None, allow_none=True, limit=1000)
    co_inspectors = fields.List(kit.Id(), load_default=list, validate=validate.Length(max=20))
    summary = kit.Raw(load_default=None, allow_none=True, limit=10000)
    representative = fields.Nested(RepresentativeIn, load_default=None, allow_none=True)
    answers = fields.List(Answered(AnswerIn), required=True, validate=validate.Length(max=1000))
    photos = fields.List(fields.Nested(PhotoIn), required=True, validate=_as_many_as_set)

    @validates_schema(pass_original=True, skip_on_field_errors=True)
    def consistent(self, data: dict[str, Any], original: dict[str, Any], **_: Any) -> None:
        problems: dict[str, Any] = {}
        if data["finished_at"] < data["started_at"]:
            problems["finished_at"] = ["早于开始时间 / before started_at"]
        if "location" in original and original["location"] is None and not (data["location_reason"] or "").strip():
            problems["location_reason"] = ["没有定位时须说明原因 / say why there is no location"]
        known = _no_twins([str(photo["id"]) for photo in data["photos"]], "photos", problems)
        _no_twins([answer["item"] for answer in data["answers"]], "answers", problems)
        for number, answer in enumerate(data["answers"]):
            strangers = [str(photo) for photo in answer["photos"] if str(photo) not in known]
            if strangers:
                message = f"{answer['item']}: 照片不在报告中 / not a photo of this report: {', '.join(strangers[:5])}"
                problems[f"answers.{number}.photos"] = [message]
            after = [str(photo) for photo in (answer["issue"] or {}).get("after", []) if str(photo) not in known]
            if after:
                message = f"{answer['item']}: 照片不在报告中 / not a photo of this report: {', '.join(after[:5])}"
                problems[f"answers.{number}.issue.after"] = [message]
        if problems:
            raise ValidationError(problems)

    @post_load(pass_original=True)
    def keep_content(self, data: dict[str, Any], original: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            text = canonical(content_of(original))
        except (ValueError, RecursionError):
            raise ValidationError({"body": ["数字超出可精确表示的范围 / a number beyond exact JSON"]}) from None
        return {**data, "canonical": text.decode(), "digest": digest(text)}


def _no_twins(names: list[str], field: str, problems: dict[str, Any]) -> set[str]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            problems[f"{field}.{number}"] = [f"{name}: 重复 / given twice"]
        seen.add(name)
    return seen


class MissingOut(kit.Answer):
    id = kit.Id()
    sha256 = fields.String()
    upload = fields.String(metadata={"description": "where a broken upload of this photo can be resumed"})


class RefusedOut(kit.Answer):
    id = kit.Id()
    code = fields.String()


class PhotosOut(kit.Answer):
    expected = fields.Integer()
    received = fields.Integer()
    missing = fields.List(fields.Nested(MissingOut))
    refused = fields.List(fields.Nested(RefusedOut))


class ReceiptOut(kit.Answer):
    number = fields.String()
    received_at = kit.Moment()
    digest = fields.String()


class PutOut(kit.Answer):
    """The phone's answer: only `receipt` allows it to delete its copy."""

    id = kit.Id()
    revision = fields.Integer()
    number = fields.String()
    state = fields.Enum(State, by_value=True)
    photos = fields.Nested(PhotosOut)
    receipt = fields.Nested(ReceiptOut, allow_none=True)


class NamedOut(kit.Answer):
    code = fields.String()
    name = fields.String()


class SiteRefOut(kit.Answer):
    id = kit.Id()
    code = fields.String()
    name = fields.String()
    district = fields.Nested(NamedOut)


class PersonRefOut(kit.Answer):
    id = kit.Id()
    name = fields.String()


class ChecklistRefOut(kit.Answer):
    code = fields.String()
    version = fields.Integer()


class CountsOut(kit.Answer):
    passed = fields.Integer()
    failed = fields.Integer()
    not_applicable = fields.Integer()
    unanswered = fields.Integer()
    pass_rate = fields.Float(allow_none=True)


class ReportRow(kit.Answer):
    """A report in a list."""

    id = kit.Id()
    number = fields.String()
    revision = fields.Integer()
    state = fields.Enum(State, by_value=True)
    site = fields.Nested(SiteRefOut)
    inspector = fields.Nested(PersonRefOut)
    checklist = fields.Nested(ChecklistRefOut)
    visit = fields.Enum(Visit, by_value=True, allow_none=True)
    started_at = kit.Moment()
    finished_at = kit.Moment()
    received_at = kit.Moment()
    submitted_at = kit.Moment(allow_none=True)
    counts = fields.Nested(CountsOut)
    has_critical = fields.Boolean()
    photos = fields.Dict(keys=fields.String(), values=fields.Integer())


class AnsweredOut(kit.Answer):
    item = fields.String()
    value = fields.Raw(allow_none=True)
    verdict = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    photos = fields.List(fields.String())
    issue = fields.Dict(keys=fields.String(), allow_none=True)


class StepOut(kit.Answer):
    """One line of the report's history: a revision that came, or a decision."""

    at = kit.Moment()
    kind = fields.String(metadata={"enum": ["revision", "review"]})
    revision = fields.Integer()
    digest = fields.String()
    receipt = fields.Nested(ReceiptOut, allow_none=True)
    correction_reason = fields.String(allow_none=True)
    decision = fields.String()
    comment = fields.String(allow_none=True)
    items = fields.List(fields.Dict())
    by = fields.Nested(PersonRefOut)


class ReportOut(PutOut):
    """Everything about one report: the same keys as the phone's answer, and more."""

    site = fields.Nested(SiteRefOut)
    inspector = fields.Nested(PersonRefOut)
    checklist = fields.Nested(ChecklistRefOut)
    visit = fields.Enum(Visit, by_value=True, allow_none=True)
    started_at = kit.Moment()
    finished_at = kit.Moment()
    received_at = kit.Moment()
    submitted_at = kit.Moment(allow_none=True)
    counts = fields.Nested(CountsOut)
    has_critical = fields.Boolean()
    is_correction = fields.Boolean()
    conflicts = fields.Integer(metadata={"description": "bodies kept aside: they differ under the same revision"})
    answers = fields.List(fields.Nested(AnsweredOut))
    gallery = fields.List(fields.Nested(GalleryOut))
    signed = fields.Nested(SignedOut, allow_none=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={
        "description": "the report as a document, `pdf` and `docx`: links that a browser may follow by itself",
    })
    content = fields.Raw(metadata={"description": "the body of the newest revision as the phone sent it"})
    flags = fields.List(fields.Nested(FlagOut))
    history = fields.List(fields.Nested(StepOut))


class PaperQuery(kit.Query):
    lang = fields.String(load_default=None, validate=validate.OneOf(["zh", "en"]), metadata={
        "description": "language of the print; otherwise that of Accept-Language",
    })


class RevisionOut(kit.Answer):
    id = kit.Id()
    revision = fields.Integer()
    content = fields.Raw()
    digest = fields.String()
    verdicts = fields.Dict(keys=fields.String(), values=fields.String())
    sent_at = kit.Moment(allow_none=True)
    received_at = kit.Moment()
    receipt = fields.Nested(ReceiptOut, allow_none=True)
    correction_reason = fields.String(allow_none=True)


class ConflictOut(kit.Answer):
    id = kit.Id()
    revision = fields.Integer()
    digest = fields.String()
    received_at = kit.Moment()
    content = fields.Raw()


class ConflictsQuery(kit.Listing):
    limit = kit.QueryInt(low=1, high=200, load_default=5, metadata={
        "description": "rows per page; never more than 5 come, each being a whole body",
    })


class ReportQuery(kit.Listing):
    state = fields.Enum(State, by_value=True, load_default=None)
    district = fields.String(load_default=None)
    site = kit.Id(load_default=None)
    inspector = kit.Id(load_default=None)
    checklist = fields.String(load_default=None)
    flag = fields.String(load_default=None, metadata={"description": "reports with such a flag that is not settled"})
    received_from = kit.Since(load_default=None)
    received_to = kit.Until(load_default=None)
    q = fields.String(load_default=None, validate=validate.Length(max=100))
    order = fields.Enum(Order, by_value=True, load_default=Order.NEWEST, metadata={"description": "by receipt"})
