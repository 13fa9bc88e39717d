"""The suite of `tpo.testing` on every built-in algorithm."""

import pytest

from tests.core.algorithms import ALGORITHMS
from tpo.testing import AlgorithmSuite


class TestAlgorithms(AlgorithmSuite):
    tolerance = 256
    tolerances = {"shift": 0}  # noqa: RUF012 - a constant
    """Shifts are exact here, because scores are multiples of 1/4."""

    @pytest.fixture(params=ALGORITHMS, ids=str)
    def algorithm(self, request):
        return request.param
