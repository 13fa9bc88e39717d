"""The examples of README and docs that use TRL run as they stand, with a tiny model in the place of the real one."""

import re
from pathlib import Path

import pytest

from tests.trl import model

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = {
    f"{page.name} {number}": block
    for page in (ROOT / "README.md", ROOT / "docs" / "trl.md")
    for number, block in enumerate(BLOCK.findall(page.read_text("utf-8")))
    if "tpo_trl" in block
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_trains(name, tmp_path, monkeypatch):
    code = EXAMPLES[name]
    (model_name,) = re.findall(r"\"(Qwen/[^\"]+)\"", code)
    model.write(tmp_path / model_name)
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(compile(code, name, "exec"), space)  # noqa: S102 - our own examples
    trainer = space["trainer"]
    assert trainer.state.log_history[-1]["step"] == trainer.args.max_steps


def test_the_example_of_the_readme_is_short():
    (code,) = [code for name, code in EXAMPLES.items() if name.startswith("README")]
    assert len(code.splitlines()) <= 15
