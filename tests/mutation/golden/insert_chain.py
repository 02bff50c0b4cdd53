# flags: insert_chain --scalars 8 --vectors 8 --matrices 4 --learn-ops 5,7,12,15,18,23 --seed 722
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
    m.s4 = np.sin(m.s3)
    m.s5 = np.arctan(m.s4)
    m.v2 = m.s5 * m.v0
    m.v1 = m.v1 + m.v2
