# flags: change_constant --setup-ops 56 --seed 2
"""A linear model."""

import numpy as np


def setup(m):
    m.s2 = 0.01


def predict(m):
    m.s1 = np.dot(m.v0, m.v1)


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s2 * m.s3
    m.v2 = m.s3 * m.v0
    m.v1 = m.v1 + m.v2

# output
"""A linear model."""

import numpy as np


def setup(m):
    m.s2 = -0.01


def predict(m):
    m.s1 = np.dot(m.v0, m.v1)


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s2 * m.s3
    m.v2 = m.s3 * m.v0
    m.v1 = m.v1 + m.v2
