import hashlib
import os
import pickle
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from cifar10_layout import BATCHES, batch, pack, pickle2, write_cifar10
from file_server import file_server

from synth.errors import DownloadFailed, UsageError
from synth.tasks.sources import cache, cifar10, pickled

pytestmark = pytest.mark.usefixtures("fresh_cache")


@pytest.fixture
def folder(small_cifar10: Path, tmp_path: Path) -> Path:
    """A copy of the small data set, to be damaged."""
    shutil.copytree(small_cifar10 / "cifar-10-batches-py", tmp_path / "data" / "cifar-10-batches-py")
    return tmp_path / "data" / "cifar-10-batches-py"


def describe(place: Path | None) -> cifar10.Cifar10:
    path = cifar10.find(place)
    assert path is not None
    return cifar10.describe(path)


def test_images_and_labels_are_read_as_they_are(small_cifar10: Path) -> None:
    examples = describe(small_cifar10).read()
    assert examples.raw.shape == (600, 3072)
    assert examples.raw.dtype == np.uint8
    for number, name in enumerate(BATCHES):
        expected = batch(name)
        assert (examples.raw[100 * number : 100 * (number + 1)] == expected["data"]).all()
        if name != "test_batch":
            frogs = 100 * number + np.flatnonzero(np.array(expected["labels"]) == 6)
            assert set(frogs) <= set(examples.rows[6].train)
    assert [len(rows.train) for rows in examples.rows] == [50] * 10
    assert [len(rows.test) for rows in examples.rows] == [10] * 10
    assert all(rows.test.min() >= 500 > rows.train.max() for rows in examples.rows)
    assert examples.classes[6] == "frog"


def test_folder_its_parent_and_the_archive_hold_the_same(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "cifar-10-python.tar.gz")
    places = [folder, folder.parent, tmp_path, tmp_path / "cifar-10-python.tar.gz"]
    copies = [describe(place) for place in places]
    assert len({copy.digest for copy in copies}) == 1
    assert [copy.path for copy in copies] == [folder, folder, places[3], places[3]]
    assert (copies[0].read().raw == copies[3].read().raw).all()


