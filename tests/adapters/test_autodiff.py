"""How every adapter differentiates and loops."""

import numpy as np


def test_vjp_of_an_array(autodiff):
    x, cotangent = autodiff.asarray(np.asarray([1.0, 2.0, 3.0])), autodiff.asarray(np.asarray([1.0, 10.0, 100.0]))
    value, pull = autodiff.vjp(lambda x: x * x * x, x)
    np.testing.assert_array_equal(autodiff.to_numpy(value), [1, 8, 27])
    np.testing.assert_array_equal(autodiff.to_numpy(pull(cotangent)), [3, 120, 2700])
    np.testing.assert_array_equal(autodiff.to_numpy(x), [1, 2, 3])


def test_vjp_of_a_dictionary_with_a_parameter_that_is_not_used(autodiff):
    xp = autodiff.namespace()
    params = {
        name: autodiff.asarray(np.asarray(values)) for name, values in (("b", [2.0, 3.0]), ("a", [1.0]), ("c", 5.0))
    }
    value, pull = autodiff.vjp(lambda p: xp.sum(p["b"] * p["b"]) * p["a"][0], params)
    grads = pull(autodiff.asarray(2.0, dtype="float64"))
    assert float(value) == 13
    assert set(grads) == {"a", "b", "c"}
    np.testing.assert_array_equal(autodiff.to_numpy(grads["b"]), [8, 12])
    np.testing.assert_array_equal(autodiff.to_numpy(grads["a"]), [26])
    np.testing.assert_array_equal(autodiff.to_numpy(grads["c"]), 0)


def test_what_vjp_returns_is_constant(autodiff):
    def through(x):
        value, pull = autodiff.vjp(lambda y: y * y, autodiff.stop_gradient(x))
        return autodiff.stop_gradient(value + pull(value)) + 0 * x

    x = autodiff.asarray(np.asarray([3.0]))
    value, pull = autodiff.vjp(through, x)
    assert float(value[0]) == 9 + 9 * 6
    assert float(pull(x)[0]) == 0


def test_stop_gradient_keeps_the_values_and_drops_the_gradient(autodiff):
    x = autodiff.asarray(np.asarray([2.0, 3.0]))
    value, pull = autodiff.vjp(lambda x: autodiff.stop_gradient(x) * x, x)
    np.testing.assert_array_equal(autodiff.to_numpy(value), [4, 9])
    np.testing.assert_array_equal(autodiff.to_numpy(pull(autodiff.namespace().ones_like(value))), [2, 3])


def test_compile_changes_no_number(autodiff):
    def function(x, tree):
        return {"sum": x + tree[0]["y"], "product": (x * tree[0]["y"],)}

    x, y = autodiff.asarray(np.asarray([2.0])), autodiff.asarray(np.asarray([5.0]))
    result = autodiff.compile(function)(x, ({"y": y},))
    assert (float(result["sum"][0]), float(result["product"][0][0])) == (7, 10)


def test_scan_of_an_array(autodiff):
    xs = autodiff.asarray(np.arange(1.0, 6.0))
    total, products = autodiff.scan(lambda carry, x: (carry + x, carry * x), 0 * xs[0], xs)
    assert float(total) == 15
    np.testing.assert_array_equal(autodiff.to_numpy(products), [0, 2, 9, 24, 50])


def test_scan_of_tuples(autodiff):
    xs = autodiff.asarray(np.arange(6.0).reshape(3, 2)), autodiff.asarray(np.asarray([1, 2, 3]))

    def step(carry, x):
        rows, number = x
        return {"total": carry["total"] + rows * number}, (carry["total"], number * number)

    carry, (totals, squares) = autodiff.scan(step, {"total": 0 * xs[0][0, :]}, xs)
    np.testing.assert_array_equal(autodiff.to_numpy(carry["total"]), [16, 22])
    np.testing.assert_array_equal(autodiff.to_numpy(totals), [[0, 0], [0, 1], [4, 7]])
    np.testing.assert_array_equal(autodiff.to_numpy(squares), [1, 4, 9])


def test_a_gradient_flows_through_scan(autodiff):
    xs = autodiff.asarray(np.asarray([2.0, 3.0, 5.0]))

    def product(start):
        last, partial = autodiff.scan(lambda carry, x: (carry * x, carry), start, xs)
        return last + autodiff.namespace().sum(partial)

    value, pull = autodiff.vjp(product, autodiff.asarray(np.asarray(7.0)))
    assert float(value) == 7 * (30 + 1 + 2 + 6)
    assert float(pull(autodiff.namespace().ones_like(value))) == 39
