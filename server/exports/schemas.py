"""What an export looks like on the wire."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, fields, validate, validates_schema

from server.exports.rules import FORMATS, ExportState, Format, Kind, RowsOf
from server.issues.schemas import IssueQuery
from server.kit import fields as kit
from server.kit.geo import parse_bbox
from server.kit.text import has_surrogate
from server.programme.schemas import MapQuery
from server.reports.schemas import ReportQuery

PAGES = ("limit", "cursor")  # of lists, not of what is exported whole


class PhotosFilter(kit.Query):
    """Which photos: of reports and issues that one may see. The days are those on which the photos came."""

    district = fields.String(load_default=None)
    site = kit.Id(load_default=None)
    report = kit.Id(load_default=None)
    issue = kit.Id(load_default=None)
    inspector = kit.Id(load_default=None, metadata={"description": "who took them"})
    received_from = kit.Since(load_default=None)
    received_to = kit.Until(load_default=None)


class SitesFilter(MapQuery):
    """As the list of sites, in the order of their codes."""

    @validates_schema(skip_on_field_errors=True)
    def reads_its_box(self, data: dict[str, Any], **_: Any) -> None:
        try:
            parse_bbox(data["bbox"] or "0,0,1,1")
        except ValueError:
            raise ValidationError({"bbox": ["须为 西,南,东,北 / must be west,south,east,north in degrees"]}) from None


FILTERS: dict[Kind, ma.Schema] = {
    Kind.REPORTS: ReportQuery(exclude=PAGES), Kind.ISSUES: IssueQuery(exclude=PAGES), Kind.SITES: SitesFilter(),
    Kind.PHOTOS: PhotosFilter(),
}


def filters_of(kind: Kind, given: dict[str, Any]) -> dict[str, Any]:
    """Filters as the list of that kind reads them. Raises ValidationError naming the wrong ones."""
    wrong = {name: _complaint(name, value) for name, value in given.items()}
    if any(wrong.values()):
        raise ValidationError({name: said for name, said in wrong.items() if said})
    loaded: dict[str, Any] = FILTERS[kind].load({name: value for name, value in given.items() if value is not None})
    return loaded


def _complaint(name: str, value: Any) -> list[str]:
    """What a query string could not have said."""
    if value is not None and not isinstance(value, str | bool | int):
        return ["须为文字、数字或是否 / must be text, a number, true or false"]
    if any("\x00" in one or "\ufffd" in one or has_surrogate(one) for one in (name, str(value))):
        return ["含有无效字符 / holds invalid characters"]
    return []


class ExportIn(kit.Schema):
    """What to export: `filters` are the parameters of the list of that kind, but for `limit` and `cursor` (and for
    `near` of sites); those of photos: district, site, report, issue, inspector, received_from, received_to."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    format = fields.Enum(Format, by_value=True, required=True, metadata={
        "description": "xlsx or csv; of photos: zip",
    })
    rows = fields.Enum(RowsOf, by_value=True, load_default=None, allow_none=True, metadata={
        "description": "of reports alone: one row for each report, or one for each answer",
    })
    filters = fields.Dict(keys=fields.String(), load_default=dict)
    lang = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["zh", "en"]), metadata={
        "description": "language of the file; otherwise that of Accept-Language",
    })

    @validates_schema(skip_on_field_errors=True)
    def fits_together(self, data: dict[str, Any], **_: Any) -> None:
        kind: Kind = data["kind"]
        wrong: dict[str, Any] = {}
        if data["format"] not in FORMATS[kind]:
            known = ", ".join(sorted(FORMATS[kind]))
            wrong["format"] = [f"此类只能为 {known} / of this kind only {known}"]
        if data["rows"] is not None and kind is not Kind.REPORTS:
            wrong["rows"] = ["仅用于报告 / of reports alone"]
        try:
            filters_of(kind, data["filters"])
        except ValidationError as error:
            wrong["filters"] = error.messages
        if wrong:
            raise ValidationError(wrong)


class ExportOut(kit.Answer):
    """How far an export is; `links.file` once it is ready, until it expires."""

    id = kit.Id()
    kind = fields.Enum(Kind, by_value=True)
    format = fields.Enum(Format, by_value=True)
    rows_of = fields.Enum(RowsOf, by_value=True, allow_none=True)
    lang = fields.String(attribute="language")
    filters = fields.Dict(keys=fields.String())
    name = fields.String(allow_none=True, metadata={"description": "what the file is called, once it is ready"})
    state = fields.Enum(ExportState, by_value=True)
    progress = fields.Integer(metadata={"description": "per cent"})
    rows = fields.Integer(metadata={"description": "rows or photos written so far"})
    why = fields.String(allow_none=True, metadata={"description": "what went wrong the last time"})
    created_at = kit.Moment()
    ready_at = kit.Moment(allow_none=True)
    expires_at = kit.Moment(allow_none=True)
    size = fields.Integer(allow_none=True, metadata={"description": "bytes"})
    sha256 = fields.String(allow_none=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={
        "description": "`file`: a link that a browser may follow by itself, and resume by Range",
    })
