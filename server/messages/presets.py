"""How each preset of a webhook is spoken to, and what its answers mean."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote_plus

import orjson

from server.kit import clock
from server.kit.outbound import Answer
from server.kit.text import one_line
from server.messages import rules
from server.messages.failing import DeliveryError
from server.messages.rules import Preset

PREFIX = "whsec_"
KEYWORD = "【督导】"  # a robot of DingTalk may be set to take only what holds a word
WECOM_BYTES = 2048
DINGTALK_BYTES = 18_000  # of 20,000 for the whole body
MOST_PAUSE = 3600.0
# Answers of robots that mean "later": 20 a minute were exceeded (WeCom's counts by the minute), or it is busy.
TOO_FAST = {Preset.WECOM: {45009: 60.0, 45033: 60.0}, Preset.DINGTALK: {130101: 600.0, 410100: 600.0}}
BUSY = {-1, 500, 503}


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook is told: the same for every try, so that a receiver knows a repeat by its id."""

    id: uuid.UUID
    kind: str
    facts: Mapping[str, Any]
    district: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent: the address with what the preset adds to it, headers, bytes."""

    url: str
    headers: dict[str, str]
    body: bytes


def secret_misfit(preset: Preset, secret: str | None) -> str | None:
    """What is wrong with the secret of this preset, in both languages; None where nothing is."""
    if preset is Preset.STANDARD:
        if secret is None or _key(secret) is None:
            return (
                "须为 whsec_ 加 24 至 64 个随机字节的 base64 / must be whsec_ and the base64 of 24 to 64 random bytes"
            )
    elif preset is Preset.DINGTALK:
        if secret is not None and not (secret.startswith("SEC") and secret.isascii() and secret.isprintable()):
            return "须为机器人“加签”一栏中以 SEC 开头的密钥 / must be the secret beginning with SEC of the robot's signing"
    elif secret is not None:
        return "企业微信机器人没有密钥，网址中的 key 即是 / a robot of WeCom has no secret but the key in its address"
    return None


def sending(preset: Preset, url: str, secret: str | None, event: Event, public_url: str) -> Sending:
    """What to send now."""
    if preset is Preset.STANDARD:
        return _standard(url, secret or "", event, public_url)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if preset is Preset.DINGTALK:
        text = _text(event, public_url, DINGTALK_BYTES)
        return Sending(_signed(url, secret), headers, orjson.dumps({"msgtype": "text", "text": {"content": text}}))
    text = _text(event, public_url, WECOM_BYTES)
    return Sending(url, headers, orjson.dumps({"msgtype": "text", "text": {"content": text}}))


def judge(preset: Preset, answer: Answer) -> None:
    """Return where it was taken, raise DeliveryError where it was not."""
    status = answer.status
    if 300 <= status < 400:
        raise DeliveryError(
            f"对方要求转到别处（{status}），不予跟随 / it redirects ({status}), which is not followed",
            permanent=True, outlet=True,
        )
    if status in {408, 425, 429} or status >= 500:
        pause = _retry_after(answer.headers)
        raise DeliveryError(f"对方暂不接收 / it does not take it now: HTTP {status}", outlet=True, pause=pause)
    if not 200 <= status < 300:
        raise DeliveryError(f"对方拒收 / it refuses it: HTTP {status}", permanent=True, outlet=status in {401, 403, 404, 410})
    if preset is not Preset.STANDARD:
        _judge_robot(preset, answer.body)


def _standard(url: str, secret: str, event: Event, public_url: str) -> Sending:
    """Standard Webhooks 1.0: id, time and body are signed as `id.timestamp.body`. The time is that of this try, as the
    receiver refuses old ones; the id stays."""
    key = _key(secret)
    if key is None:
        raise DeliveryError("密钥有误 / its secret is malformed", permanent=True, outlet=True)
    said = {language: rules.words(event.kind, event.facts, language)._asdict() for language in ("zh", "en")}
    body = orjson.dumps({
        "type": event.kind, "timestamp": event.created_at.astimezone(UTC).isoformat(),
        "data": {
            "district": event.district, "facts": event.facts, "words": said,
            "url": rules.link(event.facts, public_url),
        },
    }, option=orjson.OPT_NON_STR_KEYS)
    message_id, moment = f"msg_{event.id.hex}", str(int(clock.now().timestamp()))
    signed = hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return Sending(url, {
        "Content-Type": "application/json", "User-Agent": "Dudao-Webhooks/1",
        "webhook-id": message_id, "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }, body)


def _key(secret: str) -> bytes | None:
    if not secret.startswith(PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def _signed(url: str, secret: str | None) -> str:
    """DingTalk's 加签: milliseconds and their signature beside the access token."""
    if secret is None:
        return url
    moment = str(int(clock.now().timestamp() * 1000))
    signed = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}{'&' if '?' in url else '?'}timestamp={moment}&sign={quote_plus(base64.b64encode(signed))}"


def _text(event: Event, public_url: str, most: int) -> str:
    """Plain text, since names of people and places would mean something in Markdown. The link is never cut."""
    title, said = rules.words(event.kind, event.facts, "zh")
    url = rules.link(event.facts, public_url)
    end = f"\n{url}" if url else ""
    room = most - len(end.encode())
    return f"{KEYWORD}{title}\n{said}".encode()[:room].decode(errors="ignore") + end


def _judge_robot(preset: Preset, body: bytes) -> None:
    """A robot says 200 to everything; what counts is `errcode`."""
    try:
        said = orjson.loads(body)
        code = said["errcode"]
        if isinstance(code, bool) or not isinstance(code, int):
            raise TypeError
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise DeliveryError(
            "对方的答复不像群机器人 / its answer is not a robot's", outlet=True, maybe_taken=True
        ) from None
    if code == 0:
        return
    why = f"errcode {code}: {one_line(str(said.get('errmsg', '')))[:200]}"
    if code in TOO_FAST[preset]:
        raise DeliveryError(f"机器人限流 / sent too fast: {why}", outlet=True, pause=TOO_FAST[preset][code])
    if code in BUSY:
        raise DeliveryError(f"机器人繁忙 / it is busy: {why}", outlet=True)
    raise DeliveryError(f"机器人拒收 / the robot refuses it: {why}", permanent=True)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the other side asks for, an hour at most."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit() and len(given) < 10:
        return min(MOST_PAUSE, float(given))
    try:
        moment = parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return min(MOST_PAUSE, max(0.0, (moment - clock.now()) / timedelta(seconds=1)))
