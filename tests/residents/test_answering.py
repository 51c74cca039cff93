"""One page, one question, one answer: what a resident can do with a link, and what nobody can."""

from __future__ import annotations

import io
import random
import string
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from server.audit.models import AuditEvent
from server.issues.models import IssueEvent
from server.messages.models import Message
from server.residents import rules
from server.residents.models import Picture, Question, Try
from tests.issues.loop import Loop, taken
from tests.photos import exif_of, jpeg
from tests.residents.test_asking import code_of
from tests.residents.word import look, make_renditions, send


@pytest.fixture
def code(loop: Loop, closed: str) -> str:
    return code_of(loop, closed)


def answers(loop: Loop) -> list[Any]:
    return loop.office.read(sa.select(Question).where(Question.answer.is_not(None)))


def stored(loop: Loop) -> list[str]:
    folder = loop.office.app.config["DUDAO"].uploads_dir / "residents"
    return sorted(path.name for path in folder.glob("*"))


# --- the page


def test_the_page_asks_and_shows_the_place_the_problem_and_the_pair(loop: Loop, code: str) -> None:
    make_renditions(loop.office)
    page = look(loop.office.app, code)
    text = page.get_data(as_text=True)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for shown in ("修好了吗", "老军营小区", "焊工无证上岗", f'/r/{code}/before.jpg', f'/r/{code}/after.jpg', "English"):
        assert shown in text
    assert len(page.get_data()) < 20_000
    assert "<script" not in text
    assert "http://" not in text.replace("http://localhost", "")
    assert "https://" not in text
    for kind in ("before", "after"):
        picture = look(loop.office.app, f"{code}/{kind}.jpg")
        assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
        with Image.open(io.BytesIO(picture.get_data())) as seen:
            assert max(seen.size) <= 320
            assert not seen.getexif()


def test_the_page_is_strict_and_leaves_nothing_behind(loop: Loop, code: str) -> None:
    headers = look(loop.office.app, code).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_it_speaks_chinese_first_and_english_when_asked(loop: Loop, code: str) -> None:
    assert "修好了吗" in look(loop.office.app, code, language="de-DE").get_data(as_text=True)
    assert "Is it fixed?" in look(loop.office.app, code, language="en-GB").get_data(as_text=True)
    assert "Is it fixed?" in look(loop.office.app, f"{code}?lang=en").get_data(as_text=True)
    assert "修好了吗" in look(loop.office.app, f"{code}?lang=zh", language="en").get_data(as_text=True)
    shared = look(loop.office.app, f"{code}?from=singlemessage&isappinstalled=0&lang=xx")
    assert shared.status_code == 200  # what chat programs add


def test_looking_answers_nothing(loop: Loop, closed: str, code: str) -> None:
    for _ in range(3):
        assert look(loop.office.app, code).status_code == 200
    assert answers(loop) == []
    assert loop.look(closed)["residents"]["answer"] is None


def test_unknown_used_and_expired_codes_are_one_friendly_page(loop: Loop, code: str) -> None:
    send(loop.office.app, code, "yes")
    used = look(loop.office.app, code)
    strange = [look(loop.office.app, one) for one in ("a" * 32, "x", "%00", "督导", code[:-1], "A" * 3000)]
    assert used.status_code == 410
    assert {one.status_code for one in strange} == {404}
    assert {one.get_data() for one in strange} == {used.get_data()}
    assert "不能使用" in used.get_data(as_text=True)
    assert look(loop.office.app, f"{code}/before.jpg").status_code == 404
    assert send(loop.office.app, "b" * 32, "no").status_code == 404


def test_a_code_may_be_written_in_capitals(loop: Loop, code: str) -> None:
    assert look(loop.office.app, code.upper()).status_code == 200


# --- the answer


def test_yes_is_written_into_the_history(loop: Loop, closed: str, code: str) -> None:
    said = send(loop.office.app, code, "yes", comment="修得很好，谢谢")
    assert (said.status_code, "谢谢" in said.get_data(as_text=True)) == (200, True)
    shown = loop.look(closed)
    assert (shown["state"], shown["history"][-1]["verb"], shown["history"][-1]["by"]) == ("closed", "residents_yes", None)
    word = loop.wang.get(f"/issues/{closed}/residents").json["words"][0]
    assert (word["answer"], word["comment"], word["photo"]) == ("yes", "修得很好，谢谢", None)
    assert loop.office.read(sa.select(Message).where(Message.kind == "residents-no")) == []


