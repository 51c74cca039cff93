"""The plan as it stood at both ends of the week, from the history of every site's countable facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.programme.models import Site, SiteState
from server.programme.rules import FINISHED, STARTED, Stage
from server.weekly.figures.counting import Span, Sums, by_district, count_if, sum_if, worked_out_once
from server.weekly.rules import Week

FACTS = ("stage", "carried_out", "households", "investment_planned_fen", "investment_done_fen")


def _last_state(moment: datetime) -> sa.ScalarSelect[int]:
    """The id of a site's last state before the moment: one look into the index for each site."""
    older = aliased(SiteState)
    return (
        sa.select(older.id).where(older.site_id == Site.id, older.at < moment)
        .order_by(older.at.desc(), older.id.desc()).limit(1).correlate(Site).scalar_subquery()
    )


def _without_history() -> sa.ColumnElement[bool]:
    any_state = aliased(SiteState)
    return sa.not_(sa.exists().where(any_state.site_id == Site.id).correlate(Site))


def stage_before(moment: datetime) -> sa.ColumnElement[Any]:
    """A site's stage at the moment. One of which no history was ever kept counts as it stands now."""
    state = aliased(SiteState)
    kept = sa.select(state.stage).where(state.id == _last_state(moment)).correlate(Site).scalar_subquery()
    return sa.case((_without_history(), Site.stage), else_=kept)


def at_both_ends(span: Span) -> sa.CTE:
    """Every site with its facts at the week's start (`_0`) and at the cut-off (`_1`); null where it was not in the plan
    yet."""
    before, after = aliased(SiteState), aliased(SiteState)
    bare = sa.and_(after.id.is_(None), _without_history())
    columns = [
        sa.case((bare, getattr(Site, name)), else_=getattr(state, name)).label(f"{name}_{end}")
        for name in FACTS for end, state in enumerate((before, after))
    ]
    query = (
        sa.select(Site.id, Site.district_code, Site.started_on, Site.ended_on, *columns)
        .outerjoin(before, before.id == _last_state(span.week.start))
        .outerjoin(after, after.id == _last_state(span.cutoff))
    )
    return worked_out_once(query, "sites")


def _came(sites: sa.CTE, week: Week, stages: Iterable[Stage], day: Any) -> sa.ColumnElement[bool]:
    """Came to one of `stages` within the week. A site that entered the register only then counts by its own day, else
    a first import would look like a week of wonders."""
    there = sorted(stages)
    new_here = sa.and_(sites.c.stage_0.is_(None), day >= week.starts_on, day <= week.ends_on)
    return sa.and_(sites.c.stage_1.in_(there), sa.or_(sites.c.stage_0.not_in(there), new_here))


def _moves(sites: sa.CTE, week: Week) -> dict[str, sa.ColumnElement[bool]]:
    return {
        "wk_started": _came(sites, week, STARTED, sites.c.started_on),
        "wk_completed": _came(sites, week, FINISHED, sites.c.ended_on),
    }


def _standing(sites: sa.CTE, end: int) -> dict[str, sa.ColumnElement[int]]:
    stage, carried_out = sites.c[f"stage_{end}"], sites.c[f"carried_out_{end}"]
    planned, begun = stage.is_not(None), stage.in_(sorted(STARTED))
    households = sites.c[f"households_{end}"]
    return {
        "plan_count": count_if(planned), "started": count_if(begun),
        "completed": count_if(stage.in_(sorted(FINISHED))), "accepted": count_if(stage == Stage.ACCEPTED),
        "in_progress": count_if(stage == Stage.IN_PROGRESS), "suspended": count_if(stage == Stage.SUSPENDED),
        "carried_out": count_if(carried_out),
        "households": sum_if(planned, households), "households_started": sum_if(begun, households),
        "households_benefiting": sum_if(carried_out, households),
        "plan_fen": sum_if(planned, sites.c[f"investment_planned_fen_{end}"]),
        "done_fen": sum_if(planned, sites.c[f"investment_done_fen_{end}"]),
    }


def site_counts(db: Session, span: Span) -> tuple[dict[str, Sums], dict[str, Sums]]:
    """By district of the whole city, at the week's start, and at the cut-off with wk_started, wk_completed; money in fen."""
    sites = at_both_ends(span)
    columns = [column.label(f"{name}_{end}") for end in (0, 1) for name, column in _standing(sites, end).items()]
    columns += [count_if(moved).label(f"{name}_1") for name, moved in _moves(sites, span.week).items()]
    found = by_district(db, sa.select(sites.c.district_code, *columns).group_by(sites.c.district_code))
    start, end = (
        {code: {name[:-2]: n for name, n in sums.items() if name.endswith(at)} for code, sums in found.items()}
        for at in ("_0", "_1")
    )
    return start, end


def moved_sites(db: Session, span: Span) -> dict[str, list[dict[str, str]]]:
    """The sites behind wk_started and wk_completed, each with its district."""
    sites = at_both_ends(span)
    moves = _moves(sites, span.week)
    query = (
        sa.select(sites.c.id, sites.c.district_code, *(moved.label(name) for name, moved in moves.items()))
        .where(sa.or_(*moves.values()), span.covers(sites.c.district_code)).order_by(sites.c.id)
    )
    rows = db.execute(query).all()
    return {
        name: [{"district": row.district_code, "id": str(row.id)} for row in rows if row._mapping[name]]
        for name in moves
    }
