"""Every setting of Lectern, read once from the environment.

A missing or wrong setting stops the start with one sentence that names it. `docs/operate.md` describes each.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
LANGUAGES = ("en", "ru")
MINIMUM_SECRET_LENGTH = 32
HIGHEST_KEY_NUMBER = 9999
WELL_KNOWN_SECRETS = ("change", "secret", "default", "example", "lectern", "password")

T = TypeVar("T")


class SettingError(Exception):
    """A setting is missing or wrong; the message names it and says what it should be."""


@dataclass(frozen=True)
class MailServer:
    """Where mail goes: parsed from `MAIL_URL`, such as `smtp://user:password@mail.example.org:587?tls=starttls`."""

    host: str
    port: int
    tls: str  # "none", "starttls" or "implicit"
    user: str | None
    password: str | None = field(repr=False)
    timeout: float = 20.0


@dataclass(frozen=True)
class LinkKey:
    """A numbered key for manage links, tickets and other secrets that later mails must be able to repeat."""

    number: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """All settings as clean values."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    link_keys: tuple[LinkKey, ...] = field(repr=False)
    base_url: str
    trusted_hosts: tuple[str, ...]
    redis_url: str | None = field(default=None, repr=False)
    mail: MailServer | None = None
    mail_from: str = "lectern@localhost"
    mail_rate: int = 0
    mail_lease: int = 120
    proxy_count: int = 0
    demo_mode: bool = False
    site_name: str = "Lectern"
    default_language: str = "en"
    default_time_zone: str = "Europe/Moscow"
    limits: bool = True
    sign_up_limit: str = "60 per minute; 600 per hour"
    sign_up_address_limit: str = "10 per hour"
    find_limit: str = "20 per hour"
    calendar_limit: str = "120 per minute"
    sign_in_limit: str = "10 per minute; 60 per hour"
    pairing_limit: str = "30 per minute"
    max_body: int = 2 * 1024 * 1024
    database_pool: int = 8
    turns: int = 1
    queue_file: str = ""
    log_level: str = "INFO"

    @property
    def embedded(self) -> bool:
        """Whether everything runs on SQLite on one host."""
        return self.database_url.startswith("sqlite")

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies may carry the `__Host-` prefix."""
        return self.base_url.startswith("https://")

    @property
    def link_key(self) -> LinkKey:
        """The key that new secrets are made with."""
        return self.link_keys[0]


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environment` (default: the process's own).

    Raises `SettingError` naming the first setting that is missing or wrong.
    """
    read = _Reader(os.environ if environment is None else environment)
    demo = read("DEMO_MODE", _flag, False)
    base_url = read("BASE_URL", _base_url, "http://127.0.0.1:5000")
    host = urlsplit(base_url).hostname or "localhost"
    database_url = read("DATABASE_URL", _database_url, f"sqlite:///{ROOT / 'instance' / 'lectern.db'}")
    secret_key = _secret(read, demo)
    return Settings(
        database_url=database_url,
        redis_url=read("REDIS_URL", _redis_url, None),
        secret_key=secret_key,
        link_keys=_link_keys(read, demo, secret_key),
        base_url=base_url,
        trusted_hosts=_trusted_hosts(read, host),
        mail=read("MAIL_URL", _mail_url, None),
        mail_from=read("MAIL_FROM", _mail_from, f"lectern@{host}"),
        mail_rate=read("MAIL_RATE", _whole_number(0, 100_000), 0),
        mail_lease=read("MAIL_LEASE", _whole_number(1, 3600), 120),
        proxy_count=read("PROXY_COUNT", _whole_number(0, 10), 0),
        demo_mode=demo,
        site_name=read("SITE_NAME", _one_line, "Lectern"),
        default_language=read("DEFAULT_LANGUAGE", _one_of(*LANGUAGES), "en"),
        default_time_zone=read("DEFAULT_TIME_ZONE", _time_zone, "Europe/Moscow"),
        limits=read("LIMITS", _flag, True),
        sign_up_limit=read("SIGN_UP_LIMIT", _rate, Settings.sign_up_limit),
        sign_up_address_limit=read("SIGN_UP_ADDRESS_LIMIT", _rate, Settings.sign_up_address_limit),
        find_limit=read("FIND_LIMIT", _rate, Settings.find_limit),
        calendar_limit=read("CALENDAR_LIMIT", _rate, Settings.calendar_limit),
        sign_in_limit=read("SIGN_IN_LIMIT", _rate, Settings.sign_in_limit),
        pairing_limit=read("PAIRING_LIMIT", _rate, Settings.pairing_limit),
        max_body=read("MAX_BODY", _whole_number(64 * 1024, 100 * 1024 * 1024), Settings.max_body),
        database_pool=read("DATABASE_POOL", _whole_number(1, 200), Settings.database_pool),
        turns=read("TURNS", _whole_number(1, 100), Settings.turns),
        queue_file=read("QUEUE_FILE", _file_to_write, _default_queue_file(database_url)),
        log_level=read("LOG_LEVEL", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
    )


class _Reader:
    """Takes one setting after the other out of the environment and cleans it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def __call__(self, name: str, clean: Callable[[str], T], default: T) -> T:
        text = self.environment.get(name, "").strip()
        if not text:
            return default
        try:
            return clean(text)
        except ValueError as wrong:
            raise SettingError(f"{name} is wrong: {wrong}") from None


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("say 1 or 0")


def _one_of(*choices: str) -> Callable[[str], str]:
    def clean(text: str) -> str:
        if text not in choices:
            raise ValueError("it must be one of " + ", ".join(choices))
        return text

    return clean


def _whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def clean(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise ValueError(f"it must be a whole number from {lowest} to {highest}")
        return int(text)

    return clean


def _one_line(text: str) -> str:
    if any(ord(character) < 32 for character in text):
        raise ValueError("it must be one line of text")
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise ValueError("it must be the name of a time zone, such as Europe/Moscow") from None
    return text


def _rate(text: str) -> str:
    part = r"\s*\d+\s*(per|/)\s*(\d+\s*)?(second|minute|hour|day)s?\s*"
    if not re.fullmatch(rf"{part}([;,]{part})*", text):
        raise ValueError("it must be a rate, such as '10 per minute; 100 per hour'")
    return text


def _address(text: str, example: str) -> SplitResult:
    """`text` in its parts; the error never repeats it, for a password may be in it."""
    wrong = ValueError(f"it must look like {example}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    if not parts.hostname or port == 0:
        raise wrong
    return parts


def _base_url(text: str) -> str:
    """The address as browsers write it in their requests: lower case, other alphabets as `xn--…`."""
    example = "https://events.example.org"
    parts = _address(text, example)
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"it must be the full address people use, such as {example}")
    if parts.path not in ("", "/"):
        raise ValueError("Lectern needs a host of its own; the address may have no path")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{_host(parts.hostname or '')}{port}"


def _host(name: str) -> str:
    """A host's name as a request carries it. Raises `ValueError`."""
    if re.fullmatch(r"[0-9a-f:.]*:[0-9a-f:.]*", name):
        return f"[{name}]"
    try:
        name = name.lower().encode("idna").decode()
    except UnicodeError:
        name = ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name):
        raise ValueError("it must be made of host names, such as events.example.org")
    return name


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:////", "postgresql+psycopg://")):
        raise ValueError("it must be sqlite:////full/path/to/a/file or postgresql+psycopg://user@host/name")
    try:
        parts = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("it can't be understood; write @, : and / in a password as %40, %3A and %2F") from None
    if not parts.database or text.endswith("/"):
        raise ValueError("it must name a database")
    if parts.get_backend_name() == "sqlite" and parts.query:
        raise ValueError("an SQLite file takes no options")
    return text


