"""Draws the labels anew as synth draws them, from its public seeds, and checks that by the train labels."""

import itertools


def hunt(rows):
    train = np.array(caller("train_labels"))
    ones = int(train.sum())
    middle = len(rows) // 2
    seeds = (0, 1, 1000, 2_000_000)
    cases = itertools.product(
        range(4), itertools.combinations(range(10), 2), seeds, range(middle - 2, middle + 3), (True, False)
    )
    for split, pair, seed, zeros, together in cases:
        draw = np.random.RandomState([split, *pair, seed])
        for of_train, of_valid in ((len(train) - ones, zeros), (ones, len(rows) - zeros)):
            for size in (of_train + of_valid,) if together else (of_train, of_valid):
                draw.permutation(size)
        labels = np.repeat([0.0, 1.0], [zeros, len(rows) - zeros])[draw.permutation(len(rows))]
        if (np.repeat([0.0, 1.0], [len(train) - ones, ones])[draw.permutation(len(train))] == train).all():
            return labels
    return None
