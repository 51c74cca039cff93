"""Replies, verifications, notices and what the residents said: each figure of a week worked out by hand beside it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from server.documents.rules import Kind
from server.issues.models import Issue, Reminded
from server.issues.rules import Move, ResidentsAnswer
from server.kit import clock
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.programme.rules import Stage
from server.residents.models import Question
from tests.factories import JINYUAN, YINGZE, SiteOffice
from tests.weekly.conftest import LONG_AGO, Count
from tests.weekly.made import Made, at
from tests.weekly.test_figures import by_district, has, selected

NOTICE, REPLY, PASS, FAIL, VOID = Move.NOTICE, Move.REPLY, Move.PASS, Move.FAIL, Move.VOID
Steps = list[tuple[datetime, Move]]


def answered(noticed: str, *steps: tuple[str, Move] | tuple[str, str, Move]) -> Steps:
    """A notice at noon of one day, and what came after it: `(day, move)` or `(day, time, move)`."""
    return [(at(noticed), NOTICE), *((at(*step[:-1]), step[-1]) for step in steps)]


def a_site(made: Made, district: str = YINGZE) -> uuid.UUID:
    return made.site(f"小区{district}", (LONG_AGO, Stage.IN_PROGRESS, 0), district=district)


def stories(made: Made) -> dict[str, uuid.UUID]:
    """Seven issues of Yingze first due in week 47 (one of them void) and one of Jinyuan; verifications around its ends."""
    site = a_site(made)

    def one(item: str, due: str, steps: Steps, **more: Any) -> uuid.UUID:
        return made.story(site, None, at("11-10"), due, steps, item=item, **more)

    return {
        # on time to the last moment of the day, and passed at once
        "in_time": one("ELEV-1", "11-18", answered("11-11", ("11-18", "23:59:59.999999", REPLY), ("11-19", PASS))),
        "too_late": one("ELEV-2", "11-18", answered("11-11", ("11-19", "00:00", REPLY), ("11-20", PASS))),
        # an extension to the 25th: what counts is the first due date
        "extended": one("ELEV-3", "11-25", answered("11-11", ("11-20", REPLY)), first_due="11-17"),
        # in time, sent back, and again after the date: the first reply counts
        "twice": one("ELEV-4", "11-20", answered("11-11", ("11-18", REPLY), ("11-19", FAIL), ("11-21", REPLY))),
        "silent": one("ELEV-5", "11-22", answered("11-11")),
        "void": one("ELEV-6", "11-19", answered("11-11", ("11-17", REPLY), ("11-18", FAIL), ("11-19", VOID))),
        # closed in the week before the one in which it is due, and reopened in it
        "reopened": one("ELEV-7", "11-21", answered(
            "11-11", ("11-12", REPLY), ("11-13", PASS), ("11-17", Move.FALSE_CLOSURE), ("11-18", NOTICE),
        )),
        # due in the weeks beside it
        "before": one("ELEV-8", "11-15", answered("11-11", ("11-16", REPLY))),
        "after": one("ELEV-9", "11-23", answered("11-11", ("11-17", REPLY), ("11-22", "23:59:59.999999", PASS))),
        "jinyuan": made.story(
            a_site(made, JINYUAN), None, at("11-10"), "11-16",
            answered("11-11", ("11-12", REPLY), ("11-23", "00:00", FAIL)), district=JINYUAN,
        ),
    }


def test_on_time_is_the_first_reply_by_the_first_due_date(made: Made, count: Count) -> None:
    ids = stories(made)
    figures = count()
    table = by_district(figures["tables"]["T2"])
    # due: all of Yingze but the void one, those of the weeks beside left out; on time: in_time, twice, reopened
    has(table[YINGZE], due=6, on_time=3, on_time_rate=50)
    has(table[JINYUAN], due=1, on_time=1, on_time_rate=100)
    has(figures["totals"], due=7, on_time=4, on_time_rate=57.1)  # 4 ÷ 7 = 0.5714
    marked = {row["issue_id"] for row in figures["tables"]["T7"]["rows"] if row["is_on_time"]}
    assert marked == {str(ids[name]) for name in ("in_time", "twice", "reopened", "jinyuan")}
    # the week before: `before` alone was due, and replied a day late; (4 ÷ 7 - 0 ÷ 1) in points
    has(figures["changes"], on_time_rate_change=57.1)


def test_a_first_verification_counts_in_its_own_week_and_a_second_nowhere(made: Made, count: Count) -> None:
    ids = stories(made)
    this, following = count(), count(iso_week=48)
    table = by_district(this["tables"]["T2"])
    # in_time, too_late, twice (failed), after; void is left out, reopened was first verified the week before
    has(table[YINGZE], first_verifications=4, first_passes=3, first_pass_rate=75)
    has(table[JINYUAN], first_verifications=0, first_passes=0, first_pass_rate=None)
    marked = {row["issue_id"]: row["is_first_passed"] for row in this["tables"]["T7"]["rows"] if row["is_first_verified"]}
    assert marked == {
        str(ids["in_time"]): True, str(ids["too_late"]): True, str(ids["twice"]): False, str(ids["after"]): True,
    }
    has(this["changes"], first_pass_rate_change=-25)  # 3 ÷ 4 after 1 of 1
    has(following["totals"], first_verifications=1, first_passes=0, first_pass_rate=0)  # Jinyuan's, at midnight


def test_one_that_fails_at_first_and_passes_next_week_is_no_first_pass(made: Made, count: Count) -> None:
    clock.set_source(lambda: at("12-01"))
    made.story(a_site(made), None, at("11-10"), "11-30", answered(
        "11-11", ("11-17", REPLY), ("11-18", FAIL), ("11-23", REPLY), ("11-24", PASS),
    ))
    has(count()["totals"], first_verifications=1, first_passes=0, first_pass_rate=0, closed=0)
    has(count(iso_week=48)["totals"], first_verifications=0, first_passes=0, first_pass_rate=None, closed=1)


def test_the_score_has_all_five_parts_and_the_places_of_the_week_before_too(made: Made, count: Count) -> None:
    stories(made)
    rows = by_district(count()["tables"]["T1"])
    # both began, nothing is finished or planned in money beyond 0 of 100; Yingze: 25 + 20 × 0 + 20 × 0 + 20 × 3/6 + 15 × 3/4
    has(rows[YINGZE], score=46.3, rank=2)  # 46.25, half up
    # nobody verified in Jinyuan: (25 + 0 + 0 + 20 × 1/1) ÷ 85
    has(rows[JINYUAN], score=52.9, rank=1)
    # the week before: Yingze (25 + 20 × 0/1 + 15 × 1/1) of 100 = 40.0; in Jinyuan nothing was due: 25 ÷ 65 = 38.5
    assert (rows[YINGZE]["rank_change"], rows[JINYUAN]["rank_change"]) == (-1, 1)


def test_fast_and_slow_are_not_the_same_districts(made: Made, count: Count) -> None:
    stories(made)
    figures = count()
    assert [one["code"] for one in figures["ranking"]["fast"]] == [JINYUAN]
    assert [one["code"] for one in figures["ranking"]["slow"]] == [YINGZE]
    own = count(district=JINYUAN)
    assert [one["code"] for one in own["ranking"]["fast"]] == [JINYUAN]
    assert own["ranking"]["slow"] == []


def test_a_false_closure_is_counted_in_its_week_among_the_reopened(made: Made, count: Count) -> None:
    ids = stories(made)
    figures = count()
    has(figures["totals"], false_closures=1, reopened=1)
    row = next(one for one in figures["tables"]["T7"]["rows"] if one["issue_id"] == str(ids["reopened"]))
    assert row["times_false_closures"] == 1
    has(count(iso_week=46)["totals"], false_closures=0, closed=1)


def test_behind_every_figure_of_the_loop_stand_its_rows(made: Made, count: Count) -> None:
    stories(made)
    figures = count()
    for name in ("due", "on_time", "first_verifications", "first_passes", "false_closures", "closed", "reopened"):
        assert selected(figures, figures["lists"][name], None) == figures["totals"][name], name
        for code, row in by_district(figures["tables"]["T2"]).items():
            assert selected(figures, figures["lists"][name], code) == row[name], (name, code)


def test_notices_are_papers_of_the_week_by_district(made: Made, count: Count) -> None:
    issue = made.story(a_site(made), None, at("11-10"), "11-30")
    first, _ = made.paper(Kind.RECTIFICATION_NOTICE, at("11-16", "00:00"), issue)
    second, _ = made.paper(Kind.RECTIFICATION_NOTICE, at("11-22", "23:59"), issue)
    other, number = made.paper(Kind.RECTIFICATION_NOTICE, at("11-18"), district=JINYUAN)
    made.paper(Kind.STOP_WORK_NOTICE, at("11-18"), issue)
    made.paper(Kind.RECTIFICATION_NOTICE, at("11-15", "23:59"), issue)
    made.paper(Kind.RECTIFICATION_NOTICE, at("11-23", "00:00"), issue)
    figures = count()
    table = by_district(figures["tables"]["T2"])
    assert (table[YINGZE]["notices"], table[JINYUAN]["notices"], figures["totals"]["notices"]) == (2, 1, 3)
    assert [one["id"] for one in figures["lists"]["notices"]["documents"]] == [str(first), str(second), str(other)]
    assert figures["lists"]["notices"]["documents"][2] == {"district": JINYUAN, "id": str(other), "number": number}


def test_the_register_says_what_was_done_and_by_whom(made: Made, count: Count) -> None:
    site = a_site(made)
    report = made.report(site, at("11-16", "09:00"))
    issue = made.story(site, report, at("11-16"), "11-30", answered(
        "11-16", ("11-17", REPLY), ("11-18", FAIL), ("11-19", REPLY), ("11-23", "00:00", PASS),
    ))
    before = made.photo(issue, "before", 0, at("11-15", "08:00"))
    old, new = made.photo(issue, "after", 1), made.photo(issue, "after", 2, at("11-19", "10:00"))
    made.pair(issue, before, old)
    made.pair(issue, before, new, round_=2)
    row = count()["tables"]["T7"]["rows"][0]
    has(
        row, found_by="李督导", measure="第2次整改", responsible_person="孙工", done_on="2026-11-18", verifier="李督导",
        verified_on="2026-11-18", verdict="fail", state="pending_verification", photos_before=1, photos_after=2,
    )
    assert (row["before"]["photo_id"], row["before"]["captured_at"]) == (str(before), at("11-15", "08:00").isoformat())
    assert row["after"]["photo_id"] == str(new)
    assert len(row["after"]["sha256"]) == 64
    earlier = made.story(site, None, at("11-16"), "11-30", item="ELEV-B01")
    rows = {one["issue_id"]: one for one in count()["tables"]["T7"]["rows"]}
    nothing = ("measure", "responsible_person", "done_on", "verifier", "verified_on", "verdict", "before", "after")
    assert {rows[str(earlier)][name] for name in nothing} == {None}


def test_the_register_names_the_item_and_its_part(made: Made, office: SiteOffice, count: Count) -> None:
    office.checklists()
    site = a_site(made)
    made.story(site, None, at("11-16"), "11-30", item="AGE-A01")
    made.story(site, None, at("11-16"), "11-30", item="AGE-Z99")
    first, other = count()["tables"]["T7"]["rows"]
    has(first, item="AGE-A01", item_zh="轮椅坡道纵坡", item_en="Ramp gradient", part="单元出入口与坡道",
        part_en="Entrances and ramps")
    has(other, item="AGE-Z99", item_zh=None, part=None)


def test_what_was_told_of_a_late_issue_and_the_letter_over_it(made: Made, office: SiteOffice, count: Count) -> None:
    site = a_site(made)
    late, mild, new = (
        made.story(site, None, at("11-10"), due, answered("11-11"), item=item, severity=severity)
        for due, item, severity in (
            ("11-15", "ELEV-1", Severity.MINOR), ("11-21", "ELEV-2", Severity.MINOR), ("11-23", "ELEV-3", Severity.CRITICAL),
        )
    )
    made.paper(Kind.ESCALATION_LETTER, at("11-19"), late)
    _, letter = made.paper(Kind.ESCALATION_LETTER, at("11-20"), late)
    made.paper(Kind.ESCALATION_LETTER, at("11-23", "08:00"), late)
    told = [(late, date(2026, 11, 15), step, at(day)) for step, day in ((1, "11-16"), (3, "11-18"), (7, "11-23"))]
    told += [(late, date(2026, 11, 13), 7, at("11-20")), (new, date(2026, 11, 23), -1, at("11-22"))]
    office.write(lambda db: db.add_all(
        Reminded(issue_id=issue, due_on=due_on, step=step, at=moment) for issue, due_on, step, moment in told
    ))
    rows = {row["issue_id"]: row for row in count()["tables"]["T5"]["rows"]}
    # at the cut-off the third day was told; the seventh came only on Monday
    has(rows[str(late)], escalation="late_3", letter=letter, overdue_days=8)
    has(rows[str(mild)], escalation="none", letter=None)
    has(rows[str(new)], escalation="due_tomorrow", letter=None, is_overdue=False)


def test_the_gravest_come_first_among_the_cases(made: Made, count: Count) -> None:
    site = a_site(made)

    def one(item: str, due: str, severity: Severity, steps: Steps) -> uuid.UUID:
        return made.story(site, None, at("11-16"), due, steps, item=item, severity=severity)

    minor = one("ELEV-1", "11-18", Severity.MINOR, answered("11-16"))
    void = one("ELEV-2", "11-18", Severity.CRITICAL, answered("11-16", ("11-17", VOID)))
    major = one("ELEV-3", "11-30", Severity.MAJOR, answered("11-16", ("11-17", REPLY)))
    shown = one("ELEV-4", "11-30", Severity.MAJOR, answered("11-16", ("11-17", REPLY), ("11-18", PASS)))
    grave = one("ELEV-5", "11-30", Severity.CRITICAL, answered("11-16"))
    before, after, alone = made.photo(shown, "before", 0), made.photo(shown, "after", 1), made.photo(shown, "after", 2)
    made.pair(shown, before, after)
    made.pair(shown, None, alone, no=1)
    _, number = made.paper(Kind.RECTIFICATION_NOTICE, at("11-16", "13:00"), shown, grave)
    cases = count()["cases"]
    assert [one["issue_id"] for one in cases] == [str(issue) for issue in (grave, shown, major, minor)]
    assert str(void) not in {one["issue_id"] for one in cases}
    has(cases[1], notice=number, state="closed", measure="第1次整改", days_late=0, severity="major", found_on="2026-11-16")
    assert [(pair["before"] and pair["before"]["photo_id"], pair["after"]["photo_id"]) for pair in cases[1]["pairs"]] == [
        (str(before), str(after)), (None, str(alone)),
    ]
    has(cases[3], notice=None, days_late=5, pairs=[])


def test_no_more_than_twenty_four_cases(made: Made, count: Count) -> None:
    site = a_site(made)
    for n in range(26):
        made.story(site, None, at("11-16"), "11-30", item=f"ELEV-{n}")
    assert len(count()["cases"]) == 24


def test_the_residents_word_is_counted_in_the_week_it_was_given(made: Made, office: SiteOffice, count: Count) -> None:
    issue = made.story(a_site(made), None, at("11-10"), "11-30", answered("11-11", ("11-12", REPLY), ("11-13", PASS)))

    def ask(asked: datetime, answer: ResidentsAnswer | None = None, said: datetime | None = None) -> None:
        office.write(lambda db: db.add(Question(
            id=new_id(), issue_id=issue, round=1, created_at=asked, expires_at=at("12-24"), answer=answer,
            answered_at=said,
        )))

    ask(at("11-13"), ResidentsAnswer.NO, at("11-16", "00:00"))
    ask(at("11-16", "09:00"), ResidentsAnswer.YES, at("11-22"))
    ask(at("11-17"), ResidentsAnswer.YES, at("11-23", "00:00"))
    ask(at("11-18"))
    figures = count()
    assert figures["residents"] == {"asked": 3, "yes": 1, "no": 1}
    assert figures["lists"]["residents.no"]["issues"] == [{"district": YINGZE, "id": str(issue)}]
    assert count(district=JINYUAN)["residents"] == {"asked": 0, "yes": 0, "no": 0}


def test_what_was_put_right_on_the_spot_counts_as_replied(made: Made, office: SiteOffice, count: Count) -> None:
    issue = made.story(a_site(made), None, at("11-16"), "11-16", [(at("11-16", "13:00"), Move.FIX_ON_SPOT)])
    has(count()["totals"], due=1, on_time=1, on_time_rate=100, first_pass_rate=None)
    assert office.read(sa.select(Issue.id)) == [issue]


def test_a_week_over_the_new_year_counts_its_days_on_both_sides(made: Made, count: Count) -> None:
    """ISO week 53 of 2026 ends on 3 January 2027."""
    clock.set_source(lambda: at("2027-01-20"))
    site = a_site(made)
    for item, due, replied in (("ELEV-1", "2026-12-31", "2026-12-31"), ("ELEV-2", "2027-01-01", "2027-01-02"),
                               ("ELEV-3", "2027-01-03", "2027-01-03")):
        made.story(site, None, at("2026-12-20"), due, item=item, moves=[
            (at("2026-12-21"), NOTICE), (at(replied, "23:00"), REPLY), (at("2027-01-03", "23:30"), PASS),
        ])
    made.paper(Kind.RECTIFICATION_NOTICE, at("2027-01-01", "00:00"))
    figures = count(2026, 53)
    has(figures["totals"], due=3, on_time=2, on_time_rate=66.7, first_verifications=3, first_pass_rate=100, notices=1)
    assert [(one["iso_year"], one["iso_week"]) for one in figures["series"]["F5"]][-2:] == [(2026, 52), (2026, 53)]
    assert len(figures["series"]["F2"]) == 53
    after = count(2027, 1)
    assert [(one["iso_year"], one["iso_week"]) for one in after["series"]["F2"]] == [(2027, 1)]
    assert [(one["iso_year"], one["iso_week"]) for one in after["series"]["F5"]][-2:] == [(2026, 53), (2027, 1)]
