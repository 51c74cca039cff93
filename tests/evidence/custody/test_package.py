"""An evidence package is whole, says what it holds, and the program in it finds every byte that was changed."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.audit import chain as audit_chain
from server.audit import service as audit
from server.audit.models import AuditEvent, AuditLink
from server.evidence.custody import keys
from server.kit.storage import original_key
from server.photos.models import Photo
from tests.evidence.custody.site import Clock, names, sent, trail
from tests.factories import JINYUAN, YINGZE, Someone, photo_entry, report_body
from tests.issues.loop import Loop, refused
from tests.photos import jpeg


def packed(who: Someone, address: str) -> bytes:
    answer = who.get(f"{address}/evidence")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    return answer.data


def unpacked(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def check(folder: Path, *arguments: str) -> tuple[int, str]:
    """What the program in the package says, run with nothing of ours around it."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments], capture_output=True, check=False,
        env={}, encoding="utf-8", cwd="/",
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def report(loop: Loop) -> str:
    """With three photos, in two revisions."""
    report, photos, pictures = sent(loop.wang, loop.site, photos=2)
    more = jpeg(64, 48, seed=9)
    photo = photo_entry(more, item="ELEV-C02")
    body = report_body(loop.site, photos=[photos[0], photo], revision=2)
    loop.wang.send(body, {photos[0]["id"]: pictures[0], photo["id"]: more}, report_id=report)
    return report


