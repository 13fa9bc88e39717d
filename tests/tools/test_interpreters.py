"""Finding the interpreters of this machine."""

import sys

from tools.interpreters import starts


def test_the_running_interpreter_starts():
    assert starts(sys.executable)


def test_one_that_is_not_there_does_not(tmp_path):
    assert not starts(str(tmp_path / "python"))


def test_one_that_fails_does_not(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert not starts(str(broken))
