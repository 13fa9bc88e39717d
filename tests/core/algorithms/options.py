"""Options that an algorithm refuses."""

import pytest

from tpo import InvalidArgumentError


def check_refused(cls, options, message):
    """Assert that an algorithm refuses options with exactly this message."""
    with pytest.raises(InvalidArgumentError) as refusal:
        cls(**options)
    assert str(refusal.value) == message
