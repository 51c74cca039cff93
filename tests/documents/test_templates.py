"""The office's own templates: tried, kept, given out and given up; nothing in them gets out of its box."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from server import backup
from server.audit.models import AuditEvent
from server.documents import drawing
from server.documents.drawing import MEDIA_TYPES, default_template
from server.documents.printing import NotDrawnError
from server.documents.rules import Kind, TemplateKind
from server.documents.sample import sample
from tests.documents.papers import altered, word, word_text
from tests.factories import SiteOffice, Someone

DOCX = MEDIA_TYPES["docx"]
PATH = "/documents/templates/rectification_notice"
RELS = "word/_rels/document.xml.rels"
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def clerk(office: SiteOffice) -> Someone:
    return office.person("clerk", "office")


def send(clerk: Someone, data: bytes, path: str = PATH, method: str = "PUT", **query: str) -> TestResponse:
    return clerk.ask(method, path, data=data, content_type=DOCX, query_string=query)


def relation(kind: str, target: str, mode: str = "External") -> Any:
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    added = f'<Relationship Id="rId99" Type="{kinds}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    return {RELS: lambda data: data.replace(b"</Relationships>", added.encode())}


def field(code: str) -> Any:
    run = f"<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r></w:p></w:body>"
    return {"word/document.xml": lambda data: data.replace(b"</w:body>", run.encode())}


def code(*pieces: str) -> str:
    """A whole field, its code in as many runs."""
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{one}</w:instrText></w:r>' for one in pieces)
    begin, middle, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return f"{begin}{runs}{middle}<w:r><w:t>1</w:t></w:r>{end}"


def paragraph(inner: str) -> Any:
    added = f"<w:p>{inner}</w:p>".encode()
    return {"word/document.xml": lambda data: data.replace(b"<w:sectPr", added + b"<w:sectPr", 1)}


def renamed(inner: str) -> bytes:
    """The notice with its main part under a name that is not XML's, and an innocent one where it would be looked for."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(altered(paragraph(inner)))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name in {"[Content_Types].xml", "_rels/.rels"}:
                data = data.replace(b"word/document.xml", b"word/document.dat")
            new.writestr(name.replace("document.xml", "document.dat"), data)
        with zipfile.ZipFile(io.BytesIO(altered({}))) as plain:
            new.writestr("word/document.xml", plain.read("word/document.xml"))
    return out.getvalue()


def test_the_office_puts_in_its_own_and_goes_back(clerk: Someone, office: SiteOffice) -> None:
    own = word("本市格式 {{ number }}", "{{ site.name }}")
    assert clerk.get(PATH).data == default_template(Kind.RECTIFICATION_NOTICE, "zh")
    put = send(clerk, own)
    assert put.status_code == 200, put.text
    assert put.json["version"] == 1
    assert put.json["versions"][0]["changed_by"]["name"] == "Clerk"
    assert clerk.get(PATH).data == own
    assert clerk.get(PATH, query_string={"lang": "en"}).data == default_template(Kind.RECTIFICATION_NOTICE, "en")
    assert send(clerk, own).json["version"] == 1  # the same again is no new version
    second = word("第二版 {{ title }}")
    assert send(clerk, second).json["version"] == 2
    assert clerk.get(PATH, query_string={"version": 1}).data == own
    gone = clerk.delete(PATH)
    assert gone.json["version"] is None
    assert [one["version"] for one in gone.json["versions"]] == [3, 2, 1]
    assert clerk.delete(PATH).json == gone.json
    assert clerk.get(PATH).data == default_template(Kind.RECTIFICATION_NOTICE, "zh")
    assert clerk.get(PATH, query_string={"version": 2}).data == second
    assert clerk.get(PATH, query_string={"version": 3}).status_code == 404
    verbs = office.read(sa.select(AuditEvent.verb).where(AuditEvent.object_kind == "document_template").order_by(AuditEvent.id))
    assert verbs == ["template_replaced", "template_replaced", "template_given_up"]


