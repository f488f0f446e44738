"""Settings: what is read, what is refused with a sentence, what is made once and kept secret."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import BadSetting, Config, secret

KEY = "9f2c41d07be86a35f1c20d8e7b649a13cc05e2f8"


def test_nothing_need_be_set(tmp_path: Path) -> None:
    config = Config.from_env({"VAR": str(tmp_path)})
    assert config.BASE_URL == "http://127.0.0.1:8080"
    assert config.DEMO is True
    assert config.DATABASE_URL.startswith("postgresql://postgres@/voronka?host=/")
    assert config.REDIS_URL.startswith("unix://:")
    assert (tmp_path / "files").as_uri() == config.FILES_URL
    assert len(config.SECRET_KEY) == 64


def test_what_is_said_is_read(tmp_path: Path) -> None:
    said = {"VAR": str(tmp_path), "PORT": "9000", "DEMO": "0", "OUTBOUND_ALLOW": "a@x.ru, b@y.ru,"}
    config = Config.from_env(said)
    assert (config.PORT, config.DEMO, config.OUTBOUND_ALLOW) == (9000, False, ("a@x.ru", "b@y.ru"))


def test_settings_travel_to_other_processes_unchanged(tmp_path: Path) -> None:
    config = Config.from_env({"VAR": str(tmp_path / "мои данные"), "OUTBOUND_ALLOW": "a@x.ru,b@y.ru"})
    assert Config.from_env(config.to_env()) == config


def test_a_command_finds_the_settings_of_whoever_runs_over_the_folder(tmp_path: Path) -> None:
    running = Config.from_env({"VAR": str(tmp_path), "PORT": "9123", "SMTP_URL": "smtp://mail:25"})
    (tmp_path / "run.json").write_text(json.dumps({"settings": running.to_env(), "pids": {}}))
    assert Config.from_env({"VAR": str(tmp_path)}) == running


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"PORT": "eighty"}, "whole number"),
        ({"PORT": "70000"}, "65535"),
        ({"DEMO": "maybe"}, "1 or 0"),
        ({"DATABASE_URL": "mysql://db/x", "SECRET_KEY": KEY}, "postgresql://"),
        ({"REDIS_URL": "memcached://x"}, "redis://"),
        ({"BASE_URL": "crm.example.ru"}, "https://"),
        ({"SMTP_URL": "mail.example.ru"}, "smtp://"),
        ({"SMTP_URL": "smtp://mail:abc"}, "a port as a number"),
        ({"SMTP_URL": "smtp://"}, "a host"),
        ({"IMAP_URL": "mailbox"}, "imaps://"),
        ({"REDIS_URL": "redis://queue:abc/0"}, "a port as a number"),
        ({"DATABASE_URL": "postgresql://crm:pw@db:54x2/crm", "SECRET_KEY": KEY}, "a port as a number"),
        ({"BASE_URL": "https://"}, "a host"),
        ({"BASE_URL": "https://crm parus.ru"}, "a host"),
        ({"FILES_URL": "s3://bucket"}, "file://"),
        ({"FILES_URL": "file://srv/files"}, "file:///"),
        ({"MAIL_FROM": "Voronka"}, "must be an address"),
        ({"SESSION_DAYS": "999999999999"}, "3650"),
        ({"LOGIN_PER_5_MINUTES": "0"}, "1 or more"),
        ({"LOG_FORMAT": "xml"}, "json"),
        ({"WEB_WORKERS": "0"}, "1 or more"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, said: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words) as refusal:
        Config.from_env({"VAR": str(tmp_path), **said})
    assert any(name in str(refusal.value) for name in said)


@pytest.mark.parametrize(
    "said",
    [
        {"DATABASE_URL": "postgresql://crm:p%40ss@[::1]:5432/crm?sslmode=require", "SECRET_KEY": KEY},
        {"DATABASE_URL": "postgresql:///crm?host=/run/postgresql", "SECRET_KEY": KEY},
        {"DATABASE_URL": "postgresql://crm:a/b#c@db/crm", "SECRET_KEY": KEY},
        {"REDIS_URL": "unix://:secret@/run/redis/redis.sock?db=1"},
        {
            "SMTP_URL": "smtps://crm%40parus.ru:pw@mail.parus.ru:465",
            "IMAP_URL": "imaps://crm%40parus.ru:pw@mail.parus.ru/INBOX",
        },
        {"BASE_URL": "https://црм.рф:8443/", "MAIL_FROM": "Окна «Парус» <crm@parus.ru>"},
    ],
)
def test_addresses_as_people_write_them_are_taken(tmp_path: Path, said: dict[str, str]) -> None:
    Config.from_env({"VAR": str(tmp_path), **said})


def test_a_wrong_setting_ends_a_program_with_its_sentence_alone(here: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "VAR": str(tmp_path), "PORT": "eighty"}
    for program in (
        ("-m", "flask", "--app", "app:create_app", "crm", "worker"),
        ("-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"),
    ):
        ended = subprocess.run(
            (sys.executable, *program), cwd=here, env=environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert ended.returncode
        assert ended.stderr.strip() == "PORT is 'eighty': write a whole number."


def test_a_database_of_ones_own_asks_for_a_key_of_ones_own(tmp_path: Path) -> None:
    said = {"VAR": str(tmp_path), "DATABASE_URL": "postgresql://db/x"}
    with pytest.raises(BadSetting, match="SECRET_KEY"):
        Config.from_env(said)
    assert Config.from_env({**said, "SECRET_KEY": KEY}).SECRET_KEY == KEY


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "a" * 64,
        "this is a secret that everybody knows: SUPERSECRET",
        "thisismyscretkey-thisismyscretkey-thisismyscretkey",
        "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
        "YOUR_OWN_RANDOM_GENERATED_SECRET_KEY",
        "c292a0a3aa32397cdb050e233733900f",
    ],
)
def test_a_key_that_can_be_guessed_stops_the_start(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadSetting, match="SECRET_KEY"):
        Config.from_env({"VAR": str(tmp_path), "SECRET_KEY": key})


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    made = secret(tmp_path / "var", "redis")
    assert secret(tmp_path / "var", "redis") == made
    assert secret(tmp_path / "var", "secret_key") != made
    assert stat.S_IMODE((tmp_path / "var" / "secrets" / "redis").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var" / "secrets").stat().st_mode) == 0o700


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    config = Config.from_env({"VAR": str(tmp_path), "SMTP_URL": "smtp://crm:tops3cret@mail:25"})
    for hidden in (config.SECRET_KEY, config.DATABASE_URL, config.REDIS_URL, "tops3cret"):
        assert hidden not in repr(config)


def test_cookies_are_secure_where_people_come_by_https(tmp_path: Path) -> None:
    here, outside = (
        Config.from_env({"VAR": str(tmp_path), **said}).flask() for said in ({}, {"BASE_URL": "https://crm.parus.ru"})
    )
    assert (here["SESSION_COOKIE_NAME"], here["SESSION_COOKIE_SECURE"]) == ("voronka", False)
    assert (outside["SESSION_COOKIE_NAME"], outside["SESSION_COOKIE_SECURE"]) == ("__Host-voronka", True)
    assert outside["SESSION_COOKIE_HTTPONLY"]
    assert outside["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_only_our_own_names_are_answered_to(tmp_path: Path) -> None:
    said = {"VAR": str(tmp_path), "BASE_URL": "https://crm.parus.ru:8443", "HOST": "192.0.2.7"}
    names = Config.from_env(said).flask()["TRUSTED_HOSTS"]
    assert names == ["crm.parus.ru", "192.0.2.7", "localhost", "127.0.0.1"]


def test_the_keys_of_sessions_and_tokens_differ(tmp_path: Path) -> None:
    config = Config.from_env({"VAR": str(tmp_path)})
    assert config.flask()["JWT_SECRET_KEY"] != config.flask()["SECRET_KEY"]


def test_every_setting_stands_in_the_example(here: Path) -> None:
    shown = {line.partition("=")[0] for line in (here / ".env.example").read_text("utf-8").splitlines()}
    assert {f"#{name}" for name in Config.sentences()} <= shown


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_every_setting_has_a_sentence_and_a_row(here: Path, readme: str) -> None:
    text = (here / readme).read_text("utf-8")
    for name, sentence in Config.sentences().items():
        assert sentence.endswith(".")
        assert f"`{name}`" in text