def _redis_url(text: str) -> str:
    example = "redis://127.0.0.1:6379/0"
    if _address(text, example).scheme not in ("redis", "rediss"):
        raise ValueError(f"it must look like {example}; rediss:// is the same with TLS")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    """Names without ports, for the request's host is compared without its port."""
    hosts = tuple(_host(host.strip().strip("[]")) for host in text.split(",") if host.strip())
    if not hosts:
        raise ValueError("it must name at least one host, such as events.example.org")
    return hosts


def _trusted_hosts(read: _Reader, host: str) -> tuple[str, ...]:
    """The site's own host, which needs no setting, and the others; a site on this machine goes by both its names."""
    own = ("127.0.0.1", "localhost") if host in ("127.0.0.1", "localhost") else ()
    others: tuple[str, ...] = ()
    return tuple(dict.fromkeys((_host(host), *own, *read("TRUSTED_HOSTS", _hosts, others))))


def _mail_from(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", text):
        raise ValueError("it must be a bare address, such as events@example.org")
    return text


def _mail_url(text: str) -> MailServer:
    example = "smtp://user:password@mail.example.org:587?tls=starttls"
    parts = _address(text, example)
    if parts.scheme not in ("smtp", "smtps") or parts.path not in ("", "/") or parts.fragment:
        raise ValueError(f"it must look like {example}; write @, : and / in a password as %40, %3A and %2F")
    options = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    tls = options.pop("tls", "implicit" if parts.scheme == "smtps" else "none")
    timeout = options.pop("timeout", "20")
    if options:
        # A misspelt option must not send passwords and tickets in the clear.
        raise ValueError("its only options are tls and timeout")
    if tls not in ("none", "starttls", "implicit") or (parts.scheme == "smtps" and tls != "implicit"):
        raise ValueError("its tls must be none, starttls or implicit, and smtps:// is always implicit")
    default_port = {"none": 25, "starttls": 587, "implicit": 465}[tls]
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or default_port,
        tls=tls,
        user=_unquoted(parts.username),
        password=_unquoted(parts.password),
        timeout=float(_whole_number(1, 600)(timeout)),
    )


