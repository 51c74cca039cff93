"""The figures of a week: one JSON value, counted at one moment, from which every form of the report is made."""

from server.weekly.figures.build import build, canonical, digest

__all__ = ["build", "canonical", "digest"]
