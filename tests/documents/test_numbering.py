"""Numbers of papers: per kind and year, one after another, none left out and none given twice."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from server.documents import service
from server.documents.models import Document
from server.documents.paper import Paper, PaperIssue, PaperPair, PaperPhoto, from_dict
from server.documents.rules import Kind, number_text
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import Database

CLERK = Actor(id=uuid.UUID(int=7), username="clerk", name="督查室", roles=frozenset())
NOTICE, LETTER = Kind.RECTIFICATION_NOTICE, Kind.ESCALATION_LETTER


def paper(kind: Kind = NOTICE) -> Paper:
    pair = PaperPair(PaperPhoto("a", "00" * 32), None)
    issue = PaperIssue("140106-1", "二单元应急灯不亮", "major", "2026-12-01", "2026-12-01", pairs=[pair])
    return Paper(kind.value, "2026-11-26", {"name": "老军营小区"}, "某公司", [issue], "督查室", "2026-11-26T00:00:00+00:00")


def issue(database: Database, kind: Kind = NOTICE, *, then: Exception | None = None) -> str:
    def verb(db: sa.orm.Session) -> str:
        made = service.issue(db, CLERK, paper(kind), district="140106")
        if then is not None:
            raise then
        return made.number

    return database.write(verb)


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["dudao"].database
    return found


def test_a_number_reads_as_offices_write_it() -> None:
    assert number_text("", 2026, 12) == "〔2026〕12号"
    assert number_text("并建督改", 2026, 12) == "并建督改〔2026〕12号"


def test_each_kind_and_each_year_counts_for_itself(database: Database) -> None:
    clock.set_source(lambda: datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert [issue(database), issue(database), issue(database, LETTER)] == ["〔2026〕1号", "〔2026〕2号", "〔2026〕1号"]
    clock.set_source(lambda: datetime(2026, 12, 31, 16, 0, tzinfo=UTC))  # midnight in Taiyuan
    assert issue(database) == "〔2027〕1号"
    clock.set_source(lambda: datetime(2026, 12, 31, 15, 0, tzinfo=UTC))  # a clock put back goes on where it was
    assert issue(database) == "〔2026〕3号"


def test_a_paper_that_failed_leaves_no_gap(database: Database) -> None:
    issue(database)
    with pytest.raises(RuntimeError):
        issue(database, then=RuntimeError("the photo store went away"))
    assert issue(database) == "〔2026〕2号"


def test_twenty_at_once_get_twenty_numbers(database: Database) -> None:
    numbers: list[str] = []
    start = threading.Barrier(20)

    def one() -> None:
        start.wait()
        numbers.append(issue(database))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers, key=lambda number: (len(number), number)) == [f"〔2026〕{n}号" for n in range(1, 21)]


def test_a_paper_is_frozen_as_it_was_issued(database: Database) -> None:
    issue(database)
    with database.read() as db:
        kept = db.scalars(sa.select(Document)).one()
        assert from_dict(kept.content) == from_dict(paper().as_dict() | {"number": "〔2026〕1号"})
