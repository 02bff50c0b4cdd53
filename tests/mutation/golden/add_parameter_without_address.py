# flags: add_parameter --vectors 3 --matrices 0 --predict-ops 23,27 --learn-ops 18,23 --refused 'no address'
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
    m.v1 = m.v1 + m.v2
