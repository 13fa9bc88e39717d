"""Defective adapters and namespaces, with the tests that must catch them."""

from __future__ import annotations

import numpy as np
import torch

from tests.testing.mutants import adapters
from tests.testing.mutants.adapters import RIGHT, TORCH, by_code, once, torch_with, without
from tests.testing.mutants.boxes import BoxedBackend
from tests.testing.mutants.table import Row

GOLDEN = "test_exact_targets_are_the_golden_ones"


def boxed(wrong, test, given=None, **altered):
    """A mutant of boxed NumPy with some functions, or operators by their short names, replaced."""
    return Row(wrong, test, BoxedBackend(altered=altered), BoxedBackend(), given or {})


def operation(wrong, name, function):
    """A mutant of boxed NumPy that the test of the operation `name` must catch."""
    return boxed(wrong, "test_operation", {"name": name}, **{name.partition(",")[0]: function})


def gradient(wrong, **functions):
    """A mutant of PyTorch's adapter, with other functions, that the test of gradients must catch."""
    return Row(wrong, "test_gradients_of_functions", without(**functions), TORCH)


def of_torch(wrong, test, given=None, **methods):
    """A mutant of PyTorch's adapter with some methods replaced."""
    return Row(wrong, test, torch_with(**methods), TORCH, given or {})


NAMESPACES = (
    boxed("== is inexact below 1e-12", GOLDEN, eq=adapters.nearly, ne=lambda x, y: ~adapters.nearly(x, y)),
    boxed("== is inexact below 1e-12", "test_comparisons_are_exact", {"pair": "tiny and zero"}, eq=adapters.nearly),
    boxed("equal infinities differ", "test_comparisons_are_exact", {"pair": "infinite"}, eq=lambda x, y: x - y == 0),
    Row("what is below 1e-25 is 0", GOLDEN, BoxedBackend(flush=adapters.flushed), BoxedBackend()),
    Row(
        "what is below 1e-25 is 0", "test_small_numbers_are_kept", BoxedBackend(flush=adapters.flushed), BoxedBackend()
    ),
    boxed(
        "a quotient is a product with the reciprocal",
        "test_quotients_and_products_are_rounded_once",
        truediv=adapters.times_reciprocal,
    ),
    boxed(
        "casts to half precision drop digits",
        "test_sums_of_half_precision_can_be_taken_in_float32",
        astype=adapters.chopped,
    ),
    boxed("sums are taken in float32", GOLDEN, {"dtype": "float64"}, sum=adapters.summed_in_single),
    operation("roots are those of float32", "sqrt", adapters.root_of_single),
    operation("sort goes up only", "sort, descending", lambda x, *, axis, **_: np.sort(x, axis=axis)),
    operation("clip has no upper bound", "clip, above", lambda x, low=-np.inf, **_: np.maximum(x, low)),
    operation("halves are rounded up", "round, to even", lambda x: np.floor(x + 0.5)),
    operation("a choice by arithmetic", "where, of what is not a number", adapters.blended),
    operation("infinity is finite", "isfinite", lambda x: ~np.isnan(x)),
    operation("sums so far leave the last out", "cumulative_sum", lambda x, *, axis: np.cumsum(x, axis=axis) - x),
    operation("integers are cast by rounding", "astype, to integers", lambda x, dtype: (x + 0.75).astype(dtype)),
    operation("joined the other way round", "concat", lambda x, *, axis: np.concatenate(x[::-1], axis=axis)),
    operation("taken along the wrong axis", "take", lambda x, index, *, axis: np.take(x, index, axis=1 - axis)),
    operation("of the first axis", "max", lambda x, **_: np.max(x, axis=0)),
)

