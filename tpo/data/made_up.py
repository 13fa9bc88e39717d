"""A generated data set: images of ten random patterns with noise, for tests and trials."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tpo.training.randomness import Randomness

CLASSES, PIXELS = 10, 784
TRAIN, TEST = 4000, 1000
NOISE = 3.0
"""Standard deviation of the noise, in units of the patterns' standard deviation."""

MIDDLE, CONTRAST = 128, 30
"""Mean of the pixels, and standard deviation of a pattern."""


@functools.cache
def made_up() -> tuple[np.ndarray[Any, Any], ...]:
    """Generate training images and labels, `[4000, 784]` and `[4000]`, and a test set; all uint8."""
    rng = Randomness(0).generator("made-up images")
    patterns = rng.normal(size=(CLASSES, PIXELS))
    labels = rng.integers(0, CLASSES, TRAIN + TEST).astype(np.uint8)
    noisy = patterns[labels] + NOISE * rng.normal(size=(TRAIN + TEST, PIXELS))
    images = np.clip(MIDDLE + CONTRAST * noisy, 0, 255).astype(np.uint8)
    return images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:]
