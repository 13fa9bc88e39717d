"""`torch.compile(fullgraph=True)` in a process in which `tpo` has not run yet."""

import subprocess
import sys

import pytest

LATE = {
    "PyTorch after it": "import tpo, torch",
    "PyTorch after NumPy": "import tpo, numpy; tpo.standardize(numpy.ones((2, 3))); import torch",
}

WITH_A_GROUP = """
def with_a_group(algorithm):
    def loss(new, old, scores):
        more = {"advantages": scores, "rollout_log_probs": old - 1}
        group = tpo.Group(scores=scores, old_log_probs=old, mask=scores > -2, **more)
        return algorithm().loss(new, algorithm().prepare(group)).value.sum()
    return loss
"""

IN_ONE_GRAPH = """
def check(function):
    backend = torch._dynamo.testing.CompileCounterWithBackend("eager")
    compiled = torch.compile(function, fullgraph=True, backend=backend)
    torch.manual_seed(0)
    new, old, scores = torch.randn(3, 4, 5).unbind()
    new.requires_grad_()
    first, second = compiled(new, old, scores), compiled(new, old, scores)
    expected = function(new, old, scores)
    third = compiled(new, old, scores)
    for found in (first, second, third):
        assert torch.allclose(found, expected, atol=1e-6), (found, expected)
    # Neither for what was looked up while it was traced, nor for what is known since.
    assert backend.frame_count == 1, backend.frame_count
"""

FUNCTIONS = """
functions = [
    lambda new, old, scores: tpo.target(old, scores, precision="fast"),
    lambda new, old, scores: tpo.standardize(scores, precision="fast"),
    lambda new, old, scores: tpo.cross_entropy(old.exp(), new),
    with_a_group(lambda: tpo.TPO()),
    with_a_group(lambda: tpo.TPO(anchor="ratio", divergence="reverse", standardizer=tpo.Ranks())),
    with_a_group(lambda: tpo.TPO(divergence="reverse", standardizer=tpo.MeanScaled(), precision="fast")),
    with_a_group(lambda: tpo.TruncatedIS(tpo.Gated(tpo.DG(advantages="given")))),
]
for number, function in enumerate(functions):
    # Each in a process of its own, which finds everything as it was imported.
    child = os.fork()
    if not child:
        failed = True
        try:
            check(function)
            failed = False
        finally:
            sys.stdout.flush()
            os._exit(failed)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, f"function {number} failed"
"""


def run(*script):
    text = "\n".join(["import os, sys", *script])
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("imports", LATE.values(), ids=LATE)
def test_an_algorithm_made_inside_needs_no_call_before(imports):
    body = "check(with_a_group(lambda: tpo.TPO(precision='fast', standardizer=tpo.ZScore(floor=0.1))))"
    run(imports, "import torch._dynamo.testing", WITH_A_GROUP, IN_ONE_GRAPH, body)


def test_each_function_may_be_the_first_that_is_called():
    run("import torch, tpo", "import torch._dynamo.testing", WITH_A_GROUP, IN_ONE_GRAPH, FUNCTIONS)
