"""Entering what is planned, done and verified of one kind of work. Verified work rests on evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.programme.models import Site, WorkItem
from server.programme.rules import KINDS, Stage, WorkType
from server.programme.wrong import WrongValue

AMOUNTS = ("quantity", "planned", "reported", "verified", "verified_entered")  # kept to six decimals
_PLAIN = ("quantity", "planned", "reported", "contract_price_fen", "stage")


def put_work_item(site: Site, values: Mapping[str, Any], *, number: int, proven: bool) -> None:
    """Put the values of one kind of work on the site; it is the list's `number`th. `proven`: whether there is evidence.

    WrongValue `evidence-missing` where there is none and another quantity than 0 is entered as verified.
    """
    kind: WorkType = values["type"]
    # a quotient of two amounts must stay within what PostgreSQL calls a number: 1e-300 of 1e12 is not
    values = {**values, **{name: round(values[name], 6) for name in AMOUNTS if values.get(name) is not None}}
    item = next((known for known in site.work_items if known.type is kind), None)
    if item is None:
        amount = values.get("planned", values.get("quantity", 0.0))
        item = WorkItem(
            type=kind, unit=KINDS[kind].unit, quantity=values.get("quantity", amount), planned=amount,
            contract_price_fen=0, reported=0.0, verified=0.0, verified_entered=0.0, stage=Stage.NOT_STARTED,
        )
        site.work_items.append(item)
    entered = _entered(item, values, number)
    if entered:
        if not proven:
            raise WrongValue(
                f"work_items.{number}.verified", "尚无审核通过且附照片的检查报告，不能填报核实量",
                "no approved report with a photo on this kind of work: nothing can be entered as verified",
                code="evidence-missing", column=f"{kind.value}.verified",
            )
        item.verified_entered = item.verified = entered
    elif entered is not None:
        item.verified_entered = item.verified = 0.0
    for name in _PLAIN:
        if values.get(name) is not None:
            setattr(item, name, values[name])


def _entered(item: WorkItem, values: Mapping[str, Any], number: int) -> float | None:
    """The quantity that is newly entered as verified; None where what is sent is what the site shows.

    Of an item that awaits evidence the site shows 0 as verified: sent back so, it must not wipe out what was typed.
    """
    said, shown = values.get("verified_entered"), values.get("verified")
    said = None if said == item.verified_entered else said
    shown = None if shown in (item.verified, item.verified_entered) else shown
    if said is not None and shown is not None and said != shown:
        raise WrongValue(
            f"work_items.{number}.verified_entered", "与 verified 不一致", "differs from verified",
            column=f"{item.type.value}.verified",
        )
    return said if said is not None else shown


def count_proven(item: WorkItem, *, proven: bool) -> None:
    """What was entered as verified counts while there is evidence."""
    item.verified = item.verified_entered if proven else 0.0
