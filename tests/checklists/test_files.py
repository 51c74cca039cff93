"""The twelve checklists that come with the product, and what the loader does not let through."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from server.checklists import files
from server.errors import Refusal
from server.programme.rules import WorkType

VERSIONS = files.read_all()
ITEMS = [item for v in VERSIONS for section in v.content["sections"] for item in section["items"]]


def test_there_are_twelve_templates_with_230_items_in_both_languages() -> None:
    assert sorted(v.code for v in VERSIONS) == [
        "AGE", "CABLE", "DEMO", "ELEV", "ENERGY", "FACADE", "GREEN", "MGMT", "PARK", "ROAD", "SAFE", "UTIL",
    ]
    assert len(ITEMS) == len({item["code"] for item in ITEMS}) == 230
    assert all(item[key] for item in ITEMS for key in ("zh", "en", "criterion_zh", "criterion_en", "basis"))
    assert Counter(item["type"] for item in ITEMS) == {
        "pass_fail_na": 120, "number": 100, "photo": 5, "choice": 4, "text": 1,
    }
    assert Counter(item["limit_source"] for item in ITEMS) == {None: 216, "design": 13, "local_rule": 1}


def test_every_item_has_the_keys_of_the_contract() -> None:
    wanted = {
        "code", "zh", "en", "type", "unit", "min", "max", "options", "severity", "photo", "limit_source", "limit_kind",
        "kpi", "criterion_zh", "criterion_en", "basis", "basis_confidence",
    }
    assert all(wanted <= item.keys() for item in ITEMS)
    assert all(
        {"code", "version", "zh", "en", "sections", "class", "work_types", "estimated_minutes"} <= v.content.keys()
        for v in VERSIONS
    )


def test_every_kind_of_work_has_its_checklists() -> None:
    named = {v.code: v.content["work_types"] for v in VERSIONS}
    everything = [kind.value for kind in WorkType]
    assert named["ELEV"] == ["lift"]
    assert named["SAFE"] == named["MGMT"] == everything
    own = {kind for code, kinds in named.items() if code not in {"SAFE", "MGMT"} for kind in kinds}
    assert set(everything) - own == {"service_centre"}  # no checklist of its own yet: safety and management only


def test_a_standard_in_the_list_of_a_checklist_is_cited_in_it() -> None:
    for version in VERSIONS:
        cited = " ".join(i["basis"] for section in version.content["sections"] for i in section["items"])
        assert all(standard["id"] in cited for standard in version.content["standards"])


def test_the_legend_says_the_days_that_the_settings_have() -> None:
    legend = files.legend()
    conf = config.load({}, env="test")
    assert {s["value"]: s["default_days"] for s in legend["severity"]} == {
        name: conf.due_days(name) for name in ("minor", "major", "critical")
    }
    assert {item["basis_confidence"] for item in ITEMS} <= legend["basis_confidence"].keys()


def small(**changes: Any) -> dict[str, Any]:
    item = {
        "code": "X-A01", "zh": "项", "en": "item", "type": "pass_fail_na", "severity": "minor", "photo": "none",
        "criterion_zh": "合格", "criterion_en": "good", "basis": "practice", "basis_confidence": "practice",
    }
    return {
        "code": "X", "version": 1, "zh": "表", "en": "list", "class": "site", "work_item_zh": "全部",
        "work_types": "all", "standards": [],
        "sections": [{"code": "X-A", "zh": "节", "en": "part", "items": [item | changes]}],
    }


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "x-1.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


def test_the_digest_is_of_what_is_written_and_not_of_how(tmp_path: Path) -> None:
    plain = files.read(written(tmp_path, small()))
    shuffled = files.read(written(tmp_path, dict(reversed(small(min=None).items()))))
    other = files.read(written(tmp_path, small(severity="major")))
    assert plain.digest == shuffled.digest != other.digest


def test_an_option_says_that_it_fails_only_where_the_file_says_so(tmp_path: Path) -> None:
    options = [{"value": "bad", "zh": "差", "en": "bad", "fails": True}, {"value": "good", "zh": "好", "en": "good"}]
    read = files.read(written(tmp_path, small(type="choice", options=options)))
    assert read.content["sections"][0]["items"][0]["options"] == options
    assert all("fails" not in option for item in ITEMS for option in item["options"] or () if not option.get("fails"))
    said = [options[0], {**options[1], "fails": False}]
    assert files.read(written(tmp_path, small(type="choice", options=said))).digest == read.digest


def test_the_digests_of_versions_once_published_stay() -> None:
    mgmt = next(version for version in VERSIONS if version.code == "MGMT")
    assert mgmt.digest.startswith("d1714e873ca301de")


@pytest.mark.parametrize(
    "content",
    [
        [], "text", small(type="checkbox"), small(type="choice"), small(min=1), small(code="Y-A01"),
        small(type="number", min=2, max=1), small(type="number", limit_source="design"),
        small(colour="red"), small(zh=""), small(severity="huge"), {**small(), "work_types": ["roof"]},
        {**small(), "version": 0}, {**small(), "sections": small()["sections"] * 2},
        small(type="choice", options=[{"value": "a", "zh": "甲", "en": "a"}] * 2),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: object) -> None:
    with pytest.raises(Refusal, match="invalid") as refused:
        files.read(written(tmp_path, content))
    assert "x-1.yaml" in str(refused.value.detail)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"code: [\xff")
    with pytest.raises(Refusal, match="invalid"):
        files.read(path)
