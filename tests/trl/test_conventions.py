"""TRL's conventions: evaluation, PEFT, checkpoints, wrong input, and the example of the README."""

import re

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import GRPOConfig

import tpo
from tests.trl.cases import GROUPS
from tests.trl.training import PROMPTS, configuration, constant, share_of_digits
from tpo_trl import TargetPOConfig, TargetPOTrainer
from tpo_trl import trainer as trainer_module


def trainer(folder, options=None, reward=share_of_digits, prompts=PROMPTS, **more):
    case = {"options": GROUPS | {"max_steps": 2, "num_iterations": 2} | (options or {})}
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    dataset = Dataset.from_dict({"prompt": prompts})
    return TargetPOTrainer(model, reward, configuration(folder, case), train_dataset=dataset, **more)


def test_evaluation_reports_the_mean_reward_and_the_number_of_groups(folder):
    rewards = []

    def recorded(completions, **more):
        del more
        found = [float(number) for number, _ in enumerate(completions)]
        rewards.extend(found)
        return found

    made = trainer(
        folder,
        {"per_device_eval_batch_size": 8, "num_generations_eval": 2},
        reward=recorded,
        eval_dataset=Dataset.from_dict({"prompt": PROMPTS[:4]}),
    )
    found = made.evaluate()
    assert len(rewards) == 8
    assert found["eval_reward"] == pytest.approx(sum(rewards) / len(rewards), rel=1e-5)
    assert found["eval_tpo/groups"] == 4
    # p is uniform over each pair at the old policy, so the cross-entropy is log 2 whatever the target.
    assert found["eval_loss"] == pytest.approx(0.693147, abs=1e-5)


def test_evaluation_takes_single_completions(folder):
    made = trainer(
        folder,
        {"per_device_eval_batch_size": 4, "num_generations_eval": 1},
        eval_dataset=Dataset.from_dict({"prompt": PROMPTS[:4]}),
    )
    found = made.evaluate()
    assert found["eval_loss"] == pytest.approx(0.0, abs=1e-6)


def test_peft_trains_the_adapter_alone(folder):
    made = trainer(
        folder,
        {"max_steps": 4},
        peft_config=LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False),
    )
    before = {name: value.clone() for name, value in made.model.named_parameters()}
    made.train()
    moved = {name for name, value in made.model.named_parameters() if not torch.equal(value, before[name])}
    assert moved
    assert all("lora_" in name for name in moved)


def test_training_resumes_from_a_checkpoint_as_if_never_stopped(folder, tmp_path):
    def run(steps, **more):
        torch.manual_seed(0)
        made = trainer(
            folder,
            {
                "max_steps": steps,
                "save_strategy": "steps",
                "save_steps": 4,
                "output_dir": str(tmp_path),
                "num_iterations": 2,
            },
        )
        made.train(**more)
        return torch.cat([value.flatten() for value in made.model.state_dict().values()])

    whole = run(8)
    run(4)
    resumed = run(8, resume_from_checkpoint=str(tmp_path / "checkpoint-4"))
    assert torch.equal(whole, resumed)


def test_the_model_card_cites_the_paper(folder, tmp_path):
    made = trainer(folder, {"output_dir": str(tmp_path)})
    made.create_model_card(model_name="toy")
    card = (tmp_path / "README.md").read_text()
    assert "2604.06159" in card
    assert "DeepSeekMath" not in card


def test_measures_are_logged(folder):
    made = trainer(folder)
    made.train()
    first, second = made.state.log_history[:2]
    assert first["tpo/groups"] == 2
    assert 1 <= first["tpo/effective_sample_size"] <= 4
    assert "tpo/groups" not in second
    assert second["tpo/excess_cross_entropy"] > 0
    assert not any(name.startswith("clip_ratio") for name in first)


def test_tied_groups_teach_nothing(folder):
    made = trainer(folder, reward=constant)
    made.train()
    assert [row["grad_norm"] for row in made.state.log_history if "grad_norm" in row] == [
        pytest.approx(0, abs=1e-6)
    ] * 2
    assert made.state.log_history[0]["tpo/tied"] == 1


