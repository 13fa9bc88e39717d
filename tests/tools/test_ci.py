"""The script of continuous integration, with a Python that makes environments whose commands only say what they do."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = r"""#!/bin/sh
# python3 -m venv FOLDER
mkdir -p "$3/bin"
printf '#!/bin/sh\n' >"$3/bin/pip"
printf '#!/bin/sh\necho "nox $*" >>"$SAID"\ncase "$*" in *"$FAILS"*) exit 3 ;; esac\n' >"$3/bin/nox"
chmod +x "$3/bin/pip" "$3/bin/nox"
"""
SESSIONS = ("tests", "verl", "trl", "ray trackers", "lint types newest")


def run_ci(folder: Path, fails: str) -> tuple[int, str]:
    """Run the script in `folder`; return its status and all calls of nox. The one that contains `fails` fails."""
    (folder / ".ci").mkdir()
    (folder / "bin").mkdir()
    for name in (".ci/run", "README.md"):
        (folder / name).write_text((ROOT / name).read_text())
    (folder / "bin/python3").write_text(PYTHON)
    (folder / "bin/python3").chmod(0o755)
    said = folder / "said"
    environment = {"PATH": f"{folder}/bin:/usr/bin:/bin", "SAID": str(said), "FAILS": fails, "TMPDIR": str(folder)}
    status = subprocess.run(["/bin/sh", ".ci/run"], cwd=folder, env=os.environ | environment, check=False).returncode
    return status, said.read_text()


def test_it_succeeds_when_every_session_does(tmp_path: Path) -> None:
    status, said = run_ci(tmp_path, "no session")
    assert status == 0
    assert all(f"-s {session}" in said for session in SESSIONS)


@pytest.mark.parametrize("session", SESSIONS)
def test_it_fails_when_a_session_does(tmp_path: Path, session: str) -> None:
    status, _ = run_ci(tmp_path, f"-s {session}")
    assert status != 0


def test_it_leaves_no_files_of_its_own(tmp_path: Path) -> None:
    run_ci(tmp_path, "no session")
    assert not list(tmp_path.glob("tmp.*"))
