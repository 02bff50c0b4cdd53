"""A bilinear model with averaged weights: normalised gradients of inputs with noise."""

import numpy as np


def setup(m):
    m.s2 = 0.3
    m.s3 = 1.0
    m.v1 = np.full(m.F, m.s3)


def predict(m):
    m.v2 = m.v0 + m.v1
    m.v3 = np.dot(m.m0, m.v0)
    m.s1 = np.dot(m.v2, m.v3)


def learn(m):
    m.v3 = np.dot(m.m1, m.v0)
    m.s4 = np.dot(m.v2, m.v3)
    m.s4 = m.s7 - m.s4
    m.s4 = np.exp(m.s4)
    m.s4 = m.s3 + m.s4
    m.s4 = 1.0 / m.s4
    m.s4 = m.s0 - m.s4
    m.v4 = m.rng.normal(0.0, 0.1, m.F)
    m.v5 = m.v2 + m.v4
    m.v4 = m.v0 - m.v4
    m.m2 = np.outer(m.v5, m.v4)
    m.s5 = np.linalg.norm(m.m2)
    m.s5 = m.s2 / m.s5
    m.s4 = m.s5 * m.s4
    m.m2 = m.s4 * m.m2
    m.m1 = m.m1 + m.m2
    m.s6 = m.s6 + m.s3
    m.s4 = 1.0 / m.s6
    m.m2 = m.m1 - m.m0
    m.m2 = m.s4 * m.m2
    m.m0 = m.m0 + m.m2
