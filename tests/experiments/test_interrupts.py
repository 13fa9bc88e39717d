"""Items computed in another thread come through, in order, with their errors."""

from __future__ import annotations

import threading

import pytest

from tpo.experiments.interrupts import at_work, interruptible

PATIENCE = 10


def test_items_come_in_order():
    assert list(interruptible(iter(range(5)))) == [0, 1, 2, 3, 4]


def test_items_are_computed_in_another_thread():
    (thread,) = interruptible(threading.current_thread() for _ in range(1))
    assert thread is not threading.current_thread()


def test_an_error_comes_after_the_items_before_it():
    def fail():
        yield 1
        raise ValueError("no more")

    items = interruptible(fail())
    assert next(items) == 1
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_the_thread_ends_with_the_item_it_is_at():
    asked, answer, computed = threading.Event(), threading.Event(), []

    def compute():
        for number in range(3):
            computed.append(number)
            if number:
                asked.set()
                answer.wait(PATIENCE)
            yield number

    items = interruptible(compute())
    assert next(items) == 0
    assert asked.wait(PATIENCE)
    items.close()
    assert at_work()
    (worker,) = (thread for thread in threading.enumerate() if thread.name == "tpo interruptible")
    answer.set()
    worker.join(PATIENCE)
    assert not at_work()
    assert computed == [0, 1]