def test_the_environment_and_then_the_cache_are_looked_at(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cifar10.find() is None
    cache.downloads_dir().mkdir(parents=True)
    archive = pack(folder, cache.downloads_dir() / "cifar-10-python.tar.gz")
    assert cifar10.find() == archive
    monkeypatch.setenv("SYNTH_DATA_DIR", str(tmp_path))
    assert cifar10.find() == archive
    monkeypatch.setenv("SYNTH_DATA_DIR", str(folder.parent))
    assert cifar10.find() == folder
    with pytest.raises(UsageError, match=f"{tmp_path} holds no CIFAR-10; it should contain the folder"):
        cifar10.find(tmp_path)


def test_a_copy_that_is_not_the_official_one_is_taken_with_a_notice(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [notice] = describe(folder).notices
    assert str(folder) in notice
    assert "not the official copy" in notice
    assert describe(folder).notices == (notice,)  # also when it was read before
    sums = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in BATCHES}
    monkeypatch.setattr(cifar10, "BATCHES", sums)
    cache.clear_cache()
    assert describe(folder).notices == ()


def test_a_copy_is_read_once_and_again_when_its_files_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = describe(folder)
    read_batch = Mock(wraps=pickled.read_batch)
    monkeypatch.setattr(cifar10, "read_batch", read_batch)
    assert describe(folder) == first
    assert isinstance(first.read().raw, np.memmap)
    assert not read_batch.called
    (folder / "data_batch_3").write_bytes(pickle2(batch("data_batch_3", seed=1)))
    assert describe(folder).digest != first.digest
    assert read_batch.call_count == 6


def test_kept_images_that_are_damaged_are_read_again(folder: Path) -> None:
    first = describe(folder)
    expected = np.array(first.read().raw)
    [images] = (cache.cache_dir() / "images").glob("*/images.npy")
    content = bytearray(images.read_bytes())
    content[5000] ^= 255
    images.write_bytes(content)
    assert (first.read().raw == expected).all()
    assert describe(folder) == first


def test_without_a_cache_the_images_are_read_each_time(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNTH_CACHE_DIR", str(tmp_path / "file"))
    copy = describe(folder)
    assert any("nothing is kept" in notice for notice in copy.notices)
    assert len(copy.read().raw) == 600


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def test_a_pickle_that_wants_to_run_code_is_refused(folder: Path, tmp_path: Path) -> None:
    evil = pickle.dumps({**batch("data_batch_2"), "labels": Evil(tmp_path / "ran")}, protocol=2)
    (folder / "data_batch_2").write_bytes(evil)
    with pytest.raises(
        UsageError, match=r"data_batch_2 is damaged \(it asks for posix.system, which no batch needs\)"
    ):
        describe(folder)
    assert not (tmp_path / "ran").exists()


def test_an_array_of_objects_is_refused(folder: Path) -> None:
    (folder / "data_batch_2").write_bytes(pickle2({"data": np.array([{}, 1]), "labels": [1, 2]}))
    with pytest.raises(UsageError, match="its data are not an array of bytes with 3072 columns"):
        describe(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": list(range(100))}, "not a list of numbers from 0 to 9"),
        ({"labels": [0] * 99}, "it has 100 images and 99 labels"),
        ({"labels": None}, "not a list of numbers"),
        ({"data": np.zeros((100, 3072))}, "not an array of bytes"),
        ({"data": np.zeros((100, 3071), dtype=np.uint8)}, "not an array of bytes"),
        ({"data": np.zeros(100, dtype=np.uint8)}, "not an array of bytes"),
        ({"data": [1, 2]}, "not an array of bytes"),
        ({"data": np.zeros((0, 3072), dtype=np.uint8), "labels": []}, "it has 0 images"),
    ],
)
def test_a_batch_that_is_none_is_refused(folder: Path, change: dict[str, Any], message: str) -> None:
    (folder / "data_batch_5").write_bytes(pickle2({**batch("data_batch_5"), **change}))
    with pytest.raises(UsageError, match=f"data_batch_5 is damaged .*{message}"):
        describe(folder)


def test_pickles_of_later_pythons_and_other_memory_orders_are_read(folder: Path) -> None:
    values = batch("data_batch_1")
    (folder / "data_batch_1").write_bytes(
        pickle.dumps({**values, "data": np.asfortranarray(values["data"])}, protocol=3)
    )
    assert (describe(folder).read().raw[:100] == values["data"]).all()


@pytest.mark.parametrize("keep", [0, 1, 1000, -1])
def test_a_truncated_batch_is_refused(folder: Path, keep: int) -> None:
    content = (folder / "test_batch").read_bytes()
    (folder / "test_batch").write_bytes(content[:keep])
    with pytest.raises(UsageError, match=f"the CIFAR-10 in {folder} cannot be used: test_batch is damaged"):
        describe(folder)


@pytest.mark.filterwarnings("ignore:invalid escape")
def test_noise_in_place_of_a_batch_is_refused(folder: Path) -> None:
    for seed in range(30):
        (folder / "test_batch").write_bytes(np.random.RandomState(seed).bytes(200))
        with pytest.raises(UsageError, match="test_batch is damaged"):
            describe(folder)


def test_missing_batches_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "data_batch_4").unlink()
    with pytest.raises(UsageError, match="data_batch_4 is missing; put a whole copy there"):
        describe(folder)
    (folder / "test_batch").unlink()
    archive = pack(folder, tmp_path / "part.tar.gz")
    with pytest.raises(UsageError, match="data_batch_4, test_batch are missing"):
        describe(archive)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.4, 0.9, 0.9999])
def test_a_truncated_archive_is_refused(folder: Path, tmp_path: Path, share: float) -> None:
    archive = pack(folder, tmp_path / "cifar-10-python.tar.gz")
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UsageError, match=f"the CIFAR-10 in {archive} cannot be used"):
        describe(archive)


def test_a_damaged_archive_is_refused(folder: Path, tmp_path: Path) -> None:
    archive = pack(folder, tmp_path / "cifar-10-python.tar.gz")
    content = bytearray(archive.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 50] = bytes(50)
    archive.write_bytes(content)
    with pytest.raises(UsageError, match=f"the CIFAR-10 in {archive} cannot be used"):
        describe(archive)
    archive.write_text("<html>not found</html>")
    with pytest.raises(UsageError, match=r"it is not a whole tar\.gz archive"):
        describe(archive)


def test_a_huge_member_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar10, "LARGEST_BATCH", 1000)
    with pytest.raises(UsageError, match="data_batch_1 is too large"):
        describe(folder)


def test_a_failed_download_names_the_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # before the second try
    with pytest.raises(DownloadFailed, match="--data-dir or SYNTH_DATA_DIR can name the folder"):
        cifar10.download(url="http://127.0.0.1:9/cifar-10-python.tar.gz")


def test_what_was_downloaded_is_found(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = pack(folder, tmp_path / "served.tar.gz")
    md5 = hashlib.md5(archive.read_bytes()).hexdigest()
    with file_server(archive.read_bytes()) as (url, _):
        path = cifar10.download(url=url, md5=md5)
    assert cifar10.find() == path
    assert describe(None).digest == describe(folder).digest


def test_the_writer_of_these_tests_makes_strings_of_python_2() -> None:
    assert pickle.loads(pickle2({"a": "b"}), encoding="bytes") == {b"a": b"b"}
    assert b"numpy.core.multiarray" in pickle2(batch("test_batch", of_class=1))
    assert write_cifar10.__doc__
