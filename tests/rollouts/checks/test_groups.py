"""The identity of groups, by counts."""

import pytest

from tests.rollouts.loaded import loaded, verdict


def row(group, prompt="p", **more):
    return {"group_id": group, "prompt": prompt, "completion": "c", "score": 1.0, **more}


def test_singletons_are_counted_and_named(tmp_path):
    found = verdict("singletons", loaded(tmp_path, [row("a"), row("a"), row("b"), row("c")]))
    assert found.figures == {"groups": 2, "share": pytest.approx(2 / 3)}
    assert found.detail == "2 of 3 groups (67 %) have a single completion (b, c)"


def test_names_with_control_characters_are_quoted(tmp_path):
    found = verdict("singletons", loaded(tmp_path, [row("a"), row("a"), row("\x1b[31mb\n"), row("c")]))
    assert found.detail == r"2 of 3 groups (67 %) have a single completion ('\x1b[31mb\n', c)"


def test_where_all_are_singletons_the_ids_are_suspected(tmp_path):
    rollouts = loaded(tmp_path, [row(f"session-{number}") for number in range(5)])
    found = verdict("singletons", rollouts)
    assert (found.ok, found.figures["share"]) == (False, 1)
    assert found.remedy.startswith("Every completion has an id of its own, as when agents get one per session. ")
    assert "groups" not in rollouts.available


def test_two_prompts_of_one_id_are_mixed(tmp_path):
    rollouts = loaded(tmp_path, [row("a", "x"), row("a", "y"), row("b", "y"), row("b", "y")])
    assert verdict("mixed prompts", rollouts).figures == {"groups": 1, "share": 0.5}
    assert verdict("cut groups", rollouts).ok is None


def test_an_id_may_return_in_another_step(tmp_path):
    rollouts = loaded(tmp_path, [row(0, f"p{step}", step=step) for step in range(3) for _ in range(2)])
    assert rollouts.sizes.tolist() == [2, 2, 2]
    assert verdict("mixed prompts", rollouts).ok
    assert verdict("cut groups", rollouts).ok


@pytest.mark.parametrize(("steps", "ok"), [((1, 1), False), ((1, 2), True), ((None, None), None)])
def test_a_prompt_with_two_ids_is_cut_within_a_step(tmp_path, steps, ok):
    rows = [row(f"{step}-{number}", step=step) for number, step in enumerate(steps) for _ in range(2)]
    if steps[0] is None:
        rows = [{name: value for name, value in one.items() if name != "step"} for one in rows]
    found = verdict("cut groups", loaded(tmp_path, rows))
    assert found.ok is ok
    assert found.figures["prompts"] == (0 if ok else 1)


def test_sizes_are_compared_with_the_commonest_or_with_what_is_expected(tmp_path):
    rollouts = loaded(tmp_path, [row(group) for group in "aaabbbcccc"])
    found = verdict("group sizes", rollouts)
    assert found.figures == {"size": 3, "smaller": 0, "larger": 1, "smallest": 3, "largest": 4}
    assert found.detail == "1 of 3 groups (33 %) do not have 3 completions: 1 have more (the largest 4) (c)"
    assert "have rows twice" in found.remedy
    expected = verdict("group sizes", rollouts, group_size=4)
    assert expected.figures["smaller"] == 2
    assert expected.detail == "2 of 3 groups (67 %) do not have 4 completions: 2 have fewer (the smallest 3) (a, b)"
    assert verdict("group sizes", rollouts, ragged=True)[::3] == (None, "")


def test_unknown_prompts_are_no_prompt(tmp_path):
    rollouts = loaded(tmp_path, [row("a", None, step=0), row("a", None, step=0), row("b", None, step=0)])
    assert "prompt" not in rollouts.available
    some = [row("a", "x"), row("a", None), row("b", None), row("b", "y"), row("c", "y"), row("c", "z")]
    found = loaded(tmp_path, [one | {"step": 0} for one in some])
    assert verdict("mixed prompts", found).figures == {"groups": 1, "share": pytest.approx(1 / 3)}
    assert verdict("cut groups", found).figures == {"prompts": 1, "share": pytest.approx(1 / 3)}


def test_numbers_that_are_equal_name_one_group(tmp_path):
    rows = [row(7, step=1), row(7.0, step=1.0), row(8, step=1), row(8, step=1.0)]
    rollouts = loaded(tmp_path, rows)
    assert rollouts.sizes.tolist() == [2, 2]