def test_no_reopens_for_a_supervisors_look(loop: Loop, closed: str, code: str) -> None:
    far = loop.office.person("far", "supervisor", districts=("140110",))
    assert send(loop.office.app, code, "no", comment="三单元还在漏水").status_code == 200
    shown = loop.look(closed)
    assert (shown["state"], shown["round"], shown["closed_at"]) == ("reopened", 2, None)
    assert shown["history"][-1]["verb"] == "residents_no"
    assert {"notice", "affirm", "void"} <= set(shown["moves"])
    assert shown["residents"]["answer"] == "no"
    for someone, told in ((loop.su, 1), (loop.sun, 1), (far, 0), (loop.wang, 0), (loop.jia, 0)):
        inbox = [one for one in someone.get("/messages").json["items"] if one["kind"] == "residents-no"]
        assert len(inbox) == told, someone.username
        assert all("没有修好" in one["title"] and shown["number"] in one["text"] for one in inbox)
    assert loop.sun.get(f"/issues/{closed}/residents").json["words"][0]["comment"] == "三单元还在漏水"


@pytest.mark.parametrize(("way", "body", "state"), [
    ("notice", {}, "issued"), ("affirmation", {"reason": "看过，已修好"}, "closed"), ("void", {"reason": "重复"}, "void"),
])
def test_after_a_no_the_supervisor_decides(
    loop: Loop, closed: str, code: str, way: str, body: dict[str, str], state: str
) -> None:
    send(loop.office.app, code, "no")
    taken(loop.su.post(f"/issues/{closed}/{way}", body))
    assert loop.look(closed)["state"] == state


def test_the_words_are_in_no_history_trail_or_message(loop: Loop, closed: str, code: str) -> None:
    """All three stay for good, and a comment is a resident's own."""
    send(loop.office.app, code, "no", comment="王阿姨家 302", photos=(jpeg(64, 48),))
    with loop.office.database.read() as db:
        kept = [list(db.execute(sa.select(one.__table__)).all()) for one in (IssueEvent, AuditEvent, Message)]
    assert "王阿姨" not in repr(kept)
    assert any("residents_no" in repr(one) for one in kept[0])


def test_the_same_form_twice_is_harmless_and_another_one_is_refused(loop: Loop, closed: str, code: str) -> None:
    photo = jpeg(64, 48)
    first = send(loop.office.app, code, "no", comment="没修好", photos=(photo,))
    again = send(loop.office.app, code, "no", comment="没修好", photos=(photo,))
    assert (first.status_code, again.status_code, first.get_data()) == (200, 200, again.get_data())
    for other in (
        {"answer": "yes", "comment": "没修好", "photos": (photo,)}, {"answer": "no", "comment": "没修"},
        {"answer": "no", "comment": "没修好", "photos": (jpeg(64, 48, seed=9),)}, {"answer": None},
    ):
        refused = send(loop.office.app, code, **other)
        assert (refused.status_code, "已经有人答复" in refused.get_data(as_text=True)) == (409, True), other
    assert [(one.answer, one.comment) for one in answers(loop)] == [("no", "没修好")]
    assert len(stored(loop)) == 1
    assert loop.look(closed)["round"] == 2


def test_twenty_equal_answers_at_once_are_one(loop: Loop, closed: str, code: str) -> None:
    photo = jpeg(64, 48)
    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(
            lambda _: send(loop.office.app, code, "no", comment="没修好", photos=(photo,)).status_code, range(20)
        ))
    assert said == [200] * 20
    assert len(answers(loop)) == 1
    assert loop.office.read(sa.select(sa.func.count()).select_from(Picture)) == [1]
    assert len(stored(loop)) == 1
    assert [step["verb"] for step in loop.look(closed)["history"]].count("residents_no") == 1
    assert len(loop.office.read(sa.select(Message).where(Message.kind == "residents-no"))) == 2  # su and sun


def test_different_answers_at_once_leave_one_and_no_picture_behind(loop: Loop, closed: str, code: str) -> None:
    def one(number: int) -> int:
        return send(loop.office.app, code, "no", comment=str(number), photos=(jpeg(64, 48, seed=number),)).status_code

    with ThreadPoolExecutor(8) as pool:
        said = sorted(pool.map(one, range(8)))
    assert said == [200] + [409] * 7
    [answer] = answers(loop)
    assert stored(loop) == [f"{answer.photo_id}.jpg"]


