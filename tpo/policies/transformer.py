"""A decoder-only transformer that answers a prompt with a completion of fixed length.

One definition for every backend. Parameters are a flat dictionary, and every array has the seeds as axis 0. In shapes:
S seeds, B prompts, C completions per prompt, P prompt tokens, T completion tokens, M candidate tokens per position,
V vocabulary, D width.

Completions that end by themselves are sampled to the full length, too, and `tpo.until_end` masks what follows the end:
attention is causal, so that later tokens change no log-prob before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import InvalidArgumentError
from tpo.policies.drafts import draft_of
from tpo.policies.initializers import lecun_normal, normal
from tpo.policies.layers import rows_at
from tpo.policies.network import Network
from tpo.policies.sampling import invert, likeliest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.backends.protocols import Autodiff, Parameters
    from tpo.core.arrays.typing import Array
    from tpo.policies.distinct import Distinct
    from tpo.policies.drafts import Draft, Drafted

POSITION_STD = 0.02
LEAST = {
    **dict.fromkeys(("vocab_size", "prompt_length", "width", "layers", "heads", "expansion"), 1),
    "completion_length": 2,
}
"""The smallest sizes."""


@dataclass(frozen=True, kw_only=True)
class Transformer:
    """Pre-LayerNorm transformer with learned positions, tanh-GELU and an untied output head.

    Attributes:
        vocab_size: V, distinct tokens.
        prompt_length: P, tokens per prompt.
        completion_length: T, tokens per completion, at least 2.
        width: D, the width of the residual stream.
        layers: The number of blocks.
        heads: The number of attention heads, a divisor of `width`.
        expansion: Width of the feed-forward layer, as a multiple of `width`.

    Raises:
        InvalidArgumentError: A number is too small, or `heads` is no divisor of `width`.

    Source:
        The policy of Kaddour 2026, sections 3.4 to 3.7, as in its published implementation: two heads, where the paper
        says four.
    """

    vocab_size: int
    prompt_length: int
    completion_length: int
    width: int = 64
    layers: int = 2
    heads: int = 2
    expansion: int = 4

    def __post_init__(self) -> None:
        """Check the sizes."""
        for name, least in LEAST.items():
            if getattr(self, name) < least:
                message = f"`{name}` must be at least {least}; got {getattr(self, name)}."
                raise InvalidArgumentError(f"{message} Choose a larger number.")
        if self.width % self.heads:
            message = f"`heads` must be a divisor of `width`, {self.width}; got {self.heads}."
            raise InvalidArgumentError(f"{message} Each head takes an equal share of the width.")

    @property
    def matrices(self) -> tuple[str, ...]:
        """The parameters that Muon updates: embeddings, feed-forward kernels and the output head."""
        feed_forward = (f"layers.{i}.{part}.kernel" for i in range(self.layers) for part in ("expand", "contract"))
        return ("tokens", "positions", *feed_forward, "head.kernel")

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the parameters of one seed, float64, without the seeds axis."""
        d, length = self.width, self.prompt_length + self.completion_length
        params = {
            "tokens": normal(rng, (self.vocab_size, d), d**-0.5),
            "positions": normal(rng, (length, d), POSITION_STD),
        }
        for i in range(self.layers):
            name = f"layers.{i}"
            params |= _norm_parameters(f"{name}.before_attention", d)
            params |= _dense_parameters(rng, f"{name}.attention_in", d, 3 * d)
            params |= _dense_parameters(rng, f"{name}.attention_out", d, d)
            params |= _norm_parameters(f"{name}.before_expand", d)
            params |= _dense_parameters(rng, f"{name}.expand", d, self.expansion * d)
            params |= _dense_parameters(rng, f"{name}.contract", self.expansion * d, d)
        return params | _norm_parameters("last", d) | _dense_parameters(rng, "head", d, self.vocab_size)

    def draft(self, backend: Autodiff, params: Parameters, prompts: Array, noise: Array) -> Draft:
        """Decode the first completion of each prompt as a draft of the others; arguments as for `sample`."""
        return draft_of(backend.namespace(), self._decode(backend, params, prompts, noise, paths=1))

    def sample(
        self, backend: Autodiff, params: Parameters, prompts: Array, noise: Array, drafted: Drafted | None = None
    ) -> tuple[Array, Array]:
        """Sample completions and candidate tokens, decoding with a key-value cache of fixed size.

        Args:
            backend: Whose arrays these are.
            params: Arrays `[S, ...]`.
            prompts: `[S, B, P]` integer.
            noise: `[T, S, B, C, M]` uniform in [0, 1), which determines the tokens by inversion.
            drafted: From `tpo.policies.drafts.settle_draft`, to decode only completions that leave the draft.

        Returns:
            `[S, B, C, T]` completions, the first candidate at each position; `[S, B, C, T, M]` all candidates.
        """
        count = noise.shape[3]
        if drafted is None:
            candidates = self._decode(backend, params, prompts, noise, paths=count)
        else:
            owners = rows_at(backend, prompts, drafted.places // count)
            decoded = self._decode(backend, params, owners, drafted.rows(backend, noise), paths=1)
            candidates = drafted.merge(backend, decoded)
        return candidates[..., 0], candidates

    def greedy(self, backend: Autodiff, params: Parameters, prompts: Array) -> Array:
        """Complete prompts `[S, B, P]` by the likeliest token at each position, `[S, B, T]`."""
        unused = backend.namespace().zeros_like(prompts[:, :, :1, None], dtype=params["tokens"].dtype)
        noise = backend.namespace().broadcast_to(unused, (self.completion_length, *unused.shape))
        return self._decode(backend, params, prompts, noise, paths=1, choose=likeliest)[:, :, 0, :, 0]

    def _decode(
        self,
        backend: Autodiff,
        params: Parameters,
        prompts: Array,
        noise: Array,
        *,
        paths: int,
        choose: Callable[..., Array] = invert,
    ) -> Array:
        """Choose candidates `[S, B, C, T, M]` along the first `paths` completions of each prompt: all C, or 1."""
        xp, network = backend.namespace(), self._network(backend, params)
        prompt, log_probs = network.encode(prompts)
        first = choose(xp, log_probs[..., 0, :], noise[0, ...], prompts.dtype)

        def decode(carry: Any, x: tuple[Array, Array, Array]) -> tuple[Any, Array]:
            taken, cache = carry
            slot, position, uniform = x
            log_probs, cache = network.extend_cached(prompt, cache, slot, taken, position)
            candidates = choose(xp, log_probs[..., 0, :], uniform, taken.dtype)
            return (candidates[:, :, :paths, 0], cache), candidates

        slots = backend.asarray(np.arange(self.completion_length - 1))
        positions = xp.permute_dims(params["positions"][:, self.prompt_length : -1, :], (1, 0, 2))
        carry = first[:, :, :paths, 0], self._empty_cache(backend, prompt[0][0], paths)
        _, later = backend.scan(decode, carry, (slots, positions, noise[1:, ...]))
        return xp.permute_dims(xp.concat([first[None, ...], later], axis=0), (1, 2, 3, 0, 4))

    def token_log_probs(
        self,
        backend: Autodiff,
        params: Parameters,
        prompts: Array,
        completions: Array,
        candidates: Array,
        distinct: Distinct | None = None,
    ) -> Array:
        """Log-probs of the candidates at every prefix, in one causal pass; differentiable in `params`.

        Args:
            backend: Whose arrays these are.
            params: Arrays `[S, ...]`.
            prompts: `[S, B, P]` integer.
            completions: `[S, B, C, T]` integer: the tokens taken.
            candidates: `[S, B, C, T, M]` integer: the tokens to evaluate.
            distinct: From `tpo.policies.distinct.distinct`, to evaluate equal completions of a prompt once.

        Returns:
            `[S, B, C, T, M]` in nats.
        """
        xp, network = backend.namespace(), self._network(backend, params)
        if completions.shape[2] == 1:
            log_probs = network.evaluate(prompts, completions)
        else:
            prompt, first = network.encode(prompts)
            later = network.extend(prompt, completions[..., :-1], distinct)
            first = xp.broadcast_to(first, (*later.shape[:3], 1, self.vocab_size))
            log_probs = xp.concat([first, later], axis=-2)
        return xp.sum(network.one_hot(candidates) * log_probs[..., None, :], axis=-1)

    def _network(self, backend: Autodiff, params: Parameters) -> Network:
        return Network(backend, params, self.layers, self.heads)

    def _empty_cache(self, backend: Autodiff, prompt_key: Array, paths: int) -> tuple[tuple[Array, Array], ...]:
        """Create an empty key-value cache, `[S, B, H, C, T - 1, E]` per layer, with C = `paths`."""
        seeds, batch, heads, _, width = prompt_key.shape
        shape = (seeds, batch, heads, paths, self.completion_length - 1, width)
        empty = backend.namespace().broadcast_to(prompt_key[:, :, :, None, :1, :] * 0, shape)
        return tuple((empty, empty) for _ in range(self.layers))


def _norm_parameters(name: str, width: int) -> dict[str, np.ndarray[Any, Any]]:
    return {f"{name}.scale": np.ones(width), f"{name}.bias": np.zeros(width)}


def _dense_parameters(
    rng: np.random.Generator, name: str, fan_in: int, fan_out: int
) -> dict[str, np.ndarray[Any, Any]]:
    return {f"{name}.kernel": lecun_normal(rng, fan_in, fan_out), f"{name}.bias": np.zeros(fan_out)}