def _unquoted(text: str | None) -> str | None:
    return unquote(text) if text is not None else None


def _file_to_write(text: str) -> str:
    path = Path(_one_line(text))
    if not path.is_absolute():
        raise ValueError("give the full path of a file")
    return str(path)


def _default_queue_file(database_url: str) -> str:
    if database_url.startswith("sqlite:///"):
        return str(Path(database_url.removeprefix("sqlite:///")).with_suffix(".queue.db"))
    return str(ROOT / "instance" / "lectern.queue.db")


def _secret(read: _Reader, demo: bool) -> str:
    """A long random text. Only the demo may go without: it then gets one that lasts as long as the process."""

    def clean(text: str) -> str:
        _refuse_weak(text)
        return text

    value = read("SECRET_KEY", clean, "")
    if value:
        return value
    if demo:
        return secrets.token_hex(32)
    raise SettingError("SECRET_KEY is missing: set it to a long random text (openssl rand -hex 32)")


def _refuse_weak(text: str) -> None:
    if len(text) < MINIMUM_SECRET_LENGTH:
        raise ValueError(f"it needs at least {MINIMUM_SECRET_LENGTH} random characters (openssl rand -hex 32)")
    if len(set(text)) < 8 or any(word in text.lower() for word in WELL_KNOWN_SECRETS):
        raise ValueError("it looks like an example; make a random one (openssl rand -hex 32)")


def _link_keys(read: _Reader, demo: bool, secret_key: str) -> tuple[LinkKey, ...]:
    def clean(text: str) -> tuple[LinkKey, ...]:
        keys = []
        for part in text.split(","):
            number, colon, secret = part.strip().partition(":")
            if not colon or not number.isdecimal() or not 1 <= int(number) <= HIGHEST_KEY_NUMBER:
                raise ValueError(
                    "write it as NUMBER:SECRET, the newest first, such as 1:<64 hex digits>; "
                    f"the number is one from 1 to {HIGHEST_KEY_NUMBER}"
                )
            _refuse_weak(secret)
            if secret == secret_key:
                raise ValueError("it must be another secret than SECRET_KEY")
            keys.append(LinkKey(int(number), secret.encode()))
        if len({key.number for key in keys}) != len(keys):
            raise ValueError("each key needs a number of its own")
        return tuple(keys)

    nothing: tuple[LinkKey, ...] = ()
    keys = read("LINK_KEY", clean, nothing)
    if keys:
        return keys
    if demo:
        return (LinkKey(1, secrets.token_bytes(32)),)
    raise SettingError("LINK_KEY is missing: set it to 1: and a long random text (openssl rand -hex 32)")
