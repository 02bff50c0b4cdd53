from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pytest
from cifar10_layout import pack

from synth.errors import DownloadFailed, UsageError
from synth.tasks import sets
from synth.tasks.names import DATA_SETS, SPLITS
from synth.tasks.sets import Defaults, defaults, task_set
from synth.tasks.sources import cache, cifar10, digits
from synth.tasks.sources.download import Progress
from synth.tasks.task import Task, tasks_digest


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar10, "download", lambda *_: pytest.fail("asked the network"))


def accuracy(tasks: Sequence[Task]) -> float:
    """Mean accuracy of logistic regression."""
    from sklearn.linear_model import LogisticRegression

    def score(task: Task) -> float:
        model = LogisticRegression(C=0.01, max_iter=300).fit(task.train_features, task.train_labels)
        return float(model.score(task.valid_features, task.valid_labels))

    return mean([score(task) for task in tasks])


def test_the_defaults_are_those_of_the_documentation() -> None:
    assert DATA_SETS == ("cifar10", "digits", "linear", "affine", "nonlinear")
    assert defaults("cifar10", "search") == Defaults(16, 10, 8000, 1000)
    assert defaults("cifar10", "select") == defaults("cifar10", "report") == Defaults(16, 9, 8000, 1000)
    assert defaults("cifar10", "test") == Defaults(16, 45, 8000, None)
    assert [defaults("digits", split).tasks for split in SPLITS] == [10, 9, 9, 45]
    assert [defaults("affine", split).tasks for split in SPLITS] == [10, 100, 100, 100]
    assert defaults("linear", "test") == Defaults(4, 100, 100, 100)
    assert defaults("own.npz", "search") == Defaults(None, None, None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"data": "cifar"}, "unknown data set 'cifar'; did you mean cifar10?"),
        ({"data": "mnist-784"}, "unknown data set 'mnist-784'; there are cifar10, digits, linear, affine"),
        (
            {"data": "my/data.csv"},
            r"my/data.csv is a table, which `synth run --data my/data.csv --label COLUMN` prepares; the .npz",
        ),
        ({"data": "absent.npz"}, "absent.npz cannot be read"),
        ({"split": "serch"}, "unknown split 'serch'; did you mean search?"),
        ({"features": 0}, "features is 0; it needs to be at least 1"),
        ({"features": 65}, "digits has 64 raw values an example, so at most 64 features, not 65"),
        ({"count": 0}, "count is 0"),
        ({"train": -1}, "train is -1"),
        ({"valid": 0}, "valid is 0"),
        ({"first": -1}, "first is -1"),
        ({"first": 2**40}, "first is 1099511627776"),
        (
            {"train": 500},
            "digits has 1.. examples of class . for training, and its share .* would be 250;",
        ),
        ({"data": "linear", "count": 10**9}, "GiB; ask for fewer tasks, examples or features"),
    ],
)
def test_what_cannot_be_asked_for_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        task_set(**{"data": "digits", **arguments})


def test_digits_are_cut_by_class() -> None:
    search, test = task_set("digits", "search"), task_set("digits", "test")
    assert (search.name, search.split, search.features, search.metric) == ("digits", "search", 16, "accuracy")
    assert (len(search.tasks), len(task_set("digits", "select").tasks), len(test.tasks)) == (10, 9, 45)
    sizes = [(len(task.train_labels), len(task.valid_labels)) for task in test.tasks]
    assert all(200 < train < 225 and 68 < valid < 76 for train, valid in sizes)
    assert accuracy(test.tasks) > 0.94
    assert search.notices == ()


def test_raw_pixels_of_digits_that_never_vary_are_zero() -> None:
    [task] = task_set("digits", features=64, count=1).tasks
    deviations = task.train_features.std(axis=0)
    assert ((deviations == 0) | (np.abs(deviations - 1) < 1e-6)).all()
    assert (deviations == 0).any()


def test_prepared_tasks_stay_the_same() -> None:
    # A change of these digests means other data for old runs: PREPARATION in sets.py then has to be raised.
    assert task_set("digits").digest.startswith("a36af4762861efb6")
    assert task_set("nonlinear").digest.startswith("8f4de79ce671d160")


def test_features_are_the_same_numbers_in_float32() -> None:
    for task in task_set("digits", count=2).tasks:
        assert all((array.astype(np.float32) == array).all() for array in task.arrays)


