"""Every setting: what it becomes, and what a wrong one says."""

from __future__ import annotations

import re

import pytest

from config import ROOT, LinkKey, MailServer, SettingError, Settings, read_settings
from tests.support.databases import SECRETS

GOOD = "5e1f0a2b3c4d6978" * 4
PASSWORD = "tr0ub4dor"


def read(**environment: str) -> Settings:
    return read_settings({**SECRETS, **environment})


WRONG = [
    ("DEMO_MODE", "perhaps"),
    ("BASE_URL", "events.example.org"),
    ("BASE_URL", "ftp://events.example.org"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://events.example.org/lectern"),
    ("BASE_URL", "https://events.example.org?lang=ru"),
    ("BASE_URL", "https://events.example.org:port"),
    ("BASE_URL", "https://someone@events.example.org"),
    ("BASE_URL", "https://events_example..org"),
    ("TRUSTED_HOSTS", "https://events.example.org"),
    ("TRUSTED_HOSTS", "events.example.org:8443"),
    ("TRUSTED_HOSTS", "one.example two.example"),
    ("TRUSTED_HOSTS", ","),
    ("DATABASE_URL", "mysql://localhost/lectern"),
    ("DATABASE_URL", "postgresql://localhost/lectern"),
    ("DATABASE_URL", "postgresql+psycopg://localhost"),
    ("DATABASE_URL", "postgresql+psycopg://localhost/"),
    ("DATABASE_URL", f"postgresql+psycopg://lectern:{PASSWORD}@localhost:port/lectern"),
    ("DATABASE_URL", "sqlite:///"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "sqlite:///lectern.db"),
    ("DATABASE_URL", "sqlite:////var/lib/lectern/"),
    ("DATABASE_URL", "sqlite:////var/lib/lectern/lectern.db?mode=ro"),
    ("REDIS_URL", "127.0.0.1:6379"),
    ("REDIS_URL", "unix:///run/redis.sock"),
    ("REDIS_URL", "redis://"),
    ("REDIS_URL", f"redis://:{PASSWORD}/@127.0.0.1:6379"),
    ("MAIL_URL", "mail.example.org"),
    ("MAIL_URL", "smtp://"),
    ("MAIL_URL", "smtp://mail.example.org:0"),
    ("MAIL_URL", f"smtp://user:{PASSWORD}/1@mail.example.org"),
    ("MAIL_URL", f"smtp://user:7{PASSWORD}@mail.example.org/x"),
    ("MAIL_URL", "smtp://mail.example.org?tls=yes"),
    ("MAIL_URL", "smtp://mail.example.org?tsl=starttls"),
    ("MAIL_URL", "smtps://mail.example.org?tls=none"),
    ("MAIL_URL", "smtp://mail.example.org?timeout=soon"),
    ("MAIL_URL", "smtp://mail.example.org?timeout=0"),
    ("MAIL_FROM", "Lectern <events@example.org>"),
    ("MAIL_FROM", "events"),
    ("MAIL_RATE", "-1"),
    ("MAIL_RATE", "many"),
    ("MAIL_LEASE", "0"),
    ("PROXY_COUNT", "11"),
    ("SITE_NAME", "Two\nlines"),
    ("DEFAULT_LANGUAGE", "de"),
    ("DEFAULT_TIME_ZONE", "Moscow"),
    ("DEFAULT_TIME_ZONE", "/etc/passwd"),
    ("LIMITS", "2"),
    ("SIGN_UP_LIMIT", "sixty a minute"),
    ("SIGN_UP_ADDRESS_LIMIT", "10"),
    ("FIND_LIMIT", "20 per fortnight"),
    ("CALENDAR_LIMIT", "120 per blink"),
    ("SIGN_IN_LIMIT", "10 per minute; and more"),
    ("PAIRING_LIMIT", "per minute"),
    ("MAX_BODY", "1000"),
    ("DATABASE_POOL", "0"),
    ("TURNS", "0"),
    ("QUEUE_FILE", "/var/lib\n/queue.db"),
    ("LOG_LEVEL", "LOUD"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "ab" * 32),
    ("SECRET_KEY", "please-change-me-0123456789-abcdefghijk"),
    ("LINK_KEY", GOOD),
    ("LINK_KEY", f"one:{GOOD}"),
    ("LINK_KEY", f"0:{GOOD}"),
    ("LINK_KEY", f"10000:{GOOD}"),
    ("LINK_KEY", "1:short"),
    ("LINK_KEY", f"1:{GOOD},1:{GOOD[::-1]}"),
    ("LINK_KEY", "1:" + SECRETS["SECRET_KEY"]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_and_its_secret_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refusal:
        read(**{name: value})
    assert str(refusal.value).startswith(f"{name} is wrong: ")
    assert PASSWORD not in str(refusal.value)
    assert GOOD not in str(refusal.value)


def test_the_table_above_knows_every_setting_that_can_be_wrong() -> None:
    assert settings_asked_for() == {name for name, _value in WRONG}


def test_every_setting_is_described_for_those_who_run_lectern() -> None:
    described = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operate.md").read_text("utf-8"), re.MULTILINE)
    assert set(described) == settings_asked_for()
    assert len(described) == len(set(described))


def test_the_example_of_all_settings_names_real_ones_and_needs_only_secrets() -> None:
    text = (ROOT / "deploy" / "lectern.env.example").read_text("utf-8")
    pairs = dict(re.findall(r"^#?([A-Z_]+)='?([^'\n]*)'?$", text, re.MULTILINE))
    assert set(pairs) - {"WEB_PROCESSES"} <= settings_asked_for()  # the unit reads that one
    with pytest.raises(SettingError, match=r"^SECRET_KEY is missing"):
        read_settings(pairs)
    settings = read_settings({**pairs, **SECRETS})
    assert settings.mail == MailServer("mail.example.org", 587, "starttls", "events@example.org", "PASSWORD")
    assert settings.database_url.startswith("postgresql+psycopg://lectern@/lectern")


def settings_asked_for() -> set[str]:
    """The names of all settings that are read from the environment."""
    asked: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(key)
            return super().get(key, default)

    read_settings(Watched(SECRETS))
    return asked


@pytest.mark.parametrize("name", ["SECRET_KEY", "LINK_KEY"])
def test_production_does_not_start_without_secrets(name: str) -> None:
    given = {key: value for key, value in SECRETS.items() if key != name}
    with pytest.raises(SettingError, match=f"^{name} is missing: "):
        read_settings(given)
    with pytest.raises(SettingError, match=f"^{name} is missing: "):
        read_settings({**given, name: "  "})


def test_the_demo_makes_secrets_of_its_own_but_takes_no_weak_ones() -> None:
    one, other = read_settings({"DEMO_MODE": "1"}), read_settings({"DEMO_MODE": "1"})
    assert one.secret_key != other.secret_key
    assert one.link_key != other.link_key
    with pytest.raises(SettingError, match=r"^SECRET_KEY is wrong"):
        read_settings({"DEMO_MODE": "1", "SECRET_KEY": "short"})


def test_nothing_but_secrets_need_be_set() -> None:
    settings = read()
    assert settings.embedded
    assert not settings.secure
    assert not settings.demo_mode
    assert settings.limits
    assert settings.mail is None
    assert settings.base_url == "http://127.0.0.1:5000"
    assert settings.trusted_hosts == ("127.0.0.1", "localhost")
    assert settings.queue_file.endswith("/instance/lectern.queue.db")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(
        read(
            DATABASE_URL=f"postgresql+psycopg://lectern:{PASSWORD}@localhost/lectern",
            REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:6379/0",
            MAIL_URL=f"smtp://user:{PASSWORD}@mail.example.org",
        )
    )
    assert PASSWORD not in shown
    assert SECRETS["SECRET_KEY"] not in shown
    assert SECRETS["LINK_KEY"].removeprefix("1:") not in shown


def test_the_sites_own_host_is_always_trusted_and_others_are_added() -> None:
    settings = read(BASE_URL="https://Events.Example.org/", TRUSTED_HOSTS="www.example.org, EVENTS.example.org")
    assert settings.base_url == "https://events.example.org"
    assert settings.secure
    assert settings.trusted_hosts == ("events.example.org", "www.example.org")


def test_a_host_in_another_alphabet_is_kept_as_requests_carry_it() -> None:
    settings = read(BASE_URL="https://события.рф", TRUSTED_HOSTS="www.события.рф")
    assert settings.base_url == "https://xn--90aoqlh7c4a.xn--p1ai"
    assert settings.trusted_hosts == ("xn--90aoqlh7c4a.xn--p1ai", "www.xn--90aoqlh7c4a.xn--p1ai")


def test_a_site_may_be_reached_by_a_bare_address_of_the_net() -> None:
    settings = read(BASE_URL="http://[fd00::7]:8080", TRUSTED_HOSTS="[fd00::8]")
    assert settings.base_url == "http://[fd00::7]:8080"
    assert settings.trusted_hosts == ("[fd00::7]", "[fd00::8]")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", MailServer("mail.example.org", 25, "none", None, None)),
        (
            "smtp://me%40example.org:p%2Fq@mail.example.org?tls=starttls",
            MailServer("mail.example.org", 587, "starttls", "me@example.org", "p/q"),
        ),
        ("smtps://mail.example.org", MailServer("mail.example.org", 465, "implicit", None, None)),
        (
            "smtp://mail.example.org:2525/?tls=implicit&timeout=5",
            MailServer("mail.example.org", 2525, "implicit", None, None, timeout=5.0),
        ),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, server: MailServer) -> None:
    assert read(MAIL_URL=url).mail == server


def test_the_first_link_key_makes_new_secrets_and_older_ones_stay() -> None:
    settings = read(LINK_KEY=f"2:{GOOD}, 1:{GOOD[::-1]}")
    assert settings.link_key == LinkKey(2, GOOD.encode())
    assert [key.number for key in settings.link_keys] == [2, 1]


def test_the_queue_lies_beside_the_sqlite_database_unless_told_otherwise() -> None:
    url = "sqlite:////var/lib/lectern/lectern.db"
    assert read(DATABASE_URL=url).queue_file == "/var/lib/lectern/lectern.queue.db"
    assert read(DATABASE_URL=url, QUEUE_FILE="/run/queue.db").queue_file == "/run/queue.db"
