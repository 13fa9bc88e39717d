"""`tpo doctor`: what is printed, exit codes, and bad input."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.rollouts.loaded import rows_of
from tests.rollouts.made_up import FAULTS, few_columns, sound, trl_rows, verl_rows, write


@pytest.fixture
def dump(tmp_path):
    """A function that writes rows and returns the file."""
    return lambda rows: write(tmp_path / "rollouts.jsonl", rows)


def test_sound_rollouts_exit_with_0(tpo, dump):
    outcome = tpo("doctor", dump(sound()))
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "192 completions in 24 groups"
    assert lines[-1] == "faults: 0; warnings: 0"
    assert "singletons                ok  none of 24 groups has a single completion" in outcome.out
    assert [line.split() for line in lines if line.startswith("not audited")] == [
        ["not", "audited", "without", "what", "to", "do"]
    ]
    assert "eta      1.0" in outcome.out


def test_a_fault_exits_with_1_and_says_what_to_do(tpo, dump):
    outcome = tpo("doctor", dump(FAULTS["completions are cut off"][1](sound())))
    assert outcome.code == 1
    assert "truncation                FAULT  128 of 192 completions (67 %) were cut off" in outcome.out
    assert "\ntruncation: Allow longer completions, or " in outcome.out
    assert outcome.out.endswith("\nfaults: 1; warnings: 0\n")


def test_a_warning_exits_with_0(tpo, dump):
    rows = rows_of("a", score=[1, 0] * 4, old_logp=[-30.0 * number for number in range(8)])
    outcome = tpo("doctor", dump(rows))
    assert outcome.code == 0
    assert "warning" in outcome.out
    assert "anchor   ratio" in outcome.out
    assert outcome.out.endswith("\nfaults: 0; warnings: 1\n")


def test_the_json_has_every_number(tpo, dump):
    outcome = tpo("doctor", dump(FAULTS["a row is lost"][1](sound())), "--json")
    assert outcome.code == 1
    told = json.loads(outcome.out)
    assert told.keys() == {
        *("rollouts", "rows", "groups", "read", "unread", "faults", "findings", "not_audited", "recommendations"),
        "withheld_for",
    }
    assert (told["rows"], told["groups"], told["faults"], told["unread"]) == (191, 24, 1, [])
    assert told["read"]["old_log_probs"] == "old_log_probs"
    (sizes,) = (one for one in told["findings"] if one["subject"] == "group sizes")
    assert (sizes["level"], sizes["figures"]["smaller"]) == ("fault", 1)
    assert [one["subject"] for one in told["not_audited"]] == ["advantages"]
    assert [one["setting"] for one in told["recommendations"]] == ["anchor", "eta"]


def test_numbers_that_json_lacks_are_null(tpo, dump):
    told = json.loads(tpo("doctor", dump([{"uid": 1, "score": None}, {"uid": 1, "score": None}]), "--json").out)
    (ties,) = (one for one in told["findings"] if one["subject"] == "ties")
    assert ties["figures"] == {"tied": None, "all_fail": None, "all_pass": None}


def test_a_page_is_written(tpo, dump, tmp_path):
    path = tmp_path / "audit.html"
    outcome = tpo("doctor", dump(sound()), "--page", path, "--json")
    assert outcome.err == f"page: {path}\n"
    assert json.loads(outcome.out)["faults"] == 0
    assert path.read_text().count("<svg") == 4
    assert tpo("doctor", dump(sound()), "--page", path).out.endswith(f"page: {path}\n")


@pytest.mark.parametrize(("rows", "missing"), [(trl_rows(), 8), (verl_rows(), 7)])
def test_what_a_dump_lacks_is_named_with_the_remedy(tpo, dump, rows, missing):
    outcome = tpo("doctor", dump(rows), "--json")
    assert outcome.code == 0
    lacking = {one["subject"]: one for one in json.loads(outcome.out)["not_audited"]}
    assert len(lacking) == missing
    assert lacking["effective sample size"]["missing"] == ["old_log_probs"]
    assert lacking["effective sample size"]["remedy"].startswith("Log the trainer's log-probs before the update; ")


def test_options_name_columns(tpo, dump):
    rows = [row | {"extra": 1.0, "logprobs": row["old_log_probs"]} for row in sound()]
    told = json.loads(
        tpo(
            *("doctor", dump(rows), "--json", "--score", "reward=2", "--score", "extra", "--ignore", "group_id"),
            *("--old-log-probs", "logprobs"),
        ).out
    )
    assert told["read"]["score"] == "2 reward + extra"
    assert told["read"]["group"] == "prompt, for want of an id, within each step"
    assert told["read"]["old_log_probs"] == "logprobs"
    assert told["unread"] == ["group_id", "old_log_probs"]


def test_what_is_expected_can_be_said(tpo, dump):
    rows = few_columns(sound())
    assert tpo("doctor", dump(rows), "--group-size", "8").code == 0
    assert tpo("doctor", dump(rows), "--group-size", "16").code == 1
    assert tpo("doctor", dump(rows[1:])).code == 1
    assert tpo("doctor", dump(rows[1:]), "--ragged").code == 0
    assert tpo("doctor", dump(rows), "--near", "2").code == 1


def test_groups_of_one_are_a_fault_and_what_needs_groups_is_left_out(tpo, dump):
    outcome = tpo("doctor", dump([{"uid": number, "score": 1} for number in range(4)]), "--json")
    told = json.loads(outcome.out)
    assert outcome.code == 1
    assert [one["subject"] for one in told["findings"] if one["level"] == "fault"] == ["singletons"]
    lacking = {one["subject"]: one["remedy"] for one in told["not_audited"]}
    assert lacking["ties"] == "Groups of one have nothing to compare: see singletons."


@pytest.mark.parametrize(
    ("rows", "arguments", "text"),
    [
        ([{"uid": 1, "text": "a"}], (), "rollouts must have a column of scores, such as one of score, "),
        ([{"score": 1, "text": "a"}], (), "rollouts must have a column with the id of the group, or with the prompt; "),
        (sound(), ("--group", "nothing"), "`--group` must name a column of the rollouts; got 'nothing'."),
        (sound(), ("--group", ""), "`--group` must not be empty; got ''."),
        (sound(), ("--group-size", "0"), "Invalid value for '--group-size'"),
        ([], (), "rollouts must have at least one row; got none in "),
    ],
)
def test_bad_input_exits_with_2(tpo, dump, rows, arguments, text):
    outcome = tpo("doctor", dump(rows), *arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert text in outcome.err


def test_a_malformed_line_is_named(tpo, dump):
    path = dump(sound(groups=1))
    path.write_text(path.read_text() + "{oops\n")
    outcome = tpo("doctor", path)
    assert outcome.code == 2
    assert f"got something else in line 9 of {str(path)!r} (Expecting property name" in outcome.err


def test_a_file_that_is_not_there_exits_with_2(tpo, tmp_path):
    outcome = tpo("doctor", tmp_path / "typo.jsonl")
    assert outcome.code == 2
    assert outcome.err.startswith("error: rollouts must be readable; got ")


def test_names_of_columns_are_no_markup(tpo, dump):
    rows = [row | {"[bold]x[/]": 1} for row in rows_of("[red]a", score=[1])]
    outcome = tpo("doctor", dump(rows))
    assert "not read: [bold]x[/]" in outcome.out


def test_the_help_has_examples_and_all_options(tpo):
    outcome = tpo("doctor", "--help")
    assert outcome.code == 0
    assert "    tpo doctor dump.parquet --group uid --score accuracy --score format=0.2\n" in outcome.out
    assert "  --rollout-log-probs COLUMN  Log-probs as the engine that sampled computed" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_no_framework_is_imported(dump):
    code = f"""if True:
    import sys
    from tpo.cli import main
    try:
        main(["doctor", {str(dump(sound()))!r}])
    except SystemExit:
        pass
    print(sorted({{"jax", "torch", "mlx", "matplotlib", "pyarrow"}} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
