"""Every setting of the product, read from the environment once; nothing else reads os.environ."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent

MIN_SECRET_BYTES = 32
# What stands where a secret should: long enough, and known to all who have seen deploy/dudao.env.example or its like.
_PLACEHOLDER = re.compile(r"^<.*>$|change.?(me|this)|your.?secret|placeholder|token_urlsafe", re.IGNORECASE)
SHORTEST_RETENTION_DAYS = 30


class ConfigError(RuntimeError):
    """A setting is missing, malformed or too weak; the message names the variable."""


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings. The variable of `database_url` is `DUDAO_DATABASE_URL`, and so on for each."""

    env: str = _setting("production", "production refuses weak secrets; development and test do not")
    secret_key: str = _setting("", "signs tokens and links; at least 32 bytes; where unset, data_dir/secret (`make run` makes it)")
    data_dir: Path = _setting(HERE / "var", "folder of the SQLite database, the secret and lock files")
    database_url: str = _setting("", "SQLAlchemy URL; empty means SQLite in data_dir; postgresql+psycopg://… for a city")
    uploads_dir: Path = _setting(HERE / "uploads", "folder of originals, renditions and uploads under way")
    web_dir: Path = _setting(HERE / "web" / "dist", "folder of the built web client; without it the pages say so")
    storage_url: str = _setting("", "empty keeps originals in uploads_dir; s3://bucket/prefix keeps them in object storage")
    s3_endpoint: str = _setting("", "address of the S3 service, where it is not the provider's own")
    s3_access_key: str = _setting("", "S3 access key")
    s3_secret_key: str = _setting("", "S3 secret key")
    s3_region: str = _setting("us-east-1", "S3 region")
    s3_allow_http: bool = _setting(False, "allow an S3 endpoint without TLS (a service on this machine)")
    jobs_url: str = _setting("", "empty runs jobs inside the worker process; redis://… shares them among workers")
    jobs_workers: int = _setting(2, "jobs that one worker process runs at once")
    jobs_lease_s: int = _setting(60, "seconds after which a job whose worker fell silent is given to another")
    web_processes: int = _setting(2, "web server processes on this machine")
    web_threads: int = _setting(320, "blocking threads per web process; slow uploads each hold one")
    line_silence_s: int = _setting(180, "seconds without a byte after which a connection is cut; one whose bytes only drip is cut after half of that")
    database_pool: int = _setting(16, "database connections per process")
    public_url: str = _setting("", "the address users type, such as https://dudao.example.cn; used in links")
    trusted_proxies: int = _setting(0, "reverse proxies in front, whose X-Forwarded-For and -Proto are believed")
    access_token_minutes: int = _setting(30, "life of an access token")
    refresh_token_days: int = _setting(60, "life of a sign-in that is not used; inspectors are offline for long")
    refresh_grace_s: int = _setting(30, "seconds in which a refresh whose reply was lost may be asked again")
    link_minutes: int = _setting(60, "life of a signed link to a picture or download")
    guesses_per_person: int = _setting(10, "wrong passwords for one name from one address within the window before waiting; from all addresses ten times as many")
    guesses_per_address: int = _setting(
        1000, "wrong passwords from one address within the window before names with a wrong one of their own wait"
    )
    code_days: int = _setting(7, "days in which a one-time code for a first or new password may be used")
    guess_window_s: int = _setting(900, "length of that window, seconds")
    argon2_memory_kib: int = _setting(19456, "argon2id memory per password check, KiB")
    argon2_time: int = _setting(2, "argon2id passes")
    max_json_bytes: int = _setting(4 * 1024 * 1024, "largest JSON body")
    max_table_bytes: int = _setting(20 * 1024 * 1024, "largest CSV or XLSX to import")
    max_photo_bytes: int = _setting(50 * 1024 * 1024, "largest photo")
    max_photo_megapixels: int = _setting(200, "largest photo, in millions of pixels")
    max_photos_per_report: int = _setting(500, "photos that one report may name")
    upload_expiry_hours: int = _setting(24 * 14, "hours after its last byte when an unfinished upload is swept")
    max_open_uploads: int = _setting(1000, "unfinished uploads that one person may have; more are refused with 429")
    min_free_bytes: int = _setting(1024 * 1024 * 1024, "below this much free disk new uploads are refused with 507")
    likeness_doubt_percent: int = _setting(11, "percent of the certainty of a photo's print that may differ in another's for the two to be compared")
    likeness_checks: int = _setting(40, "most photos that a new one is held against, the nearest first")
    likeness_fit_percent: int = _setting(60, "percent of its parts that must fit for a photo to count as a copy of another")
    likeness_drift_percent: int = _setting(20, "percent of a pixel (of 192 across) by which parts of a copy may lie beside their place")
    likeness_light_permille: int = _setting(2, "thousandths of its brightness by which the light over a copy may differ, of the same item on another day or before and after one issue")
    likeness_view_percent: int = _setting(30, "percent of parts that must fit for the same view of one item on two days")
    likeness_burst_minutes: int = _setting(10, "minutes within which photos of one visit are a burst and not copies")
    fence_default_m: int = _setting(200, "radius of a site's fence where none is set, metres")
    evidence_outside_m: int = _setting(0, "metres beyond a site's fence, the accuracy taken off, from which a photo or report is called outside")
    evidence_apart_m: int = _setting(300, "metres between a photo's own position and the phone's, both accuracies taken off, from which they are said to differ")
    evidence_datum_m: int = _setting(60, "metres within which a shift by GCJ-02 or BD-09 must explain a position for its datum to be in doubt")
    evidence_travel_kmh: int = _setting(150, "speed between two positions of one phone above which its travel is called impossible, km/h")
    evidence_travel_m: int = _setting(1000, "shortest distance that can be called impossible travel, accuracies taken off, metres")
    evidence_clock_minutes: int = _setting(5, "minutes that a phone's clock may be off, and that its times may lie out of order")
    evidence_clock_days: int = _setting(7, "days whose sendings say how far a phone's clock is off")
    evidence_times_minutes: int = _setting(30, "minutes between a photo's own time and the reported one from which they are said to differ")
    evidence_visit_minutes: int = _setting(30, "minutes before or after the visit from which a photo is said to be taken outside it")
    evidence_no_exif_photos: int = _setting(3, "camera photos of one report from which on it is said once, of the report, that none of them holds a camera's data")
    evidence_editors: str = _setting(
        "photoshop,lightroom,snapseed,gimp,picsart,meitu,美图,醒图,xingtu,轻颜,faceu,b612,vsco,canva,pixelmator,"
        "affinity,paint.net,acdsee,polarr,photoscape,photodirector,fotor,美颜,水印,watermark,timemark",
        "programs, apart by commas, that a photo's data may not name without its being said",
    )
    evidence_screens: str = _setting(
        "640x1136,720x1280,720x1520,720x1560,720x1600,720x1612,750x1334,828x1792,1080x1920,1080x2160,"
        "1080x2220,1080x2244,1080x2280,1080x2310,1080x2316,1080x2340,1080x2376,1080x2388,1080x2400,1080x2408,"
        "1080x2412,1125x2436,1170x2532,1179x2556,1184x2560,1200x2640,1200x2652,1200x2664,1200x2670,1206x2622,"
        "1216x2640,1220x2656,1220x2712,1224x2700,1228x2700,1240x2772,1242x2208,1242x2688,1256x2760,1260x2720,"
        "1260x2800,1264x2780,1272x2772,1284x2778,1290x2796,1320x2868,1344x2772,1440x2560,1440x2960,1440x3040,"
        "1440x3088,1440x3120,1440x3168,1440x3200",
        "sizes of phones' screens in pixels, by which a picture without a camera's data is taken for a screenshot",
    )
    evidence_messenger_sides: str = _setting(
        "960,1080,1280,1440,1600,2048",
        "longest or shortest sides in pixels to which messengers shrink photos",
    )
    due_days_minor: int = _setting(7, "days to rectify a minor issue, until the office sets others")
    due_days_major: int = _setting(3, "days to rectify a major issue, until the office sets others")
    due_days_critical: int = _setting(1, "days to rectify a critical issue, until the office sets others")
    recurrence_days: int = _setting(90, "days within which the same failure at the same place counts as recurring, until the office sets others")
    week_starts_on: int = _setting(1, "first day of the reporting week, 1 = Monday … 7 = Sunday")
    week_score_weights: str = _setting(
        "25,20,20,20,15", "weights of a score: started, completed, invested, rectified on time, passed at first"
    )
    week_cutoff: str = _setting("24:00", "time of the reporting week's last day at which it ends, Asia/Shanghai; 24:00 is its midnight")
    week_run: str = _setting(
        "1 08:00", "when last week's reports freeze and are sent by themselves: 1 = Monday … 7 = Sunday, and a time, Asia/Shanghai; empty: never"
    )
    week_mail: str = _setting("both", "what the mail of a weekly report brings: link, attachment (PDF and Word), or both")
    tiles_url: str = _setting(
        "", "map tiles: https templates with {x} {y} {z} and perhaps {s} (1 to 4), several apart by spaces lie one over the other; empty asks nobody"
    )
    tiles_datum: str = _setting("wgs84", "what the tiles are drawn in: wgs84 (Tianditu, OpenStreetMap) or gcj02 (AMap, Tencent)")
    tiles_attribution: str = _setting("", "whose map it is and its approval number (审图号), shown in the map's corner")
    tiles_max_zoom: int = _setting(18, "highest zoom that the tiles are there for, 1 to 22; beyond it they are enlarged")
    smtp_host: str = _setting("", "mail server that reminders go out by; empty: no e-mail, the inbox alone")
    smtp_port: int = _setting(587, "port of the mail server: 587 for starttls, 465 for tls, 25 for none")
    smtp_security: str = _setting("starttls", "starttls, tls, or none (a mail server on this machine or in its own network)")
    smtp_user: str = _setting("", "user name at the mail server; empty signs in to nothing")
    smtp_password: str = _setting("", "password or authorisation code (授权码) of that user")
    smtp_sender: str = _setting("", "address that mail comes from, such as 督导 <dudao@example.cn>; most servers want smtp_user's own")
    smtp_timeout_s: int = _setting(30, "seconds that sending one e-mail may take in all")
    webhook_timeout_s: int = _setting(10, "seconds that calling a webhook may take in all, from the look-up of its name to the answer")
    webhook_allow_http: bool = _setting(False, "allow webhooks without TLS")
    webhook_allow_private: bool = _setting(
        False, "allow webhooks at private and loopback addresses; metadata services and link-local addresses never are"
    )
    second_look_percent: int = _setting(5, "share of a week's approved reports that is drawn for a second look, in per cent")
    second_look_flag_weight: int = _setting(2, "what each kind of flag adds to a report's weight of 1 in that draw")
    exports_days: int = _setting(7, "days that an exported file is kept, and a report's drawn document that nobody asked for again")
    exports_per_person: int = _setting(5, "exports that one person may have under way; more are refused with 429")
    custody_gap_s: int = _setting(
        120, "originals that a person opens one after another with less than so many seconds between are one line of the audit trail"
    )
    evidence_key_file: str = _setting("", "file of the Ed25519 key (PEM) that signs evidence packages, the same on all machines; empty: data_dir/evidence-key.pem, made when first needed")
    retention_photo_originals_days: int = _setting(0, "days after all that shows a photo was decided, when its original is removed (previews stay); empty or 0 keeps it for ever")
    retention_positions_days: int = _setting(0, "days after the decision on a report, when the ways and clocks of phones are removed; empty or 0 keeps them for ever")
    retention_sign_ins_days: int = _setting(0, "days after its end, when a sign-in and then its device are removed; empty or 0 keeps them for ever")
    retention_openings_days: int = _setting(0, "days after an original was opened, when the index of openings is removed (the audit trail stays); empty or 0 keeps it for ever")
    retention_messages_days: int = _setting(0, "days after they were read or delivered, when messages, e-mail and calls of webhooks are removed; empty or 0 keeps them for ever")
    log_json: bool = _setting(True, "one JSON object per log line; else lines for people")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    demo_password: str = _setting("", "password of the sample people that `make run` creates; random where empty")
    metrics_token: str = _setting("", "bearer token that /metrics demands; empty serves it to this machine only")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'dudao.db'}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def tiles(self) -> tuple[str, ...]:
        """The templates of the map's tiles, the lowest first."""
        return tuple(self.tiles_url.split())

    @property
    def week_cutoff_minutes(self) -> int:
        """Minutes of the last day that the reporting week has."""
        hours, _, minutes = self.week_cutoff.partition(":")
        return int(hours) * 60 + int(minutes)

    @property
    def week_runs_at(self) -> tuple[int, int] | None:
        """ISO weekday and minute of the day at which last week's reports are sent; None: they are not."""
        if not self.week_run.strip():
            return None
        day, _, at = self.week_run.strip().partition(" ")
        hours, _, minutes = at.strip().partition(":")
        return int(day), int(hours) * 60 + int(minutes)

    def due_days(self, severity: str) -> int:
        return int(getattr(self, f"due_days_{severity}"))