def test_the_second_call_prepares_nothing(fresh_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = task_set("digits", "select", train=40, valid=10)
    assert first.digest == tasks_digest(first.tasks)
    monkeypatch.setattr(digits, "read", lambda: pytest.fail("read again"))
    second = task_set("digits", "select", train=40, valid=10)
    assert second.digest == first.digest == tasks_digest(second.tasks)
    assert [task.name for task in second.tasks] == [task.name for task in first.tasks]
    assert second.metric == first.metric
    with pytest.raises(pytest.fail.Exception):
        task_set("digits", "select", train=40, valid=11)


def test_sets_of_later_tasks_and_large_ones_are_not_kept(
    fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_set("digits", count=2, first=4)
    task_set("linear")
    monkeypatch.setattr(sets, "LARGEST_KEPT", 1000)
    task_set("digits", count=2)
    assert cache.list_cached() == []


def test_a_damaged_set_is_prepared_anew(fresh_cache: Path) -> None:
    first = task_set("digits", count=2)
    [entry] = (fresh_cache / "tasks").iterdir()
    content = bytearray((entry / "train_features.npy").read_bytes())
    content[-5] ^= 1
    (entry / "train_features.npy").write_bytes(content)
    assert tasks_digest(task_set("digits", count=2).tasks) == first.digest
    assert cache.load("tasks", entry.name) is not None


def test_two_starts_at_once_agree(fresh_cache: Path, small_cifar10: Path) -> None:
    def start(_: int) -> str:
        return task_set("cifar10", count=4, train=60, valid=20, data_dir=small_cifar10).digest

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1
    assert [entry.what for entry in cache.list_cached()] == [
        f"cifar10 images from {small_cifar10 / 'cifar-10-batches-py'}",
        "cifar10 search: 4 tasks, F = 16, 60 + 20 examples",
    ]


def test_without_a_cache_tasks_are_prepared_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNTH_CACHE_DIR", str(tmp_path / "file"))
    tasks = task_set("digits", count=2)
    assert any("nothing is kept" in notice for notice in tasks.notices)
    assert tasks.digest == task_set("digits", count=2).digest


def test_cifar10_tasks_come_from_the_copy_that_is_named(small_cifar10: Path, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"train": 80, "valid": 20, "features": 32}
    search = task_set("cifar10", data_dir=small_cifar10, **arguments)
    assert (search.name, len(search.tasks), search.features) == ("cifar10", 10, 32)
    assert any("not the official copy" in notice for notice in search.notices)
    assert task_set("cifar10", data_dir=small_cifar10, **arguments).notices == search.notices
    archive = pack(small_cifar10 / "cifar-10-batches-py", tmp_path / "cifar-10-python.tar.gz")
    assert task_set("cifar10", data_dir=archive, **arguments).digest == search.digest
    assert accuracy(search.tasks) > 0.9


def test_the_test_split_of_cifar10_is_scored_on_the_test_images(small_cifar10: Path) -> None:
    test = task_set("cifar10", "test", train=80, data_dir=small_cifar10)
    assert len(test.tasks) == 45
    assert {len(task.valid_labels) for task in test.tasks} == {20}
    assert test.tasks[0].name == "airplane-truck:0"
    assert accuracy(test.tasks) > 0.8


def test_more_cifar10_than_there_is_is_refused(small_cifar10: Path) -> None:
    with pytest.raises(UsageError, match="cifar10 has 50 examples of class bird for training and validation"):
        task_set("cifar10", data_dir=small_cifar10)


def test_auto_is_cifar10_if_it_is_at_hand(
    small_cifar10: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    fallback = task_set("auto", count=2)
    assert fallback.name == "digits"
    assert "`synth data cifar10` downloads" in fallback.notices[0]
    assert fallback.digest == task_set("digits", count=2).digest
    monkeypatch.setenv("SYNTH_DATA_DIR", str(small_cifar10))
    assert task_set("auto", count=2, train=80, valid=20).name == "cifar10"


def test_auto_with_a_folder_that_holds_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no CIFAR-10"):
        task_set("auto", data_dir=tmp_path)


def test_cifar10_by_name_never_falls_back(fresh_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(_: object) -> Path:
        raise DownloadFailed("no network")

    monkeypatch.setattr(cifar10, "download", download)
    with pytest.raises(DownloadFailed):
        task_set("cifar10")


def test_cifar10_by_name_is_downloaded(
    fresh_cache: Path, small_cifar10: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int | None]] = []

    def download(progress: Progress) -> Path:
        progress(1, 2)
        return small_cifar10 / "cifar-10-batches-py"

    monkeypatch.setattr(cifar10, "download", download)
    task_set("cifar10", count=1, train=80, valid=20, progress=lambda *args: seen.append(args))
    assert seen == [(1, 2)]


def test_teachers_need_nothing_on_disk(fresh_cache: Path) -> None:
    for name in ("linear", "affine", "nonlinear"):
        tasks = task_set(name)
        assert (len(tasks.tasks), tasks.features, tasks.metric) == (10, 4, "rms")
        assert len(tasks.tasks[0].train_labels) == len(tasks.tasks[0].valid_labels) == 100
    select = task_set("linear", "select", train=1000, features=8)
    assert (len(select.tasks), select.tasks[0].train_features.shape) == (100, (1000, 8))
    assert task_set("linear", count=3, first=7).tasks[0].name == "linear:7"
    assert not fresh_cache.exists()


def test_own_arrays_are_tasks_too(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    y = np.arange(400) % 4
    np.savez(tmp_path / "mine.npz", X=random.randn(400, 20) + y[:, None], y=y)
    search, test = (task_set(str(tmp_path / "mine.npz"), split) for split in ("search", "test"))
    assert (search.name, len(search.tasks), search.features) == ("mine.npz", 5, 16)
    assert (len(test.tasks), len(test.tasks[0].valid_labels)) == (6, 40)
    assert accuracy(test.tasks) > 0.8
    assert task_set(str(tmp_path / "mine.npz"), features=20).features == 20
    np.savez(tmp_path / "mine.npz", X=random.randn(400, 3), y=random.randn(400))
    lines = task_set(str(tmp_path / "mine.npz"))
    assert (lines.metric, lines.features, len(lines.tasks)) == ("rms", 3, 10)
    assert task_set(str(tmp_path / "mine.npz")).notices == lines.notices != ()


def test_a_hundred_classes_have_tasks_within_seconds(tmp_path: Path, fresh_cache: Path) -> None:
    y = np.arange(1000) % 100
    np.savez(tmp_path / "mine.npz", X=np.random.RandomState(0).randn(1000, 4), y=y)
    search, select, test = (
        task_set(str(tmp_path / "mine.npz"), split) for split in ("search", "select", "test")
    )
    assert [len(tasks.tasks) for tasks in (search, select, test)] == [40, 10, 50]
    assert "100 classes, and so 4,950 pairs of them: a fixed sample of 50" in search.notices[0]
    assert task_set(str(tmp_path / "mine.npz"), "search").notices == search.notices
    more = task_set(str(tmp_path / "mine.npz"), "test", class_pairs=60)
    assert (len(more.tasks), more.request["class_pairs"]) == (60, 60)


def test_class_weights_are_kept_and_told_as_part_of_the_request(tmp_path: Path, fresh_cache: Path) -> None:
    data = str(tmp_path / "mine.npz")
    np.savez(data, X=np.random.RandomState(0).randn(200, 3), y=np.array(["no", "yes"])[np.arange(200) // 180])
    plain, weighted, again, given = (
        task_set(data, class_weights=text) for text in ("none", "balanced", "balanced", "yes:2")
    )
    assert len({plain.digest, weighted.digest, given.digest}) == 3
    assert weighted.digest == again.digest == tasks_digest(again.tasks)
    assert weighted.notices == again.notices != plain.notices
    assert "a row of class yes is shown 9 times as often" in weighted.notices[-1]
    texts = [tasks.request["class_weights"] for tasks in (plain, weighted, given)]
    assert texts == ["none", "balanced", "yes:2"]
    assert (
        task_set("digits", train=20, class_weights="balanced").digest == task_set("digits", train=20).digest
    )


@pytest.mark.parametrize(
    ("data", "text", "sentence"),
    [
        ("linear", "balanced", "linear has no classes, so none can have a weight"),
        (
            "digits",
            "ten:3",
            "class weights name class 'ten', which digits does not have; its classes are 0, 1, ",
        ),
        (
            "digits",
            "9:-3",
            "class weights are '9:-3'; the weight of class 9 is -3; it must be at least 1e-09",
        ),
    ],
)
def test_class_weights_that_cannot_be(data: str, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=f"^{sentence}"):
        task_set(data, class_weights=text)


def test_a_regression_does_not_depend_on_the_units_of_its_labels(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X, y = random.randn(100, 3), random.randn(100)
    for name, labels in (("small", y), ("large", 50_000 * y + 200_000)):
        np.savez(tmp_path / f"{name}.npz", X=X, y=labels)
    small, large = (task_set(str(tmp_path / f"{name}.npz"), "test") for name in ("small", "large"))
    for one, other in zip(small.tasks, large.tasks, strict=True):
        assert one.train_labels.std() == pytest.approx(1.0, rel=1e-6)
        order = [np.argsort(task.valid_labels) for task in (one, other)]  # the rows' order depends on content
        assert one.valid_labels[order[0]] == pytest.approx(other.valid_labels[order[1]], rel=1e-4, abs=1e-5)
    assert small.scale is not None
    assert large.scale == pytest.approx(50_000 * small.scale)
    again = task_set(str(tmp_path / "large.npz"), "test")
    assert [task.scale for task in again.tasks] == [task.scale for task in large.tasks]
    assert large.tasks[0].first(3).scale == large.tasks[0].scale
    assert task_set("linear").scale is task_set("digits").scale is None


@pytest.mark.cifar10
def test_logistic_regression_on_real_cifar10_is_where_it_should_be() -> None:
    assert abs(accuracy(task_set("cifar10", "test").tasks) - 0.7064) < 0.005


@pytest.mark.cifar10
def test_a_second_start_on_real_cifar10_reads_no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    task_set("cifar10")
    monkeypatch.setattr(cifar10, "read_batch", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr(cifar10.Cifar10, "read", lambda *_: pytest.fail("read again"))
    assert len(task_set("cifar10").tasks) == 10
