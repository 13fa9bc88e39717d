"""A cell in an actor, without Ray: its messages."""

from __future__ import annotations

from tests.experiments.cells import bandit_cell
from tests.experiments.execution.test_run_cell import leave_after
from tpo.experiments.execution import cell_actor
from tpo.experiments.execution.cell_actor import CellActor, Exited, Started
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore


def test_checkpoints_come_back_while_it_runs(tmp_path):
    """Checkpoints are read from the mailbox, since those of a real run come only every half minute."""
    cell, actor = bandit_cell(steps=200), CellActor()
    library = CellStore(tmp_path)
    leave_after(cell, library.path(cell), 60)
    actor.stop()
    actor.run(cell.to_json(), cell.digest, "shown", library.checkpoint(cell).read_bytes())
    begun, *news, written, ended = actor.hear(0)
    assert begun == Started()
    assert [item.step for item in news] == list(range(1, 151))
    assert written.name == library.checkpoint(cell).name
    assert ended.how == "no result"
    library.checkpoint(cell).write_bytes(written.content)
    assert npz.read(library.checkpoint(cell))[0]["step"] == 150


def test_a_worker_with_another_version_is_refused():
    cell, actor = bandit_cell(), CellActor()
    actor.run(cell.to_json(), "another", "shown", None)
    _, news, _ = actor.hear(0)
    assert news.failure == (
        "workers must have the version of tpo that started them; got another one. Install the same."
    )


def test_a_worker_whose_cells_have_other_fields_is_refused_and_not_waited_for():
    values, actor = bandit_cell().to_json(), CellActor()
    values["arm"]["invented_later"] = 1
    actor.run(values, "another", "shown", None)
    _, news, left = actor.hear(0)
    assert news.failure.startswith("workers must have the version of tpo that started them; got another one.")
    assert left == Exited("no result")


def test_what_fails_before_the_cell_begins_has_a_traceback(monkeypatch):
    def no_space(*_, **__):
        raise OSError(28, "no space")

    monkeypatch.setattr(cell_actor.tempfile, "TemporaryDirectory", no_space)
    cell, actor = bandit_cell(), CellActor()
    actor.run(cell.to_json(), cell.digest, "shown", None)
    _, news, _ = actor.hear(0)
    assert news.failure == "OSError: [Errno 28] no space"
    assert news.traceback.splitlines()[-1] == "OSError: [Errno 28] no space"
    assert ", in no_space\n" in news.traceback
