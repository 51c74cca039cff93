"""An original that goes leaves no lie: the row first, then the file, whoever is killed; and everybody is told why."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server import backup
from server.audit.models import AuditEvent
from server.kit.ids import new_id
from server.photos import again
from server.photos.models import Original, Photo
from server.retention import applying, files
from tests import tus
from tests.evidence.custody.test_package import check, packed, unpacked
from tests.exports.made import made
from tests.factories import photo_entry, report_body
from tests.issues.loop import refused
from tests.photos import jpeg
from tests.retention.keeping import YEAR, Keeping


@pytest.fixture
def issue(keeping: Keeping) -> str:
    """A closed issue whose originals are due."""
    found = keeping.done()
    keeping.rule(photo_originals=YEAR)
    keeping.later(YEAR + 2)
    return found


def shots(keeping: Keeping, issue: str) -> tuple[str, str]:
    shown = keeping.su.get(f"/issues/{issue}").json["photos"]
    return shown["before"][0]["id"], shown["after"][0]["id"]


def announced(keeping: Keeping, photo: dict[str, Any]) -> str:
    """A report that waits for this photo."""
    report = str(new_id())
    assert keeping.wang.put(f"/reports/{report}", report_body(keeping.site, photos=[photo])).status_code == 201
    return report


def verified(keeping: Keeping, *arguments: str) -> tuple[int, list[str]]:
    done = keeping.office.app.test_cli_runner().invoke(args=["evidence", "verify", *arguments])
    return done.exit_code, done.stdout.splitlines()


def test_the_original_is_gone_with_day_and_rule_and_the_rest_stays(keeping: Keeping, issue: str) -> None:
    before, _ = shots(keeping, issue)
    keeping.apply("photo_originals")
    gone = keeping.su.get(f"/photos/{before}/original")
    said = refused(gone, 410, "original-removed")
    assert said["removed_days"] == YEAR
    assert f"{YEAR} 天" in said["detail"]
    english = keeping.su.get(f"/photos/{before}/original", headers={"Accept-Language": "en"}).json["detail"]
    assert "by the rule of retention" in english
    assert said["removed_at"][:4] in english
    assert keeping.su.ask("HEAD", f"/photos/{before}/original").status_code == 410
    for kind in ("preview", "thumb", "stamped"):
        assert keeping.su.get(f"/photos/{before}/{kind}").status_code == 200, kind
    shown = keeping.su.get(f"/photos/{before}").json
    assert shown["removed"]["days"] == YEAR
    assert "original" not in shown["links"]
    assert keeping.su.get(f"/photos/{before}/likeness").status_code == 200
    pictures = keeping.su.get(f"/issues/{issue}").json["photos"]
    assert all("original" not in one["links"] for side in pictures.values() for one in side)
    gallery = keeping.su.get(f"/reports/{keeping.report_of(issue)}").json["gallery"]
    assert all("original" not in one["links"] and one["links"]["preview"] for one in gallery)
    steps = keeping.su.get(f"/photos/{before}/custody").json["steps"]
    assert (steps[-1]["kind"], steps[-1]["of"], steps[-1]["sha256"]) == ("removed", str(YEAR), shown["sha256"])


def test_verify_counts_it_as_removed_and_not_as_missing(keeping: Keeping, issue: str) -> None:
    kept = jpeg(64, 48, seed=80)
    keeping.wang.upload(keeping.report_of(issue), photo_entry(kept), kept)
    keeping.apply("photo_originals")
    code, said = verified(keeping, "--strays")
    assert code == 0
    assert said == [f"1 originals, {len(kept)} bytes, 0 differences, 2 removed by rule, 0 strays"]
    sha256 = keeping.originals(removed=True)[0]
    keeping.file(sha256).write_bytes(b"put back by hand")
    assert verified(keeping, "--strays")[1][0].startswith("stray\toriginals/")
    keeping.file(sha256).unlink()
    keeping.file(photo_entry(kept)["sha256"]).unlink()
    assert verified(keeping)[0] == 1, "one that no rule took is missing all the same"


def test_a_package_names_it_as_removed_and_its_program_is_content(keeping: Keeping, issue: str, tmp_path: Path) -> None:
    keeping.apply("photo_originals")
    contents = keeping.su.get(f"/issues/{issue}/evidence/contents").json
    assert (contents["photos"], contents["size"], contents["removed"]) == (0, 0, 2)
    folder = unpacked(packed(keeping.su, f"/issues/{issue}"), tmp_path / "package")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {one["id"] for one in manifest["removed"]} == set(shots(keeping, issue))
    assert all(one["days"] == YEAR and one["at"] and one["sha256"] for one in manifest["removed"])
    assert not list(folder.rglob("*.jpg"))
    code, said = check(folder)
    assert (code, "2 张原件已按保存期限清除" in said) == (0, True), said
    facts = json.loads((folder / "facts.json").read_text())
    facts["photos"][0]["removed"] = None
    (folder / "facts.json").write_text(json.dumps(facts))
    assert check(folder)[0] == 1


def test_an_archive_lists_it_with_the_day(keeping: Keeping, issue: str) -> None:
    keeping.apply("photo_originals")
    _, data = made(keeping.office, keeping.min, "photos", "zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert len(rows) >= 2
    assert all("按保存期限清除" in row["备注"] and not row["文件"] for row in rows), rows


def test_killed_between_the_rows_and_the_file_the_next_run_ends_it(
    keeping: Keeping, issue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> int:
        raise SystemExit(137)

    plan = keeping.plan("photo_originals")
    with monkeypatch.context() as patched:
        patched.setattr(files, "finish", killed)
        keeping.run("apply", "--class", "photo_originals", "--plan", plan["plan"], code=137)
    assert len(keeping.files()) == 2
    assert len(keeping.record("photo_originals")) == 2
    before, _ = shots(keeping, issue)
    refused(keeping.su.get(f"/photos/{before}/original"), 410, "original-removed")
    code, said = verified(keeping, "--strays")
    assert (code, said[-1]) == (0, "0 originals, 0 bytes, 0 differences, 2 removed by rule, 0 strays")
    with keeping.office.database.read() as db:
        assert files.waiting(db)
    keeping.file(keeping.originals(removed=True)[0]).unlink()  # as if killed after the first file, before its row
    keeping.job("retention-files")
    keeping.job("retention-files")
    assert keeping.files() == set()
    with keeping.office.database.read() as db:
        assert not files.waiting(db)
    assert len(keeping.record("photo_originals")) == 2


def test_a_run_that_was_killed_gets_its_line_of_the_trail_later(
    keeping: Keeping, issue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit(137)

    with monkeypatch.context() as patched:
        patched.setattr(applying, "_end", killed)
        with pytest.raises(SystemExit):
            keeping.job("retention")
    keeping.done()
    keeping.later(YEAR + 2)
    keeping.job("retention")
    query = sa.select(AuditEvent.verb).where(AuditEvent.object_kind == "retention_run")
    verbs = keeping.office.read(query.order_by(AuditEvent.id))
    assert verbs == ["retention_broken_off", "retention_applied"]


def test_bytes_that_another_photo_needs_stay(keeping: Keeping, issue: str) -> None:
    before, _ = shots(keeping, issue)
    sha256 = keeping.su.get(f"/photos/{before}").json["sha256"]
    data = keeping.file(sha256).read_bytes()
    photo = photo_entry(data)
    keeping.wang.send(report_body(keeping.site, photos=[photo]), {photo["id"]: data})
    assert keeping.plan("photo_originals")["rows"] == 1, "the other one"
    keeping.apply("photo_originals")
    assert keeping.files() == {sha256}
    for one in (before, photo["id"]):
        assert keeping.su.get(f"/photos/{one}/original").data == data


def test_two_photos_of_the_same_bytes_go_together(keeping: Keeping) -> None:
    data = jpeg(64, 48, seed=90)
    for _ in range(2):
        photo = photo_entry(data)
        report = keeping.wang.send(report_body(keeping.site, photos=[photo]), {photo["id"]: data})["id"]
        keeping.su.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
    keeping.work_off()
    keeping.rule(photo_originals=30)
    keeping.later(40)
    plan = keeping.apply("photo_originals")
    assert (plan["rows"], plan["files"], plan["bytes"]) == (2, 1, len(data))
    assert len(keeping.record("photo_originals")) == 2


def test_the_same_photo_sent_again_brings_nothing_back(keeping: Keeping, issue: str) -> None:
    report = keeping.report_of(issue)
    photo = keeping.su.get(f"/reports/{report}").json["gallery"][0]
    data = keeping.file(photo["sha256"]).read_bytes()
    keeping.apply("photo_originals")
    entry = {"id": photo["id"], "sha256": photo["sha256"], "size": len(data), "media_type": "image/jpeg"}
    sent = keeping.wang.upload(report, entry, data)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (201, str(len(data))), sent.text
    assert keeping.files() == set()
    refused(keeping.su.get(f"/photos/{photo['id']}/original"), 410, "original-removed")


@pytest.mark.parametrize("way", ["whole", "in pieces"])
def test_the_same_bytes_of_a_new_photo_are_kept_anew_and_the_old_one_stays_removed(
    keeping: Keeping, issue: str, way: str
) -> None:
    before, _ = shots(keeping, issue)
    sha256 = keeping.su.get(f"/photos/{before}").json["sha256"]
    data = keeping.file(sha256).read_bytes()
    keeping.apply("photo_originals")
    photo = photo_entry(data)
    report = announced(keeping, photo)
    if way == "whole":
        assert keeping.wang.upload(report, photo, data).status_code == 201
    else:
        place = tus.begin(keeping.wang, data, photo=photo["id"], report=report)
        sent = keeping.wang.patch(place, data=data, headers={
            **tus.VERSION, **tus.BODY, "Upload-Offset": "0",
        })
        assert sent.status_code == 204, sent.text
    assert keeping.su.get(f"/reports/{report}").json["state"] == "submitted"
    assert keeping.files() == {sha256}
    assert keeping.su.get(f"/photos/{photo['id']}/original").data == data
    refused(keeping.su.get(f"/photos/{before}/original"), 410, "original-removed")
    keeping.job("retention-files")
    assert keeping.files() == {sha256}, "what waits to be deleted is not what was sent anew"
    assert verified(keeping)[0] == 0
    staging = keeping.office.app.config["DUDAO"].uploads_dir / "staging"
    assert [path.name for path in staging.glob("*.part")] == []


def test_bytes_that_the_rule_takes_while_they_come_are_asked_for_again(keeping: Keeping, issue: str) -> None:
    """Between the look that finds them kept and the transaction that tells of the new photo."""
    before, _ = shots(keeping, issue)
    sha256 = keeping.su.get(f"/photos/{before}").json["sha256"]
    data = keeping.file(sha256).read_bytes()
    photo = photo_entry(data)
    report = announced(keeping, photo)
    was_removed: Any = again.was_removed
    looked: list[str] = []

    def taken_meanwhile(db: Any, asked: str) -> bool:
        found = was_removed(db, asked)
        if not looked:
            looked.append(asked)
            keeping.apply("photo_originals")
        return bool(found)

    place = tus.begin(keeping.wang, data, photo=photo["id"], report=report)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(again, "was_removed", taken_meanwhile)
        patched.setattr("server.retention.originals.Upload", _NoUploads)
        answer = keeping.wang.patch(place, data=data, headers={
            **tus.VERSION, **tus.BODY, "Upload-Offset": "0",
        })
    refused(answer, 423, "busy")
    assert keeping.wang.upload(report, photo, data).status_code == 201
    keeping.job("retention-files")
    assert keeping.su.get(f"/photos/{photo['id']}/original").data == data
    refused(keeping.su.get(f"/photos/{before}/original"), 410, "original-removed")


class _NoUploads:
    """As if the phone's upload had begun after the rule looked."""

    sha256 = sa.literal_column("null", sa.Text())
    finished_at = sa.literal_column("1")


