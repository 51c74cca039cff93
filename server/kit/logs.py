"""Logs: one JSON object per line in production, readable lines elsewhere; no secrets, no positions of people."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _last(json: bool) -> structlog.typing.Processor:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False)


class Lines(structlog.stdlib.ProcessorFormatter):
    """The standard library's records in the same form as our own lines."""

    def __init__(self, *, json: bool, **_given: Any) -> None:
        tidy = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        super().__init__(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[tidy, structlog.processors.format_exc_info, _last(json)],
        )


def set_up(json: bool, level: str) -> None:
    """Send structlog and the standard library to stderr in one form."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.format_exc_info, _last(json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line in one write: processes share the file
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not root.handlers:  # tests have their own
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines(json=json))
        root.addHandler(handler)
        root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def for_others(name: str, *, json: bool, level: str) -> dict[str, Any]:
    """A logging.dictConfig that sends the logger `name` of a library to stderr in our form."""
    return {
        "formatters": {"lines": {"()": Lines, "json": json}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "loggers": {name: {"handlers": ["lines"], "level": level, "propagate": False}},
    }
