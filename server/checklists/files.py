"""Reads the checklists that come with the product (data/*.yaml): one file for each version, and the legend of words."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
import yaml

from server.checklists.rules import Checklist, estimated_minutes, photo_max
from server.checklists.schemas import ChecklistShape
from server.errors import Refusal
from server.kit.http import load
from server.programme.rules import WorkType

DATA = Path(__file__).with_name("data")
LEGEND = DATA / "legend.yaml"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EVERY_WORK = "all"  # site safety and management concern every kind of work


class Version(NamedTuple):
    """One version to publish: content of the contract's shape, and the digest of what stands in the file."""

    code: str
    version: int
    content: dict[str, Any]
    digest: str


def read_all(folder: Path = DATA) -> list[Version]:
    """Every version in the folder, by file name. Refusal `invalid` naming the file where one is wrong."""
    return [read(path) for path in sorted(folder.glob("*.yaml")) if path.name != LEGEND.name]


def read(path: Path) -> Version:
    """One version. The digest leaves out the minutes and the photo limit, which are worked out at publication, and
    says of every option whether it fails; the content says it of those that do, as the file has it."""
    try:
        raw = yaml.load(path.read_bytes(), _Loader)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refusal("invalid", f"{path.name}: {error}") from None
    if not isinstance(raw, dict):
        raise Refusal("invalid", f"{path.name}: not a checklist")
    if raw.get("work_types") == EVERY_WORK:
        raw["work_types"] = [kind.value for kind in WorkType]
    shape = ChecklistShape()
    try:
        content: dict[str, Any] = shape.dump(load(shape, raw))
    except Refusal as refusal:
        raise Refusal("invalid", f"{path.name}: {refusal.errors}", errors=refusal.errors) from None
    digest = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    _keep_only_failing(content)
    items = Checklist.of(content).index.values()
    content["estimated_minutes"], content["photo_max"] = estimated_minutes(items), photo_max(items)
    return Version(content["code"], content["version"], content, digest)


def _keep_only_failing(content: dict[str, Any]) -> None:
    # after the digest, by which versions that were published before are known again
    for section in content["sections"]:
        for option in (one for item in section["items"] for one in item["options"] or ()):
            if not option["fails"]:
                del option["fails"]


@functools.cache
def legend() -> dict[str, Any]:
    """What severities, confidences, classes and photo rules mean, in both languages, and the notice on their use."""
    found: dict[str, Any] = yaml.safe_load(LEGEND.read_bytes())
    found["compiled_on"] = found["compiled_on"].isoformat()
    return found
