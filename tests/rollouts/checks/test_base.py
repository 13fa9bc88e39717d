"""Shares of rollouts in words."""

import pytest

from tpo.rollouts.checks.base import percent, share


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0, "0 %"),
        (1.0, "100 %"),
        (1e-7, "0.00001 %"),
        (1e-4, "0.01 %"),
        (3 / 64, "4.7 %"),
        (0.125, "12 %"),
        (0.5, "50 %"),
        (0.98, "98 %"),
        (0.994, "99.4 %"),
        (0.995, "99.5 %"),
        (0.996, "99.6 %"),
        (255 / 256, "99.6 %"),
        (4095 / 4096, "99.98 %"),
        (1 - 1e-7, "99.99999 %"),
    ],
)
def test_percents_have_two_digits_and_only_all_is_100(fraction, text):
    assert percent(fraction) == text


def test_nearly_all_is_not_all():
    assert share(255, 256, "groups") == "255 of 256 groups (99.6 %)"
    assert share(256, 256, "groups") == "256 of 256 groups (100 %)"
    assert share(0, 0, "groups") == "0 of 0 groups (0 %)"
