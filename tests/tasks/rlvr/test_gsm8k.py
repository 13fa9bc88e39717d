"""GSM8K: the reference, the answer of a completion, the score and the rows."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpo import DataError, InvalidArgumentError
from tpo_tasks.rlvr.gsm8k import GSM8K, final_answer, reference, score
from tpo_tasks.rlvr.gsm8k_files import Example


@pytest.mark.parametrize(
    ("completion", "value"),
    [
        ("9 + 9 = 18\n#### 18", 18),
        ("#### 18.", 18),
        ("#### $1,234.50", Fraction(2469, 2)),
        ("#### **-7**", -7),
        ("#### $-7", -7),
        (r"#### \(42\)", 42),
        (r"#### $\frac{3}{4}$", Fraction(3, 4)),
        ("#### 18 eggs, not 20", 18),
        # It was read as 21/2.
        (r"#### 2\frac{1}{2}", Fraction(5, 2)),
        ("#### 1.5e3", 1500),
        ("#### 3\nno, #### 4", 4),
        ("#### 18\n#### That is it.", 18),
        ("#### Step 1: add\nSo it is 42.", 42),
        (r"so \boxed{18}, or 20", 18),
        (r"\boxed{1} then \boxed{\frac{1}{2}}", Fraction(1, 2)),
        (r"\boxed{x_1 = 5}", 5),
        (r"\boxed{42\text{ m}^2}", 42),
        (r"\boxed{\text{none}}", None),
        (r"\boxed{18", 18),
        ("The answer is 1,000,000 dollars.", 1000000),
        ("First 3, then 0", 0),
        ("#### 0", 0),
        ("no number", None),
        ("#### 20 - 2 = 18", 18),
        ("#### 3 * 6 = 18", 18),
        ("#### 1. First step\nadd them\n\\boxed{18}", 18),
        ("#### 1. First step\nadd them\nSo 18", 18),
        ("#### 42. That is all", 42),
        ("#### 1 234", 1234),
        (r"\boxed{1 000}", 1000),
        ("So it costs 1 000", 1000),
        (r"\boxed{\sqrt{2}}", None),
        ("#### \N{EN DASH}3", -3),
        ("#### 1/0", None),
        ("#### " + "9" * 5000, None),
        ("", None),
    ],
)
def test_the_answer_of_a_completion(completion, value):
    assert final_answer(completion) == value


def test_only_the_end_is_read():
    assert final_answer("5" + " " * 9_999) == 5
    assert final_answer("5" + " " * 10_000) is None


@pytest.mark.parametrize(
    ("completion", "truth", "value"),
    [
        ("#### 18", "18", 1.0),
        ("#### 18.0", "18", 1.0),
        ("#### 0.1", "1/10", 1.0),
        ("#### 0.1000000000000000055511151231257827", "0.1", 0.0),
        ("#### 19", "18", 0.0),
        ("#### -18", "18", 0.0),
        ("nothing", "18", 0.0),
    ],
)
def test_the_score_compares_exact_rationals(completion, truth, value):
    assert score(completion, truth) == value


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_a_number_scores_1_against_itself_alone(one, other):
    assert score(f"#### {one:,}", str(one)) == 1.0
    assert score(f"#### {other}", str(one)) == float(one == other)


def test_a_ground_truth_that_is_no_number_is_refused():
    text = "the ground truth of tpo/gsm8k must be a number; got 'many'. Write the data again: tpo data gsm8k."
    with pytest.raises(DataError) as caught:
        score("#### 1", "many")
    assert str(caught.value) == text


def test_the_reference_is_the_number_after_the_mark():
    assert reference(Example("q", "2 #### no\n#### 1,234 ", "here")) == "1234"


@pytest.mark.parametrize(("answer", "end"), [("18", "18"), ("#### many", " many"), ("#### 1 or 2", " 1 or 2")])
def test_an_answer_without_a_reference_is_refused(answer, end):
    with pytest.raises(DataError) as caught:
        reference(Example("q", answer, "line 3 of 'x'"))
    assert str(caught.value) == (
        f"an answer must end with #### and a number; got {end!r} at the end of line 3 of 'x'. "
        "Fix it there, or take another file."
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with four problems for training and two for testing, one of which is in both."""
    for split, numbers in (("train", range(4)), ("test", (9, 2))):
        rows = [{"question": f"What is {n}?", "answer": f"It is {n}.\n#### {n}"} for n in numbers]
        (tmp_path / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def truths(rows):
    return [row["reward_model"]["ground_truth"] for row in rows]


def test_the_rows(folder):
    splits = GSM8K(from_=str(folder)).splits(print)
    assert {split: truths(rows) for split, rows in splits.items()} == {"train": ["0", "1", "3"], "test": ["9", "2"]}
    assert splits["train"][1] == {
        "data_source": "tpo/gsm8k",
        "prompt": [
            {
                "role": "user",
                "content": 'What is 1?\n\nThink step by step. Then write "####" and the answer, a number.',
            }
        ],
        "ability": "math",
        "reward_model": {"style": "rule", "ground_truth": "1"},
        "extra_info": {"index": 1, "split": "train"},
    }


def test_the_sizes_take_the_first_problems(folder):
    splits = GSM8K(from_=str(folder), size=3, test_size=1).splits(print)
    assert {split: truths(rows) for split, rows in splits.items()} == {"train": ["0", "1", "2"], "test": ["9"]}


def test_a_single_file_ends_with_the_test_split(folder):
    splits = GSM8K(from_=str(folder / "train.jsonl"), test_size=1).splits(print)
    assert {split: truths(rows) for split, rows in splits.items()} == {"train": ["0", "1", "2"], "test": ["3"]}


def test_a_train_split_that_is_all_in_the_test_split_is_refused(folder):
    (folder / "test.jsonl").write_bytes((folder / "train.jsonl").read_bytes())
    with pytest.raises(DataError) as caught:
        GSM8K(from_=str(folder)).splits(print)
    assert str(caught.value) == (
        "the train split must have questions that the test split does not have; got 4, all of which are in the test "
        "split, too. Take files with different questions, or a smaller --test-size."
    )
    splits = GSM8K(from_=str(folder), test_size=3).splits(print)
    assert {split: truths(rows) for split, rows in splits.items()} == {"train": ["3"], "test": ["0", "1", "2"]}


@pytest.mark.parametrize("name", ["size", "test_size"])
def test_a_size_below_1_is_refused(name):
    text = f"`{name}` must be from 1 to 1000000; got 0. Choose one in this range."
    with pytest.raises(InvalidArgumentError, match=f"^{text}$"):
        GSM8K(**{name: 0})