def test_a_stale_editor_is_told_who_was_quicker_and_nothing_is_replaced(clerk: Someone, office: SiteOffice) -> None:
    boss, theirs, own = office.person("boss", "admin"), word("别人的 {{ number }}"), word("自己的 {{ number }}")
    assert send(boss, theirs, version="0").json["version"] == 1
    stale = send(clerk, own, version="0")
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "template-changed", 1)
    newest = clerk.get("/documents/templates").json["items"][0]["versions"][0]
    assert {key: stale.json[key] for key in ("changed_by", "changed_at", "sha256")} == {
        key: newest[key] for key in ("changed_by", "changed_at", "sha256")
    }
    assert stale.json["changed_by"]["name"] == "Boss"
    assert clerk.get(PATH).data == theirs
    given_up = clerk.ask("DELETE", PATH, query_string={"version": "0"})
    assert (given_up.status_code, given_up.json["code"]) == (409, "template-changed")
    assert send(clerk, own, version="1").json["version"] == 2
    assert send(clerk, own, version="1").json["version"] == 2  # its answer was lost: a repeat is not stale
    assert send(boss, theirs).json["version"] == 3  # who names no version asks about none
    assert clerk.ask("DELETE", PATH, query_string={"version": "3"}).json["version"] is None
    gone = send(clerk, own, version="3")
    assert (gone.status_code, gone.json["version"], gone.json["sha256"]) == (409, 4, None)
    assert send(clerk, own, version="-1").status_code == 422
    assert send(clerk, own, version="4", lang="en").json["version"] == 0  # of a template that nobody changed


