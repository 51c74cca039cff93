"""A message as an e-mail, and handing it to the mail server."""

from __future__ import annotations

import html
import smtplib
import socket
import ssl
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from config import Config
from server.kit import clock
from server.kit.outbound import Deadline
from server.kit.text import one_line
from server.messages import rules
from server.messages.attachments import Attachment
from server.messages.failing import DeliveryError

MOST_SUBJECT = 200
SETTING_PAUSE = 600.0
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px;background:#f4f6f9;color:#1d2733;font:16px/1.7 'PingFang SC','Microsoft YaHei',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px">
<h1 style="margin:0 0 8px;font-size:20px">{zh_title}</h1>
<p style="margin:0 0 16px">{zh_text}</p>
{button}<hr style="border:0;border-top:1px solid #d9dfe7;margin:16px 0">
<div lang="en"><p style="margin:0 0 4px;font-weight:bold">{en_title}</p>
<p style="margin:0">{en_text}</p></div>
<p style="margin:16px 0 0;font-size:13px;color:#5a6675">{foot_zh}<br><span lang="en">{foot_en}</span></p>
</div></body></html>
"""
_BUTTON = (
    '<p style="margin:0 0 16px"><a href="{url}" style="display:inline-block;padding:12px 20px;background:#0b57d0;color:#ffffff;'
    'border-radius:6px;text-decoration:none">查看 / Open</a></p>\n'
)
FOOT_ZH, FOOT_EN = "本邮件由督导系统自动发送，请勿回复。", "Sent by Dudao; please do not reply."


def compose(
    conf: Config, *, delivery_id: uuid.UUID, name: str, address: str, kind: str, facts: Mapping[str, Any],
    created_at: datetime, files: Iterable[Attachment] = (),
) -> EmailMessage:
    """The e-mail to one person, Chinese first. It is the same at every try: a repeat is known by its Message-ID."""
    (zh_title, zh_text), (en_title, en_text) = (rules.words(kind, facts, language) for language in ("zh", "en"))
    url = rules.link(facts, conf.public_url)
    sender_name, sender = parseaddr(conf.smtp_sender)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(zh_title)[:MOST_SUBJECT]
    message["From"] = Address(one_line(sender_name), addr_spec=sender)
    message["To"] = _recipient(name, address)
    message["Date"] = format_datetime(created_at.astimezone(clock.SHANGHAI))
    message["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    parts = [zh_title, zh_text, url, "", en_title, en_text, "", f"-- \n{FOOT_ZH}\n{FOOT_EN}"]
    message.set_content("\n".join(part for part in parts if part is not None) + "\n", cte="base64")
    said = {
        "subject": zh_title, "zh_title": zh_title, "zh_text": zh_text, "en_title": en_title, "en_text": en_text,
        "foot_zh": FOOT_ZH, "foot_en": FOOT_EN,
    }
    escaped = {part: html.escape(text) for part, text in said.items()}
    button = _BUTTON.format(url=html.escape(url)) if url else ""
    message.add_alternative(_PAGE.format(**escaped, button=button), subtype="html", cte="base64")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=one_line(file.name))
    return message


def _recipient(name: str, address: str) -> Address:
    """Whom it is to; a domain in Chinese letters as the net has it. DeliveryError for what is no address."""
    local, _, domain = address.rpartition("@")
    try:
        spec = f"{local}@{domain.encode('idna').decode()}"
        spec.encode("ascii")
        return Address(one_line(name), addr_spec=spec)
    except (ValueError, IndexError, AttributeError):  # what email.headerregistry raises for odd addresses
        raise DeliveryError("不是可用的邮箱地址 / not an address that mail can be sent to", permanent=True) from None


class _Server(smtplib.SMTP):
    """A mail server that is spoken to for `deadline` at most. With `tls` from the first byte on."""

    def __init__(self, conf: Config, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        super().__init__(timeout=conf.smtp_timeout_s)
        self._deadline, self._context = deadline, context

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        self._deadline.watch(line)
        return line if self._context is None else self._context.wrap_socket(line, server_hostname=host)


def hand_over(conf: Config, message: EmailMessage) -> None:
    """Give it to the mail server; returns once that has taken it on. Raises DeliveryError.

    Where TLS is set, nothing goes out without it: a server that does not offer STARTTLS, or whose certificate is not
    accepted, gets neither password nor message.
    """
    recipient = message["To"].addresses[0].addr_spec
    sender = message["From"].addresses[0].addr_spec
    given_away = False
    with Deadline(conf.smtp_timeout_s) as deadline:
        context = None if conf.smtp_security == "none" else ssl.create_default_context()
        server = _Server(conf, deadline, context if conf.smtp_security == "tls" else None)
        try:
            server.connect(conf.smtp_host, conf.smtp_port)
            if conf.smtp_security == "starttls":
                server._host = conf.smtp_host  # type: ignore[attr-defined] # the name that the certificate must have
                server.starttls(context=context)
            if conf.smtp_user:
                server.login(conf.smtp_user, conf.smtp_password)
            server.ehlo_or_helo_if_needed()
            _begin(server, sender, recipient)
            given_away = True
            code, said = server.data(message.as_bytes(policy=SMTP))
            if code != 250:
                raise smtplib.SMTPDataError(code, said)
        except (OSError, smtplib.SMTPException) as error:
            raise _meaning(error, given_away and not isinstance(error, smtplib.SMTPResponseException), deadline) from None
        finally:
            _hang_up(server)


def _begin(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    code, said = server.mail(sender)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    code, said = server.rcpt(recipient)
    if code not in {250, 251}:
        raise smtplib.SMTPRecipientsRefused({recipient: (code, said)})


def _hang_up(server: smtplib.SMTP) -> None:
    """It was taken or not before this: what goes wrong now changes nothing."""
    with suppress(OSError, smtplib.SMTPException):
        if server.sock is not None:
            server.sock.settimeout(2)
            server.quit()
    server.close()


def _meaning(error: Exception, maybe_taken: bool, deadline: Deadline) -> DeliveryError:
    """What went wrong means this for the message and for others."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return DeliveryError(_said("邮件服务器不接受该收件人 / the recipient is refused", code, said), permanent=code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error)
    # Somebody must mend a setting; until then messages wait, and the server is not asked a hundred times.
    if isinstance(error, smtplib.SMTPNotSupportedError):
        why = "邮件服务器不支持加密或登录 / the mail server offers no STARTTLS or no sign-in"
        return DeliveryError(why, outlet=True, tell=True, pause=SETTING_PAUSE)
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"邮件服务器的证书未通过验证 / the mail server's certificate was not accepted: {error.verify_message}"
        return DeliveryError(why, outlet=True, tell=True, pause=SETTING_PAUSE)
    slow = deadline.passed or isinstance(error, TimeoutError)
    what = "超过时限 / took too long" if slow else getattr(error, "strerror", None) or type(error).__name__
    why = f"无法连接邮件服务器 / the mail server cannot be reached: {what}"
    return DeliveryError(why, outlet=True, maybe_taken=maybe_taken)


def _refusal(error: smtplib.SMTPResponseException) -> DeliveryError:
    """The mail server said no: 5xx for good, 4xx for now."""
    code, for_good = error.smtp_code, error.smtp_code >= 500
    if isinstance(error, smtplib.SMTPAuthenticationError):
        why = _said("邮件服务器拒绝登录 / the mail server refuses the sign-in", code, error.smtp_error)
        return DeliveryError(why, outlet=True, tell=for_good, pause=SETTING_PAUSE if for_good else None)
    if isinstance(error, smtplib.SMTPSenderRefused):
        why = _said("邮件服务器不接受寄件人 / the sender is refused", code, error.smtp_error)
        return DeliveryError(why, permanent=for_good, outlet=True)
    if isinstance(error, smtplib.SMTPDataError):
        return DeliveryError(_said("邮件服务器拒收 / the message is refused", code, error.smtp_error), permanent=for_good)
    return DeliveryError(
        _said("邮件服务器暂不服务 / the mail server does not serve now", code, error.smtp_error), outlet=True
    )


def _said(what: str, code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{what}: {code} {one_line(text)[:200]}"
