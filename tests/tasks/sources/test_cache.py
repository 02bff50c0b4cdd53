import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from synth.tasks.sources import cache

ARRAYS = {"numbers": np.arange(1000.0).reshape(100, 10), "bytes": np.arange(256, dtype=np.uint8)}


pytestmark = pytest.mark.usefixtures("fresh_cache")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, fresh_cache: Path) -> None:
    assert cache.cache_dir() == fresh_cache
    monkeypatch.setenv("SYNTH_CACHE_DIR", "~/here")
    assert cache.cache_dir() == Path.home() / "here"
    monkeypatch.delenv("SYNTH_CACHE_DIR")
    assert cache.cache_dir().name == "synth"
    assert cache.cache_dir().is_absolute()


def test_what_is_kept_comes_back_memory_mapped() -> None:
    assert cache.load("tasks", "one") is None
    assert cache.store("tasks", "one", ARRAYS, {"what": "one thing", "note": 7}) == ()
    kept = cache.load("tasks", "one")
    assert kept is not None
    meta, arrays = kept
    assert (meta["what"], meta["note"]) == ("one thing", 7)
    for name, array in ARRAYS.items():
        assert isinstance(arrays[name], np.memmap)
        assert not arrays[name].flags.writeable
        assert (arrays[name] == array).all()
    assert cache.look("tasks", "one") == meta


def flip_a_byte(entry: Path) -> None:
    content = bytearray((entry / "numbers.npy").read_bytes())
    content[-100] ^= 1
    (entry / "numbers.npy").write_bytes(content)


def cut_short(entry: Path) -> None:
    content = (entry / "numbers.npy").read_bytes()
    (entry / "numbers.npy").write_bytes(content[: len(content) // 2])


def lose_an_array(entry: Path) -> None:
    (entry / "bytes.npy").unlink()


def empty_the_notes(entry: Path) -> None:
    (entry / "meta.json").write_text("")


def spoil_the_notes(entry: Path) -> None:
    (entry / "meta.json").write_text("[1]")


def forget_the_arrays(entry: Path) -> None:
    (entry / "meta.json").write_text(json.dumps({"what": "nothing"}))


@pytest.mark.parametrize(
    "damage", [flip_a_byte, cut_short, lose_an_array, empty_the_notes, spoil_the_notes, forget_the_arrays]
)
def test_a_damaged_entry_is_noticed_and_makes_room(damage: Callable[[Path], None], fresh_cache: Path) -> None:
    cache.store("tasks", "one", ARRAYS, {"what": "one"})
    damage(fresh_cache / "tasks" / "one")
    assert cache.load("tasks", "one") is None
    assert not (fresh_cache / "tasks" / "one").exists()
    cache.store("tasks", "one", ARRAYS, {"what": "one"})
    assert cache.load("tasks", "one") is not None


def test_the_rest_of_a_removal_that_was_cut_short_makes_room(fresh_cache: Path) -> None:
    cache.store("tasks", "one", ARRAYS, {"what": "one"})
    (fresh_cache / "tasks" / "one" / "meta.json").unlink()
    assert cache.load("tasks", "one") is None
    assert cache.store("tasks", "one", ARRAYS, {"what": "one"}) == ()
    assert cache.load("tasks", "one") is not None


def test_many_may_keep_the_same_thing_at_once(fresh_cache: Path) -> None:
    def keep(_: int) -> tuple[tuple[str, ...], bool]:
        notices = cache.store("tasks", "one", ARRAYS, {"what": "one"})
        found = cache.load("tasks", "one")  # no entry, which costs time alone, or a whole one
        return notices, found is None or bool((found[1]["numbers"] == ARRAYS["numbers"]).all())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(keep, range(24))) == [((), True)] * 24
    assert cache.load("tasks", "one") is not None
    assert [path.name for path in (fresh_cache / "tasks").iterdir()] == ["one"]


def test_a_cache_that_cannot_be_written_costs_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNTH_CACHE_DIR", str(tmp_path / "file"))
    [notice] = cache.store("tasks", "one", ARRAYS, {"what": "one"})
    assert "nothing is kept for the next start" in notice
    assert cache.load("tasks", "one") is None
    assert cache.list_cached() == []
    assert cache.clear_cache() == 0


def test_a_full_disk_leaves_nothing_half_done(fresh_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("900 requested and 20 written")

    monkeypatch.setattr(np, "save", full)
    [notice] = cache.store("tasks", "one", ARRAYS, {"what": "one"})
    assert "900 requested and 20 written" in notice
    assert list((fresh_cache / "tasks").iterdir()) == []


def test_the_list_names_everything_with_its_size(fresh_cache: Path) -> None:
    cache.store("tasks", "k2", ARRAYS, {"what": "b tasks"})
    cache.store("tasks", "k1", ARRAYS, {"what": "c tasks"})
    cache.store("images", "k0", ARRAYS, {"what": "a images"})
    cache.downloads_dir().mkdir()
    (cache.downloads_dir() / "tmpx1y2z3").write_bytes(b"12345")
    found = cache.list_cached()
    assert [entry.what for entry in found] == ["tmpx1y2z3", "a images", "b tasks", "c tasks"]
    assert found[0].size == 5
    assert found[1].size > 8000
    assert found[1].path == fresh_cache / "images" / "k0"


def test_clearing_removes_what_synth_made_and_nothing_else(fresh_cache: Path) -> None:
    cache.store("tasks", "one", ARRAYS, {"what": "one"})
    (fresh_cache / "tasks" / ".new-left-by-a-kill").mkdir()
    (fresh_cache / "tasks" / "mine").mkdir()
    (fresh_cache / "tasks" / "mine" / "thesis.txt").write_text("years")
    (fresh_cache / "downloads").mkdir()
    (fresh_cache / "downloads" / "cifar-10-python.tar.gz").write_bytes(b"1234")
    (fresh_cache / "downloads" / "film.mkv").write_bytes(b"1")
    size = sum(entry.size for entry in cache.list_cached())
    assert cache.clear_cache() == size
    assert cache.list_cached() == []
    left = sorted(str(path.relative_to(fresh_cache)) for path in fresh_cache.rglob("*") if path.is_file())
    assert left == ["downloads/film.mkv", "tasks/mine/thesis.txt"]
    assert not (fresh_cache / "tasks" / ".new-left-by-a-kill").exists()


def test_a_relative_folder_stays_the_same_when_the_working_directory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTH_CACHE_DIR", "of-this-test")
    before = cache.cache_dir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cache.cache_dir() == before == tmp_path / "of-this-test"
