"""A rollout engine for CPUs: Hugging Face generation in a Ray actor, in the registries that verl keeps for engines."""

import os

import ray
import torch
from transformers import AutoModelForCausalLM
from verl.workers.rollout.base import _ROLLOUT_REGISTRY, BaseRollout
from verl.workers.rollout.replica import RolloutReplica, RolloutReplicaRegistry, TokenOutput

NAME = "hf_cpu"
LONGEST = 4
"""Tokens of a completion, where the request does not say."""


def actor_name(replica):
    """The name of a replica's actor."""
    return f"{NAME}_{replica}"


class Server:
    """Generates one token after another, with a cache of keys and values."""

    def __init__(self, path):
        """Load the model of a folder."""
        torch.set_num_threads(1)
        torch.manual_seed(int(os.environ.get("TPO_VERL_SEED", "0")))
        self._model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")
        self._model.eval()
        self._step = 0

    async def nothing(self, *_, **__):
        """Sleeping, waking up and clearing caches: there is nothing to free."""

    wake_up = sleep = abort_all_requests = resume_generation = nothing
    clear_kv_cache = release_kv_cache = resume_kv_cache = nothing

    async def load_weights(self, weights, global_steps=None):
        """Take the weights of the trained model."""
        self._model.load_state_dict(weights, strict=True)
        self._step = self._step if global_steps is None else global_steps

    async def generate(self, prompt_ids, sampling_params, request_id, **_):
        """Sample a completion."""
        del request_id
        longest = sampling_params.get("max_tokens") or sampling_params.get("max_new_tokens") or LONGEST
        tokens, log_probs = self._sample(list(prompt_ids), longest, sampling_params.get("temperature", 1.0))
        return TokenOutput(
            token_ids=tokens,
            log_probs=log_probs if sampling_params.get("logprobs") else None,
            stop_reason="completed",
            extra_fields={"global_steps": self._step},
        )

    @torch.no_grad()
    def _sample(self, prompt, longest, temperature):
        ids, cache, tokens, log_probs = torch.tensor([prompt]), None, [], []
        while len(tokens) < longest:
            output = self._model(ids, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            logits = torch.log_softmax(output.logits[0, -1].float() / (temperature or 1.0), -1)
            token = int(torch.multinomial(logits.exp(), 1)) if temperature else int(logits.argmax())
            tokens.append(token)
            log_probs.append(float(logits[token]))
            if token == self._model.config.eos_token_id:
                break
            ids = torch.tensor([[token]])
        return tokens, log_probs


class Replica(RolloutReplica):
    """Starts the server."""

    async def launch_servers(self):
        """Start one actor."""
        name = actor_name(self.replica_rank)
        server = ray.remote(Server).options(name=name, num_cpus=0).remote(self.model_config.path)
        await server.wake_up.remote()
        self.servers, self._server_handle = [server], server
        self._server_address = f"127.0.0.1:{40000 + self.replica_rank}"


class Adapter(BaseRollout):
    """Sends the weights of the trained model to the server; one lives in every training worker."""

    def __init__(self, config, model_config, device_mesh, replica_rank=-1):
        """Remember which replica is served."""
        super().__init__(config, model_config, device_mesh)
        self.replica_rank = int(os.environ["RANK"]) if replica_rank == -1 else replica_rank

    async def resume(self, tags):
        """Nothing was freed."""

    async def release(self):
        """There is nothing to free."""

    async def update_weights(self, weights, global_steps=None, **_):
        """Send all weights at once."""
        state = {name: value.detach().float().cpu().clone() for name, value in weights}
        await ray.get_actor(actor_name(self.replica_rank)).load_weights.remote(state, global_steps)


def register():
    """Add the engine to verl's registries."""
    _ROLLOUT_REGISTRY[NAME, "async"] = f"{__name__}.Adapter"
    RolloutReplicaRegistry.register(NAME, lambda: Replica)
