"""Tests that a few training steps reach golden parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.testing.suites import steps
from tpo.testing.suites.operations_suite import dtypes_of

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff


class StepsSuite:
    """Tests of training as a whole; `AutodiffSuite` includes them."""

    def test_some_steps_of_training_reach_the_golden_parameters(self, autodiff: Autodiff) -> None:
        """Parameters agree with those in `tpo.testing.suites.steps` to 1e-9 in float64 and to 1e-5 in float32."""
        for dtype in dtypes_of(autodiff):
            got, expected = steps.reached(autodiff, dtype), steps.recorded(dtype)
            assert set(got) == set(expected)
            for name, numbers in expected.items():
                np.testing.assert_allclose(got[name], numbers, rtol=0, atol=steps.CASES[dtype].tolerance, err_msg=name)
