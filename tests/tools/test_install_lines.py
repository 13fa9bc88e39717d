"""Install commands in the documentation are found and parsed."""

import tomllib

import pytest

from tools.install_lines import IMPORTS, LISTED, RUNS, Line, commands, lines_below, without_row
from tpo.plugins import registry

PAGE = """\
Install it: `pip install tpo`, or `pip install "tpo[jax]"`; what pip installs is a wheel.

```sh
python3 -m venv .venv && .venv/bin/pip install nox && .venv/bin/nox -s tests
tpo list   # what `pip install` is for
pip install "tpo[ray]"  # Ray
```

```python
hint = "pip install made-up"
```

    pip install -e . "tpo[testing]"
    pytest
"""

LISTING = """\
Algorithms
name  summary
tpo   fit a target
no    says no

Backends
name   trains  installed  summary
jax    yes     no         JAX
torch  no      yes        PyTorch

Trackers
name   installed  summary
wandb  yes        Weights & Biases; offline, it keeps
                  everything here
jsonl  no         a file

To install what is missing
jax  pip install "tpo[jax]"
"""


def line(command, page="README.md"):
    return Line(page, 1, command)


def test_commands_are_found_in_blocks_of_shell_and_between_backticks():
    assert list(commands(PAGE)) == [
        (1, "pip install tpo"),
        (1, 'pip install "tpo[jax]"'),
        (4, "python3 -m venv .venv && .venv/bin/pip install nox && .venv/bin/nox -s tests"),
        (6, 'pip install "tpo[ray]"  # Ray'),
        (13, 'pip install -e . "tpo[testing]"'),
    ]


def test_pages_are_read_in_order_and_nothing_else_is(tmp_path):
    for name in ("docs/deep/a.md", "examples/one/README.md", "README.md", "CHANGELOG.md", "docs/a.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"\n`pip install {file.stem}`\n")
    assert list(map(str, lines_below(tmp_path))) == [
        "README.md:2: pip install README",
        "docs/deep/a.md:2: pip install a",
        "examples/one/README.md:2: pip install README",
    ]


@pytest.mark.parametrize(
    ("command", "in_clone", "extras", "imports"),
    [
        ("pip install tpo", False, set(), ["tpo"]),
        ('pip install --quiet "tpo[jax, ray]"  # or .[torch]', False, {"jax", "ray"}, ["tpo", "jax", "optax"]),
        ('pip install ".[torch]"', True, {"torch"}, ["made_up", "torch"]),
        ('pip install -e "../..[testing]" -e .', True, {"testing"}, ["tpo", "made_up", "hypothesis", "mpmath"]),
        ("pip install torch -c constraints.txt", True, set(), ["torch"]),
        ("pip install 'torch>=2.5'", False, set(), ["torch"]),
    ],
)
def test_what_a_line_installs_and_where(command, in_clone, extras, imports):
    found = line(command)
    assert (found.in_clone, found.extras) == (in_clone, extras)
    names = [name for name in found.imports("made-up") if name not in {"matplotlib", "jinja2", "ray", "pytest"}]
    assert names == imports
    assert (found.commands, found.own_environment) == (command, False)


def test_of_several_commands_those_up_to_the_last_that_installs_are_typed():
    found = line("python3 -m venv .venv && .venv/bin/pip install --quiet nox && .venv/bin/nox -s tests")
    assert found.commands == "python3 -m venv .venv && .venv/bin/pip install --quiet nox"
    assert (found.own_environment, found.in_clone) == (True, True)
    assert found.imports("tpo") == ["nox"]


def test_names_without_a_row_or_not_installed_are_told():
    assert without_row(LISTING, {"tpo", "no", "torch", "wandb"}) == []
    assert without_row(LISTING, {"tpo", "jax", "jsonl", "spo"}) == ["jax", "jsonl", "spo"]


@pytest.fixture
def project(pytestconfig):
    """The project table of `pyproject.toml`."""
    return tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_extra_has_its_promise(project):
    extras = set(project["optional-dependencies"])
    assert set(IMPORTS) == extras
    registered = {*registry.host().backends(), *registry.host().trackers()}
    assert registered & extras == LISTED
    assert set(registry.host().backends()) & extras == set(RUNS)


def test_the_extras_of_backends_draw_and_the_core_alone_brings_nothing_that_does(project):
    extras = project["optional-dependencies"]
    assert {name for name, needed in extras.items() if "tpo[report]" in needed} == set(RUNS)
    drawing = {needed.partition(">")[0] for needed in extras["report"]}
    assert drawing == {"jinja2", "matplotlib"}
    assert not drawing & {needed.partition(">")[0] for needed in project["dependencies"]}