def test_another_configuration_is_an_error(folder):
    model = AutoModelForCausalLM.from_pretrained(folder / "model")
    with pytest.raises(tpo.InvalidTypeError, match=r"`args` must be a TargetPOConfig; got a GRPOConfig\. Write"):
        TargetPOTrainer(
            model,
            constant,
            GRPOConfig("out", use_cpu=True, bf16=False),
            train_dataset=Dataset.from_dict({"prompt": PROMPTS}),
        )


def test_a_configuration_of_ones_own_is_not_needed(folder, tmp_path, monkeypatch):
    class OnCPU(TargetPOConfig):
        def __init__(self, place):
            super().__init__(place, use_cpu=True, bf16=False)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trainer_module, "TargetPOConfig", OnCPU)
    made = TargetPOTrainer(str(folder / "model"), constant, train_dataset=Dataset.from_dict({"prompt": PROMPTS}))
    assert made.args.output_dir.endswith("model-TPO")
    assert made.tpo_settings.algorithm == tpo.TPO(anchor="ratio")


@pytest.mark.parametrize(
    ("reward", "error", "message"),
    [
        (
            lambda completions, **_: [float("inf") for _ in completions],
            tpo.InvalidArgumentError,
            "every reward must be finite or None",
        ),
        (lambda completions, **_: [1.0], ValueError, "returned 1 rewards, but 8 were expected"),
    ],
    ids=["infinite", "too few"],
)
def test_wrong_rewards_are_errors(folder, reward, error, message):
    with pytest.raises(error, match=message):
        trainer(folder, reward=reward).train()


def test_rewards_of_none_train_nothing(folder):
    made = trainer(folder, reward=lambda completions, **_: [None for _ in completions])
    before = [value.clone() for value in made.model.parameters()]
    made.train()
    assert all(map(torch.equal, before, made.model.parameters()))


def test_a_sampler_that_breaks_groups_is_refused(folder):
    class Broken(TargetPOTrainer):
        def _get_train_sampler(self, dataset=None):
            return torch.utils.data.SequentialSampler(dataset or self.train_dataset)

    model = AutoModelForCausalLM.from_pretrained(folder / "model")
    case = {"options": GROUPS | {"max_steps": 1}}
    made = Broken(model, constant, configuration(folder, case), train_dataset=Dataset.from_dict({"prompt": PROMPTS}))
    with pytest.raises(tpo.InvalidArgumentError, match="4 consecutive rows must have the same prompt"):
        made.train()


@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        ("train_dataset", lambda dataset: dataset),
        ("eval_dataset", lambda dataset: dataset),
        ("eval_dataset['hard']", lambda dataset: {"hard": dataset}),
    ],
)
def test_a_dataset_without_prompts_is_an_error(folder, name, wrap):
    model = AutoModelForCausalLM.from_pretrained(folder / "model")
    case = {"options": GROUPS | {"max_steps": 1}}
    datasets = {"train_dataset": Dataset.from_dict({"prompt": PROMPTS})}
    datasets[name.partition("[")[0]] = wrap(Dataset.from_dict({"question": PROMPTS}))
    message = rf"`{re.escape(name)}` must have a column `prompt`; got question\. Rename"
    with pytest.raises(tpo.InvalidArgumentError, match=message):
        TargetPOTrainer(model, constant, configuration(folder, case), **datasets)


def test_environments_give_the_prompts_themselves(folder, monkeypatch):
    monkeypatch.setattr(trainer_module.GRPOTrainer, "__init__", lambda *_, **__: None)
    model = AutoModelForCausalLM.from_pretrained(folder / "model")
    settings = configuration(folder, {"options": GROUPS | {"max_steps": 1}})
    datasets = {"train_dataset": Dataset.from_dict({"environment": PROMPTS})}
    TargetPOTrainer(model, constant, settings, **datasets, environment_factory=dict)
    for none in ({}, {"environment_factory": None}):
        with pytest.raises(tpo.InvalidArgumentError, match=r"rename_column\('environment', 'prompt'\)"):
            TargetPOTrainer(model, constant, settings, **datasets, **none)