def test_an_issue_that_has_moved_on_keeps_the_word_and_is_not_moved(loop: Loop, closed: str, code: str) -> None:
    taken(loop.su.post(f"/issues/{closed}/reopening", {"reason": "又坏了"}))
    taken(loop.su.post(f"/issues/{closed}/notice"))
    assert send(loop.office.app, code, "no", comment="没修好").status_code == 200
    shown = loop.look(closed)
    assert (shown["state"], shown["residents"]["answer"]) == ("issued", "no")
    assert shown["history"][-1]["verb"] == "residents_said_no"


def test_where_the_failure_was_found_again_that_issue_goes_on(loop: Loop, closed: str, code: str) -> None:
    again = loop.opened()
    assert again != closed
    assert send(loop.office.app, code, "no").status_code == 200
    assert (loop.look(closed)["state"], loop.look(again)["state"]) == ("closed", "pending_issue")
    assert loop.look(closed)["residents"]["answer"] == "no"


# --- what may be sent


def test_an_answer_must_be_chosen_and_what_was_written_stays(loop: Loop, code: str) -> None:
    said = send(loop.office.app, code, None, comment="请看看<b>三楼</b>")
    assert said.status_code == 422
    assert "请先选择" in said.get_data(as_text=True)
    assert "请看看&lt;b&gt;三楼&lt;/b&gt;</textarea>" in said.get_data(as_text=True)
    assert send(loop.office.app, code, "maybe").status_code == 422
    assert answers(loop) == []


@pytest.mark.parametrize("comment", [
    "<script>alert(1)</script>", "a\x00b\x07", "\ufeff右到左\u202e", "𬭎🏗️", "' or 1=1 --", "{{ 7*7 }}", "&lt;b&gt;",
])
def test_a_comment_is_text_whatever_it_holds(loop: Loop, closed: str, code: str, comment: str) -> None:
    assert send(loop.office.app, code, "no", comment=comment).status_code == 200
    kept = loop.su.get(f"/issues/{closed}/residents").json["words"][0]["comment"]
    assert kept == comment.replace("\x00", "").replace("\x07", "").strip()


def test_bytes_that_are_no_text_do_no_harm(loop: Loop, closed: str, code: str) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="answer"\r\n\r\nno\r\n'
        b'--x\r\nContent-Disposition: form-data; name="comment"\r\n\r\n\xed\xa0\x80\xff ok\r\n--x--\r\n'
    )
    said = loop.office.app.test_client().post(f"/r/{code}", data=body, content_type="multipart/form-data; boundary=x")
    assert said.status_code == 200
    assert loop.su.get(f"/issues/{closed}/residents").json["words"][0]["comment"].endswith("ok")


def test_a_comment_has_500_characters_at_most(loop: Loop, code: str) -> None:
    assert send(loop.office.app, code, "no", comment="字" * 501).status_code == 422
    assert send(loop.office.app, code, "no", comment="字" * 499 + "\r\n").status_code == 200


@pytest.mark.parametrize(("data", "content_type", "status"), [
    (b"answer=no", "application/x-www-form-urlencoded", 415), (b'{"answer": "no"}', "application/json", 415),
    (b"no", "multipart/form-data", 400), (b"no", "multipart/form-data; boundary=x", 400),
    (b'--x\r\nContent-Disposition: form-data; name="answer"\r\n\r\nno', "multipart/form-data; boundary=x", 400),
    (b'--x\r\nContent-Disposition: form-data; name="answer"\r\n\r\n' + b"n" * 300_000 + b"\r\n--x--",
     "multipart/form-data; boundary=x", 413),
    (b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(99)) + b"--x--",
     "multipart/form-data; boundary=x", 413),
])
def test_what_is_no_form_is_answered_with_the_page(
    loop: Loop, code: str, data: bytes, content_type: str, status: int
) -> None:
    said = loop.office.app.test_client().post(f"/r/{code}", data=data, content_type=content_type)
    assert (said.status_code, said.mimetype) == (status, "text/html")
    assert answers(loop) == []


