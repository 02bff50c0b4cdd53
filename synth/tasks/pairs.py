"""From labelled examples to tasks: pairs of classes, splits, rows and projections.

Task k of a split belongs to group (k mod n) of the split's n groups and has projection seed (k div n). A
group is a pair of classes a < b, with label 0 for a and 1 for b; a regression has one group, of all examples.
"""

import hashlib
import itertools
import math
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.tasks.names import FEW_GROUPS, MOST_PAIRS, NO_WEIGHTS, SPLITS
from synth.tasks.projection import project, standardise, standardise_labels
from synth.tasks.task import Floats, Task
from synth.tasks.weights import ClassWeights, class_weights_of, in_words, resampled, row_weights

Valid = int | Literal["all"] | None
"""How many validation examples: None for what the cut gives, "all" for whatever training leaves."""

HELD_OUT = ((0, 5), (0, 9), (1, 8), (2, 9), (3, 5), (3, 6), (3, 8), (4, 6), (8, 9))
"""The pairs that ten classes keep from the search (reference, section 13)."""

REPORT_SEEDS = 1000
"""Projection seeds of the report split begin here."""
LATER_SEEDS = 1_000_000
"""Further tasks of other splits step over the report's seeds to these, and over those that are shared."""
SHARED_SEEDS = 2_000_000
"""Projection seeds of the select split begin here where it has the search's groups."""

Group = tuple[int, ...]
RowNumbers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ClassRows:
    """The numbers of a class's rows that are meant for training, for validation and for the test split."""

    train: RowNumbers
    valid: RowNumbers
    test: RowNumbers


