"""What thousands of applications in one process need not do thousands of times.

An application of a test's own is made anew for each test, with an engine of its own. Reading the addresses of all routes
and making the text of every statement depends on neither, and would be half of what a small test takes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from werkzeug.routing import Rule

_compile, _begin = Rule.compile, sa.Engine.__init__
_rules: dict[Any, Rule] = {}
_engines: dict[Any, sa.Engine] = {}


def spare() -> None:
    """From now on, each address is read once and each statement is made once per kind of database."""
    Rule.compile = _compile_once  # type: ignore[method-assign]
    sa.Engine.__init__ = _begin_with_what_is_known  # type: ignore[method-assign]


def _compile_once(rule: Any) -> None:
    key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, tuple(sorted((rule.defaults or {}).items())))
    if key not in _rules:
        _compile(rule)
        _rules[key] = rule
        return
    known: Any = _rules[key]
    rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
    rule.arguments |= known.arguments
    rule._build = known._build.__func__.__get__(rule, None)
    rule._build_unknown = known._build_unknown.__func__.__get__(rule, None)


def _begin_with_what_is_known(engine: Any, pool: Any, dialect: Any, *given: Any, **named: Any) -> None:
    """An engine has its texts by its dialect: engines of one kind get the same, once it has met its database."""
    if dialect._on_connect_isolation_level is not None:
        _begin(engine, pool, dialect, *given, **named)
        return
    kind = type(dialect), dialect.paramstyle, dialect._json_serializer
    known: Any = _engines.get(kind)
    if known is None or getattr(known.dialect, "server_version_info", None) is None:
        _begin(engine, pool, dialect, *given, **named)
        engine._compiled_cache.capacity = 10_000
        _engines[kind] = engine
        return
    _begin(engine, pool, known.dialect, *given, **named)
    pool._dialect, engine._compiled_cache = known.dialect, known._compiled_cache
