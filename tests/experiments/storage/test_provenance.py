"""The provenance stored with a result."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys

import numpy as np

from tests.experiments.cells import bandit_cell
from tpo.experiments.analysis.outcome import cost
from tpo.experiments.storage import commit as commits
from tpo.experiments.storage import machine, provenance
from tpo.experiments.storage.cells import CellResult
from tpo.experiments.storage.provenance import distinct, versions_of

MADE = {"started_at": "2026-01-02T00:00:00+00:00", "versions": {"tpo": "1"}, "hardware": {"cores": 2}}


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = [shutil.which("git"), *identity, *arguments]
    run = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return run.stdout.strip()


def repository(folder):
    package = folder / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    git(folder, "init", "-q")
    return package


def test_the_commit_of_a_checkout_and_whether_files_differ_from_it(tmp_path):
    package = repository(tmp_path)
    assert commits.of_checkout(package) is None
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert len(head) == 40
    assert commits.of_checkout(package) == head
    (tmp_path / "untracked").write_text("")
    assert commits.of_checkout(package) == head
    (package / "__init__.py").write_text("changed = True")
    assert commits.of_checkout(package) == f"{head} with changes"


def test_a_package_installed_inside_another_projects_repository_has_no_commit(tmp_path):
    package = repository(tmp_path)
    (tmp_path / "other.py").write_text("")
    git(tmp_path, "add", "other.py")
    git(tmp_path, "commit", "-qm", "of something else")
    assert commits.of_checkout(package) is None


def test_without_git_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commits.of_checkout(commits.PACKAGE) is None


def test_an_installation_from_a_repositorys_address_has_its_commit(monkeypatch):
    record = {"url": "https://example.org/tpo", "vcs_info": {"vcs": "git", "commit_id": "abc123"}}
    monkeypatch.setattr(commits, "origin", {"tpo": record}.get)
    assert commits.of_installation("tpo") == "abc123"


def test_an_installation_that_says_nothing_has_no_commit():
    assert commits.of_installation("no-such-distribution") is None
    assert commits.of_installation("numpy") is None


def test_the_machine(tmp_path, monkeypatch):
    cpus, gpu = tmp_path / "cpuinfo", tmp_path / "gpus" / "0" / "information"
    cpus.write_text("processor\t: 0\nmodel name\t: Fast CPU: 2\n\nprocessor\t: 1\nmodel name\t: Fast CPU: 2\n")
    gpu.parent.mkdir(parents=True)
    gpu.write_text("Model: \t\t Big GPU\nIRQ: 1\n")
    monkeypatch.setattr(machine, "CPUS", cpus)
    monkeypatch.setattr(machine, "GPUS", tmp_path / "gpus")
    found = machine.describe()
    assert found["processor"] == "Fast CPU: 2"
    assert found["gpus"] == ["Big GPU"]
    assert found["cores"] >= 1
    assert 0.5 < found["memory_gib"] < 100_000


def test_a_machine_that_says_nothing_still_has_a_processor_and_no_gpus(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "CPUS", tmp_path / "none")
    monkeypatch.setattr(machine, "GPUS", tmp_path / "none")
    assert machine.processor()
    assert machine.gpus() == []


def test_provenances_that_differ_in_more_than_when_are_kept_each_with_the_first_beginning():
    later, elsewhere = MADE | {"started_at": "2026-01-03T00:00:00+00:00"}, MADE | {"hardware": {"cores": 8}}
    assert distinct([later, elsewhere, MADE]) == [elsewhere, MADE]


def test_costs_add_up_and_the_highest_memory_counts():
    one = CellResult({"cpu_seconds": 3.0, "peak_memory_mb": 200.0}, {"seconds": np.array([0.5, 1.0])})
    unfinished = CellResult({"cpu_seconds": 1.0}, {"seconds": np.array([0.25])})
    assert cost([one, unfinished]) == {"wall_seconds": 1.75, "cpu_seconds": 4.0, "peak_memory_mb": 200.0}
    assert cost([]) == {"wall_seconds": 0.0, "cpu_seconds": 0, "peak_memory_mb": 0.0}


def test_where_git_does_not_say_what_changed_the_commit_does_not_claim_that_nothing_did(tmp_path, monkeypatch):
    package = repository(tmp_path)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    run = subprocess.run

    def too_slow_for_status(command, **options):
        if "status" in command:
            raise subprocess.TimeoutExpired(command, 10)
        return run(command, **options)

    monkeypatch.setattr(commits.subprocess, "run", too_slow_for_status)
    assert commits.of_checkout(package) == f"{git(tmp_path, 'rev-parse', 'HEAD')}, changes unknown"


def test_without_a_peak_in_the_status_the_system_is_asked_otherwise(monkeypatch, tmp_path):
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmRSS:\t 12 kB\n")
    monkeypatch.setattr(machine, "STATUS", status)
    assert machine.peak_memory_mb() == resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    status.write_text("VmHWM:\t 5000 kB\n")
    assert machine.peak_memory_mb() == 5.12


def test_a_commit_is_found_though_names_of_files_are_no_text(tmp_path, monkeypatch):
    run = subprocess.run

    def named_in_latin_1(command, **options):
        shell = [sys.executable, "-c", r"import sys; sys.stdout.buffer.write(b'caf\xe9\n')"]
        return run(shell if "status" in command else command, **options)

    package = repository(tmp_path)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    monkeypatch.setattr(commits.subprocess, "run", named_in_latin_1)
    assert commits.of_checkout(package) == f"{git(tmp_path, 'rev-parse', 'HEAD')} with changes"


def test_the_packages_of_all_distributions_are_looked_up_once(monkeypatch):
    asked = []
    monkeypatch.setattr(provenance, "packages_distributions", lambda: asked.append(True) or {"numpy": ["numpy"]})
    provenance.distributions_of_packages.cache_clear()
    versions = [versions_of(bandit_cell(seeds=(seed,))) for seed in range(3)]
    provenance.distributions_of_packages.cache_clear()
    assert versions[0] == versions[2]
    assert set(versions[0]) == {"python", "tpo", "numpy"}
    assert asked == [True]
