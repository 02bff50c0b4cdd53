# flags: scale --scalars 8 --vectors 8 --matrices 4 --setup-ops 56,62,63,64 --predict-ops 1,3,18,23,27,31 --learn-ops 1,2,3,18,23,28,39 --seed 28
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
    m.s5 = 0.993595


def predict(m):
    m.v4 = m.s5 * m.v1
    m.s1 = np.dot(m.v0, m.v4)


def learn(m):
    m.s4 = m.s0 - m.s1
    m.s4 = m.s2 * m.s4
    m.v2 = m.s4 * m.v0
    m.v3 = m.s3 * m.v3
    m.v3 = m.v3 + m.v2
    m.v1 = m.v1 + m.v3