@dataclass(frozen=True, eq=False)
class Examples:
    """Raw examples: `raw` is (n, D), `rows` says which belong to each class, in the order of `classes`.

    `labels` is None for classification and (n,) for regression, which has one class. Where `fixed`, the
    search and select splits keep `train` and `valid` rows apart as they were cut; otherwise each task cuts
    their union anew. `held_out` are the groups of select and report; without any, all splits share theirs.
    `pairs` are the groups of the test split, and `searched` those of search; without any, they are all there
    are, and those that are not held out. `class_weights` say how often training rows are shown.
    """

    name: str
    raw: NDArray[Any]
    classes: tuple[str, ...]
    rows: tuple[ClassRows, ...]
    held_out: tuple[Group, ...] = HELD_OUT
    fixed: bool = False
    labels: Floats | None = None
    pairs: tuple[Group, ...] = ()
    searched: tuple[Group, ...] = ()
    class_weights: ClassWeights | None = None

    def with_held_out(self, classes: Sequence[int], most: int = MOST_PAIRS) -> "Examples":
        """Return the same examples with the pairs of some classes held out; search has those of the others.

        `classes` are numbers; without any, the data set's own held-out pairs stay, or every fifth pair is
        held out. Of more pairs than `most` a sample is left (see `sample`): of both sides, where classes are
        held out. Raises UsageError for classes that there are not, or fewer than two on either side.
        """
        count, wanted = len(self.classes), set(classes)
        if self.labels is not None:
            if classes:
                raise UsageError(f"{self.name} is a regression; there are no classes that can be held out")
            return self
        if not classes:
            return self._with_every_fifth(most)
        if not wanted <= set(range(count)):
            raise UsageError(
                f"classes {sorted(wanted)} are to be held out, but {self.name} has 0 to {count - 1}"
            )
        if not 2 <= len(wanted) <= count - 2:
            raise UsageError(
                f"{len(wanted)} of the {count} classes of {self.name} are to be held out; "
                "pairs need at least 2 of them and at least 2 others"
            )
        everything = tuple(round_robin(count))
        sides = (wanted, set(range(count)) - wanted)
        samples = (set(sample(sorted(side), most)) for side in sides)
        inside, outside = (tuple(pair for pair in everything if pair in drawn) for drawn in samples)
        pairs = everything if len(everything) <= most else (*inside, *outside)
        return replace(self, pairs=pairs, held_out=inside, searched=outside)

    def _with_every_fifth(self, most: int) -> "Examples":
        """Return the same examples with at most so many pairs, of which every fifth is held out."""
        pairs = sample(range(len(self.classes)), most)
        if self.held_out and len(pairs) == math.comb(len(self.classes), 2):
            return self
        held_out = sorted(pairs)[FEW_GROUPS - 1 :: FEW_GROUPS]
        searched = set(pairs) - set(held_out)
        in_order = tuple(pair for pair in pairs if pair in searched)
        return replace(self, pairs=pairs, held_out=tuple(held_out), searched=in_order)

    def with_class_weights(self, text: str) -> "Examples":
        """Return the same examples with training rows shown as often as a text of class weights says.

        Raises UsageError for a text that cannot be read, a class that there is not, and a regression.
        """
        weights = class_weights_of(text, self.classes, self.name) if self.labels is None else None
        if self.labels is not None and text != NO_WEIGHTS:
            raise UsageError(f"{self.name} is a regression; class weights are for classes")
        return replace(self, class_weights=weights)

    def train_count(self, group: Group, position: int, train: int | None) -> int:
        """Return how many of the training rows of a task its class at a position of the group gives."""
        rows = self.rows[group[position]].train
        return len(rows) if train is None else _share(train, len(group), position)

    def weights_notices(self, train: int | None) -> tuple[str, ...]:
        """What a user should know: that class weights change how often training rows are shown."""
        if self.class_weights is None:
            return ()
        found: dict[Group, tuple[list[int], Floats]] = {}
        for group in self.groups("test"):
            counts = [self.train_count(group, position, train) for position in range(len(group))]
            found[group] = counts, row_weights(self.class_weights, group, counts)
        group, (counts, weights) = max(found.items(), key=lambda one: one[1][1].max() / one[1][1].min())
        if weights.max() == weights.min():
            return ()
        names = [self.classes[number] for number in group]
        return (in_words(self.name, names, counts, weights, len(found)),)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know: that a sample of pairs stands for all."""
        count, total = len(self.classes), math.comb(len(self.classes), 2)
        if not 0 < len(self.pairs) < total:
            return ()
        often = Counter(itertools.chain(*self.pairs)).values()
        many = " or ".join(map(str, sorted(set(often))))
        return (
            f"{self.name} has {count} classes, and so {total:,} pairs of them: a fixed sample of "
            f"{len(self.pairs):,} stands for all, each class in {many} of them; data.class_pairs "
            "allows more",
        )

    def groups(self, split: str) -> tuple[Group, ...]:
        """Return the groups of a split, in their order."""
        everything: tuple[Group, ...] = self.pairs or tuple(round_robin(len(self.classes))) or ((0,),)
        if split == "test" or not self.held_out:
            return everything
        if split == "search":
            return self.searched or tuple(group for group in everything if group not in self.held_out)
        return self.held_out

    def projection_seed(self, split: str, k: int) -> int:
        """Return the projection seed of task k of a split."""
        seed = k // len(self.groups(split))
        if split == "report":
            return REPORT_SEEDS + seed
        if split == "select" and not self.held_out:
            return SHARED_SEEDS + seed
        if seed < REPORT_SEEDS:
            return seed
        return LATER_SEEDS + seed if seed < LATER_SEEDS else 2 * LATER_SEEDS + seed


def round_robin(classes: int) -> Iterator[Group]:
    """Yield all pairs of classes in the order of a tournament: every round has each class once.

    So the first few pairs are spread evenly over the classes. (With an even number of classes the last one
    meets the class that would sit out the round; rounds are the sums of the two, modulo their number.)
    """
    rounds = classes - 1 + classes % 2
    for number in range(rounds):
        for a in range(classes):
            b = (number - a) % rounds
            if a < (b := rounds if a == b else b) < classes:
                yield a, b


def sample(classes: Sequence[int], most: int) -> tuple[Group, ...]:
    """Return the first `most` pairs of the tournament of some classes, or so many that each class has one.

    So each class comes about as often as every other: at most once more, or twice where their number is odd.
    """
    count = len(classes)
    least = count // 2 if count % 2 == 0 else count - 1  # who sits out the first round plays in the second
    games = itertools.islice(round_robin(count), max(most, least))
    return tuple((classes[a], classes[b]) for a, b in games)


def usual_count(groups: int) -> int:
    """Return how many tasks so many groups have by default: one each, or ten or more where they are few."""
    return groups * (1 if groups >= FEW_GROUPS else math.ceil(10 / max(groups, 1)))


def cut(rows: RowNumbers, seed: int) -> ClassRows:
    """Cut a class's rows 60/20/20 by a seed; five rows or more leave none of the parts empty."""
    shuffled = np.random.RandomState(seed).permutation(rows)
    fifth = round(len(rows) / 5)
    return ClassRows(shuffled[2 * fifth :], shuffled[fifth : 2 * fifth], shuffled[:fifth])


