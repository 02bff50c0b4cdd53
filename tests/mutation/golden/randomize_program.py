# flags: randomize_program --setup-ops 56,62 --predict-ops 27 --learn-ops 18,23,25 --seed 6
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
    m.s4 = m.rng.normal(-0.0299307, 0.261621)


def predict(m):
    m.s3 = np.dot(m.v2, m.v2)


def learn(m):
    m.v1 = m.v3 + m.v0
    m.v1 = m.v3 + m.v0
    m.v1 = m.s4 * m.v0
    m.v2 = m.v1 * m.v2
