"""`tpo check verl`."""

import pytest
from click.testing import CliRunner
from verl.trainer.ppo import core_algos

import tpo_llm.versions
import tpo_verl.check
from tpo.cli import cli
from tpo_verl.check import TESTED, check


def test_here_all_is_well():
    findings = {finding.subject: finding for finding in check()}
    assert [name for name, finding in findings.items() if finding.ok is False] == []
    assert {*TESTED, "entry point verl.plugins", "this process", "a Ray worker"} <= {*findings}


def found(subject):
    return next(finding for finding in check() if finding.subject == subject)


def test_a_plug_in_that_is_left_out(monkeypatch):
    monkeypatch.setenv("VERL_USE_EXTERNAL_PLUGINS", "other")
    finding = found("entry point verl.plugins")
    assert (finding.ok, finding.detail) == (False, "left out by VERL_USE_EXTERNAL_PLUGINS=other")
    assert finding.remedy == "Unset VERL_USE_EXTERNAL_PLUGINS, or add tpo to it."


@pytest.mark.parametrize(("version", "fine"), [("1.12.0", True), ("1.13.0", False), ("2.0", False)])
def test_a_trl_that_breaks_verl(monkeypatch, version, fine):
    original = tpo_llm.versions.version
    monkeypatch.setattr(tpo_llm.versions, "version", lambda name: version if name == "trl" else original(name))
    finding = found("trl")
    assert finding.ok == fine
    assert fine or finding.remedy == "pip uninstall trl, or install one before 1.13."


def test_a_library_that_is_missing(monkeypatch):
    original = tpo_llm.versions.installed
    monkeypatch.setattr(tpo_llm.versions, "installed", lambda name: None if name == "TransferQueue" else original(name))
    finding = found("TransferQueue")
    assert (finding.ok, finding.remedy) == (False, "pip install TransferQueue==0.1.11")


def test_a_name_that_another_plug_in_took(monkeypatch):
    monkeypatch.setitem(core_algos.POLICY_LOSS_REGISTRY, "tpo", len)
    found = tpo_verl.check.seen()
    assert found.startswith(
        "verl lacks this adapter's policy loss 'tpo': PluginError: the name of a policy loss must be"
    )
    done = CliRunner().invoke(cli, ["check"], standalone_mode=False)
    assert "\nverl: whether verl sees this adapter" in done.output