def test_of_two_editors_at_once_one_is_told_that_the_other_was_quicker(clerk: Someone, office: SiteOffice) -> None:
    others = [office.sign_in("clerk", clerk.id) for _ in range(2)]
    files = [word(f"{n} {{{{ number }}}}") for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: send(one[0], one[1], version="0"), zip(others, files, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(clerk.get("/documents/templates").json["items"][0]["versions"]) == 1


def test_the_list_names_every_kind_in_both_languages(clerk: Someone) -> None:
    items = clerk.get("/documents/templates").json["items"]
    wanted = [(kind.value, lang) for kind in TemplateKind for lang in ("zh", "en")]
    assert [(one["kind"], one["lang"]) for one in items] == wanted
    assert {one["version"] for one in items} == {None}


def test_a_preview_is_the_sample_and_nothing_is_kept(clerk: Someone) -> None:
    made = send(clerk, word("{{ site.name }}：{{ issues[0].description }}"), f"{PATH}/preview", "POST")
    assert made.status_code == 200, made.text
    assert made.headers["Content-Type"] == DOCX
    assert "老军营南二条小区：3号楼" in word_text(made.data)
    assert "filename*=UTF-8''" in made.headers["Content-Disposition"]
    assert clerk.get("/documents/templates").json["items"][0]["versions"] == []
    plain = clerk.ask("POST", f"{PATH}/preview")
    assert "整改通知单" in word_text(plain.data)
    assert len(zipfile.ZipFile(io.BytesIO(plain.data)).namelist()) > 10


@on_one_database
def test_every_name_that_the_operating_page_promises_is_there(clerk: Someone) -> None:
    page = (Path(__file__).parents[2] / "docs/operating.md").read_text(encoding="utf-8")
    table = page.partition("| of the paper |")[2].partition("\n## ")[0].splitlines()
    scopes = {"issue.reply": "issues[0].reply.", "issue.verification": "issues[0].verification.", "issues": "issues[0]."}
    names = []
    for line in table:
        cells = line.split("|")
        if len(cells) > 2 and "`pair`" not in cells[1] and "`row`" not in cells[1]:
            scope = next((path for told, path in scopes.items() if f"`{told}`" in cells[1]), "")
            names += [f"{{{{ {scope}{name} }}}}" for name in re.findall(r"`([a-z_.]+)`", cells[2])]
    sides = [f"{{{{ {of}.{name} }}}}" for of in ("issues[0].pairs[0].before", "photo_rows[0].left")
             for name in ("picture", "caption", "label", "what", "taken")]
    assert len(names) > 50
    own = word(*names, *sides, "{{ photo_rows[0].heading }}{{ photo_rows[0].first }}")
    answer = send(clerk, own, f"{PATH}/preview", "POST")
    assert answer.status_code == 200, answer.text


@on_one_database
def test_a_backup_holds_the_templates(clerk: Someone, app: Flask) -> None:
    own = word("{{ number }}")
    assert send(clerk, own).status_code == 200
    with app.extensions["dudao"].database.engine.connect() as rows:
        kept = [one for one in backup.wanted(rows) if one.key.startswith("templates/")]
    assert [(one.sha256, one.size) for one in kept] == [(hashlib.sha256(own).hexdigest(), len(own))]


@on_one_database
def test_names_that_no_paper_has_are_named(clerk: Someone) -> None:
    loop = "{% for one in issues %}{{ one.prise }}{% endfor %}"
    answer = send(clerk, word("{{ nummer }}{% if never %}{{ never }}{% endif %}" + loop))
    assert answer.status_code == 422
    assert answer.json["code"] == "template-unfit"
    assert answer.json["unknown"] == ["never", "nummer", "one.prise"]
    assert len(answer.json["errors"]["template"]) == 3


UNKNOWN: dict[str, tuple[str, list[str]]] = {
    "of the site": ("{{ site.nam }}{{ site.name }}", ["site.nam"]),
    "in a loop": ("{% for issue in issues %}{{ issue.descriptn }}{{ issue.number }}{% endfor %}", ["issue.descriptn"]),
    "deep in a loop": (
        "{% for issue in issues %}{% for pair in issue.pairs %}{{ pair.before.captoin }}{% endfor %}{% endfor %}",
        ["pair.before.captoin"],
    ),
    "looped over": ("{% for photo in issues[0].photoz %}{{ photo }}{% endfor %}", ["issues[0].photoz"]),
    "at a place": ("{{ issues[0].descriptn }}{{ site['nam'] }}", ["issues[0].descriptn", "site['nam']"]),
    "asked about": ("{% if site.nam %}x{% endif %}", ["site.nam"]),
    "under nothing": ("{{ sit.name }}{{ sit.area.name }}", ["sit.area.name", "sit.name"]),
    "with a filter": ("{{ site.nam|upper }}{{ (issues|first).descriptn }}", ["issues|first.descriptn", "site.nam"]),
    "set": ("{% set at = site %}{{ at.nam }}", ["at.nam"]),
    "in both": ("{{ nummer }}{{ nummer.x }}", ["nummer", "nummer.x"]),
}


@on_one_database
@pytest.mark.parametrize("where", UNKNOWN)
def test_an_unknown_name_is_told_as_the_template_writes_it(where: str, clerk: Someone) -> None:
    text, told = UNKNOWN[where]
    answer = send(clerk, word(text))
    assert answer.status_code == 422, answer.text
    assert answer.json["unknown"] == told
    assert all(any(name in one for one in answer.json["errors"]["template"]) for name in told)


@on_one_database
def test_an_unknown_name_in_a_row_that_repeats_is_told_whole(clerk: Someone) -> None:
    """Word splits what is typed into runs, and the default template repeats rows: so will the office's."""
    own = altered({"word/document.xml": lambda data: data.replace(b"{{ issue.description }}", b"{{ issue.descriptn }}")})
    answer = send(clerk, own)
    assert answer.json["unknown"] == ["issue.descriptn"], answer.text


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<x/>" + bytes(60_000_000))
    return out.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "classes": (word("{{ ''.__class__.__mro__[1].__subclasses__() }}"), "模板语句有误"),
    "globals": (word("{{ cycler.__init__.__globals__.os.popen('id').read() }}"), "模板语句有误"),
    "self": (word("{{ self._TemplateReference__context }}"), "没有名为"),
    "a picture's inside": (word("{{ photo_rows[0].left.picture._image.tpl.save('x.docx') }}"), "模板语句有误"),
    "a filter's inside": (word("{{ ''|attr('__class__') }}"), "模板语句有误"),
    "format": (word("{{ '{0.__class__}'.format(1) }}"), "模板语句有误"),
    "another file": (word("{% include '/etc/passwd' %}"), "无法填写"),
    "recursion": (word("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"), "无法填写"),
    "memory": (word("{{ 'a' * 10**10 }}"), "内存过多"),
    "more memory": (word("{{ number.ljust(10**9) }}"), "内存过多"),
    "a broken tag": (word("{{ number"), "模板语句有误"),
    "no document": (b"PK\x03\x04 no zip", "不是完好的"),
    "a picture": (b"\xff\xd8\xff\xe0" * 10, "不是完好的"),
    "a macro": (altered({}, [("word/vbaProject.bin", b"x")]), "含有宏"),
    "a macro's type": (altered({"[Content_Types].xml": lambda data: data.replace(
        b"wordprocessingml.document.main", b"wordprocessingml.document.macroEnabled.main")}), "含有宏"),
    "a control": (altered({}, [("word/activeX/activeX1.xml", b"<x/>")]), "含有宏"),
    "an object": (altered({}, [("word/embeddings/oleObject1.bin", b"x")]), "嵌有其他文件"),
    "a chunk": (altered({}, [("word/afchunk.mht", b"x")]), "嵌有其他文件"),
    "a template elsewhere": (altered(relation("attachedTemplate", "http://evil.example/t.dotm")), "外部链接"),
    "a picture elsewhere": (altered(relation("image", "file:///etc/passwd")), "外部链接"),
    "a link": (altered(relation("hyperlink", "http://evil.example/")), "外部链接"),
    "a field that fetches": (altered(field('INCLUDETEXT "c:\\\\secrets.txt"')), "读取外部内容的域"),
    "a field that runs": (altered(field("DDEAUTO cmd")), "读取外部内容的域"),
    "a field after another": (altered(paragraph(code("PAGE") + code("DDEAUTO cmd"))), "读取外部内容的域"),
    "a field in pieces": (altered(paragraph(code("DDE", "AU", "TO cmd"))), "读取外部内容的域"),
    "a field in one element": (altered(paragraph('<w:fldSimple w:instr="DDEAUTO cmd"/>')), "读取外部内容的域"),
    "a field around a comment": (altered(paragraph(code("DD<!-- -->EAUTO cmd"))), "读取外部内容的域"),
    "a field with what Word skips": (altered(paragraph(code("DD</w:instrText></w:r><w:del><w:r><w:instrText>x</w:instrText>"
        "</w:r></w:del><w:r><w:instrText>EAUTO cmd"))), "读取外部内容的域"),
    "a field made of tags": (altered(paragraph(code("{{ 'D' }}DEAUTO cmd"))), "域代码中写有模板语句"),
    "a field of tags in pieces": (altered(paragraph(code("{", "{ 'D' }", "}DEAUTO cmd"))), "域代码中写有模板语句"),
    "a field with a statement": (altered(paragraph(code("DD{% if 1 %}EAUTO{% endif %} cmd"))), "域代码中写有模板语句"),
    "a field with a remark": (altered(paragraph(code("DD{# x #}EAUTO cmd"))), "域代码中写有模板语句"),
    "tags in one element": (altered(paragraph('<w:fldSimple w:instr="{{ \'D\' }}DEAUTO cmd"/>')), "域代码中写有模板语句"),
    "a field that a tag writes": (altered(paragraph(
        "<w:r><w:t>{{ '&lt;/w:t>&lt;w:instrText>DDEAUTO cmd&lt;/w:instrText>&lt;w:t>'|safe }}</w:t></w:r>"
    )), "读取外部内容的域"),
    "a field in a part of another name": (renamed(code("DDEAUTO cmd")), "读取外部内容的域"),
    "entities": (altered({
        "word/settings.xml": lambda data: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data.split(b"?>", 1)[1]}), "DTD"),
    "a bomb": (bomb(), "解压后过大"),
}


@on_one_database
@pytest.mark.parametrize("what", HOSTILE)
def test_what_a_template_may_not_do_is_refused_with_the_reason(what: str, clerk: Someone) -> None:
    data, why = HOSTILE[what]
    answer = send(clerk, data)
    assert answer.status_code == 422, answer.text
    assert any(why in one for one in answer.json["errors"]["template"]), answer.json
    assert clerk.get("/documents/templates").json["items"][0]["versions"] == []


@on_one_database
def test_fields_that_only_count_stay_beside_tags(clerk: Someone) -> None:
    """Also within alternatives, as Word writes a text box."""
    ns = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    box = f'<w:r><mc:AlternateContent {ns}><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent><w:p>{code("PAGE")}</w:p>'
    box += "</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    more = '<w:r><w:t>{{ number }}</w:t></w:r><w:fldSimple w:instr="NUMPAGES"/>'
    answer = send(clerk, altered(paragraph(code(" PA", "GE ") + more + box)))
    assert answer.status_code == 200, answer.text


def test_a_field_that_only_a_real_paper_brings_out_is_not_given_out(tmp_path: Path) -> None:
    """The sample passes, so that the template is taken: what it makes of other papers is looked at each time."""
    tag = "{% if number != '" + sample(Kind.RECTIFICATION_NOTICE).number + "' %}{{ '&lt;/w:t>&lt;w:instrText>DDEAUTO cmd"
    own = altered(paragraph(f"<w:r><w:t>{tag}&lt;/w:instrText>&lt;w:t>'|safe }}}}{{% endif %}}</w:t></w:r>"))
    paper = sample(Kind.RECTIFICATION_NOTICE)
    assert drawing.drawn(paper, lambda _: None, "zh", template=own, folder=tmp_path, inspected=True)[1] == []
    with pytest.raises(NotDrawnError) as caught:
        drawing.draw(replace(paper, number="7"), "docx", lambda _: None, template=own, folder=tmp_path)
    assert (caught.value.reason, caught.value.detail) == ("unfit", "fields")


@on_one_database
def test_an_endless_template_is_stopped(clerk: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_TRIED_SECONDS", 1)
    answer = send(clerk, word("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"))
    assert answer.status_code == 422
    assert "所需时间过长" in answer.json["errors"]["template"][0]


@on_one_database
def test_a_template_sees_nothing_of_our_environment(clerk: Someone, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    """The process has none of it, so that even somebody who gets out finds no secret."""
    from server.documents import printing

    seen: list[dict[str, str]] = []
    real = printing.subprocess.Popen

    def watched(*args: Any, **options: Any) -> Any:
        seen.append(options["env"])
        return real(*args, **options)

    monkeypatch.setenv("DUDAO_SECRET_KEY", "s" * 40)
    monkeypatch.setattr(printing.subprocess, "Popen", watched)
    assert send(clerk, word("{{ number }}")).status_code == 200
    assert not [name for name in seen[0] if name.startswith("DUDAO") or name == "PATH"]


@on_one_database
def test_only_a_word_file_of_a_sane_size_is_read(clerk: Someone) -> None:
    assert clerk.ask("PUT", PATH, data=b"x" * 6_000_000, content_type=DOCX).status_code == 413
    assert clerk.ask("PUT", PATH, data=b"x", content_type="text/html").status_code == 415
    assert clerk.ask("PUT", "/documents/templates/nothing", data=b"x", content_type=DOCX).status_code == 404
    assert clerk.get("/documents/templates/nothing").status_code == 404
