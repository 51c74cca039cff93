"""Signed things: access and refresh tokens (flask-jwt-extended), and links that a browser may fetch by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import flask_jwt_extended as jwt_ext
import jwt
from flask import Flask, current_app
from flask_jwt_extended.exceptions import JWTExtendedException

from config import Config
from server.errors import Refusal

ISSUER = "dudao"
MAX_TOKEN = 4096  # ours are some 500 characters; a longer one is not worth decoding


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. The database says whether it still counts."""

    person_id: uuid.UUID
    sign_in_id: uuid.UUID
    jti: uuid.UUID


def set_up(app: Flask, conf: Config) -> None:
    """One algorithm, issuer and audience; tokens only in the Authorization header."""
    app.config.update(
        JWT_SECRET_KEY=conf.secret_key or "development-only-secret-that-is-long-enough",
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=ISSUER,
        JWT_DECODE_AUDIENCE=ISSUER,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_COOKIE_CSRF_PROTECT=False,  # else each token holds a random claim, and one could not be given again
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=conf.access_token_minutes),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=conf.refresh_token_days),
    )
    jwt_ext.JWTManager(app)


def access_token(person_id: uuid.UUID, sign_in_id: uuid.UUID) -> str:
    made: str = jwt_ext.create_access_token(str(person_id), additional_claims={"sid": str(sign_in_id)})
    return made


def refresh_token(
    person_id: uuid.UUID, sign_in_id: uuid.UUID, jti: uuid.UUID, issued_at: datetime, expires_at: datetime
) -> str:
    """Made from its row alone, so that the very same token can be given again when a reply was lost."""
    moment = int(issued_at.timestamp())
    claims = {
        "sid": str(sign_in_id), "jti": str(jti), "iat": moment, "nbf": moment, "exp": int(expires_at.timestamp()),
    }
    made: str = jwt_ext.create_refresh_token(str(person_id), additional_claims=claims)
    return made


def read(token: str, kind: str) -> Claims:
    """The claims of a token of `kind` (access or refresh). Whatever is wrong with it is a 401."""
    if len(token) > MAX_TOKEN:
        raise Refusal("token-invalid")
    try:
        claims, says, expires = _decoded(token, current_app.config["JWT_SECRET_KEY"])
        if says != kind:
            raise Refusal("token-invalid")
        if expires <= time.time():
            raise Refusal("token-expired")
        return claims
    except jwt.ExpiredSignatureError:
        raise Refusal("token-expired") from None
    except (jwt.PyJWTError, JWTExtendedException, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
            RecursionError):
        raise Refusal("token-invalid") from None


@lru_cache(maxsize=4096)
def _decoded(token: str, _secret: str) -> tuple[Claims, str, float]:
    """Claims, type and expiry of a token whose signature is right. A phone shows the same one with every
    request, and it cannot become less true with time but by its expiry, which `read` looks at."""
    found = jwt_ext.decode_token(token)
    claims = Claims(uuid.UUID(found["sub"]), uuid.UUID(found["sid"]), uuid.UUID(found["jti"]))
    return claims, found["type"], float(found["exp"])


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"link:" + secret.encode()).digest()


def _mac(path: str, payload: bytes) -> bytes:
    key = _key(current_app.config["JWT_SECRET_KEY"])
    return hmac.digest(key, path.encode() + b"\n" + payload, "sha256")[:16]  # in C; a page of issues has 150 links


def sign_link(path: str, sign_in_id: uuid.UUID | None, minutes: int) -> str:
    """`path?sig=…`: for some minutes the bearer of this link fetches `path` as the person of that sign-in.

    The moment of expiry is rounded up to the quarter of the hour, so that a page shown twice asks its
    browser cache for the same address.
    """
    if sign_in_id is None:
        return path
    expires = (int(time.time()) + minutes * 60) // 900 * 900 + 900
    payload = sign_in_id.bytes + expires.to_bytes(6, "big")
    signature = base64.urlsafe_b64encode(payload + _mac(path, payload)).rstrip(b"=").decode()
    return f"{path}?sig={signature}"


def read_link(path: str, signature: str) -> uuid.UUID:
    """The sign-in that a link's signature speaks for; refuses a forged or expired one with 401."""
    try:
        raw = base64.urlsafe_b64decode(signature.encode("ascii") + b"=" * (-len(signature) % 4))
    except (ValueError, UnicodeError):
        raise Refusal("link-invalid") from None
    payload, mac = raw[:22], raw[22:]
    if len(raw) != 38 or not hmac.compare_digest(mac, _mac(path, payload)):
        raise Refusal("link-invalid")
    if int.from_bytes(payload[16:], "big") < time.time():
        raise Refusal("link-invalid")
    return uuid.UUID(bytes=payload[:16])
