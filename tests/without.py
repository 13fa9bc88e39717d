"""A pytest plug-in that leaves out the tests that need some library: `pytest -p tests.without --without torch`.

A test needs what its file imports, what its name and parameters say, and what its own lines import or name,
constants of the module included.
"""

from __future__ import annotations

import inspect
import re


def pytest_addoption(parser):
    given = {"action": "append", "default": [], "metavar": "LIBRARY"}
    parser.addoption("--without", help="leave out the tests that need this library; may be repeated", **given)


def pytest_ignore_collect(collection_path, config):
    libraries = config.getoption("without")
    if libraries and collection_path.name.startswith("test_"):
        source = collection_path.read_text()
        return any(imports(library, source) for library in libraries) or None
    return None


def pytest_collection_modifyitems(config, items):
    libraries = config.getoption("without")
    left_out = [item for item in items if any(needs(library, item) for library in libraries)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def imports(library, source):
    return re.search(rf"^(?:import|from) {library}\b", source, re.MULTILINE) is not None


def needs(library, item):
    function = inspect.unwrap(item.function)
    code = function.__code__
    constants = [function.__globals__.get(name) for name in code.co_names]
    return library in item.nodeid.lower() or library in {*code.co_names, *words([*code.co_consts, *constants])}


def words(values):
    """Collect strings, also from tuples and lists."""
    for value in values:
        several = value if isinstance(value, (tuple, list)) else [value]
        yield from (one for one in several if isinstance(one, str))
