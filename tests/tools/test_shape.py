"""The structural figures of a small source with known figures."""

import pytest

from tools import shape
from tools.repeated import repeated_places
from tools.source import circles, import_depth, import_graph, modules

REPEATED = "\n".join(f"    a{n} = f(b, {n})" for n in range(6))
FILES = {
    "tpo/__init__.py": "",
    "tpo/__main__.py": "import tpo.a\n",
    "tpo/a.py": "from tpo import b\nfrom tpo.sub import c\n",
    "tpo/b.py": f"from tpo.sub.c import f\n\n\ndef one(b):\n{REPEATED}\n",
    "tpo/sub/__init__.py": "",
    "tpo/sub/c.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from tpo.a import A\n",
    "tpo/sub/d.py": f'"""Text."""\n\nimport os\n\n\ndef two(e):\n{REPEATED.replace("b", "e")}\n    return 7\n',
    "tpo/algorithms/e.py": "",
    "adapters/tpo_x/__init__.py": "def hook():\n    from tpo_x import y\n",
    "adapters/tpo_x/y.py": "import tpo.b\n",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_modules_go_by_their_package(root):
    assert {"tpo", "tpo.__main__", "tpo.a", "tpo.sub", "tpo.sub.c", "tpo_x", "tpo_x.y"} <= set(modules(root))


def test_loose_modules_and_the_widest_folder(root):
    for number in range(5):
        (root / "tpo" / "algorithms" / f"e{number}.py").write_text("")
    assert (shape.loose_modules(root), shape.widest_folder(root)) == (2, 2)


def test_depth_is_of_what_runs_and_circles_are_of_types_too(root):
    assert import_depth(import_graph(modules(root), types=False)) == 4  # tpo_x, tpo_x.y, tpo.b, tpo.sub.c
    assert [sorted(group) for group in shape.import_circles(root)] == [["tpo.a", "tpo.b", "tpo.sub.c"]]


def test_a_group_stands_after_what_it_imports():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [["b", "c"], ["a"], ["d"]]


def test_lines_count_with_blank_ones(root):
    assert shape.source_lines(root) == sum(len(text.splitlines()) for text in FILES.values())


def test_repetitions_are_found_by_their_shape(root):
    assert repeated_places(root) == [("tpo/b.py:4", "tpo/sub/d.py:6")]