ADAPTERS = (
    of_torch(
        "the softmax over another axis",
        "test_log_softmax_is_the_neutral_one",
        {"shape": (50, 9)},
        log_softmax=lambda _, array: array.log_softmax(dim=0),
    ),
    of_torch(
        "an impossible candidate has no floor",
        "test_log_softmax_of_impossible_candidates_is_finite",
        log_softmax=lambda _, array: array.log_softmax(dim=-1),
    ),
    of_torch(
        "adopted arrays are float32",
        "test_numpy_arrays_are_adopted",
        {"dtype": "float64"},
        adopt=lambda self, values, like: RIGHT.adopt(self, values, like).float(),
    ),
    of_torch(
        "arrays come in as float32",
        "test_floating_values_keep_their_dtype",
        {"dtype": "float64"},
        asarray=lambda self, values, *, dtype=None: RIGHT.asarray(self, values, dtype=dtype or "float32"),
    ),
    of_torch("nothing is stopped", "test_stop_gradient_drops_the_gradient", stop_gradient=lambda _, array: array),
    of_torch("gradients are doubled", "test_vjp_of_an_array", vjp=adapters.doubled_vjp),
    of_torch(
        "no gradient of what is not used",
        "test_vjp_of_a_dictionary_with_a_parameter_that_is_not_used",
        vjp=adapters.vjp_of_what_is_used,
    ),
    of_torch(
        "a gradient that is given is halved",
        "test_a_gradient_that_is_given_is_the_gradient",
        with_gradient=lambda self, value, array, gradient: RIGHT.with_gradient(self, value, array, gradient / 2),
    ),
    of_torch("a scan runs backwards", "test_scan_of_an_array", {"length": 5}, scan=adapters.backward_scan),
    of_torch("a scan forgets its carry", "test_scan_of_an_array", {"length": 5}, scan=adapters.forgetful_scan),
    of_torch(
        "the first branch is always taken",
        "test_cond_computes_what_the_predicate_says",
        {"first": False},
        cond=lambda _, predicate, if_true, if_false: if_true() if predicate is not None else if_false(),
    ),
    of_torch(
        "seeds are averaged",
        "test_compile_over_seeds_changes_no_number",
        {"seeds": 3},
        compile_over_seeds=adapters.seeds_averaged,
    ),
    of_torch(
        "rows are cut off",
        "test_bucket_size_holds_the_count_and_keeps_to_the_limit",
        bucket_size=lambda _, count, limit: min(count, limit - 1),
    ),
    of_torch(
        "the bias of Adam's moments is not corrected",
        "test_every_update_is_the_references",
        {"case": "Adam"},
        optimizer=lambda _, spec: adapters.Uncorrected(spec),
    ),
    of_torch(
        "what has no gradient moves",
        "test_a_gradient_of_zero_moves_nothing",
        optimizer=lambda self, spec: adapters.Loud(RIGHT.optimizer(self, spec)),
    ),
    of_torch(
        "steps are longer by a millionth",
        "test_some_steps_of_training_reach_the_golden_parameters",
        optimizer=adapters.faster,
    ),
    of_torch(
        "a native layer is another function",
        "test_fused_layers_compute_what_they_stand_for",
        {"seeds": 1},
        fused={"tanh_gelu": lambda _, x: torch.nn.functional.gelu(x)},
    ),
    of_torch("a native version of no layer", "test_only_layers_are_fused", fused={"swish": torch.nn.functional.silu}),
    *(
        of_torch(wrong, "test_what_is_compiled_depends_on_its_arguments_alone", **{name: how(getattr(RIGHT, name))})
        for name in ("compile", "compile_over_seeds")
        for wrong, how in ((f"{name} keeps the first result", once), (f"{name} goes by the code", by_code))
    ),
    of_torch(
        "parameters that are read are float32",
        "test_shard_like_keeps_dtype_and_numbers",
        shard_like=lambda self, values, like: RIGHT.shard_like(self, values, like).float(),
    ),
    gradient("no gradient of what is not chosen", where=lambda c, x, y: torch.where(c, x, y.detach())),
    gradient("a minimum of two: the second is constant", minimum=lambda x, y: torch.minimum(x, y.detach())),
    gradient("a bound lets the gradient pass", clip=lambda x, *low, **high: x + (x.clip(*low, **high) - x).detach()),
    gradient("what is joined is constant", concat=lambda x, *, axis: torch.cat(x, axis).detach() + 0 * x[0].sum()),
    gradient("a slope of 1.001", exp=lambda x: x.detach().exp() * (1 + 1.001 * (x - x.detach()))),
)
