"""A wrong setting is one line that names the remedy, before anything has started."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT, process_environment

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "k" * 30 + "-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "papers.example.org",
    "SITE_URL": "https://papers.example.org",
    "EMAIL_URL": "submission://user:password@mail.example.org:587",
    "INSTANCE_ID": "papers-main",
}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=process_environment(**environment),
        capture_output=True,
        text=True,
        timeout=360,
    )


def refusal(**environment: str) -> str:
    """The one line with which the site refuses to start."""
    done = run("manage.py", "check", **environment)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("Paper Round cannot start")
    return done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("DEBUG", "perhaps"),
        ("DIGEST_HOUR", "24"),
        ("RELEVANCE_FLOOR", "2"),
        ("ANYMAIL", "{not json"),
        ("ANYMAIL", '["a list"]'),
        ("SITE_URL", "papers.example.org"),
        ("DATABASE_URL", "oracle-of-delphi://nowhere"),
        ("EMBEDDING_MODEL", ""),
        ("EMBEDDING_MODEL", " "),
        ("VECTOR_INDEX", "faiss"),
        ("VECTOR_INDEX", "pgvector"),
        ("EMAIL_URL", "carrier-pigeon://roof"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "smtp://mail.example.org:post"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(name: str, value: str) -> None:
    line = refusal(**{name: value})
    assert name in line
    assert "README.md" in line


def test_two_ways_for_mail_to_leave_are_one_too_many() -> None:
    line = refusal(**PRODUCTION, EMAIL_BACKEND="anymail.backends.postmark.EmailBackend")
    assert "EMAIL_URL and EMAIL_BACKEND are both set" in line


def test_several_wrong_values_are_told_together() -> None:
    line = refusal(PORT="eighty", DIGEST_SIZE="0", LATENESS_HOURS="soon")
    assert all(name in line for name in ("PORT", "DIGEST_SIZE", "LATENESS_HOURS"))


def test_a_refusal_leaves_no_folder_behind(tmp_path: Path) -> None:
    refusal(PORT="eighty", VAR_DIR=str(tmp_path / "var"))
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("name", ["SECRET_KEY", "EMAIL_URL", "INSTANCE_ID"])
def test_production_asks_for_what_it_cannot_guess(name: str) -> None:
    assert name in refusal(**PRODUCTION | {name: ""})


def test_production_does_not_take_the_development_key() -> None:
    from django.conf import settings

    assert "SECRET_KEY" in refusal(**PRODUCTION | {"SECRET_KEY": settings.DEVELOPMENT_KEY})


@pytest.mark.parametrize("existed", [True, False])
def test_what_is_written_is_for_its_owner_alone(existed: bool, tmp_path: Path) -> None:
    var = tmp_path / "var"
    if existed:
        var.mkdir()
        var.chmod(0o755)
    write = "from subscriptions.development.mailbox import MailboxBackend as M;"
    write += "from django.core.mail import EmailMessage as E;"
    write += "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; import django; django.setup();"
    write += (
        "from django.db import connection as c; c.cursor().execute('CREATE TABLE t (x)'); M().send_messages([E('a')])"
    )
    done = run("-c", write, VAR_DIR=str(var))
    assert done.returncode == 0, done.stderr
    written = [var, *var.rglob("*")]
    assert len(written) >= 4
    assert not [path for path in written if path.stat().st_mode & 0o077]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("ADDRESS_KEY", "short"),
        ("ADDRESS_KEY", "development-only-key-never-used-where-DEBUG-is-off"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "papers.example.org, *"),
        ("ALLOWED_HOSTS", "papers.example.org,.org"),
        ("ALLOWED_HOSTS", "*.example.org,papers.example.org"),
        ("ALLOWED_HOSTS", "other.example.org"),
        ("SITE_URL", "http://papers.example.org"),
        ("ANYMAIL", '{"DEBUG_API_REQUESTS": true}'),
    ],
)
def test_production_does_not_start_with_what_leaves_it_open(name: str, value: str) -> None:
    assert name in refusal(**PRODUCTION | {name: value})


def test_production_takes_the_subdomains_of_a_domain_of_ones_own() -> None:
    assert run("manage.py", "check", **PRODUCTION | {"ALLOWED_HOSTS": ".example.org"}).returncode == 0


def test_cookies_of_production_are_of_its_very_host() -> None:
    show = "from config import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.COOKIE_PREFIX)"
    assert run("-c", show, **PRODUCTION).stdout == "__Host-sessionid __Host-csrftoken __Host-\n"


def test_production_settings_pass_the_deployment_check_without_a_warning(tmp_path: Path) -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION | {"VAR_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr


def test_the_port_is_part_of_the_sites_address() -> None:
    done = run("-c", "from config import settings; print(settings.SITE_URL)", PORT="9000")
    assert done.stdout == "http://127.0.0.1:9000\n"


def test_readme_lists_every_setting_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text()
    section = re.split(r"^## Settings$", readme, flags=re.MULTILINE)[1].split("\n## ")[0]
    described = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    read = re.findall(r'\benv\.\w+\(\s*"(\w+)"', (ROOT / "config" / "settings.py").read_text())
    assert sorted(described) == sorted(set(read))


@pytest.mark.parametrize(
    "url", ["postgres://nobody@127.0.0.1:1/nothing", "sqlite:////dev/null/at/all.sqlite3", "sqlite://:memory:"]
)
def test_a_database_that_cannot_be_used_is_one_message_with_the_remedy(url: str) -> None:
    done = run("manage.py", "digest", "send", DATABASE_URL=url)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "DATABASE_URL" in done.stderr


def test_a_providers_time_outs_may_be_a_pair() -> None:
    """JSON has lists only, and a list would make every mail fail in a way that leaves open whether it left."""
    show = "import django.conf; print(django.conf.settings.ANYMAIL['REQUESTS_TIMEOUT'])"
    settings = {"ANYMAIL": '{"REQUESTS_TIMEOUT": [2, 9]}', "DJANGO_SETTINGS_MODULE": "config.settings"}
    assert run("-c", show, **settings).stdout == "(2, 9)\n"
