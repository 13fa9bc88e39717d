"""Signals that end a process are put off, whichever thread they reach."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import struct
import threading
import time
from multiprocessing.connection import Connection

import pytest

from tests.experiments.cells import bandit_cell
from tpo.cli.signals import ending_like_ctrl_c
from tpo.experiments.execution import processes
from tpo.experiments.execution.ending_signals import NUMBERS, without_ending_signals
from tpo.experiments.execution.messages import News
from tpo.experiments.storage.cells import CellStore

pytestmark = pytest.mark.usefixtures("default_sigint")


@pytest.fixture
def other_thread():
    """A thread that blocks no signals, and so takes those that the main thread blocks."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.mark.usefixtures("other_thread")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_process_comes_at_the_end_of_the_scope(number):
    reached, handlers = [], {one: signal.getsignal(one) for one in NUMBERS}

    @without_ending_signals()
    def end():
        os.kill(os.getpid(), number)
        time.sleep(0.05)
        reached.append(number)

    with ending_like_ctrl_c():
        with pytest.raises(KeyboardInterrupt):
            end()
        assert not NUMBERS & signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert reached == [number]
    assert {one: signal.getsignal(one) for one in NUMBERS} == handlers


def test_other_threads_have_no_handlers_to_put_off():
    blocked = []

    def work():
        with without_ending_signals():
            blocked.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()) & NUMBERS)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert blocked == [{signal.SIGINT, signal.SIGTERM, signal.SIGHUP}]


class InTwoParts(threading.Thread):
    """A worker that sends one message in two parts, with a Ctrl-C between them, and then another one."""

    def __init__(self, *, args, **_):
        super().__init__()
        self.theirs = args[-1]

    def start(self):
        # The launcher closes its copy of the worker's end.
        self.theirs = Connection(os.dup(self.theirs.fileno()))
        super().start()

    def run(self):
        content = pickle.dumps(News("first"))
        message = struct.pack("!i", len(content)) + content
        os.write(self.theirs.fileno(), message[:7])
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        os.write(self.theirs.fileno(), message[7:])
        self.theirs.send(News("second"))

    def kill(self):
        pass


def test_ctrl_c_in_the_midst_of_a_message_leaves_the_next_one_whole(tmp_path, monkeypatch):
    context = multiprocessing.get_context("spawn")
    monkeypatch.setattr(type(context), "Process", lambda _, **given: InTwoParts(**given))
    launcher = processes.Processes(1)
    launcher.start(bandit_cell(), CellStore(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        launcher.hear()
    assert launcher.hear() == [News("second")]
    launcher.kill()