def test_a_photo_is_kept_as_a_small_jpeg_that_tells_nothing(loop: Loop, closed: str, code: str) -> None:
    whole = Image.effect_noise((2400, 1800), 40).convert("RGB")
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=80, exif=exif_of(gps=(37.86, 112.55), make="HUAWEI"), comment=b"Wang Fang, 302")
    sent = out.getvalue()
    assert send(loop.office.app, code, "no", photos=(sent,)).status_code == 200
    word = loop.su.get(f"/issues/{closed}/residents").json["words"][0]
    photo = loop.office.app.test_client().get(word["photo"])
    assert (photo.status_code, photo.mimetype) == (200, "image/jpeg")
    with Image.open(io.BytesIO(photo.get_data())) as kept:
        assert (kept.format, kept.size) == ("JPEG", (1600, 1200))
        assert not kept.getexif()
        assert "comment" not in kept.info
    assert b"Exif" not in photo.get_data()
    assert b"Wang" not in photo.get_data()
    uploads = loop.office.app.config["DUDAO"].uploads_dir
    assert [path for path in uploads.rglob("*") if path.is_file() and path.stat().st_size == len(sent)] == []
    assert list((uploads / "staging").glob("making-*")) == []


def _bomb() -> bytes:
    """A PNG that claims 30,000 × 30,000 pixels in a hundred bytes."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _polyglot() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    return jpeg(64, 48) + packed.getvalue()


@pytest.mark.parametrize(("photo", "status"), [
    (_bomb(), 413), (_polyglot(), 415), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415), (b"GIF89a" + b"\0" * 60, 415),
    (b"%PDF-1.7", 415), (jpeg(64, 48)[:300], 422),
], ids=["bomb", "polyglot", "svg", "gif", "pdf", "cut"])
def test_what_is_no_sound_picture_is_refused_and_can_be_mended(
    loop: Loop, closed: str, code: str, photo: bytes, status: int
) -> None:
    said = send(loop.office.app, code, "no", comment="没修好", photos=(photo,))
    text = said.get_data(as_text=True)
    assert (said.status_code, "这张照片无法使用" in text, "没修好</textarea>" in text) == (status, True, True)
    assert 'value="no" checked' in text
    assert (answers(loop), stored(loop)) == ([], [])
    assert send(loop.office.app, code, "no", comment="没修好").status_code == 200


def test_too_much_is_refused_before_it_is_taken_in(loop: Loop, code: str) -> None:
    said = send(loop.office.app, code, "no", photos=(b"\xff\xd8\xff" + b"\0" * rules.MAX_FORM_BYTES,))
    assert (said.status_code, "照片太大" in said.get_data(as_text=True)) == (413, True)
    assert answers(loop) == []


def test_two_photos_are_one_too_many(loop: Loop, code: str) -> None:
    two = (jpeg(64, 48, seed=1), jpeg(64, 48, seed=2))
    assert send(loop.office.app, code, "yes", photos=two).status_code == 422


# --- limits


def test_a_code_and_an_address_may_be_tried_so_often(loop: Loop, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.residents import tries

    monkeypatch.setattr(tries, "POSTS_PER_CODE", 3)
    said = [send(loop.office.app, code, None, address=f"198.51.100.{number}") for number in range(4)]
    assert [one.status_code for one in said] == [422, 422, 422, 429]
    assert 0 < int(said[-1].headers["Retry-After"]) <= 901
    assert "15 分钟后再试" in said[-1].get_data(as_text=True)
    monkeypatch.setattr(tries, "POSTS_PER_CODE", 100)
    monkeypatch.setattr(tries, "POSTS_PER_ADDRESS", 2)
    said = [send(loop.office.app, code, None, address="2001:db8::1") for _ in range(2)]
    said.append(send(loop.office.app, code, None, address="2001:db8::2"))  # the same subscriber
    assert [one.status_code for one in said] == [422, 422, 429]
    assert send(loop.office.app, code, None, address="2001:db8:1::1").status_code == 422


def test_guessing_is_stopped_and_disturbs_no_neighbour(loop: Loop, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.residents import tries

    monkeypatch.setattr(tries, "MISSES_PER_ADDRESS", 5)
    draw = random.Random(7)
    guesses = ["".join(draw.choices(string.ascii_lowercase, k=32)) for _ in range(8)]
    said = [look(loop.office.app, one).status_code for one in guesses]
    assert said == [404] * 5 + [429] * 3
    assert look(loop.office.app, code).status_code == 200
    assert look(loop.office.app, guesses[0], address="192.0.2.9").status_code == 404


def test_no_address_is_kept(loop: Loop, code: str) -> None:
    look(loop.office.app, "z" * 32, address="203.0.113.99")
    send(loop.office.app, code, "yes", address="203.0.113.99")
    with loop.office.database.read() as db:
        kept = [db.execute(sa.select(one.__table__)).all() for one in (Try, Question, AuditEvent)]
    assert kept[0]
    assert "203.0.113" not in repr(kept)
    assert code not in repr(kept)
