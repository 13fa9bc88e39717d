"""A tiny model for the tests of TRL."""

import os

import pytest

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    from tests.trl import model

    place = tmp_path_factory.mktemp("trl")
    model.write(place / "model")
    return place