def draw_tasks(
    examples: Examples,
    split: str,
    count: int | None,
    features: int,
    train: int | None,
    valid: Valid,
    first: int,
) -> list[Task]:
    """Prepare tasks first, first + 1, ... of a split, `count` of them.

    None for `train` or `valid` means all the rows that the cut gives, "all" for `valid` also those that
    training leaves, None for `count` one task of each group or, where there are few groups, ten tasks or some
    more. Raises UsageError for more than there is.
    """
    raw = examples.raw.shape[1]
    if features > raw:
        raise UsageError(
            f"{examples.name} has {raw} raw values an example, so at most {raw} features, not {features}"
        )
    groups = examples.groups(split)
    if count is None:
        count = usual_count(len(groups))
    start = _Drawing.of(examples, split, first, train, valid)
    check_memory(count, len(start.train) + len(start.valid), features)
    drawings = [_Drawing.of(examples, split, k, train, valid) for k in range(first, first + count)]
    tasks: list[Task] = []
    for seed, of_seed in itertools.groupby(drawings, key=lambda drawing: drawing.seed):
        tasks += _prepare(examples, list(of_seed), features, seed)
    return tasks


def valid_rows(
    examples: Examples, split: str, k: int, train: int | None, valid: Valid
) -> tuple[Group, RowNumbers]:
    """Return the group of task k of a split, and the rows of its validation examples in their order."""
    drawing = _Drawing.of(examples, split, k, train, valid)
    return drawing.group, drawing.valid


def machine_memory() -> float:
    """Return how many bytes of memory this machine has; infinity where the system does not say."""
    if sys.platform == "win32":
        return math.inf
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError):
        return math.inf


def check_memory(count: int, rows: int, features: int) -> None:
    """Raise UsageError where tasks of so many rows each would fill more than half of the machine's memory."""
    memory, needed = machine_memory(), count * rows * (features + 1) * 8
    if needed > memory / 2:
        raise UsageError(
            f"{count} tasks with {features} features take {needed / 2**30:.1f} GiB, and this machine has "
            f"{memory / 2**30:.1f} GiB; ask for fewer tasks, examples or features"
        )


@dataclass(frozen=True, eq=False)
class _Drawing:
    """A task before its features are there: its group, projection seed and rows, with labels."""

    group: Group
    seed: int
    train: RowNumbers
    train_labels: Floats
    valid: RowNumbers
    valid_labels: Floats

    @classmethod
    def of(cls, examples: Examples, split: str, k: int, train: int | None, valid: Valid) -> "_Drawing":
        """Draw the rows of task k of a split, by a generator of its own, half of each class."""
        groups = examples.groups(split)
        group, seed = groups[k % len(groups)], examples.projection_seed(split, k)
        random = np.random.RandomState([SPLITS.index(split), *group, seed])
        drawn = [
            _draw_rows(examples, split, group, position, random, train, valid)
            for position in range(len(group))
        ]

        def shuffled(part: int) -> tuple[RowNumbers, Floats]:
            rows = np.concatenate([of_class[part] for of_class in drawn])
            if examples.labels is None:
                labels = np.repeat([0.0, 1.0], [len(of_class[part]) for of_class in drawn])
            else:
                labels = examples.labels[rows]
            order = random.permutation(len(rows))
            return rows[order], labels[order]

        # First, so that more training examples leave it as it was.
        valid_part = _in_hidden_order(examples, *shuffled(1))
        rows, labels = shuffled(0)
        if examples.class_weights is not None:
            counts = [len(of_class[0]) for of_class in drawn]
            shown = resampled(row_weights(examples.class_weights, group, counts)[labels.astype(np.intp)])
            rows, labels = rows[shown], labels[shown]
        return cls(group, seed, rows, labels, *valid_part)