def test_an_upload_under_way_keeps_the_bytes_that_it_will_bring(keeping: Keeping, issue: str) -> None:
    before, _ = shots(keeping, issue)
    sha256 = keeping.su.get(f"/photos/{before}").json["sha256"]
    tus.begin(keeping.wang, keeping.file(sha256).read_bytes())
    assert keeping.plan("photo_originals")["rows"] == 1


def test_a_backup_forgets_it_too_and_is_restored_without_it(keeping: Keeping, issue: str, tmp_path: Path) -> None:
    store = keeping.office.app.extensions["dudao-store"]
    folder = tmp_path / "backup"
    assert not backup.make(keeping.office.database, store, folder).damaged
    assert len([path for path in (folder / "originals").rglob("*") if path.is_file()]) == 2
    keeping.apply("photo_originals")
    assert not backup.make(keeping.office.database, store, folder).damaged
    assert [path for path in (folder / "originals").rglob("*") if path.is_file()] == []
    assert list((folder / "renditions").rglob("*.jpg")), "previews are in it"


def test_photo_and_bytes_say_it_in_the_database(keeping: Keeping, issue: str) -> None:
    keeping.apply("photo_originals")
    assert keeping.office.read(sa.select(Photo.removed_days)) == [YEAR, YEAR]
    with keeping.office.database.read() as db:
        for removed_at, gone_at in db.execute(sa.select(Original.removed_at, Original.gone_at)):
            assert removed_at is not None
            assert gone_at is not None
