"""What a file says of how it came about: from a camera, from a screen, through a messenger, through an editor."""

from __future__ import annotations

from server.evidence.facts.rules import Found, Limits, Numbers, Shot, Source, Visit

CAMERAS_RATIO = 16 / 9  # cameras and video go as far; a JPEG of a screen is told from them only beyond it


def of_report(visit: Visit, limits: Limits) -> Found:
    """A phone that writes no camera's data into any photo: said once, and not of each."""
    if not _writes_none(visit, limits):
        return {}
    return {"no-exif": {"photos": len(_shot_here(visit)), "without": sum(shot.is_bare for shot in _shot_here(visit))}}


def of_shot(visit: Visit, shot: Shot, limits: Limits) -> Found:
    found: Found = {}
    if shot.source == Source.GALLERY:
        chosen = sum(one.source == Source.GALLERY for one in visit.shots)
        found["from-gallery"] = {"chosen": chosen, "photos": len(visit.shots)}
    editor = _editor(shot, limits)
    if editor:
        found["edited"] = {"software": editor}
    if not shot.is_bare or _is_pages_own(shot):
        return found
    size: Numbers = {"width": shot.width, "height": shot.height, "size": shot.size}
    if _is_screen(shot, limits):
        found["screenshot"] = size
    elif _is_messengers(shot, limits):
        found["messenger-copy"] = size
    elif shot.source != Source.CAMERA or not visit.is_report or not _writes_none(visit, limits):
        found["no-exif"] = {"photos": 1, "without": 1, **size}
    return found


def _shot_here(visit: Visit) -> list[Shot]:
    """What the phone's own camera took, as far as it was read."""
    return [
        shot for shot in visit.shots
        if shot.source == Source.CAMERA and not shot.live and shot.exif is not None and not shot.is_damaged
    ]


def _writes_none(visit: Visit, limits: Limits) -> bool:
    here = _shot_here(visit)
    return len(here) >= limits.no_exif_photos and all(shot.is_bare for shot in here)


def _is_pages_own(shot: Shot) -> bool:
    """The page's own camera gives a picture without EXIF: nothing is missing there."""
    return shot.live and shot.source == Source.CAMERA


def _editor(shot: Shot, limits: Limits) -> str | None:
    software = (shot.exif.software if shot.exif else None) or ""
    folded = software.lower()
    return software if any(name in folded for name in limits.editors) else None


def _sides(shot: Shot) -> tuple[int, int]:
    width, height = shot.width or 0, shot.height or 0
    return min(width, height), max(width, height)


def _is_screen(shot: Shot, limits: Limits) -> bool:
    """As large as a phone's screen to the pixel: any PNG, which no camera writes, else one longer than cameras take."""
    short, long = _sides(shot)
    if (short, long) not in limits.screens:
        return False
    return shot.media_type == "image/png" or long > short * (CAMERAS_RATIO + 0.02)


def _is_messengers(shot: Shot, limits: Limits) -> bool:
    """Shrunk as messengers do. The phone's own camera is not suspected of it: the page shrinks nothing to such a size."""
    if shot.source == Source.CAMERA or shot.media_type not in {"image/jpeg", "image/webp"}:
        return False
    return not limits.messenger_sides.isdisjoint(_sides(shot))
