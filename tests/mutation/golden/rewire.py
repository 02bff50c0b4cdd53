# flags: rewire --learn-ops 1,2,3,18,23 --seed 2
"""A linear model that learns with momentum."""

import numpy as np


def setup(m):
    m.s2 = 0.01
    m.s3 = 0.9


def predict(m):
    m.s1 = np.dot(m.v0, m.v1)


def learn(m):
    m.s4 = m.s0 - m.s1
    m.s4 = m.s2 * m.s4
    m.v2 = m.s4 * m.v0
    m.v3 = m.s3 * m.v3
    m.v3 = m.v3 + m.v2
    m.v1 = m.v1 + m.v3

# output
"""A linear model that learns with momentum."""

import numpy as np


def setup(m):
    m.s2 = 0.01
    m.s3 = 0.9


def predict(m):
    m.s1 = np.dot(m.v0, m.v1)


def learn(m):
    m.s4 = m.s0 - m.s1
    m.s4 = m.s2 * m.s4
    m.v2 = m.s4 * m.v0
    m.v3 = m.s3 * m.v3
    m.v3 = m.v3 + m.v2
    m.v1 = m.v1 + m.v2
