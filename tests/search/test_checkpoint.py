"""Checkpoints: what they hold, that damage is noticed, and what a run goes on from then."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import complaint, synth
from recorded import left_behind
from search_helpers import go_on, interrupted, run, small, with_toys

from synth.api import resume
from synth.errors import OutputFailed, UsageError
from synth.runs.events import RunStarted
from synth.runs.files import write_atomically
from synth.search import checkpoint

pytestmark = pytest.mark.faults


def test_a_damaged_checkpoint_is_said_and_the_one_before_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(run__checkpoint_seconds=0)
    with_toys(monkeypatch, config)
    run(config, tmp_path / "whole")
    with_toys(monkeypatch, config)
    interrupted(config, tmp_path / "run", 6)
    earlier, later = sorted((tmp_path / "run" / "checkpoint").glob("*.npz"))
    later.write_bytes(later.read_bytes()[:-1000])
    shutil.copytree(tmp_path / "run", tmp_path / "worse")
    with_toys(monkeypatch, config)
    (first, *_) = go_on(tmp_path / "run")
    assert isinstance(first, RunStarted)
    assert any(f"{later} is damaged" in notice and "checkpoint before" in notice for notice in first.notices)
    assert left_behind(tmp_path / "run") == left_behind(tmp_path / "whole")
    worst = tmp_path / "worse" / "checkpoint" / earlier.name
    worst.write_bytes(b"")
    before = left_behind(tmp_path / "worse")
    with pytest.raises(
        UsageError, match=r"no checkpoint of this run can be used: .* is damaged: .* is damaged"
    ):
        go_on(tmp_path / "worse")
    assert left_behind(tmp_path / "worse") == before


def test_without_a_checkpoint_there_is_nothing_to_go_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small()
    with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "checkpoint")
    with pytest.raises(UsageError, match="has no checkpoint"):
        resume(tmp_path / "run", flags={"--max-candidates": 5000})
    said = complaint(synth("resume", tmp_path / "nowhere", folder=tmp_path), 2)
    assert "nowhere is not a run" in said


def test_no_flipped_bit_goes_unnoticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(search__population=3, search__islands=1, limits__candidates=150)
    with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    folder = tmp_path / "run" / "checkpoint"
    path = sorted(folder.glob("*.npz"))[-1]
    good = path.read_bytes()
    (other,) = [one for one in folder.glob("*.npz") if one != path]
    other.unlink()
    checkpoint.load(folder)
    draw = random.Random(0)
    for _ in range(300):
        place = draw.randrange(len(good))
        path.write_bytes(good[:place] + bytes([good[place] ^ 1 << draw.randrange(8)]) + good[place + 1 :])
        with pytest.raises(UsageError, match="is damaged"):
            checkpoint.load(folder)
    for size in (0, 1, 100, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:size])
        with pytest.raises(UsageError, match="is damaged"):
            checkpoint.load(folder)


def test_checkpoints_hold_no_pickles_and_no_more_than_two_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(run__checkpoint_seconds=0)
    with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    found = sorted((tmp_path / "run" / "checkpoint").iterdir())
    assert len(found) == 2
    with np.load(found[-1], allow_pickle=False) as archive:
        document = json.loads(archive["search.json"])
        assert document["number"] >= 2
        assert archive["island1/fitness"].shape == (10,)


def test_a_full_disk_leaves_the_last_good_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(run__checkpoint_seconds=0)
    monkeypatch.setattr("synth.search.coordinator.CHECKPOINT_SHARE", 0)
    with_toys(monkeypatch, config)
    run(config, tmp_path / "whole")
    written: list[Path] = []

    def full(path: Path, content: bytes, **options: Any) -> None:
        if len(written) == 3:
            raise OutputFailed(f"{path} cannot be written: the disk is full")
        written.append(path)
        write_atomically(path, content, **options)

    with monkeypatch.context() as patch:
        with_toys(patch, config)
        patch.setattr("synth.search.checkpoint.write_atomically", full)
        with pytest.raises(OutputFailed, match="the disk is full"):
            run(config, tmp_path / "run")
    with_toys(monkeypatch, config)
    go_on(tmp_path / "run")
    assert left_behind(tmp_path / "run") == left_behind(tmp_path / "whole")


def test_a_checkpoint_of_an_earlier_synth_is_refused_by_name(tmp_path: Path) -> None:
    old = checkpoint.archived({"search.json": b'{"number": 3, "island": 0, "islands": 1}'})
    (tmp_path / "000001.npz").write_bytes(old)
    with pytest.raises(UsageError, match=r"earlier synth 0\.1\.0 \(commit a48147b reads it\)"):
        checkpoint.load(tmp_path)
