"""Mine."""

import numpy as np

# How fast it learns.


def setup(m):
    """Begin."""
    m.s2_rate = 1e-2  # a hundredth: größer wird nichts
    m.v2_first[int(0.5 * m.F)] = -1
    m.m3[int(0.0 * m.F), int(0.25 * m.F)] = 2

    # Draws.
    m.m0_weights = m.rng.normal(0, 0.1, (m.F, m.F))


# What it answers.
def predict(m):
    m.v1_hidden = np.maximum(m.v4, m.v3)
    m.v3 = np.dot(m.m0_weights, m.v0_features)
    m.s1 = np.dot(m.v1_hidden, m.v2_first)
    m.s1 = (m.s1) + m.s3_bias


def learn(m):
    m.s4_error = m.s0 - m.s1
    m.v5 = m.s2_rate * m.v0
    m.m1_step = np.outer(m.v5, m.v0_features)
    m.m1_step = m.s4_error * m.m1_step
    m.m0_weights = m.m0_weights + m.m1_step
    m.v6 = np.std(m.m0_weights, axis=1)
    m.m2_a_name_of_many_letters = np.broadcast_to(m.v1_hidden[:, None], (m.F, m.F))
    m.s3_bias = np.linalg.norm(m.m2_a_name_of_many_letters)
    m.v2_first = np.heaviside(m.v6, 0.0)
