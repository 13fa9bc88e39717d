"""The page shows every row and failure, and is self-contained."""

import re

from tests.conformance.conftest import ROWS
from tests.conformance.test_compare import TORCH, flip_one_bit
from tools.conformance import page, report
from tools.conformance.rows import ELSEWHERE


def render(folder):
    return page.render(report.read(folder, ROWS))


def test_every_row_that_ran_and_that_did_not_is_on_it(folder):
    text = render(folder)
    assert "passed: 4 rows agree in every bit" in text
    for name in [*(row.name for row in ROWS), *(row.name for row in ELSEWHERE), *(row.reason for row in ELSEWHERE)]:
        assert f"<td>{name}</td>" in text or f'<td class="wrap">{name}</td>' in text
    assert text.count('<td class="same">') == len(ROWS) ** 2
    assert 'class="other"' not in text


def test_a_difference_is_on_it(folder):
    flip_one_bit(folder)
    text = render(folder)
    assert "FAILED: 1 of the checks on 4 rows" in text
    assert f"<li><code>{TORCH.name}: float32, u, K=8: 1 numbers differ" in text
    assert text.count('<td class="other">95</td>') == 2 * (len(ROWS) - 1)


def test_the_worst_groups_are_on_it_with_their_inputs(folder):
    text = render(folder)
    assert text.count("<details>") == 10
    worst = re.search(r"float64, u: (\S+) ULP.*?scores: <code>([^<]+)", text)
    assert 0 < float(worst[1]) <= 0.65
    assert all(abs(float.fromhex(number)) >= 0 for number in worst[2].split())


def test_it_works_offline_on_a_phone_in_the_dark(folder):
    text = render(folder)
    assert not re.search(r"https?:|src=|@import|<link|<script", text)
    assert 'name="viewport"' in text
    assert "prefers-color-scheme: dark" in text
    assert "$" not in text