def _in_hidden_order(examples: Examples, rows: RowNumbers, labels: Floats) -> tuple[RowNumbers, Floats]:
    """Return rows and labels in an order that depends on their content alone.

    The order before follows from public seeds, as do the labels in it: a module that is scored on them could
    draw the labels again. What it lacks is the content, in that order, which now decides.
    """
    digest = hashlib.blake2b(np.ascontiguousarray(examples.raw[rows]).tobytes(), digest_size=32)
    digest.update(labels.tobytes())
    order = np.random.RandomState(np.frombuffer(digest.digest(), dtype="<u4")).permutation(len(rows))
    return rows[order], labels[order]


def _draw_rows(
    examples: Examples,
    split: str,
    group: Group,
    position: int,
    random: np.random.RandomState,
    train: int | None,
    valid: Valid,
) -> tuple[RowNumbers, RowNumbers]:
    """Draw the train and valid rows of one class of a group."""
    rows = examples.rows[group[position]]
    both = np.concatenate([rows.train, rows.valid])
    rest = rows.test if split == "test" else rows.valid
    if split == "test" or (examples.fixed and split != "report"):
        sources = [rows.train if examples.fixed else both, rest]
    else:
        sources = [both]
    shuffled = [random.permutation(source) for source in sources]
    needed_train = examples.train_count(group, position, train)
    if valid == "all" and len(sources) == 1:
        needed_valid = max(1, len(both) - needed_train)
    else:
        needed_valid = _share(valid, len(group), position) if isinstance(valid, int) else len(rest)
    if len(sources) == 1:
        _check_enough(
            examples,
            group,
            position,
            "training and validation",
            len(shuffled[0]),
            needed_train + needed_valid,
        )
        # From both ends, so that asking for more of the one does not change the other.
        return shuffled[0][:needed_train], shuffled[0][len(shuffled[0]) - needed_valid :]
    _check_enough(examples, group, position, "training", len(shuffled[0]), needed_train)
    _check_enough(examples, group, position, "validation", len(shuffled[1]), needed_valid)
    return shuffled[0][:needed_train], shuffled[1][:needed_valid]


def _share(number: int, classes: int, position: int) -> int:
    """Return how many of a number of examples the class at a position of its group gives: equal shares."""
    return (number + position) // classes


def _check_enough(
    examples: Examples, group: Group, position: int, purpose: str, available: int, needed: int
) -> None:
    if needed > available:
        among = f" of class {examples.classes[group[position]]}" if examples.labels is None else ""
        raise UsageError(
            f"{examples.name} has {available} examples{among} for {purpose}, "
            f"and its share of what is asked for would be {needed}; ask for fewer"
        )


def _prepare(examples: Examples, drawings: list[_Drawing], features: int, seed: int) -> Iterator[Task]:
    """Project the rows of tasks with the same projection seed, each row once, and make the tasks."""
    rows = np.unique(np.concatenate([part for d in drawings for part in (d.train, d.valid)]))
    projected = project(examples.raw[rows], features, seed)
    metric = "accuracy" if examples.labels is None else "rms"
    scale: float | None = None
    for drawing in drawings:
        name = f"{'-'.join(examples.classes[c] for c in drawing.group)}:{seed}"  # "airplane-dog:0"
        train, valid = standardise(
            projected[np.searchsorted(rows, drawing.train)], projected[np.searchsorted(rows, drawing.valid)]
        )
        labels, valid_labels = drawing.train_labels, drawing.valid_labels
        if examples.labels is not None:
            labels, valid_labels, scale = standardise_labels(labels, valid_labels)
        train_labels, valid_labels = labels.astype(np.float32), valid_labels.astype(np.float32)
        yield Task(train, train_labels, valid, valid_labels, metric, name, scale)
