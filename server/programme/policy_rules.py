"""The programme's policy: what the office sets without a restart, with what holds where nothing is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from config import Config
from server.kit.severity import Severity
from server.programme.calendar_rules import DayKind

# The kinds of documents that are numbered, as server/documents names them.
DOCUMENTS = (
    "rectification_notice", "rectification_reply", "verification_record", "stop_work_notice", "handover_list",
    "escalation_letter",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds now. Days are natural ones, except those of `due_days` where `due_day_kind` says otherwise."""

    due_days: Mapping[str, int]  # by severity
    due_day_kind: DayKind = DayKind.NATURAL
    stop_work_on_critical: bool = True  # a notice of a critical issue brings a stop-work notice with it
    escalation_days: tuple[int, ...] = (1, 3, 7)  # days late at which an issue is brought to the next desk, rising
    remind_due_tomorrow: bool = True
    recurrence_days: int  # the same failure at the same place within so many days of closing is a recurring one
    follow_up_percent: int = 10  # how many of the closed issues are looked at again
    follow_up_days: int = 7  # in which that is to be done
    residents_asked: bool = False  # whether residents say by a link if it was put right
    residents_link_days: int = 14
    residents_keep_days: int = 90  # how long their photo and comment are kept
    after_photo_extra_m: int = 0  # beyond the site's fence before an after-photo asks for a reason
    stale_days: int = 21  # without a valid visit, after which a site counts as left alone
    number_prefixes: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(DOCUMENTS, ""))
    issuing_office: str = ""
    signer: str = ""
    copies_to: str = ""


MAPS = {"due_days": tuple(severity.value for severity in Severity), "number_prefixes": DOCUMENTS}


def defaults(conf: Config) -> Policy:
    """What holds in this installation where the office has set nothing."""
    return Policy(
        due_days={severity.value: conf.due_days(severity.value) for severity in Severity},
        recurrence_days=conf.recurrence_days,
    )


def flat(policy: Policy) -> dict[str, Any]:
    """Every setting by its path, such as `due_days.minor`, in values that JSON knows."""
    found: dict[str, Any] = {}
    for one in fields(Policy):
        value = getattr(policy, one.name)
        if one.name in MAPS:
            found.update({f"{one.name}.{key}": value[key] for key in MAPS[one.name]})
        else:
            found[one.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value.value if isinstance(value, DayKind) else value


def paths(values: Mapping[str, Any]) -> dict[str, Any]:
    """Loaded settings by their paths: {"due_days": {"minor": 5}} → {"due_days.minor": 5}. None gives a whole map back
    to its defaults, as it does a single setting."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in MAPS:
            inner = dict.fromkeys(MAPS[name]) if value is None else value
            found.update({f"{name}.{key}": one for key, one in inner.items()})
        else:
            found[name] = _plain(value)
    return found


def with_settings(base: Policy, settings: Mapping[str, Any]) -> Policy:
    """`base` with what is set over it; a path that this version does not know is passed by."""
    changed: dict[str, Any] = {}
    for path, value in settings.items():
        name, _, key = path.partition(".")
        if name in MAPS:
            if key in MAPS[name]:
                changed.setdefault(name, dict(getattr(base, name)))[key] = value
        elif name == "due_day_kind":
            changed[name] = DayKind(value)
        elif name == "escalation_days":
            changed[name] = tuple(value)
        elif name in Policy.__slots__:
            changed[name] = value
    return replace(base, **changed)
