"""Which column is which field."""

import pytest

from tests.rollouts.loaded import loaded, rows_of
from tests.rollouts.made_up import trl_rows, verl_rows, write
from tpo import InvalidArgumentError
from tpo.rollouts.reading.columns import Choice, choose, listing
from tpo.rollouts.reading.fields import FIELDS
from tpo.rollouts.reading.load import load


def test_a_name_stands_for_one_field():
    names = [name for field in FIELDS for name in field.synonyms]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_synonym_is_found(field):
    needed = {"group": "group_id", "score": "reward"}
    for name in field.synonyms:
        columns = [*(column for other, column in needed.items() if other != field.name), name]
        found = choose(columns, columns, Choice())
        assert {**found.names, "score": next(iter(found.scores))}[field.name] == name
        assert found.unread == ()


def test_the_first_synonym_wins_and_the_other_is_said_not_to_be_read():
    found = choose(["reward", "score", "uid", "group_id"], [], Choice())
    assert (found.names, found.scores, found.unread) == ({"group": "group_id"}, {"score": 1.0}, ("reward", "uid"))


def test_users_name_columns_weigh_scores_and_leave_columns_out():
    choice = Choice({"group": "episode"}, ("accuracy", "format=0.2", "a=b"), ("logps",))
    found = choose(["episode", "uid", "accuracy", "format", "a=b", "logps"], [], choice)
    assert found.names == {"group": "episode"}
    assert found.scores == {"accuracy": 1.0, "format": 0.2, "a=b": 1.0}
    assert found.unread == ("uid", "logps")


@pytest.mark.parametrize(
    ("columns", "choice", "text"),
    [
        (
            ["uid", "text"],
            Choice(),
            (
                "rollouts must have a column of scores, such as one of score, scores, reward, rewards, total_reward, "
                "final_reward; got the columns uid, text. Name it: --score COLUMN."
            ),
        ),
        (
            ["score", "text"],
            Choice(),
            (
                "rollouts must have a column with the id of the group, or with the prompt; got the columns score, "
                "text. Name it: --group COLUMN or --prompt COLUMN. Rows are never grouped by their order."
            ),
        ),
        (
            ["uid", "score"],
            Choice({"old_log_probs": "logprob"}),
            "`--old-log-probs` must name a column of the rollouts; got 'logprob'. Their columns: uid, score.",
        ),
        (["uid", "score"], Choice(scores=("reward",)), "`--score` must name a column of the rollouts; got 'reward'."),
        (
            ["uid", "score"],
            Choice(scores=("score=much",)),
            "the weight of `--score` must be a number from -1e+100 to 1e+100; got 'score=much'.",
        ),
        (
            ["uid", "score"],
            Choice(scores=("score=-1e308",)),
            (
                "the weight of `--score` must be a number from -1e+100 to 1e+100; got 'score=-1e308'. "
                "Write a column, or one with its weight: --score format=0.2."
            ),
        ),
        (
            ["uid", "score"],
            Choice(scores=("score=nan",)),
            "the weight of `--score` must be a number from -1e+100 to 1e+100; got 'score=nan'.",
        ),
        (["uid", "a\x1b[31mb\nc"], Choice(), r"got the columns uid, 'a\x1b[31mb\nc'. Name it: --score COLUMN."),
        (["uid", "score"], Choice(ignored=("x",)), "`--ignore` must name a column of the rollouts; got 'x'."),
        ([f"c{n}" for n in range(50)], Choice(), "c39, and 10 more. Name it: --score COLUMN."),
        ([], Choice(), "got the columns none."),
    ],
)
def test_what_is_missing_is_refused(columns, choice, text):
    with pytest.raises(InvalidArgumentError) as caught:
        choose(columns, [], choice)
    assert text in str(caught.value)


def test_names_with_control_characters_are_quoted(tmp_path):
    assert listing(["uid", "é", "a\nb", "c\u202ed"]) == r"uid, é, 'a\nb', 'c\u202ed'"
    rows = [{"my\nid": 1, "\x1b[2J": score, "step": 1} for score in (0, 1)]
    read = loaded(tmp_path, rows, Choice({"group": "my\nid"}, ("\x1b[2J=0.5",))).read
    assert read == {
        "score": r"0.5 '\x1b[2J'",
        "group": r"'my\nid', within each step",
        "step": "step",
    }


def test_the_reward_functions_of_trl_are_summed(tmp_path):
    rollouts = loaded(tmp_path, trl_rows())
    assert rollouts.read["score"] == "accuracy_reward + format_reward"
    assert rollouts.read["group"] == "prompt, for want of an id, within each step"
    # One that does not apply to a row counts as 0 there.
    assert rollouts.scores.tolist() == pytest.approx([0, 1.1, 0.2, 1.3, 0, 1, 0, 1] * 2)
    assert rollouts.sizes.tolist() == [4] * 4


def test_they_can_be_weighted(tmp_path):
    rollouts = loaded(tmp_path, trl_rows(), Choice(scores=("accuracy_reward", "format_reward=0.5")))
    assert rollouts.scores[:4].tolist() == pytest.approx([0, 1.05, 0.1, 1.15])
    assert rollouts.read["score"] == "accuracy_reward + 0.5 format_reward"


def test_a_dump_of_trl_as_parquet(tmp_path):
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    folder = tmp_path / "completions"
    folder.mkdir()
    for step in (10, 20):
        table = pa.Table.from_pylist([row | {"step": step} for row in trl_rows()])
        parquet.write_table(table, folder / f"completions_{step:05d}.parquet")
    rollouts = load(folder)
    assert (len(rollouts.groups), rollouts.sizes.tolist()) == (32, [4] * 8)
    assert rollouts.read["score"] == "accuracy_reward + format_reward"


def test_the_keys_of_verls_rows_are_read_as_ids_of_groups(tmp_path):
    rollouts = loaded(tmp_path, verl_rows())
    assert rollouts.sizes.tolist() == [4] * 4
    assert rollouts.names[0] == "9f1c0-ab"
    assert rollouts.read["group"] == (
        "uid, without the ends that verl's rollout_data_dir adds for each row, within each step"
    )
    assert rollouts.unread == ("gts",)


def test_a_folder_of_verls_steps_has_a_group_per_step_and_prompt(tmp_path):
    for step in (1, 2, 10):
        write(tmp_path / f"{step}.jsonl", [row for row in verl_rows(step=step) if row.pop("uid")])
    rollouts = load(tmp_path)
    assert rollouts.sizes.tolist() == [4] * 12
    assert rollouts.read["group"] == "input, for want of an id, within each step"


def test_ids_that_only_look_like_keys_of_rows_are_left_alone_elsewhere(tmp_path):
    rows = rows_of("a_1_2", score=[1, 0]) + rows_of("a_3_4", score=[1, 0])
    assert loaded(tmp_path, rows).names == ["a_1_2", "a_3_4"]