@pytest.fixture
def folder(loop: Loop, report: str, tmp_path: Path) -> Path:
    return unpacked(packed(loop.su, f"/reports/{report}"), tmp_path / "package")


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def test_a_reports_package_holds_its_originals_contents_facts_and_trail(loop: Loop, report: str, folder: Path) -> None:
    code, said = check(folder)
    assert (code, "WRONG" in said) == (0, False), said
    assert "签名有效" in said
    facts, manifest = read(folder, "facts.json"), read(folder, "manifest.json")
    shown = loop.su.get(f"/reports/{report}").json
    assert [one["id"] for one in facts["contents"]] == [f"{shown['number']} r1", f"{shown['number']} r2"]
    assert [one["digest"] for one in facts["contents"]] == [step["digest"] for step in shown["history"]]
    assert [one["receipt"]["number"] for one in facts["contents"]] == [step["receipt"]["number"] for step in shown["history"]]
    assert json.loads(facts["contents"][1]["content"]) == shown["content"]
    assert len(facts["photos"]) == 3
    assert facts["people"] == {str(loop.wang.id): "Wang", str(loop.su.id): "Su"}
    for photo in facts["photos"]:
        data = (folder / photo["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == photo["sha256"] == manifest["files"][photo["path"]]["sha256"]
        assert photo["same"] is True
        assert [step["kind"] for step in photo["custody"]][:1] == ["named"]
    assert {path.parent.name for path in folder.rglob("*.jpg")} == {"originals"}
    assert all(path.name.isascii() for path in folder.rglob("*"))
    assert manifest["subject"] == {"kind": "report", "id": report, "number": shown["number"]}
    assert "links" not in json.dumps(facts)
    assert "sig=" not in json.dumps(facts)
    verbs = [json.loads(json.loads(line)["event"])["verb"] for line in (folder / "audit.jsonl").read_text().splitlines()]
    assert {"report_received", "photo_stored", "receipt_given", "evidence_packed"} <= set(verbs)


def test_the_extract_is_that_of_the_chain_and_its_head(loop: Loop, folder: Path) -> None:
    lines = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    links = {row.position: row.digest for row in loop.office.read(sa.select(AuditLink))}
    assert lines
    for line in lines:
        assert links[line["position"]] == line["digest"]
        assert line["previous"] == links.get(line["position"] - 1, "")
    position, _, digest = read(folder, "manifest.json")["head"].partition(":")
    with loop.office.database.read() as db:
        verdict = audit_chain.verify(db, audit_chain.Head(int(position), digest))
    assert verdict.broken is None


def test_an_issues_package_holds_before_after_and_what_was_sent_about_it(loop: Loop, tmp_path: Path) -> None:
    issue = loop.closed()
    folder = unpacked(packed(loop.su, f"/issues/{issue}"), tmp_path / "package")
    code, said = check(folder)
    assert code == 0, said
    facts = read(folder, "facts.json")
    assert [photo["path"].split("_")[1] for photo in facts["photos"]] == ["before", "after"]
    assert [one["id"].split(" ")[0] for one in facts["contents"]][1:] == ["reply", "verification"]
    assert facts["issue"]["number"] == loop.look(issue)["number"]
    assert "residents" not in facts["issue"]
    assert "moves" not in facts["issue"]


def test_the_package_itself_can_be_checked_before_it_is_unpacked(
    loop: Loop, report: str, folder: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "package.zip"
    whole.write_bytes(packed(loop.su, f"/reports/{report}"))
    code, said = check(folder, str(whole))
    assert code == 0, said
    fingerprint = read(folder, "manifest.json")["key"]["fingerprint"]
    assert check(folder, str(whole), "--key", fingerprint)[0] == 0
    code, said = check(folder, str(whole), "--key", "00" * 32)
    assert (code, "不是所指定的密钥" in said) == (1, True)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _change_facts(folder: Path) -> None:
    path = folder / "facts.json"
    path.write_text(path.read_text().replace("ELEV-A01", "ELEV-A02"))


def _sign_anew(folder: Path) -> None:
    """Another key signs what was changed: its files belong together, but the named key is another."""
    _change_facts(folder)
    manifest = read(folder, "manifest.json")
    data = (folder / "facts.json").read_bytes()
    manifest["files"]["facts.json"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    text = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.sig").write_bytes(Ed25519PrivateKey.generate().sign(text))


HARMS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an original": (lambda folder: _flip(next(folder.glob("originals/*"))), "内容已改变"),
    "an original is gone": (lambda folder: next(folder.glob("originals/*")).unlink(), "缺少或重复"),
    "one is added": (lambda folder: (folder / "originals" / "x.jpg").write_bytes(b"x"), "不在清单中"),
    "facts": (_change_facts, "内容已改变"),
    "the trail": (lambda folder: _flip(folder / "audit.jsonl"), "内容已改变"),
    "the manifest": (lambda folder: _flip(folder / "manifest.json"), "WRONG"),
    "the signature": (lambda folder: _flip(folder / "manifest.sig"), "签名无效"),
    "another key's signature": (_sign_anew, "签名无效"),
    "no signature": (lambda folder: (folder / "manifest.sig").unlink(), "无法读取"),
    "the key": (lambda folder: _flip(folder / "public_key.pem"), "WRONG"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_whatever_is_changed_is_found(folder: Path, harm: str) -> None:
    do, told = HARMS[harm]
    do(folder)
    code, said = check(folder)
    assert (code, told in said) == (1, True), said
    assert "NOT AS SIGNED" in said


def test_an_original_that_was_changed_or_lost_in_the_store_is_told_by_the_package(
    loop: Loop, report: str, tmp_path: Path
) -> None:
    store = loop.office.app.extensions["dudao-store"]
    one, other = sorted(set(loop.office.read(sa.select(Photo.sha256))))[:2]
    _flip(store.local(original_key(one)))
    store.delete(original_key(other))
    folder = unpacked(packed(loop.su, f"/reports/{report}"), tmp_path / "package")
    photos = {photo["sha256"]: photo for photo in read(folder, "facts.json")["photos"]}
    assert (photos[one]["same"], photos[other]["path"]) == (False, None)
    code, said = check(folder)
    assert code == 1
    assert "与入库时的校验值不符" in said
    assert "打包时原件缺失" in said


def test_each_package_and_each_original_in_it_stands_in_the_trail(loop: Loop, report: str, time: Clock) -> None:
    packed(loop.su, f"/reports/{report}")
    (line,) = loop.office.read(sa.select(AuditEvent).where(AuditEvent.verb == "evidence_packed"))
    assert (line.object_id, line.actor_id, line.district_code) == (report, loop.su.id, "140106")
    time.later(121)
    (event,) = trail(loop.office)
    assert (event.facts["how"], event.facts["of"], len(names(event))) == ("package", f"report:{report}", 3)
    assert loop.su.ask("HEAD", f"/reports/{report}/evidence").status_code == 200
    time.later(121)
    assert len(trail(loop.office)) == 1


def test_it_is_told_beforehand_how_much_it_holds_and_fetched_by_a_link(loop: Loop, report: str) -> None:
    said = loop.su.get(f"/reports/{report}/evidence/contents").json
    with zipfile.ZipFile(io.BytesIO(loop.su.client.get(said["links"]["file"]).data)) as archive:
        originals = [one for one in archive.infolist() if one.filename.startswith("originals/")]
    assert (said["photos"], said["size"]) == (len(originals), sum(one.file_size for one in originals))
    assert len(said["fingerprint"]) == 64


def test_only_the_desk_of_the_place_gets_it(loop: Loop, clerk: Someone, report: str) -> None:
    far = loop.office.person("far", "supervisor", districts=(JINYUAN,))
    issue = loop.closed()
    for address in (f"/reports/{report}", f"/issues/{issue}"):
        for end in ("evidence", "evidence/contents"):
            assert clerk.get(f"{address}/{end}").status_code == 200
            assert loop.su.get(f"{address}/{end}").status_code == 200
            assert far.get(f"{address}/{end}").status_code == 404
            assert loop.wang.get(f"{address}/{end}").status_code == 403
            assert loop.bing.get(f"{address}/{end}").status_code == 404
    assert loop.jia.get(f"/issues/{issue}/evidence").status_code == 403
    assert loop.jia.get(f"/reports/{report}/evidence").status_code == 404


def test_the_right_is_that_of_the_role_and_not_of_another_that_shows_it(loop: Loop) -> None:
    """An inspector who is a supervisor elsewhere, and one of the firm who is of the district's desk too."""
    elsewhere = loop.office.person("elsewhere", "inspector", "supervisor", districts=(JINYUAN,))
    site = loop.office.site("又一小区", contractor=loop.other, inspectors=(elsewhere,))
    report, _, _ = sent(elsewhere, site)
    firms = loop.office.person("firms", "contractor", "supervisor", organisation=loop.firm, districts=(YINGZE,))
    issue, own = loop.closed(), loop.wang.get("/reports").json["items"][0]["id"]
    for who, address in (
        (elsewhere, f"/reports/{report}"), (firms, f"/issues/{issue}"), (firms, f"/reports/{own}"),
    ):
        assert who.get(address).status_code == 200
        for end in ("evidence", "evidence/contents"):
            refused(who.get(f"{address}/{end}"), 403, "not-allowed")
    packed(firms, f"/reports/{report}")  # of what is no work of theirs
    packed(loop.su, f"/issues/{issue}")


def test_an_extract_holds_nothing_of_other_districts(loop: Loop, report: str, tmp_path: Path) -> None:
    """What was done elsewhere is not the supervisor's to see, nor to hand on."""
    loop.office.write(lambda db: audit.record(db, None, "seen_elsewhere", "report", report, district=JINYUAN))
    loop.office.write(lambda db: audit.record(db, None, "seen_here", "report", report, district=YINGZE))
    folder = unpacked(packed(loop.su, f"/reports/{report}"), tmp_path / "package")
    lines = (folder / "audit.jsonl").read_text()
    assert "seen_here" in lines
    assert "seen_elsewhere" not in lines
    assert check(folder)[0] == 0


def _full(_path: Path) -> Path:
    raise OSError("no space")


def test_the_key_is_made_once_for_its_owner_alone_and_kept(loop: Loop, report: str) -> None:
    conf, database = loop.office.app.config["DUDAO"], loop.office.database
    first = loop.su.get(f"/reports/{report}/evidence/contents").json["fingerprint"]
    path = keys.path_of(conf)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.make(path, database).fingerprint == first, "one that is there is never replaced"
    assert [one.name for one in path.parent.glob("evidence-key*")] == [path.name]
    made = loop.office.read(sa.select(AuditEvent.object_id).where(AuditEvent.verb == "evidence_key_made"))
    assert made == [first]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_fresh", _full)
        with pytest.raises(OSError, match="no space"):
            keys.replace(conf, database)
    assert keys.signer(conf, database).fingerprint == first, "interrupted, there is the old key still"
    fresh, aside = keys.replace(conf, database)
    assert fresh.fingerprint != first
    assert aside.stat().st_mode & 0o777 == 0o600
    shutil.copy(aside, path)
    assert keys.signer(conf, database).fingerprint == first, "the old key is the one that was put aside"
    keys.replace(conf, database)
    fresh = keys.signer(conf, database)
    assert loop.su.get(f"/reports/{report}/evidence/contents").json["fingerprint"] == fresh.fingerprint


def test_without_the_key_that_a_setting_names_nothing_is_signed(
    loop: Loop, report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "elsewhere.pem"
    conf = loop.office.app.config["DUDAO"]
    monkeypatch.setitem(loop.office.app.config, "DUDAO", replace(conf, evidence_key_file=str(path)))
    for text in (None, "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        if text is not None:
            path.write_text(text)
        answer = loop.su.get(f"/reports/{report}/evidence")
        assert (answer.status_code, answer.json["code"]) == (503, "evidence-key-away")
    path.unlink()
    keys.make(path, loop.office.database)
    assert loop.su.get(f"/reports/{report}/evidence").status_code == 200


def test_a_cover_is_not_got_round_by_a_package(loop: Loop, tmp_path: Path) -> None:
    """Who is of another district's desk sees an own report, but has no package of it; the district's desk has it whole."""
    both = loop.office.person("both", "inspector", "supervisor", districts=(JINYUAN,))
    site = loop.office.site("又一小区", inspectors=(both,))
    report, (photo, _), _ = sent(both, site, photos=2)
    box = {"x": 0.1, "y": 0.1, "w": 0.5, "h": 0.5}
    assert loop.su.post(f"/photos/{photo['id']}/redactions", {"boxes": [box], "reason": "路人"}).status_code == 201
    assert both.get(f"/photos/{photo['id']}/original").status_code == 403
    refused(both.get(f"/reports/{report}/evidence"), 403, "not-allowed")
    assert len(read(unpacked(packed(loop.su, f"/reports/{report}"), tmp_path / "whole"), "facts.json")["photos"]) == 2


def test_a_second_manifest_in_the_archive_is_found(loop: Loop, report: str, folder: Path, tmp_path: Path) -> None:
    """Which of two of a name is read, each program decides for itself."""
    whole = tmp_path / "package.zip"
    whole.write_bytes(packed(loop.su, f"/reports/{report}"))
    with zipfile.ZipFile(whole, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("manifest.json", archive.read("manifest.json"))
    code, said = check(folder, str(whole))
    assert (code, "manifest.json：缺少或重复" in said) == (1, True)


def test_a_fingerprint_may_be_typed_as_people_write_it(folder: Path) -> None:
    fingerprint = read(folder, "manifest.json")["key"]["fingerprint"].upper()
    parts = [fingerprint[start:start + 4] for start in range(0, 64, 4)]
    for typed in (" ".join(parts), ":".join(parts), f" {fingerprint}\n"):
        assert check(folder, "--key", typed)[0] == 0, typed
