"""The order of the floors, and the order within a floor: models, pure modules, verbs, and then the rim."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.services import ROOT, process_environment

APPS = ["papers", "recommender", "subscriptions"]
HEAVY = ["torch", "sentence_transformers"]
LOAD_THE_SITE = f"""
import sys
import config.wsgi, config.urls
config.celery_app.loader.import_default_modules()
print([name for name in {HEAVY} if name in sys.modules])
"""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("config", *APPS, include_external_packages=True, cache_dir=None)


def test_every_contract_is_kept() -> None:
    """In a process of its own, because the command sets up logging anew and silences the loggers of other tests."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, env=process_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("app", APPS)
def test_models_stand_on_modules_that_know_no_models(graph: grimp.ImportGraph, app: str) -> None:
    models = {f"{app}.models"} | graph.find_descendants(f"{app}.models")
    below = {name for model in models for name in graph.find_modules_directly_imported_by(model)} - models
    own = {name for name in below if name.startswith(f"{app}.")}
    assert [name for name in own if models & graph.find_upstream_modules(name)] == []


def test_torch_is_loaded_by_the_encoder_and_its_export_alone(graph: grimp.ImportGraph) -> None:
    importers = {
        name for heavy in HEAVY if heavy in graph.modules for name in graph.find_modules_that_directly_import(heavy)
    }
    assert importers <= {"recommender.encoding.encoder", "recommender.encoding.onnx_export"}


def test_a_process_of_the_web_or_mail_has_not_imported_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD_THE_SITE], cwd=ROOT, env=process_environment(), timeout=360, stdout=subprocess.PIPE
    )
    assert done.stdout == b"[]\n"


def test_an_app_has_no_folder_for_what_has_no_name() -> None:
    nameless = {"utils", "helpers", "common", "core", "services"}
    assert [path for app in APPS for path in (ROOT / app).rglob("*.py") if path.stem in nameless] == []
