"""The lock files name one version of everything, with its hashes, and nothing of the machine they were written on."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from subscriptions.providers import table
from tests.services import ROOT, process_environment

LOCKS = ["requirements.lock", "requirements-light.lock", "requirements-dev.lock", "requirements-cuda.lock"]
ENTRY = re.compile(r"^([\w.-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return {package: version for package, version, _ in ENTRY.findall((ROOT / name).read_text())}


def hashes_of_torch(name: str) -> set[str]:
    return set(
        re.findall(r"[0-9a-f]{64}", next(e[2] for e in ENTRY.findall((ROOT / name).read_text()) if e[0] == "torch"))
    )


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(section: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = project["dependencies"] if section == "run" else project["optional-dependencies"]["dev"]
    return {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in listed}


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_is_one_exact_version_with_hashes_and_nothing_else_is_in_the_file(name: str) -> None:
    text = (ROOT / name).read_text()
    assert pins(name)
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins(name).values())
    assert not [line for line in ENTRY.sub("", text).splitlines() if line and not line.startswith(("# ", "-r "))]


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_and_no_build_of_this_machine_is_named(name: str) -> None:
    assert not re.search(r"://|\+cpu|--(?!hash=)|file:|@", (ROOT / name).read_text())


def test_what_the_project_asks_for_is_pinned() -> None:
    assert wanted("run") <= {canonical(name) for name in pins("requirements.lock")}
    assert wanted("dev") <= {canonical(name) for name in pins("requirements-dev.lock")}


def test_torch_is_named_without_the_suffix_of_a_build() -> None:
    assert pins("requirements.lock")["torch"] == pins("requirements-cuda.lock")["torch"] == "2.13.0"


def test_the_list_for_graphics_cards_shares_only_torch_with_the_others() -> None:
    others = pins("requirements.lock").keys() | pins("requirements-dev.lock").keys()
    assert pins("requirements-cuda.lock").keys() & others == {"torch"}
    assert not hashes_of_torch("requirements.lock") & hashes_of_torch("requirements-cuda.lock")


def test_the_second_list_stands_on_the_first_and_repeats_nothing_of_it() -> None:
    assert "\n-r requirements.lock\n" in (ROOT / "requirements-dev.lock").read_text()
    assert not pins("requirements.lock").keys() & pins("requirements-dev.lock").keys()


# Makes whatever the first list does not hold look as if it were not installed, and then makes each backend and view.
MAKE_ALL = """
import sys, warnings

class Missing:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
warnings.simplefilter("ignore")
import django; django.setup()
from django.conf import settings
from django.utils.module_loading import import_string
from subscriptions.providers import table
from subscriptions.reports import urls
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
public = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
keys = {"resend": "whsec_" + "c2VjcmV0" * 4, "sendgrid": "".join(public.splitlines()[1:-1])}
settings.ANYMAIL = {"WEBHOOK_SECRET": "a:b", "AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"}}
for name, row in [*table.ROWS.items(), ("sendinblue", table.ROWS["brevo"])]:
    settings.ANYMAIL |= {f"{name.upper()}_{need}": "https://api.example.org" for need in row.needs}
    if row.signature:
        settings.ANYMAIL[f"{name.upper()}_{row.signature.key}"] = keys.get(name, "a-key")
    import_string(table.path_of(name))().open()
    if name in urls.VIEWS:
        import_string(f"anymail.webhooks.{name}.{urls.VIEWS[name]}")()
    print(name)
"""


def test_every_provider_works_with_what_a_production_site_installs() -> None:
    locked = {canonical(name) for name in pins("requirements.lock")}
    absent = [
        module
        for module, packages in packages_distributions().items()
        if not locked & {canonical(package) for package in packages}
    ]
    assert "pytest" in absent
    done = subprocess.run(
        [sys.executable, "-c", f"ABSENT = set({json.dumps(absent)})" + MAKE_ALL],
        cwd=ROOT,
        env=process_environment(DJANGO_SETTINGS_MODULE="config.settings"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {*table.ROWS, "sendinblue"}
