"""No personal data beyond the setting: comment and photo go in time, with every byte; yes or no and the dates stay."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.kit import clock
from server.residents import service
from server.residents.models import Picture, Question, Try, picture_key
from tests.issues.loop import Loop, refused
from tests.photos import jpeg
from tests.residents.test_answering import stored
from tests.residents.test_asking import code_of
from tests.residents.word import look, send, sweep, turn_on


def later(**delta: float) -> None:
    moment = clock.now() + timedelta(**delta)
    clock.set_source(lambda: moment)


def word(loop: Loop, issue: str) -> dict[str, object]:
    someone = loop.office.sign_in("su", loop.su.id)
    found: dict[str, object] = someone.get(f"/issues/{issue}/residents").json["words"][0]
    return found


def test_comment_and_photo_go_after_the_days_and_the_answer_stays(loop: Loop, closed: str) -> None:
    send(loop.office.app, code_of(loop, closed), "no", comment="三单元漏水", photos=(jpeg(64, 48),))
    answered_at = word(loop, closed)["answered_at"]
    later(days=89, hours=23)
    sweep(loop.office)
    assert (word(loop, closed)["comment"], len(stored(loop))) == ("三单元漏水", 1)
    later(hours=2)
    sweep(loop.office)
    sweep(loop.office)  # a job may be done twice
    kept = word(loop, closed)
    assert (kept["answer"], kept["answered_at"], kept["comment"], kept["photo"]) == ("no", answered_at, None, None)
    assert kept["erased_at"] is not None
    assert stored(loop) == []
    assert loop.office.read(sa.select(Picture)) == []
    assert loop.office.read(sa.select(Question.digest)) == [None]
    erased = loop.office.read(sa.select(AuditEvent.facts).where(AuditEvent.verb == "residents_word_erased"))
    assert [(one["comment"], one["photo"]) for one in erased] == [(True, True)]
    someone = loop.office.sign_in("su", loop.su.id)
    refused(someone.get(f"/issues/{closed}/residents/{kept['id']}/photo"), 404, "residents-photo-none")


def test_a_shorter_setting_holds_for_what_was_said_before(loop: Loop, closed: str) -> None:
    send(loop.office.app, code_of(loop, closed), "yes", comment="好")
    turn_on(loop.office, residents_keep_days=5)
    later(days=5, hours=1)
    sweep(loop.office)
    assert word(loop, closed)["comment"] is None


def test_switching_off_does_not_stop_the_forgetting(loop: Loop, closed: str) -> None:
    send(loop.office.app, code_of(loop, closed), "yes", comment="好", photos=(jpeg(64, 48),))
    turn_on(loop.office, residents_asked=False)
    later(days=91)
    sweep(loop.office)
    assert (word(loop, closed)["comment"], stored(loop)) == (None, [])


def test_codes_go_when_they_have_expired(loop: Loop, closed: str) -> None:
    code = code_of(loop, closed)
    later(days=15)
    sweep(loop.office)
    assert loop.office.read(sa.select(Question.code_hash)) == [None]
    assert loop.office.read(sa.select(Question.nonce)) == [None]
    assert look(loop.office.app, code).status_code == 404
    shown = loop.office.sign_in("su", loop.su.id).get(f"/issues/{closed}").json["residents"]
    assert (shown["answer"], shown["asked_at"] is not None) == (None, True)


def test_a_picture_whose_answer_never_came_through_is_found(loop: Loop, closed: str) -> None:
    """The process died between the picture and the answer."""
    [question] = loop.office.read(sa.select(Question.id))
    picture = loop.office.write(lambda db: service.expect_picture(db, question))
    path = loop.office.app.config["DUDAO"].uploads_dir / "left"
    path.write_bytes(jpeg(64, 48))
    loop.office.app.extensions["dudao-store"].adopt(path, picture_key(picture))
    sweep(loop.office)
    assert len(stored(loop)) == 1  # it may still be under way
    later(hours=2)
    sweep(loop.office)
    assert (stored(loop), loop.office.read(sa.select(Picture))) == ([], [])


def test_counted_tries_go_with_their_window(loop: Loop, closed: str) -> None:
    send(loop.office.app, code_of(loop, closed), "yes")
    assert loop.office.read(sa.select(Try)) != []
    later(seconds=901)
    sweep(loop.office)
    assert loop.office.read(sa.select(Try)) == []
