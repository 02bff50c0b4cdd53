# flags: replace_op --scalars 8 --vectors 8 --matrices 4 --predict-ops 23,24,25,45,48 --seed 1
"""A linear model of features that are cut off at zero."""

import numpy as np


def setup(m):
    m.s2 = 0.01


def predict(m):
    m.v3 = np.maximum(m.v0, m.v4)
    m.s1 = np.dot(m.v3, m.v1)


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s2 * m.s3
    m.v2 = m.s3 * m.v3
    m.v1 = m.v1 + m.v2

# output
"""A linear model of features that are cut off at zero."""

import numpy as np


def setup(m):
    m.s2 = 0.01


def predict(m):
    m.v3 = np.minimum(m.v0, m.v4)
    m.s1 = np.dot(m.v3, m.v1)


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s2 * m.s3
    m.v2 = m.s3 * m.v3
    m.v1 = m.v1 + m.v2