def variable(name: str) -> str:
    """The environment variable of a setting: `web_threads` → `DUDAO_WEB_THREADS`."""
    return f"DUDAO_{name.upper()}"


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Config:
    """Read the settings; `overrides` win. Raises ConfigError naming the variable that is wrong."""
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for f in fields(Config):
        raw = source.get(variable(f.name))
        if f.name in overrides:
            values[f.name] = overrides[f.name]
        elif raw is not None and raw != "":
            values[f.name] = _parse(f.name, raw, f.default)
    config = Config(**values)
    if not config.secret_key and "secret_key" not in overrides:
        config = replace(config, secret_key=_kept_secret(config.data_dir))
    _check(config)
    return config


def _kept_secret(folder: Path) -> str:
    """The secret that `make run` made and keeps, so that every command signs with the same one."""
    try:
        return (folder / "secret").read_text().strip()
    except FileNotFoundError:
        return ""


def _parse(name: str, raw: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            if raw.lower() not in {"0", "1", "true", "false", "yes", "no", "on", "off"}:
                raise ValueError("yes or no")
            return raw.lower() in {"1", "true", "yes", "on"}
        if isinstance(default, int):
            return int(raw)
        if isinstance(default, Path):
            return Path(raw).expanduser().resolve()
    except ValueError as error:
        raise ConfigError(f"{variable(name)}: {error}") from error
    return raw


def _check(config: Config) -> None:
    if config.env not in {"production", "development", "test"}:
        raise ConfigError("DUDAO_ENV: production, development or test")
    if not 1 <= config.week_starts_on <= 7:
        raise ConfigError("DUDAO_WEEK_STARTS_ON: 1 to 7")
    weights = config.week_score_weights.split(",")
    if len(weights) != 5 or not all(one.strip().isdecimal() for one in weights) or not any(map(int, weights)):
        raise ConfigError("DUDAO_WEEK_SCORE_WEIGHTS: five whole numbers such as 25,20,20,20,15, not all 0")
    if not re.fullmatch(r"24:00|(?:[01][0-9]|2[0-3]):[0-5][0-9]", config.week_cutoff) or config.week_cutoff == "00:00":
        raise ConfigError("DUDAO_WEEK_CUTOFF: a time of day from 00:01 to 24:00")
    if not re.fullmatch(r" *|[1-7] (?:[01][0-9]|2[0-3]):[0-5][0-9]", config.week_run):
        raise ConfigError("DUDAO_WEEK_RUN: a weekday and a time such as 1 08:00, or empty")
    if config.week_mail not in {"link", "attachment", "both"}:
        raise ConfigError("DUDAO_WEEK_MAIL: link, attachment or both")
    for name in ("exports_days", "exports_per_person"):
        if not 1 <= getattr(config, name) <= 1000:
            raise ConfigError(f"{variable(name)}: 1 to 1000")
    if not 4 <= config.line_silence_s <= 3600:
        raise ConfigError("DUDAO_LINE_SILENCE_S: 4 to 3600")
    _check_evidence(config)
    _check_retention(config)
    _check_tiles(config)
    _check_mail(config)
    if config.env == "production":
        if _is_weak(config.secret_key):
            raise ConfigError(
                "DUDAO_SECRET_KEY: 未设置或过弱,请设为至少 32 个随机字节 / missing or weak; set at least 32 random bytes, "
                "such as the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if _PLACEHOLDER.search(config.metrics_token):
            raise ConfigError("DUDAO_METRICS_TOKEN: 仍是示例中的占位文字 / still what the example says in its place")


def _is_weak(secret: str) -> bool:
    """Whether others could guess it: too short, of few characters, a short piece again and again, or a placeholder."""
    period = (secret * 2).find(secret, 1)
    too_plain = len(set(secret)) < 8 or period <= 16
    return len(secret.encode()) < MIN_SECRET_BYTES or too_plain or bool(_PLACEHOLDER.search(secret))


def _check_evidence(config: Config) -> None:
    for name, low, high in (
        ("second_look_percent", 0, 100), ("second_look_flag_weight", 0, 1000), ("custody_gap_s", 1, 3600),
    ):
        if not low <= getattr(config, name) <= high:
            raise ConfigError(f"{variable(name)}: {low} to {high}")
    for setting in fields(Config):
        if setting.name.startswith("evidence_") and isinstance(setting.default, int):
            low = 0 if setting.name.endswith("_m") else 1
            if not low <= getattr(config, setting.name) <= 1_000_000:
                raise ConfigError(f"{variable(setting.name)}: {low} to 1000000")
    for name, shape, such_as in (
        ("evidence_screens", r"[0-9]{2,5}x[0-9]{2,5}", "1080x2400,1170x2532"),
        ("evidence_messenger_sides", r"[0-9]{2,5}", "1080,1280"),
    ):
        if not all(re.fullmatch(shape, one.strip()) for one in getattr(config, name).split(",") if one.strip()):
            raise ConfigError(f"{variable(name)}: such as {such_as}")


def _check_retention(config: Config) -> None:
    """A slip of a finger (3 for 3000) would take in one night what nobody can bring back."""
    for setting in fields(Config):
        if setting.name.startswith("retention_"):
            days = getattr(config, setting.name)
            if days and not SHORTEST_RETENTION_DAYS <= days <= 36500:
                raise ConfigError(
                    f"{variable(setting.name)}: 留空为永久保存，否则为 {SHORTEST_RETENTION_DAYS} 至 36500 天 / "
                    f"empty for ever, or {SHORTEST_RETENTION_DAYS} to 36500 days"
                )


def _check_mail(config: Config) -> None:
    if config.smtp_security not in {"starttls", "tls", "none"}:
        raise ConfigError("DUDAO_SMTP_SECURITY: starttls, tls or none")
    if not 1 <= config.smtp_port <= 65535:
        raise ConfigError("DUDAO_SMTP_PORT: 1 to 65535")
    for name in ("smtp_timeout_s", "webhook_timeout_s"):
        if not 1 <= getattr(config, name) <= 300:
            raise ConfigError(f"{variable(name)}: 1 to 300 seconds")
    if not config.smtp_host:
        return
    name, address = parseaddr(config.smtp_sender)
    if not re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", address) or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", name):
        raise ConfigError("DUDAO_SMTP_SENDER: 寄件地址 / an address that mail comes from, such as 督导 <dudao@example.cn>")
    if not (config.smtp_user + config.smtp_password).isascii():
        raise ConfigError("DUDAO_SMTP_USER, DUDAO_SMTP_PASSWORD: 只能是 ASCII 字符 / ASCII alone, as SMTP has it")
    if config.smtp_user and config.smtp_security == "none" and config.env == "production":
        raise ConfigError(
            "DUDAO_SMTP_SECURITY: 不加密的连接上不发送密码 / a password is not sent without TLS; starttls or tls"
        )


def _check_tiles(config: Config) -> None:
    for template in config.tiles:
        if set(re.findall(r"{([^}]*)}", template)) - {"s"} != {"x", "y", "z"}:
            raise ConfigError("DUDAO_TILES_URL: {x}, {y} and {z}, perhaps {s}, and no other braces")
        try:
            url = urlsplit(template)
        except ValueError as error:
            raise ConfigError(f"DUDAO_TILES_URL: {error}") from error
        if not re.fullmatch(r"([a-z0-9.-]|{s})+(:[0-9]+)?", url.netloc):
            raise ConfigError("DUDAO_TILES_URL: a host in lower case, without a name and password")
        # A page that came by HTTPS shows no picture that does not.
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in {"127.0.0.1", "localhost"}):
            raise ConfigError("DUDAO_TILES_URL: https (http for 127.0.0.1 and localhost alone)")
    if config.tiles_datum == "bd09":
        raise ConfigError(
            "DUDAO_TILES_DATUM: 百度瓦片的分幅与众不同,不支持 / Baidu cuts its tiles by a grid of its own, which is not supported; "
            "wgs84 or gcj02"
        )
    if config.tiles_datum not in {"wgs84", "gcj02"}:
        raise ConfigError("DUDAO_TILES_DATUM: wgs84 or gcj02")
    if not 1 <= config.tiles_max_zoom <= 22:
        raise ConfigError("DUDAO_TILES_MAX_ZOOM: 1 to 22")
