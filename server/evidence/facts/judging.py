"""All that is found of a report and its photos at once, but for its travel, for which others' positions are needed."""

from __future__ import annotations

from server.evidence.facts import picture, place, timing
from server.evidence.facts.rules import Judged, Limits, Visit

ASPECTS = (place, timing, picture)


def judge(visit: Visit, limits: Limits) -> Judged:
    """Plain facts, each with its numbers; nothing found is nothing said."""
    judged = Judged()
    for aspect in ASPECTS:
        judged.report |= aspect.of_report(visit, limits)
    for shot in visit.shots:
        found = judged.photos.setdefault(shot.id, {})
        for aspect in ASPECTS:
            found |= aspect.of_shot(visit, shot, limits)
    return judged
