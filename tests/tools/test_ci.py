"""The script of continuous integration, with a Python that makes environments whose commands only say what they do."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = r"""#!/bin/sh
# python3 -m venv FOLDER
mkdir -p "$3/bin"
printf '#!/bin/sh\n' >"$3/bin/pip"
cp "$NOX" "$3/bin/nox"
chmod +x "$3/bin/pip" "$3/bin/nox"
"""
NOX = r"""#!/bin/sh
echo "nox $*" >>"$SAID"
case "$*" in
    *"$HANGS"*)
        sleep 300 &
        echo $$ $! >>"$SAID.hung"
        wait
        ;;
    *"$FAILS"*)
        while [ "$HANGS" != "no session" ] && [ ! -e "$SAID.hung" ]; do sleep 0.05; done
        exit 3
        ;;
esac
"""
PATIENCE = 30.0
SESSIONS = ("tests", "verl", "trl", "ray trackers", "lint types newest")


def start_ci(folder: Path, *, fails: str = "no session", hangs: str = "no session") -> subprocess.Popen[bytes]:
    """Start the script in `folder`; calls of nox that contain `fails` fail, and those that contain `hangs` hang."""
    (folder / ".ci").mkdir()
    (folder / "bin").mkdir()
    for name in (".ci/run", "README.md"):
        (folder / name).write_text((ROOT / name).read_text())
    for name, content in (("python3", PYTHON), ("nox", NOX)):
        (folder / "bin" / name).write_text(content)
        (folder / "bin" / name).chmod(0o755)
    given = {"PATH": f"{folder}/bin:/usr/bin:/bin", "NOX": f"{folder}/bin/nox", "SAID": f"{folder}/said"}
    given |= {"FAILS": fails, "HANGS": hangs, "TMPDIR": str(folder)}
    return subprocess.Popen(["/bin/sh", ".ci/run"], cwd=folder, env=os.environ | given)


def run_ci(folder: Path, fails: str) -> tuple[int, str]:
    """Run the script in `folder`; return its status and all calls of nox. The one that contains `fails` fails."""
    status = start_ci(folder, fails=fails).wait(PATIENCE)
    return status, (folder / "said").read_text()


def hung(folder: Path) -> list[int]:
    """Wait for a call that hangs; return its process, and the one that it started."""
    file, end = folder / "said.hung", time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text().endswith("\n")) and time.monotonic() < end:
        time.sleep(0.02)
    return [int(word) for word in file.read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def assert_ended(pids: list[int]) -> None:
    end = time.monotonic() + PATIENCE
    while any(map(is_alive, pids)) and time.monotonic() < end:
        time.sleep(0.02)
    assert [pid for pid in pids if is_alive(pid)] == []


@pytest.mark.parametrize(("fails", "hangs"), [("-s tests", "--install-only"), ("-s lint types newest", "-s verl")])
def test_nothing_outlives_a_failure(tmp_path: Path, fails: str, hangs: str) -> None:
    script = start_ci(tmp_path, fails=fails, hangs=hangs)
    pids = hung(tmp_path)
    assert script.wait(PATIENCE) == 3
    assert len(pids) == 2
    assert_ended(pids)
    assert not list(tmp_path.glob("tmp.*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("hangs", ["-s tests", "-s lint types newest"])
def test_nothing_outlives_a_signal(tmp_path: Path, hangs: str, number: signal.Signals) -> None:
    script = start_ci(tmp_path, hangs=hangs)
    pids = hung(tmp_path)
    script.send_signal(number)
    assert script.wait(PATIENCE) == 128 + number
    assert_ended(pids)
    assert not list(tmp_path.glob("tmp.*"))


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
