"""Random numbers depend only on seed, step and purpose."""

import hashlib

import numpy as np
import pytest

from tpo import InvalidArgumentError, Randomness

LARGEST = 2**64 - 1


def draw(seed, step=0, purpose="prompts"):
    return Randomness(seed, step).generator(purpose).random(4)


def test_the_same_key_draws_the_same_numbers():
    np.testing.assert_array_equal(draw(3, 5), draw(3, 5))
    randomness = Randomness(3, 5)
    randomness.generator("sampling").random(1000)
    np.testing.assert_array_equal(randomness.generator("prompts").random(4), draw(3, 5))


def test_another_seed_step_or_purpose_draws_other_numbers():
    keys = [(seed, step) for seed in (0, 1, 2**63, LARGEST - 1, LARGEST) for step in (0, 1, 2**63, LARGEST)]
    draws = {tuple(draw(*key, purpose)) for key in keys for purpose in ("parameters", "prompts", "sampling")}
    assert len(draws) == 3 * len(keys)


def test_seed_and_purpose_are_the_whole_key_and_the_step_the_counter():
    # Integers beyond 63 bits in a list would become float64, and keys that are near would meet.
    for purpose in ("parameters", "prompts", "sampling"):
        code = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")
        state = Randomness(7, LARGEST).generator(purpose).bit_generator.state["state"]
        assert [int(word) for word in state["key"]] == [7, code]
        assert [int(word) for word in state["counter"]] == [0, 0, 0, LARGEST]


@pytest.mark.parametrize("value", [-1, 2**64])
def test_what_does_not_fit_the_key_is_refused(value):
    for name in ("seed", "step"):
        with pytest.raises(InvalidArgumentError) as refusal:
            Randomness(**{"seed": 0, name: value})
        assert str(refusal.value) == f"`{name}` must be a whole number from 0 to 2**64 - 1; got {value}."
