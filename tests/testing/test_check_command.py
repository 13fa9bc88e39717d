"""`tpo check-loss`: verdicts, groups and exit codes."""

import json

import pytest

from tests.testing.test_check import laws_of
from tpo.testing.laws.all_laws import LAWS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Change to a folder with a module of losses."""
    (tmp_path / "made_up_losses.py").write_text("from tests.testing.losses import *\n")
    (tmp_path / "leaving.py").write_text("raise SystemExit(0)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("folder")
def test_a_right_loss_exits_with_0(tpo):
    outcome = tpo("check-loss", "made_up_losses:right", "--backend", "torch")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1] == "made_up_losses:right: every law holds"
    assert outcome.out.count("holds") == len(laws_of("right")) + 1


@pytest.mark.usefixtures("folder")
def test_a_broken_law_exits_with_1_and_shows_the_group(tpo):
    outcome = tpo("check-loss", "made_up_losses:with_a_live_target", "--backend", "torch", "--backend", "numpy")
    assert (outcome.code, outcome.err) == (1, "")
    told = outcome.out.partition("\nconstant breaks on torch:\n")[2].splitlines()
    assert told[1] == "    scores = [0, 0]"
    assert told[3].startswith("    gradient in old_log_probs: [")
    assert told[3].endswith("], which should be [0, 0]")
    assert told[4].startswith("    Stop the gradient, ")
    assert told[-1] == "made_up_losses:with_a_live_target: 1 of 13 checks break"


@pytest.mark.usefixtures("folder")
def test_json_holds_the_same(tpo):
    outcome = tpo("check-loss", "made_up_losses:of_a_plain_ratio", "--backend", "numpy", "--json")
    assert (outcome.code, outcome.err) == (1, "")
    told = json.loads(outcome.out)
    assert (told["loss"], told["holds"]) == ("made_up_losses:of_a_plain_ratio", False)
    laws = {law["law"]: law for law in told["laws"]}
    assert {name for name, law in laws.items() if not law["holds"]} == {"finite"}
    assert laws["finite"]["counterexample"]["got"] == ["nan"]
    assert laws["finite"]["counterexample"]["remedy"] == LAWS["finite"].remedy
    assert laws["shift"]["statement"] == LAWS["shift"].statement


@pytest.mark.usefixtures("folder")
def test_tokens_are_listed_by_candidate(tpo):
    outcome = tpo("check-loss", "made_up_losses:of_padding_too", "--backend", "torch")
    told = outcome.out.partition("\npadding breaks on torch:\n")[2].splitlines()
    assert (outcome.code, told[3]) == (1, "    token_mask = [[true], [true]]")
    assert told[5] == f"    {LAWS['padding'].remedy}"


@pytest.mark.usefixtures("folder")
def test_a_law_that_is_skipped_has_no_verdict(tpo):
    outcome = tpo("check-loss", "made_up_losses:in_half", "--backend", "torch", "--skip", "half")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1] == "made_up_losses:in_half: every law holds"


@pytest.mark.usefixtures("folder")
def test_a_terminal_is_told_what_is_being_checked(tpo, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    outcome = tpo("check-loss", "made_up_losses:that_takes_its_time", "--backend", "numpy")
    assert outcome.code == 0
    assert all(f"{law} on numpy" in outcome.err for law in ("permutation", "half", "alone"))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("loss", "text"),
    [
        ("made_up_losses", "the loss must be named as module:function; got 'made_up_losses'."),
        ("nowhere_at_all:loss", "the loss must be something that can be imported; got 'nowhere_at_all:loss' "),
        ("made_up_losses:none", "the loss must be something that can be imported; got 'made_up_losses:none' "),
        ("leaving:loss", "the loss must be something that can be imported; got 'leaving:loss' (SystemExit: 0). "),
        ("made_up_losses:that_exits", "the loss must run on torch; got SystemExit: 0. "),
        ("made_up_losses:tpo", "the loss must be a function of (log_probs, scores, old_log_probs), "),
        ("made_up_losses:reduced_to_a_number", "the loss must be one number per group, (128,) for these; got "),
    ],
)
def test_bad_input_exits_with_2(tpo, loss, text):
    outcome = tpo("check-loss", loss, "--backend", "torch")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {text}")


def test_an_unknown_backend_exits_with_2(tpo):
    outcome = tpo("check-loss", "tests.testing.losses:right", "--backend", "trch")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: the name must be a registered backend; got 'trch'. Did you mean 'torch'?")


def test_the_help_has_examples(tpo):
    outcome = tpo("check-loss", "--help")
    assert outcome.code == 0
    assert "    tpo check-loss my_losses:torch_loss --backend torch\n" in outcome.out


def test_what_a_loss_prints_is_not_among_the_verdicts(tpo, tmp_path, monkeypatch):
    source = "from tests.testing import losses\nprint('import')\n\n\ndef loud(log_probs, scores, old_log_probs):\n"
    (tmp_path / "loud_losses.py").write_text(
        f"{source}    print('hello')\n    return losses.right(log_probs, scores, old_log_probs)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    outcome = tpo("check-loss", "loud_losses:loud", "--backend", "torch", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["holds"] is True
    assert {"import", "hello"} <= set(outcome.err.split())
