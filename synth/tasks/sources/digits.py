"""scikit-learn's digits: 1797 images of 8 x 8 pixels in ten classes, always at hand."""

import numpy as np

from synth.tasks.names import DIGITS
from synth.tasks.pairs import Examples, cut

DIGEST = "scikit-learn digits"
"""The data never change, so their name does for a digest, and a second start does without scikit-learn."""

CLASSES = tuple("0123456789")


def read() -> Examples:
    """Return the digits as examples, each class cut 60/20/20 by a fixed seed: the class."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    rows = tuple(cut(np.flatnonzero(labels == c), seed=c) for c in range(len(CLASSES)))
    return Examples(DIGITS, images, CLASSES, rows, fixed=True)
