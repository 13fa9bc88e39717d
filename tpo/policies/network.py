"""Forward passes of a transformer: over a prompt, over its completions, and over one more token with a cache.

In shapes: S seeds, B prompts, C completions per prompt, P prompt tokens, t tokens, D width, H heads, E = D / H,
V vocabulary. A prompt is encoded once for all of its completions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.policies.attention import KeysValues, attention, causal_mask, merge_heads, split_heads
from tpo.policies.layers import dense, gelu, layer_norm, matmul, rows_at

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff, Parameters
    from tpo.core.arrays.typing import Array
    from tpo.policies.distinct import Distinct

Attend = Callable[[int, Any, KeysValues], Any]
"""The attention of a layer: from its index, queries, and keys and values to the attended values."""


@dataclass(frozen=True)
class Network:
    """A transformer with its parameters, ready to run.

    Attributes:
        backend: The library of the parameters.
        params: Arrays `[S, ...]` by name, as `Transformer.initial_parameters` names them.
        layers: The number of blocks.
        heads: The number of attention heads.
    """

    backend: Autodiff
    params: Parameters
    layers: int
    heads: int

    def encode(self, prompts: Array) -> tuple[tuple[KeysValues, ...], Array]:
        """Encode prompts `[S, B, P]`: keys and values per layer, and log-probs of the next token `[S, B, 1, 1, V]`."""
        kept: list[KeysValues] = []
        hidden = self._causal(prompts[:, :, None, :], 1, kept)
        prompt = tuple((key[:, :, :, 0, :, :], value[:, :, :, 0, :, :]) for key, value in kept)
        return prompt, self._log_probs(hidden)

    def evaluate(self, prompts: Array, completions: Array) -> Array:
        """Log-probs `[S, B, 1, T, V]` at each token of one completion `[S, B, 1, T]` per prompt `[S, B, P]`.

        `encode` and `extend` compute the same in two passes, with twice as many operations and twice the compilation.
        """
        xp, needed = self.backend.namespace(), completions.shape[-1]
        tokens = xp.concat([prompts[:, :, None, :], completions[..., :-1]], axis=-1)
        return self._log_probs(self._causal(tokens, needed, []))

    def _causal(self, tokens: Array, needed: int, kept: list[KeysValues]) -> Array:
        """Causal pass over `[S, B, C, t]`, with outputs at the last `needed` positions only.

        Keys and values of each layer are appended to `kept`. The last layer is evaluated at those positions only.
        """
        length = tokens.shape[-1]
        mask = self._constant(causal_mask(length))

        def attend(layer: int, query: Array, own: KeysValues) -> Array:
            kept.append(own)
            last = length if layer < self.layers - 1 else needed
            return attention(self.backend, query[..., -last:, :], own, mask[-last:, :])

        return self._blocks(tokens, self.params["positions"][:, :length, :], attend)

    def extend(self, prompt: Sequence[KeysValues], tokens: Array, distinct: Distinct | None = None) -> Array:
        """Log-probs of the successor of each completion token, `[S, B, C, t]` to `[S, B, C, t, V]`."""
        if distinct is None:
            return self._extend(prompt, tokens)
        xp, (seeds, batch, count, length) = self.backend.namespace(), tokens.shape
        take = partial(rows_at, self.backend)
        rows = take(xp.reshape(tokens, (seeds, batch * count, 1, length)), distinct.first)
        owners = distinct.first // count
        own_prompt = [(take(key, owners), take(value, owners)) for key, value in prompt]
        log_probs = take(self._extend(own_prompt, rows), distinct.row)
        return xp.reshape(log_probs, (seeds, batch, count, length, log_probs.shape[-1]))

    def _extend(self, prompt: Sequence[KeysValues], tokens: Array) -> Array:
        start, length = prompt[0][0].shape[-2], tokens.shape[-1]
        mask = self._constant(causal_mask(length))

        def attend(layer: int, query: Array, own: KeysValues) -> Array:
            return attention(self.backend, query, own, mask, prompt[layer])

        return self._log_probs(self._blocks(tokens, self.params["positions"][:, start : start + length, :], attend))

    def extend_cached(
        self, prompt: Sequence[KeysValues], cache: Sequence[KeysValues], slot: Array, tokens: Array, position: Array
    ) -> tuple[Array, tuple[KeysValues, ...]]:
        """Decode one more token `[S, B, C]`: log-probs of its successor, and the cache with the token.

        Args:
            prompt: From `encode`.
            cache: Keys and values of every layer, `[S, B, H, C, slots, E]`.
            slot: The slot of the cache to write, a scalar; slots before it are visible, slots after it are not.
            tokens: `[S, B, C]`.
            position: The embedding of the token's position, `[S, D]`.

        Returns:
            `[S, B, C, 1, V]` and the new cache.
        """
        xp = self.backend.namespace()
        length = cache[0][0].shape[-2]
        here = (self.backend.asarray(np.arange(length)) == slot)[:, None]
        mask = xp.take(self._constant(causal_mask(length)), xp.reshape(slot, (1,)), axis=0)
        written: list[KeysValues] = []

        def attend(layer: int, query: Array, own: KeysValues) -> Array:
            keys, values = (xp.where(here, new, old) for new, old in zip(own, cache[layer], strict=True))
            written.append((keys, values))
            return attention(self.backend, query, (keys, values), mask, prompt[layer])

        hidden = self._blocks(tokens[..., None], position[:, None, :], attend)
        return self._log_probs(hidden), tuple(written)

    def _blocks(self, tokens: Array, positions: Array, attend: Attend) -> Array:
        """Run tokens `[S, B, C, t]` with position embeddings `[S, t, D]` through all layers, to `[S, B, C, t', D]`.

        If a layer has queries at its last t' positions only, the residual stream is cut to them.
        """
        xp = self.backend.namespace()
        x = matmul(xp, self.one_hot(tokens), self.params["tokens"]) + positions[:, None, None, :, :]
        for layer in range(self.layers):
            name = f"layers.{layer}"
            projected = self._dense(f"{name}.attention_in", self._norm(f"{name}.before_attention", x))
            query, key, value = split_heads(xp, projected, self.heads)
            attended = attend(layer, query, (key, value))
            x = x[..., -attended.shape[-2] :, :] + self._dense(f"{name}.attention_out", merge_heads(xp, attended))
            hidden = gelu(self.backend, self._dense(f"{name}.expand", self._norm(f"{name}.before_expand", x)))
            x = x + self._dense(f"{name}.contract", hidden)
        return self._norm("last", x)

    def one_hot(self, tokens: Array) -> Array:
        """One-hot vectors `[..., V]` of integers `[...]`: the gradient of a product with them is no scatter."""
        table = self.params["tokens"]
        vocabulary = self.backend.asarray(np.arange(table.shape[1]))
        return self.backend.namespace().astype(tokens[..., None] == vocabulary, table.dtype)

    def _dense(self, name: str, x: Array) -> Array:
        return dense(self.backend, self.params, name, x)

    def _norm(self, name: str, x: Array) -> Array:
        return layer_norm(self.backend, self.params, name, x)

    def _log_probs(self, hidden: Array) -> Array:
        return self.backend.log_softmax(self._dense("head", hidden))

    def _constant(self, values: Any) -> Array:
        """Convert numbers to the dtype of the parameters."""
        return self.backend.asarray(values, dtype=str(self.params["tokens"].dtype).rpartition(".")[2])
