"""A model's export is made by another process, while this one goes on."""

from pathlib import Path

import pytest
from pytest_django import Settings

from recommender.encoding import export_beside, onnx_export, onnx_files
from tests import tiny_model


@pytest.fixture
def model(settings: Settings, tmp_path: Path) -> str:
    settings.VAR_DIR = tmp_path / "var"
    return str(tiny_model.build(tmp_path / "tiny"))


def test_who_needs_it_gets_it_whichever_process_made_it(model: str) -> None:
    with export_beside.begun(model):
        made = onnx_export.ensure(model)
        assert made == onnx_files.find(model)
    assert made is not None
    with export_beside.begun(model):  # which begins nothing where it is made
        assert onnx_files.find(model) == made


def test_nothing_is_left_of_it_where_the_block_ends_early(model: str) -> None:
    with pytest.raises(KeyError), export_beside.begun(model):
        raise KeyError("the database is away")
    assert onnx_files.find(model) is None
    folder = onnx_files.folder_for(model)
    assert folder is not None
    assert not list(folder.parent.glob("[!.]*"))
