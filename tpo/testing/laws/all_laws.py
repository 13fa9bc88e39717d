"""The definitions of the laws of losses."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tpo.core.algorithms.base import DECLARABLE
from tpo.testing.laws import comparing, poses
from tpo.testing.laws.half_precision import rounded_once
from tpo.testing.laws.law import Law

if TYPE_CHECKING:
    from collections.abc import Mapping

LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "shift": Law(
            DECLARABLE["shift"],
            "Subtract the group's mean, or use tpo.standardize(scores).",
            poses.as_it_is,
            comparing.shifted,
        ),
        "permutation": Law(
            DECLARABLE["permutation"],
            "Treat all candidates alike: use neither their index nor their order.",
            poses.as_it_is,
            comparing.permuted,
            of_tokens_too=True,
            in_half_too=True,
        ),
        "tied": Law(
            DECLARABLE["tied"],
            "At the old policy, only differences of scores may give a gradient: subtract the group's mean, and call a "
            "group tied where its highest score is its lowest, not where its deviation is small.",
            poses.tie,
            comparing.unmoved,
            of_tokens_too=True,
            of_round_off="This is round-off, which counts too: Adam and Muon turn it into a full-size update. "
            "tpo.TPO leaves none.",
            about_gradients=True,
            in_single_too=True,
            in_half_too=True,
        ),
        "direction": Law(
            DECLARABLE["direction"],
            "Look for a wrong sign: the loss must fall as the candidates with high scores become likelier.",
            poses.agree,
            comparing.improved,
            of_tokens_too=True,
            wanted="above 0",
            about_gradients=True,
        ),
        "finite": Law(
            DECLARABLE["finite"],
            "Clamp log-ratios before exp(), to 20 nats say, and take a log-softmax instead of log(softmax).",
            poses.send_far,
            comparing.finite,
            wanted="a finite number",
            in_single_too=True,
            in_half_too=True,
            may_overflow=True,
        ),
        "constant": Law(
            DECLARABLE["constant"],
            "Stop the gradient, whatever callers pass: .detach() in PyTorch, jax.lax.stop_gradient() in JAX.",
            poses.as_it_is,
            comparing.constant,
            of_functions="no gradient flows into the old log-probs",
            about_gradients=True,
            in_half_too=True,
        ),
        "padding": Law(
            DECLARABLE["padding"],
            "Sum over the tokens in the mask, and divide by their number, not by the length of the array.",
            poses.as_it_is,
            comparing.padded_with_tokens,
            about_tokens=True,
        ),
        "half": Law(
            DECLARABLE["half"],
            "Cast to float32 before anything is computed: log_probs.float() in PyTorch, .astype(float32) elsewhere.",
            poses.as_it_is,
            rounded_once,
            of_one_size=True,
            broken_by_failure=True,
        ),
        "alone": Law(
            "no group changes what comes of another",
            "Reduce over the axis of the candidates, and that of their tokens, only.",
            poses.as_it_is,
            comparing.alone,
            of_tokens_too=True,
        ),
    }
)
"""All laws by name. All but `alone` may be broken by design, which `Traits.breaks` declares."""
