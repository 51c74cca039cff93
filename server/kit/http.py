"""The edge: every request is loaded, authorised, run as one transaction, dumped, committed, and only then answered."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import marshmallow as ma
import orjson
import sqlalchemy as sa
from flask import Blueprint, Flask, Request, Response, current_app, request
from sqlalchemy.orm import Session

from server.errors import Refusal, invalid
from server.kit.actor import Actor
from server.kit.bodies import read_json
from server.kit.db import Database
from server.kit.i18n import in_both, language
from server.kit.prepared import Asker

View = TypeVar("View", bound=Callable[..., Any])
Finder = Callable[..., Any]
PREFIX = "/api/v1"


@dataclass(slots=True)
class Call:
    """What a view is given. `db` is the one transaction; a streaming view has none and opens its own."""

    actor: Actor
    db: Session
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    request: Request = field(default=None)  # type: ignore[assignment]


@dataclass(slots=True)
class Reply:
    """An answer with another status or headers than the route's own."""

    body: Any
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False  # the body has the answer schema's shape already, in values that JSON knows


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is known of one route; the OpenAPI page is made from these."""

    name: str  # "PUT /api/v1/reports/{report_id}", the key of permissions.MAY
    method: str
    rule: str
    view: Callable[..., Any]
    body: ma.Schema | None
    query: ma.Schema | None
    answer: ma.Schema | None
    status: int
    writes: bool
    public: bool
    stream: bool
    linkable: bool
    of: Finder | None
    tag: str
    produces: str

    @property
    def may_be_empty(self) -> bool:
        """Whether the body may be left out: that of a move which need not say anything."""
        fields = self.body.load_fields.values() if self.body else []
        return self.method == "POST" and not any(field.required for field in fields)


@dataclass(slots=True)
class Edge:
    """What create_app puts behind the edge, so that the kit need not know the features."""

    database: Database
    authenticate: Callable[[Asker, Request, bool], Actor]
    allowed: Callable[[Actor, str], bool]
    known: Mapping[str, frozenset[Any]]
    max_json_bytes: int
    endpoints: dict[str, Endpoint] = field(default_factory=dict)


def edge() -> Edge:
    found: Edge = current_app.extensions["dudao"]
    return found


class Routes(Blueprint):
    """The routes of one feature, under /api/v1 unless `at` says otherwise."""

    def __init__(self, name: str, import_name: str, *, at: str = PREFIX) -> None:
        super().__init__(name, import_name, url_prefix=at or None)
        self.at = at
        self.endpoints: list[Endpoint] = []

    def endpoint(  # type: ignore[override] # our word for a route; Flask's own is not used
        self,
        method: str,
        rule: str,
        *,
        body: type[ma.Schema] | ma.Schema | None = None,
        query: type[ma.Schema] | None = None,
        answer: type[ma.Schema] | ma.Schema | None = None,
        status: int = 200,
        writes: bool | None = None,
        public: bool = False,
        stream: bool = False,
        linkable: bool = False,
        of: Finder | None = None,
        produces: str = "application/json",
    ) -> Callable[[View], View]:
        """Mount `view(call, **path)`; with `of`, `view(call, thing)` where `of(db, actor, **path)` found it or refused.

        `writes` says whether it runs in a writing transaction (default: unless GET); `stream` that the view
        opens its own transactions, and reads the body itself where no `body` is declared; `linkable` that a
        signed `?sig=` may stand in for the Authorization header.
        """

        def mount(view: View) -> View:
            path = _openapi_path(self.at + rule)
            spec = Endpoint(
                name=f"{method} {path}", method=method, rule=path, view=view,
                body=_instance(body), query=_instance(query), answer=_instance(answer), status=status,
                writes=(method not in {"GET", "HEAD", "OPTIONS"}) if writes is None else writes,
                public=public, stream=stream, linkable=linkable, of=of, tag=self.name, produces=produces,
            )
            self.endpoints.append(spec)

            def handle(**path_args: Any) -> Response:
                return _handle(spec, path_args)

            self.add_url_rule(
                rule, endpoint=f"{method.lower()}_{view.__name__}", view_func=handle, methods=[method],
                provide_automatic_options=False,
            )
            return view

        return mount


def mount(app: Flask, routes: Routes, behind: Edge) -> None:
    """Register a feature's routes; one that the permission table does not name is refused at start."""
    for spec in routes.endpoints:
        if spec.name not in behind.known:
            raise RuntimeError(f"{spec.name} is not in permissions.MAY")
        behind.endpoints[spec.name] = spec
    app.register_blueprint(routes)


def _instance(schema: type[ma.Schema] | ma.Schema | None) -> ma.Schema | None:
    return schema() if isinstance(schema, type) else schema


def _openapi_path(rule: str) -> str:
    parts = []
    for part in rule.split("/"):
        head, sep, rest = part.partition("<")
        inner, _, tail = rest.partition(">")
        parts.append(head + "{" + inner.split(":")[-1] + "}" + tail if sep else part)
    return "/".join(parts) or "/"


