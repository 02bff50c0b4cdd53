# flags: update_constant --scalars 8 --vectors 8 --matrices 4 --setup-ops 56,62,63,64 --predict-ops 1,3,18,23,27,31 --learn-ops 1,2,3,18,23,28,39 --seed 37
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
    m.s2 = 0.01


def predict(m):
    m.s1 = np.dot(m.v0, m.v1)


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s2 * m.s3
    m.v2 = m.s3 * m.v0
    m.s4 = m.s2 * m.s2
    m.s2 = m.s2 - m.s4
    m.v1 = m.v1 + m.v2
