"""Running a suite's tests on every installed backend that differentiates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tpo.plugins import registry
from tpo.testing.laws.subjects import scope, widest_dtype

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.backends.protocols import Autodiff


class OnEachBackend:
    """A suite whose tests run on each installed backend that differentiates."""

    @pytest.fixture(params=registry.installed_trainable())
    def wide(self, request: pytest.FixtureRequest) -> Iterator[Autodiff]:
        """Each installed backend that differentiates, with its widest dtype."""
        created: Any = registry.backend(request.param)
        with scope(created, widest_dtype(created)):
            yield created