def _handle(spec: Endpoint, path: dict[str, Any]) -> Response:
    behind = edge()
    if spec.public:
        return _respond(spec, _run(spec, behind, _NOBODY, path))
    if spec.writes or spec.stream:
        with behind.database.asking() as asker:
            actor = behind.authenticate(asker, request, spec.linkable)
        if not behind.allowed(actor, spec.name):
            with behind.database.read() as db:
                _refuse(spec, db, actor, path)
        return _respond(spec, _run(spec, behind, actor, path))
    with behind.database.read() as db:
        actor = behind.authenticate(db, request, spec.linkable)
        if not behind.allowed(actor, spec.name):
            _refuse(spec, db, actor, path)
        return _respond(spec, _run(spec, behind, actor, path, db))


def _refuse(spec: Endpoint, db: Session, actor: Actor, path: dict[str, Any]) -> NoReturn:
    if spec.of is not None:
        spec.of(db, actor, **path)  # not visible: 404 before 403
    raise Refusal("not-allowed")


_NOBODY = Actor(id=uuid.UUID(int=0), username="", name="", roles=frozenset())


def _run(spec: Endpoint, behind: Edge, actor: Actor, path: dict[str, Any], db: Session | None = None) -> Any:
    query = _load_query(spec)
    body = _load_body(spec, behind)

    def verb(session: Session) -> Any:
        call = Call(actor=actor, db=session, body=body, query=query, request=request)
        result = spec.view(call, **path) if spec.of is None else spec.view(call, spec.of(session, actor, **path))
        if spec.writes:
            session.flush()
        return _dump(spec, result)

    if spec.stream:
        call = Call(actor=actor, db=None, body=body, query=query, request=request)  # type: ignore[arg-type]
        return _dump(spec, spec.view(call, **path))
    if spec.writes:
        return behind.database.write(verb)
    if db is not None:
        return verb(db)
    with behind.database.read() as session:
        return verb(session)


def _load_query(spec: Endpoint) -> dict[str, Any]:
    if spec.query is None:
        return {}
    given: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise invalid(name, "参数重复", "given more than once")
        if name != "sig":
            given[name] = values[0]
    if any("\x00" in value or "\ufffd" in value for pair in given.items() for value in pair):
        raise invalid("query", "含有无效字符", "holds invalid characters")
    try:
        loaded: dict[str, Any] = spec.query.load(given)
    except ma.ValidationError as error:
        raise Refusal("invalid", errors=_flat(error.messages)) from None
    return loaded


def _load_body(spec: Endpoint, behind: Edge) -> Any:
    if spec.body is None:
        return None
    data = read_json(request, behind.max_json_bytes, may_be_empty=spec.may_be_empty)
    if not isinstance(data, dict):
        raise invalid("body", "须为 JSON 对象", "must be a JSON object")
    return load(spec.body, data)


def load(schema: ma.Schema, data: Mapping[str, Any]) -> Any:
    """Load `data` by `schema`, or refuse with 422 and the path of every wrong field."""
    try:
        return schema.load(data)
    except ma.ValidationError as error:
        raise Refusal("invalid", errors=_flat(error.messages)) from None


def _flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as {"answers.3.value": ["…"]}, at most 50 of them."""
    found: dict[str, list[str]] = {}
    if isinstance(messages, dict):
        for key, value in messages.items():
            name = str(key)[:100].encode("utf-8", "replace").decode()
            found.update(_flat(value, f"{path}.{name}" if path else name))
            if len(found) >= 50:
                break
    else:
        found[path or "body"] = [in_both(str(message)) for message in messages]
    return found


@dataclass(slots=True)
class _Dumped:
    body: Any
    status: int | None
    headers: Mapping[str, str]


def _dump(spec: Endpoint, result: Any) -> _Dumped | Response:
    if isinstance(result, Response):
        return result
    status, headers, plain = None, {}, False
    if isinstance(result, Reply):
        result, status, headers, plain = result.body, result.status, dict(result.headers), result.plain
    if isinstance(result, Response):
        return result
    if spec.answer is not None and result is not None and not plain:
        result = spec.answer.dump(result)
    return _Dumped(None if result is None else orjson.dumps(result, option=orjson.OPT_NON_STR_KEYS), status, headers)


def _respond(spec: Endpoint, result: _Dumped | Response) -> Response:
    if isinstance(result, Response):
        return result
    status = result.status or spec.status
    response = Response(result.body, status=status, content_type="application/json" if result.body else None)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers.update(result.headers)
    return response


def problem_response(refusal: Refusal) -> Response:
    """The RFC 9457 answer to a refusal, in the asker's language."""
    spoken = language(request.accept_languages)
    response = Response(
        orjson.dumps(refusal.problem(spoken), option=orjson.OPT_NON_STR_KEYS, default=str),
        status=refusal.status,
        content_type="application/problem+json",
    )
    response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
    response.headers["Cache-Control"] = "no-store"
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="dudao"'
    response.headers.update(refusal.headers)
    return response


def database_refusal(error: sa.exc.DBAPIError) -> Refusal:
    """What a database error means to the asker: a clash, a full disk, or a database that is away."""
    message = str(error.orig).lower()
    if isinstance(error, sa.exc.IntegrityError):
        return Refusal("conflict")
    if isinstance(error, sa.exc.DataError):
        return Refusal("invalid")
    if "full" in message or "no space" in message:
        return Refusal("disk-full")
    return Refusal("database-away")


def started_at() -> float:
    """A clock for durations."""
    return time.perf_counter()
