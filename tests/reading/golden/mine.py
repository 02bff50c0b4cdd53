"""My linear model.

It has a story of several lines.
"""

import numpy as np  # the only import


# What is set once.
def setup(m):
    """Set the step size."""
    # This was tuned by hand.
    m.s2_rate = 1e-2  # on digits


def predict(m):
    # The score is a dot product.
    m.s1 = np.dot(m.v0, m.v7_weights)  # s1 is the prediction


def learn(m):
    # First the error.
    m.s3_error = m.s0 - m.s1

    # Then the gradient, which is scaled;
    # scaling first is cheaper.
    m.s3_error = m.s2_rate * m.s3_error  # reuse the address
    m.v2 = m.s3_error * m.v0

    # At last the step.
    m.v7_weights = m.v7_weights + m.v2
    # The end.


# Nothing follows.
