"""Pages for people: the front page, the desk, and the API's documentation; no outside resources."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from server.errors import CATALOGUE
from server.kit.i18n import Language
from server.operation import docs_zh

_HERE = Path(__file__).parent / "templates"
Shape = dict[str, Any]
TITLES = {
    "accounts": ("登录与本人", "Sign-in and oneself"), "people": ("人员与单位", "People and organisations"),
    "audit": ("操作记录", "Audit"), "checklists": ("检查表", "Checklists"), "issues": ("问题", "Issues"),
    "jobs": ("后台任务", "Jobs"), "messages": ("消息", "Messages"), "operation": ("运行", "Operation"),
    "photos": ("照片", "Photos"), "uploads": ("上传(tus)", "Uploads (tus)"), "programme": ("改造项目", "Programme"),
    "overview": ("项目进展", "Progress of the programme"),
    "reports": ("检查报告", "Reports"), "reviews": ("审核", "Review"), "sync": ("手机同步", "Sync"),
    "residents": ("居民回访", "The residents' word"), "residents_page": ("居民页面", "The residents' page"),
    "weekly": ("周报", "The week"), "exports": ("导出", "Exports"),
    "report_papers": ("检查报告文书", "Reports on paper"),
}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    made.filters["marked"] = _marked
    return made


def _marked(text: str) -> Markup:
    """Text of a docstring with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def _text(name: str, language: Language, **values: Any) -> str:
    return _environment().get_template(name).render(zh=language == "zh", **values)


FRONT_SAMPLE, DESK_SAMPLE = "inspector.yingze", "supervisor.yingze"  # as whom the pages show how to sign in


def front(language: Language, base: str, *, sample: bool) -> str:
    """The phone's page, until the phone's client is built: what runs here, and where to look.

    `sample`: the sample people are here, so how to sign in as one is shown.
    """
    if language == "zh":
        title, lead = "督导：老旧小区改造现场督查", (
            "督导员在现场用手机填报检查表、照片与定位；审核人审核；每周自动汇总数据。"
            "手机网页端尚未安装在本服务器上，接口与数据已可使用。"
        )
    else:
        title, lead = "Dudao: inspection of a city's renovation", (
            "Inspectors send checklists, photos and positions from the site; supervisors review them; "
            "the week's figures follow. "
            "The phone's web client is not installed on this server yet; the interface and the data are."
        )
    return _front(language, title, lead, base, FRONT_SAMPLE if sample else None)


def desk(language: Language, base: str, *, sample: bool) -> str:
    """The supervisor's desk, until its client is built."""
    if language == "zh":
        title, lead = "审核台", "审核网页端尚未安装在本服务器上。审核、问题与周报数据已可通过接口使用。"
    else:
        title, lead = "The desk", (
            "The supervisor's web client is not installed on this server yet. Review, issues and the week's figures "
            "are served by the interface."
        )
    return _front(language, title, lead, base, DESK_SAMPLE if sample else None)


def _front(language: Language, title: str, lead: str, base: str, who: str | None) -> str:
    return _text("front.html", language, title=title, lead=lead, doors=_doors(language), base=base, who=who)


def _doors(language: Language) -> list[dict[str, str]]:
    zh = language == "zh"
    rows = [
        ("/api/v1/docs", "接口说明", "The API's documentation",
         "每个地址、字段与错误代码", "every address, field and error code"),
        ("/api/v1/openapi.json", "OpenAPI 3.1", "OpenAPI 3.1", "供程序读取", "for programs"),
        ("/readyz", "运行状态", "Is it ready", "数据库、存储、后台任务", "database, storage, jobs"),
    ]
    return [{"href": href, "name": a if zh else b, "what": c if zh else d} for href, a, b, c, d in rows]


def docs(language: Language, spec: Shape) -> str:
    """The API's documentation, made from the OpenAPI description."""
    groups: dict[str, list[Shape]] = {}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, language))
    zh = language == "zh"
    named = [(tag, TITLES.get(tag, (tag, tag))[0 if zh else 1], rows) for tag, rows in groups.items()]
    schemas = [
        (name, _fields(schema)) for name, schema in sorted(spec["components"]["schemas"].items())
    ]
    return _text(
        "docs.html", language, spec=spec, groups=sorted(named), schemas=schemas, errors=list(CATALOGUE.items())
    )


def _operation(path: str, method: str, operation: Shape, language: Language) -> Shape:
    told = docs_zh.ROUTES.get(f"{method.upper()} {path}") if language == "zh" else None
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": told or operation["summary"],
        "description": None if told else operation.get("description"),
        "roles": [docs_zh.ROLES[role] if language == "zh" else role for role in operation["x-roles"]],
        "parameters": [
            {"name": one["name"], "in": one["in"], "required": one.get("required", False),
             "kind": _kind(one["schema"])[0], "description": one.get("description", "")}
            for one in operation["parameters"]
        ],
        "body": [
            (media, _kind(content["schema"])[1])
            for media, content in operation.get("requestBody", {}).get("content", {}).items()
        ],
        "answers": [
            (status, next((_kind(content["schema"])[1] for content in answer.get("content", {}).values()), None))
            for status, answer in operation["responses"].items()
            if status.startswith("2")
        ],
    }


def _fields(schema: Shape) -> list[Shape]:
    required = set(schema.get("required", []))
    found = []
    for name, one in schema.get("properties", {}).items():
        kind, ref = _kind(one)
        found.append({
            "name": name, "kind": kind, "ref": ref, "required": name in required,
            "description": one.get("description", ""),
        })
    return found


def _kind(schema: Shape) -> tuple[str, str | None]:
    """A schema in a few words, and the component that it refers to."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, name
    if "anyOf" in schema:
        parts = [_kind(part) for part in schema["anyOf"]]
        return " | ".join(kind for kind, _ in parts), next((ref for _, ref in parts if ref), None)
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"]), None
    if schema.get("type") == "array" or "items" in schema:
        kind, ref = _kind(schema.get("items", {}))
        return f"[{kind}]", ref
    kinds = schema.get("type", "any")
    words = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{words} ({schema['format']})" if "format" in schema else words, None
