"""The parts of TRL that are overridden are those that were checked; a newer TRL is named part by part."""

from trl import GRPOTrainer
from trl.trainer import utils

from tpo_trl import TargetPOTrainer, private
from tpo_trl.check import TESTED, check


def test_nothing_has_changed():
    assert private.changed() == {}


def test_a_part_that_moved_is_named(monkeypatch):
    monkeypatch.setattr(GRPOTrainer, "_compute_loss", lambda self: self)
    monkeypatch.delattr(utils, "split_tensor_dict")
    found = private.changed()
    assert [name.rpartition(".")[2].rpartition(":")[2] for name in found] == ["_compute_loss", "split_tensor_dict"]
    assert found["trl.trainer.utils:split_tensor_dict"] == "gone"
    shown = {finding.subject: finding for finding in check()}["overridden parts of TRL"]
    assert not shown.ok
    assert shown.detail == "changed: _compute_loss, split_tensor_dict"


def test_everything_overridden_is_listed():
    inherited = {name for one in GRPOTrainer.__mro__ for name in vars(one)}
    # Class attributes for the model card, and what every class has.
    plain = {"_tag_names", "_name", "_paper", "__init__", "__doc__", "__module__"}
    overridden = {name for name in vars(TargetPOTrainer) if name in inherited} - plain
    listed = {name.rpartition(".")[2] for name in private.DIGESTS if name.startswith(private.TRAINER)}
    assert overridden <= listed
    assert listed - overridden == {"_get_per_token_logps_and_entropies"}


def test_the_tested_versions_are_those_of_the_session():
    assert {finding.subject: finding.ok for finding in check() if finding.subject in TESTED} == dict.fromkeys(
        TESTED, True
    )
