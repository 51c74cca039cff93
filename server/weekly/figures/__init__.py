"""The figures of a week: one JSON value, counted at one moment, from which every form of the report is made."""

from server.weekly.figures.build import build, canonical, digest
from server.weekly.figures.packed import Counted, as_json, counted, unpacked

__all__ = ["Counted", "as_json", "build", "canonical", "counted", "digest", "unpacked"]
