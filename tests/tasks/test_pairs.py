import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.tasks import pairs
from synth.tasks.names import SPLITS
from synth.tasks.pairs import (
    HELD_OUT,
    ClassRows,
    Examples,
    Group,
    Valid,
    cut,
    draw_tasks,
    round_robin,
    sample,
)
from synth.tasks.task import Task, tasks_digest


@pytest.fixture(autouse=True)
def unscaled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave features as they are, so that the one feature of `examples` tells the row."""
    monkeypatch.setattr(pairs, "standardise", lambda train, valid: (train, valid))


def examples(
    classes: int = 10, of_class: int = 30, fixed: bool = False, held_out: tuple[Group, ...] = HELD_OUT
) -> Examples:
    """Examples whose one raw value is their row, and whose class is that modulo the number of classes."""
    parts = tuple(cut(np.arange(c, classes * of_class, classes), seed=c) for c in range(classes))
    raw = np.arange(classes * of_class)[:, None]
    return Examples("toys", raw, tuple("abcdefghij"[:classes]), parts, held_out, fixed)


def draw(
    source: Examples,
    split: str,
    count: int | None = None,
    features: int = 1,
    train: int | None = None,
    valid: Valid = None,
    first: int = 0,
) -> list[Task]:
    return draw_tasks(source, split, count, features, train, valid, first)


def rows(features: NDArray[Any]) -> set[float]:
    return set(features[:, 0])


def test_a_tournament_has_every_pair_once_and_every_class_in_each_round() -> None:
    for classes in range(2, 12):
        assert sorted(round_robin(classes)) == list(itertools.combinations(range(classes), 2))
    games = list(round_robin(10))
    rounds = [games[start : start + 5] for start in range(0, 45, 5)]
    assert all(sorted(itertools.chain(*games)) == list(range(10)) for games in rounds)


def test_the_held_out_pairs_are_never_searched() -> None:
    source = examples()
    assert HELD_OUT == ((0, 5), (0, 9), (1, 8), (2, 9), (3, 5), (3, 6), (3, 8), (4, 6), (8, 9))
    assert source.groups("select") == source.groups("report") == HELD_OUT
    assert len(source.groups("search")) == 36
    assert not set(source.groups("search")) & set(HELD_OUT)
    assert sorted(source.groups("test")) == sorted((*source.groups("search"), *HELD_OUT))


def test_classes_that_are_held_out_are_never_searched() -> None:
    source = examples().with_held_out([9, 6, 7])
    assert source.groups("select") == source.groups("report")
    assert sorted(source.groups("select")) == [(6, 7), (6, 9), (7, 9)]
    assert sorted(source.groups("search")) == list(itertools.combinations([0, 1, 2, 3, 4, 5, 8], 2))
    assert len(source.groups("test")) == 45
    assert [task.name for task in draw(source, "select", 4)] == ["g-j:0", "g-h:0", "h-j:0", "g-j:1"]
    assert examples().with_held_out([]).groups("search") == examples().groups("search")


@given(classes=st.integers(2, 120), most=st.integers(1, 200))
def test_a_sample_of_pairs_is_balanced_over_classes(classes: int, most: int) -> None:
    drawn = sample(range(classes), most)
    often = Counter(itertools.chain(*drawn))
    assert len(often) == classes
    assert max(often.values()) - min(often.values()) <= 1 + classes % 2
    assert len(set(drawn)) == len(drawn) <= max(most, classes)
    assert all(0 <= a < b < classes for a, b in drawn)
    assert set(drawn) <= set(sample(range(classes), most + 1))
    assert len(drawn) >= min(most, math.comb(classes, 2))


@pytest.mark.parametrize("held_out", [HELD_OUT, ()])
def test_of_many_pairs_a_fixed_sample_is_used_and_told(held_out: tuple[Group, ...]) -> None:
    source = examples(held_out=held_out).with_held_out([], most=12)
    search, select = source.groups("search"), source.groups("select")
    assert (len(source.groups("test")), len(search), len(select)) == (12, 10, 2)
    assert sorted(source.groups("test")) == sorted((*search, *select))
    assert source.notices == (
        "toys has 10 classes, and so 45 pairs of them: a fixed sample of 12 stands for all, "
        "each class in 2 or 3 of them; data.class_pairs allows more",
    )
    everything = examples(held_out=held_out).with_held_out([])
    assert (len(everything.groups("test")), everything.notices) == (45, ())


def test_classes_that_are_held_out_have_a_sample_on_either_side() -> None:
    source = examples().with_held_out([0, 1, 2, 3], most=5)
    assert {pair < (4,) and set(pair) <= {0, 1, 2, 3} for pair in source.groups("select")} == {True}
    assert {min(pair) for pair in source.groups("search")} >= {4}
    assert (len(source.groups("select")), len(source.groups("search"))) == (5, 5)
    assert len(source.groups("test")) == 10


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([3, 10], r"classes \[3, 10\] are to be held out, but toys has 0 to 9"),
        ([4], "1 of the 10 classes of toys are to be held out; pairs need at least 2 of them"),
        (range(9), "9 of the 10 classes"),
    ],
)
def test_classes_that_cannot_be_held_out_are_refused(classes: Sequence[int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        examples().with_held_out(classes)


@pytest.mark.parametrize(("fixed", "count"), [(False, 48 - 20), (True, 12)])
def test_all_validation_examples_are_those_that_training_leaves(fixed: bool, count: int) -> None:
    few, all_there_are = (
        draw(examples(fixed=fixed), "search", count=1, train=20, valid=valid)[0] for valid in (8, "all")
    )
    assert len(all_there_are.valid_labels) == count
    assert rows(few.valid_features) < rows(all_there_are.valid_features)
    assert rows(few.train_features) == rows(all_there_are.train_features)
    with pytest.raises(UsageError, match="ask for fewer"):
        draw(examples(), "search", count=1, train=48, valid="all")


def test_tasks_go_through_the_pairs_and_then_to_the_next_projection() -> None:
    names = [task.name for task in draw(examples(), "select", count=20)]
    assert names[:3] == ["a-f:0", "a-j:0", "b-i:0"]
    assert names[9:11] == ["a-f:1", "a-j:1"]
    assert names[18:] == ["a-f:2", "a-j:2"]
    reported = [task.name for task in draw(examples(), "report", count=10)]
    assert reported[0] == "a-f:1000"
    assert reported[9] == "a-f:1001"


def test_tasks_far_on_step_over_the_projections_of_the_report() -> None:
    source = examples()
    assert source.projection_seed("select", 9 * 999) == 999
    assert source.projection_seed("select", 9 * 1000) == 1_001_000
    assert source.projection_seed("report", 9 * 1000) == 2000


def test_a_task_depends_on_its_number_alone() -> None:
    many = draw(examples(), "search", count=40, train=10, valid=4)
    assert tasks_digest(many[:7]) == tasks_digest(draw(examples(), "search", count=7, train=10, valid=4))
    assert tasks_digest(many[35:]) == tasks_digest(
        draw(examples(), "search", count=5, train=10, valid=4, first=35)
    )


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("split", SPLITS)
def test_train_and_valid_rows_differ_and_test_rows_are_kept_for_the_test(fixed: bool, split: str) -> None:
    source = examples(fixed=fixed)
    kept = set(np.concatenate([part.test for part in source.rows]))
    for task in draw(source, split):
        train, valid = rows(task.train_features), rows(task.valid_features)
        assert (len(train), len(valid)) == (36, 12)
        assert not train & valid
        assert not train & kept
        assert valid <= kept if split == "test" else not valid & kept


@pytest.mark.parametrize(("train", "valid"), [(20, 8), (7, 5), (1, 1)])
def test_half_of_the_examples_are_of_each_class_in_mixed_order(train: int, valid: int) -> None:
    for task in draw(examples(), "search", count=4, train=train, valid=valid):
        assert (len(task.train_labels), len(task.valid_labels)) == (train, valid)
        assert task.train_labels.sum() == (train + 1) // 2
        assert task.valid_labels.sum() == (valid + 1) // 2
        if train == 20:
            assert np.abs(np.diff(task.train_labels)).sum() > 2


def test_label_1_is_the_second_class() -> None:
    [task] = draw(examples(), "select", count=1)  # a and f, the classes 0 and 5
    assert ((task.train_features[:, 0] % 10 == 5) == task.train_labels).all()
    assert ((task.valid_features[:, 0] % 10 == 5) == task.valid_labels).all()
    assert set(task.train_features[:, 0] % 10) == {0, 5}


def test_splits_and_projections_have_rows_of_their_own() -> None:
    source = examples()
    select, later = draw(source, "select", count=10)[0], draw(source, "select", count=10)[9]
    [report] = draw(source, "report", count=1)
    parts = {frozenset(rows(task.valid_features)) for task in (select, later, report)}
    assert len(parts) == 3


def test_a_fixed_cut_keeps_the_valid_rows_of_search_and_select_and_not_of_report() -> None:
    source = examples(fixed=True)
    [select], [again] = draw(source, "select", count=1), draw(source, "select", count=1, first=9)
    [report] = draw(source, "report", count=1)
    assert rows(select.valid_features) == rows(again.valid_features)
    assert (select.train_features != again.train_features).any()  # another order
    assert rows(select.valid_features) != rows(report.valid_features)


def test_the_order_of_validation_follows_from_the_content_and_not_from_seeds_alone() -> None:
    source = examples()
    other = replace(source, raw=source.raw + 1000)
    for split in SPLITS:
        [task], [changed] = draw(source, split, count=1), draw(other, split, count=1)
        assert (task.train_labels == changed.train_labels).all()
        assert (task.valid_labels != changed.valid_labels).any()
        assert rows(task.valid_features) == rows(changed.valid_features - 1000)


def test_more_training_examples_leave_the_valid_ones_as_they_were() -> None:
    few, many = (draw(examples(), "search", count=1, train=train, valid=8)[0] for train in (10, 20))
    assert (few.valid_features == many.valid_features).all()
    assert rows(few.train_features) < rows(many.train_features)


@pytest.mark.parametrize(
    ("split", "train", "valid", "message"),
    [
        (
            "search",
            50,
            4,
            "has 24 examples of class . for training and validation, and its share .* 27;",
        ),
        ("report", 4, 50, "has 24 examples of class"),
        ("test", 50, 4, "has 24 examples of class . for training, and .* 25;"),
        ("test", 4, 14, "has 6 examples of class . for validation, and .* 7;"),
    ],
)
def test_more_examples_than_there_are_is_refused(split: str, train: int, valid: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        draw(examples(), split, train=train, valid=valid)


def test_more_features_than_raw_values_are_refused() -> None:
    with pytest.raises(UsageError, match="toys has 1 raw values an example, so at most 1 features, not 2"):
        draw(examples(), "search", features=2)


def test_more_than_the_memory_holds_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="GiB; ask for fewer"):
        draw(examples(), "search", count=10**12)


def test_with_few_pairs_selection_has_other_projections() -> None:
    source = examples(classes=3, held_out=())
    assert source.groups("search") == source.groups("select") == tuple(round_robin(3))
    assert len(draw(source, "search")) == 12  # ten tasks, and all pairs alike
    assert source.projection_seed("search", 0) == 0
    assert source.projection_seed("select", 3) == 2_000_001
    assert source.projection_seed("report", 0) == 1000


def test_a_regression_has_its_labels_and_one_group() -> None:
    raw = np.random.RandomState(0).randn(50, 3)
    source = Examples("lines", raw, ("lines",), (cut(np.arange(50), 0),), (), labels=raw.sum(axis=1))
    tasks = draw(source, "search", features=3)
    assert [task.name for task in tasks[:2]] == ["lines:0", "lines:1"]
    assert len(tasks) == 10
    for task in tasks:
        assert task.metric == "rms"
        fitted = np.c_[task.train_features, np.ones(30)]
        assert (
            np.abs(
                fitted @ np.linalg.lstsq(fitted, task.train_labels, rcond=None)[0] - task.train_labels
            ).max()
            < 1e-5
        )
    with pytest.raises(UsageError, match=r"has 40 examples for training and validation, and .* 45;"):
        draw(source, "search", features=3, train=35, valid=10)


def test_a_cut_is_60_20_20() -> None:
    parts = cut(np.arange(100), seed=1)
    assert [len(part) for part in (parts.train, parts.valid, parts.test)] == [60, 20, 20]
    assert sorted(np.concatenate([parts.train, parts.valid, parts.test])) == list(range(100))
    for size in range(5, 30):
        small = cut(np.arange(size), seed=0)
        assert min(len(small.train), len(small.valid), len(small.test)) >= 1
    assert isinstance(parts, ClassRows)


def rare(of_first: int = 60, of_second: int = 10, **changes: Any) -> Examples:
    """Two classes, a and b, of so many rows; rows of b follow those of a."""
    parts = (np.arange(of_first), np.arange(of_first, of_first + of_second))
    cuts = tuple(cut(part, seed=c) for c, part in enumerate(parts))
    raw = np.arange(of_first + of_second)[:, None]
    return replace(Examples("toys", raw, ("a", "b"), cuts, held_out=()), **changes)


@pytest.mark.parametrize("split", SPLITS)
def test_balanced_weights_show_both_classes_equally_often(split: str) -> None:
    plain, balanced = (draw(rare().with_class_weights(text), split, 3) for text in ("none", "balanced"))
    for one, other in zip(plain, balanced, strict=True):
        assert [len(one.train_labels), one.train_labels.sum()] == [42, 6]
        assert [len(other.train_labels), other.train_labels.sum()] == [42, 21]
        shown = Counter(zip(other.train_features[:, 0], other.train_labels, strict=True))
        known = set(zip(one.train_features[:, 0], one.train_labels, strict=True))
        assert set(shown) <= known
        assert {count for (_, label), count in shown.items() if label == 1} == {3, 4}
        assert {count for (_, label), count in shown.items() if label == 0} == {1}
        assert np.array_equal(one.valid_features, other.valid_features)
        assert np.array_equal(one.valid_labels, other.valid_labels)
        assert 0 < other.train_labels[:21].sum() < 21  # shuffled


def test_given_weights_are_those_of_rows() -> None:
    (task,) = draw(rare().with_class_weights("b:3"), "search", 1)
    assert [len(task.train_labels), task.train_labels.sum()] == [42, round(42 * 18 / 54)]
    (less,) = draw(rare().with_class_weights("0:1,b:0.5"), "search", 1)
    assert less.train_labels.sum() in (3, 4)  # of 42 * 3 / 39


@pytest.mark.parametrize("text", ["balanced", "a:2,b:2"])
def test_weights_change_nothing_where_classes_are_equal(text: str) -> None:
    for source, train in ((rare(30, 30), None), (rare(60, 10), 8)):
        weighted = source.with_class_weights(text)
        tasks, same = draw(weighted, "search", 2, train=train), draw(source, "search", 2, train=train)
        assert tasks_digest(tasks) == tasks_digest(same)
        assert weighted.weights_notices(train) == ()


def test_in_each_pair_its_own_classes_count() -> None:
    parts = (np.arange(60), np.arange(60, 100), np.arange(100, 110))
    cuts = tuple(cut(part, seed=c) for c, part in enumerate(parts))
    source = Examples("toys", np.arange(110)[:, None], ("a", "b", "c"), cuts, held_out=())
    tasks = draw(source.with_class_weights("balanced"), "search", 3)
    assert {task.name[:3] for task in tasks} == {"a-b", "a-c", "b-c"}
    assert all(task.train_labels.mean() == 0.5 for task in tasks)
    (notice,) = source.with_class_weights("balanced").weights_notices(None)
    assert "of each pair of classes, most of all of a-c: a row of class c is shown 6 times" in notice


def test_weights_are_said_aloud_with_what_they_change() -> None:
    assert rare().weights_notices(None) == ()
    assert rare().with_class_weights("b:3").weights_notices(None) == (
        "training rows of toys are resampled by class weights and a fixed seed: a row of class b is shown 3 "
        "times as often as one of class a, so that class b has 33.3 % of the rows shown instead of 14.3 %; "
        "validation rows stay as they are",
    )


def test_a_regression_has_no_class_weights() -> None:
    source = rare(labels=np.zeros(70))
    assert source.with_class_weights("none").class_weights is None
    with pytest.raises(UsageError, match=r"^toys is a regression; class weights are for classes$"):
        source.with_class_weights("balanced")
