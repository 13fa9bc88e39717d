"""Each row of modules imports only rows above it, or its own."""

import sys

import pytest

import tpo
from tests.layers.public import public_names
from tools.shape import import_circles, loose_modules, widest_folder
from tools.source import ROOT, import_depth, import_graph, imports_of, modules, modules_below

ROWS = (
    ("tpo.errors", "tpo.moved"),
    ("tpo.core",),
    ("tpo.files", "tpo.folders", "tpo.optimizers", "tpo.backends"),
    ("tpo.plugins", "tpo.policies"),
    ("tpo.training",),
    ("tpo.experiments", "tpo.data", "tpo.rollouts"),
    ("tpo.testing",),
    ("tpo.cli", "tpo.__main__"),
)
"""The rows of the layout: folders, and modules outside of them."""
EXPERIMENTS = (
    ("tpo.experiments.spec",),
    ("tpo.experiments.storage",),
    ("tpo.experiments.execution", "tpo.experiments.tracking", "tpo.experiments.analysis"),
    (
        "tpo.experiments.exhibits",
        "tpo.experiments.catalogue",
        "tpo.experiments.toml_fields",
        "tpo.experiments.toml_file",
    ),
    ("tpo.experiments.figures",),
)
"""The rows inside `tpo.experiments`."""
OURS = modules_below(ROOT / "tpo")
PLUG_INS = {file.parent.name: file.parts[-3] for file in ROOT.glob("*/tpo_*/__init__.py")}
SHARED = {"tpo_llm"}
"""Packages beside the plug-ins that several of them use. They register nothing."""
LATE = {"jax", "jaxlib", "torch", "optax", "matplotlib", "mlflow", "pyarrow", "tensorboard", "trackio", "wandb"}
WITH_RAY = "tpo.experiments.execution.on_ray"
"""The module that is imported only by its name, on first use."""


def is_in(module, package):
    return f"{module}.".startswith(f"{package}.")


def row_of(module, rows):
    """The row of a module of `tpo`; the package itself, which loads the rest lazily, is above all rows."""
    if module in {"tpo", "tpo.experiments"}:
        return 0
    found = [number for number, packages in enumerate(rows) for package in packages if is_in(module, package)]
    assert found, f"{module} must stand in a row; add it to ROWS and to docs/"
    return found[0]


def resolve(imported):
    """Find the module of `package.name`: through the public names for `tpo`, and the package for other libraries."""
    if not is_in(imported, "tpo"):
        return imported.partition(".")[0]
    parent, _, name = imported.rpartition(".")
    if imported in OURS:
        return imported
    return public_names().get(name, "tpo") if parent == "tpo" else parent


ALL = [found for module, file in OURS.items() for found in imports_of(module, file)]
"""All imports of the modules of `tpo`."""


def test_the_imports_were_found():
    adapters = dict.fromkeys(
        ("tpo_numpy", "tpo_jax", "tpo_mlx", "tpo_torch", "tpo_trackers", "tpo_llm", "tpo_trl", "tpo_tunix", "tpo_verl"),
        "adapters",
    )
    assert {**adapters, "tpo_tasks": "tasks"} == PLUG_INS
    assert len(OURS) > 20
    assert {resolve(found.imported) for found in ALL} >= {
        "tpo.core.arrays.ops",
        "tpo.errors",
        "numpy",
        "array_api_compat",
    }


@pytest.mark.parametrize(("package", "rows"), [("tpo", ROWS), ("tpo.experiments", EXPERIMENTS)])
def test_no_row_imports_one_below_it(package, rows):
    own = [(found, resolve(found.imported)) for found in ALL if is_in(found.importer, package)]
    inside = [(found, target) for found, target in own if is_in(target, package)]
    upward = [str(found) for found, target in inside if row_of(target, rows) > row_of(found.importer, rows)]
    assert upward == []


def test_no_modules_import_one_another_not_even_for_types():
    assert import_circles(ROOT) == []


def test_the_layout_stays_shallow():
    assert loose_modules(ROOT) <= 5
    assert widest_folder(ROOT) <= 20
    assert import_depth(import_graph(modules(ROOT), types=False)) <= 12


def test_algorithms_never_import_one_another():
    package = "tpo.core.algorithms"
    inside = [found for found in ALL if is_in(found.importer, package) and is_in(found.imported, package)]
    assert [str(found) for found in inside if not is_in(found.imported, f"{package}.base")] == []


def test_the_core_imports_only_the_array_api_numpy_and_the_standard_library():
    allowed = {"array_api_compat", "numpy", "tpo", *sys.stdlib_module_names}
    core = [found for found in ALL if is_in(found.importer, "tpo.core")]
    assert [str(found) for found in core if found.imported.partition(".")[0] not in allowed] == []


def test_no_framework_is_imported_before_it_is_needed():
    early = [found for found in ALL if not found.late]
    assert [str(found) for found in early if resolve(found.imported) in LATE] == []


def test_ray_is_imported_by_one_module_that_none_imports():
    assert {found.importer for found in ALL if resolve(found.imported) == "ray"} == {WITH_RAY}
    assert [str(found) for found in ALL if is_in(found.imported, WITH_RAY)] == []


def test_no_module_imports_a_plug_in():
    assert [str(found) for found in ALL if resolve(found.imported) in PLUG_INS] == []


@pytest.mark.parametrize("name", PLUG_INS)
def test_a_plug_in_imports_only_public_names_and_no_other_plug_in(name):
    found = [
        i for module, file in modules_below(ROOT / PLUG_INS[name] / name).items() for i in imports_of(module, file)
    ]
    assert found
    own = [i for i in found if is_in(i.imported, "tpo")]
    public = {f"tpo.{public}" for public in tpo.__all__}
    assert [str(i) for i in own if i.imported not in public] == []
    others = set(PLUG_INS) - {name} - SHARED
    assert [str(i) for i in found if i.imported.partition(".")[0] in others] == []


def test_the_stub_names_what_is_public():
    assert sorted(public_names()) == sorted(tpo.__all__)
    assert set(public_names().values()) <= set(OURS)
