"""What the matrix, the unvisited sites and the schedule look like on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from server.kit import fields as kit
from server.programme.lateness import Late
from server.programme.rules import Stage, WorkType
from server.programme.schedule import ANY
from server.programme.schemas import AreaRefOut, DistrictRefOut, PersonRefOut


class _MatrixFilter(kit.Query):
    district = kit.Code(load_default=None, limit=20)
    area = kit.Id(load_default=None)
    stage = fields.Enum(Stage, by_value=True, load_default=None)
    work_type = fields.Enum(WorkType, by_value=True, load_default=None)
    q = fields.String(load_default=None, validate=validate.Length(max=200))
    awaiting = fields.Boolean(load_default=False)


class MatrixQuery(_MatrixFilter, kit.Listing):
    """Filters of the matrix. `work_type` leaves the sites that have this kind of work, and of them this kind alone;
    `awaiting` those where something that was entered as verified waits for evidence."""


class _File(kit.Query):
    """`lang` is zh or en; the asker's language where it is left out."""

    lang = fields.String(load_default=None, validate=validate.OneOf(("zh", "en")))


class MatrixFileQuery(_MatrixFilter, _File):
    """The same filters; `lang` is zh or en."""


class _UnvisitedFilter(kit.Query):
    district = kit.Code(load_default=None, limit=20)
    days = kit.QueryInt(low=1, high=3660, load_default=None)


class UnvisitedQuery(_UnvisitedFilter, kit.Listing):
    """`days`: more than so many without a valid visit; the setting where it is left out."""


class UnvisitedFileQuery(_UnvisitedFilter, _File):
    """The same filters; `lang` is zh or en."""


class _ScheduleFilter(kit.Query):
    district = kit.Code(load_default=None, limit=20)
    stage = fields.Enum(Stage, by_value=True, load_default=None)
    q = fields.String(load_default=None, validate=validate.Length(max=200))
    late = fields.String(load_default=None, validate=validate.OneOf([ANY, *(one.value for one in Late)]))


class ScheduleQuery(_ScheduleFilter, kit.Listing):
    """`late`: only sites behind the plan in this way, or in any."""


class ScheduleFileQuery(_ScheduleFilter, _File):
    """The same filters; `lang` is zh or en."""


class OverviewSiteOut(kit.Answer):
    """A site as the overviews name it."""

    id = kit.Id()
    code = fields.String()
    name = fields.String()
    stage = fields.Enum(Stage, by_value=True)
    district = fields.Nested(DistrictRefOut)
    area = fields.Nested(AreaRefOut, allow_none=True)
    contractor = fields.Nested(AreaRefOut, allow_none=True)


class EvidenceOut(kit.Answer):
    """An approved report, with photos, that proves a kind of work."""

    report_id = kit.Id()
    report_number = fields.String()
    revision = fields.Integer()
    approved_at = kit.Moment()


class MatrixItemOut(kit.Answer):
    """One kind of work at one site. `evidence` counts the approved reports with photos that prove it; what was entered
    as verified beyond `verified` waits for one."""

    type = fields.Enum(WorkType, by_value=True)
    unit = fields.String()
    planned = fields.Float()
    reported = fields.Float()
    verified = fields.Float()
    verified_entered = fields.Float()
    stage = fields.Enum(Stage, by_value=True)
    evidence = fields.Integer()
    newest_evidence = fields.Nested(EvidenceOut, allow_none=True)


class MatrixRowOut(kit.Answer):
    site = fields.Nested(OverviewSiteOut)
    items = fields.List(fields.Nested(MatrixItemOut))


class ProvenItemOut(MatrixItemOut):
    """The same with the newest reports that prove it, at most 20."""

    reports = fields.List(fields.Nested(EvidenceOut))


class QuietOut(kit.Answer):
    """How long a site has not been visited: whole days since the last valid visit, or since work started where there
    never was one; null where that day is not known either. A visit is valid with its receipt and unless it is void."""

    last_visit_at = kit.Moment(allow_none=True)
    started_on = fields.Date(allow_none=True)
    days_since = fields.Integer(allow_none=True)


class UnvisitedRowOut(QuietOut):
    site = fields.Nested(OverviewSiteOut)
    assigned = fields.List(fields.Nested(PersonRefOut))


class DistrictSumOut(kit.Answer):
    code = fields.String()
    name = fields.String(attribute="zh")
    en = fields.String()


class UnvisitedDistrictOut(DistrictSumOut):
    in_progress = fields.Integer()
    unvisited = fields.Integer()
    never_visited = fields.Integer()


class ScheduleOut(kit.Answer):
    """Planned and actual days with the days between: above 0 late, below 0 early, null where a day is not known or has
    not come. `late` names the ways in which the site is behind."""

    planned_start_on = fields.Date(allow_none=True)
    planned_end_on = fields.Date(allow_none=True)
    started_on = fields.Date(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    start_days_late = fields.Integer(allow_none=True)
    end_days_late = fields.Integer(allow_none=True)
    days_late = fields.Integer()
    late = fields.List(fields.Enum(Late, by_value=True))


class ScheduleRowOut(ScheduleOut):
    site = fields.Nested(OverviewSiteOut)


class ScheduleDistrictOut(DistrictSumOut):
    """How many sites are behind in each way, and in any; and the most days that one is."""

    sites = fields.Integer()
    is_late = fields.Integer()
    start_overdue = fields.Integer()
    started_late = fields.Integer()
    running_late = fields.Integer()
    finished_late = fields.Integer()
    most_days_late = fields.Integer()


class SiteQuietOut(QuietOut):
    """With what counts as too long, and whether it is: of sites in progress alone."""

    days = fields.Integer()
    is_stale = fields.Boolean()


class StandingOut(kit.Answer):
    """How one site stands: against its plan, by its visits, and what its verified work rests on."""

    as_of = fields.Date()
    schedule = fields.Nested(ScheduleOut)
    visits = fields.Nested(SiteQuietOut)
    assigned = fields.List(fields.Nested(PersonRefOut))
    items = fields.List(fields.Nested(ProvenItemOut))


MatrixOut = kit.listing(MatrixRowOut, "Matrix")


class UnvisitedOut(kit.listing(UnvisitedRowOut, "UnvisitedList")):  # type: ignore[misc]
    as_of = fields.Date()
    days = fields.Integer()
    by_district = fields.List(fields.Nested(UnvisitedDistrictOut))


class SchedulesOut(kit.listing(ScheduleRowOut, "ScheduleList")):  # type: ignore[misc]
    as_of = fields.Date()
    by_district = fields.List(fields.Nested(ScheduleDistrictOut))
