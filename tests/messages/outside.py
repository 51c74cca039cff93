"""The world outside, on loopback: a mail server and a receiver of webhooks, both real; and a worker by hand."""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from server.accounts.models import Person
from server.kit import clock, leases
from server.kit.jobs import Job, JobState
from server.kit.runner import Runner
from server.messages.models import Delivery
from server.messages.service import JOB
from tests.factories import SiteOffice, Someone

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
FACTS = {"issue": "0198", "number": "140106-20261120-001-01", "site": "老军营小区", "item": "ELEV-A05", "due_on": "2026-11-27",
         "count": 3, "link": "/desk#/issues/0198"}


def set_up(office: SiteOffice, **settings: Any) -> None:
    """Other settings for the application of this test."""
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], **settings)


def give_email(office: SiteOffice, *people: Someone, address: str | None = None) -> None:
    for one in people:
        office.write(lambda db, one=one: db.execute(
            sa.update(Person).where(Person.id == one.id).values(email=address or f"{one.username}@example.cn")
        ))


def deliveries(office: SiteOffice) -> list[Delivery]:
    return office.read(sa.select(Delivery).order_by(Delivery.id))


def the_delivery(office: SiteOffice) -> Delivery:
    (found,) = deliveries(office)
    return found


def later(**more: float) -> None:
    """Let time pass."""
    ahead = clock.now() - datetime.now(UTC) + timedelta(**more)
    clock.set_source(lambda: datetime.now(UTC) + ahead)


def work(office: SiteOffice) -> int:
    """Do every delivery that is due now, one after another, as a worker does; how many jobs were done."""
    runner = Runner(office.app, backoff_s=0.0)
    done = 0
    while True:
        with office.database.read() as db:
            due = [
                one for one in leases.due(db, 200, resend_before=None, known=())
                if db.scalar(sa.select(Job.kind).where(Job.id == one)) == JOB
            ]
        if not due:
            return done
        for job_id in due:
            runner._do(job_id)
            done += 1


def work_through(office: SiteOffice, seconds: float = 15.0) -> None:
    """Go on working until nothing waits."""
    deadline = time.monotonic() + seconds
    while office.read(sa.select(Job.id).where(Job.kind == JOB, Job.state != JobState.DONE)):
        assert time.monotonic() < deadline, "it did not end in time"
        later(seconds=4)
        work(office)


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


# -- certificates ---------------------------------------------------------------------------------------------------


def certificates(folder: Path, *names: str) -> tuple[ssl.SSLContext, str]:
    """A server's certificate for these names, and the file of the authority that signed it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, str(file)


# -- mail -----------------------------------------------------------------------------------------------------------


@dataclass
class Mailbox:
    """What came, and what the server is to answer; each answer is used once, then all is well again."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    on_data: Callable[[], None] | None = None
    tls: list[bool] = field(default_factory=list)
    sign_ins: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        if self.to_data:
            return self.to_data.pop(0)
        self.raw.append(envelope.content)
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        self.tls.append(session.ssl is not None)
        if self.on_data is not None:
            self.on_data()
        return "250 taken"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.sign_ins += 1
        return AuthResult(success=(data.login, data.password) == (b"dudao", b"good-password"), handled=False)


class _Server(Controller):
    def __init__(self, box: Mailbox, context: ssl.SSLContext | None, *, auth: bool, implicit: bool) -> None:
        self._box, self._context, self._auth = box, context, auth
        super().__init__(box, hostname="127.0.0.1", port=0, ssl_context=context if implicit else None)
        self._implicit = implicit

    def factory(self) -> SMTP:
        options: dict[str, Any] = {}
        if self._auth:
            options |= {"authenticator": self._box.authenticate, "auth_required": True,
                        "auth_require_tls": not self._implicit}
        if self._context is not None and not self._implicit:
            options |= {"tls_context": self._context, "require_starttls": True}
        return SMTP(self._box, hostname="mail.example.cn", **options)

    def _trigger_server(self) -> None:
        self._box.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self._factory_invoked.set()
        self.smtpd = self.factory()


@contextlib.contextmanager
def mail_server(
    office: SiteOffice, *, context: ssl.SSLContext | None = None, auth: bool = False, implicit: bool = False,
    **settings: Any,
) -> Iterator[Mailbox]:
    """A mail server, and the application set up for it."""
    box = Mailbox()
    server = _Server(box, context, auth=auth, implicit=implicit)
    server.start()
    try:
        set_up(office, **{
            "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none",
            "smtp_sender": "督导 <dudao@example.cn>", "public_url": "https://dudao.example.cn/", "smtp_timeout_s": 5,
            **settings,
        })
        yield box
    finally:
        server.stop()


# -- webhooks -------------------------------------------------------------------------------------------------------


@dataclass
class Call:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What came, and how to answer: (status, headers, body), each once, then 200 and `usual`."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    usual: bytes = b'{"errcode":0,"errmsg":"ok"}'
    on_call: Callable[[BaseHTTPRequestHandler], bool] | None = None


@contextlib.contextmanager
def receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """An HTTP server of somebody else."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.calls.append(Call(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if found.on_call is not None and found.on_call(self):
                return
            status, headers, answer = found.answers.pop(0) if found.answers else (200, {}, found.usual)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # those who hang up on us are what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    found.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signed_as_standard(call: Call, secret: str = SECRET) -> bool:
    """Standard Webhooks 1.0, as a receiver reads it; written from the specification, not from our own code."""
    message_id, moment = call.headers["webhook-id"], call.headers["webhook-timestamp"]
    if abs(int(moment) - clock.now().timestamp()) > 300:
        return False
    key = base64.b64decode(secret.split("_", 1)[1])
    content = message_id.encode() + b"." + moment.encode() + b"." + call.body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = [one.partition(",") for one in call.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(value, wanted) for version, _, value in given)


def open_up(office: SiteOffice, **settings: Any) -> None:
    """Let webhooks be on loopback and without TLS."""
    set_up(office, webhook_allow_private=True, webhook_allow_http=True, webhook_timeout_s=3, **settings)


def hook(clerk: Someone, url: str, preset: str = "standard", **more: Any) -> str:
    """A webhook as the office adds it."""
    given = {"name": f"推送{preset}{url[-12:]}", "url": url, "preset": preset, **more}
    if preset == "standard":
        given.setdefault("secret", SECRET)
    made = clerk.post("/webhooks", given)
    assert made.status_code == 201, made.text
    return str(made.json["id"])
