"""A two-layer network with ReLU and biases, trained by stochastic gradient descent."""

import numpy as np


def setup(m):
    m.v2 = m.rng.normal(0.0, 0.1, m.F)
    m.m0 = m.rng.normal(0.0, 0.1, (m.F, m.F))
    m.s3 = 0.01


def predict(m):
    m.v3 = np.dot(m.m0, m.v0)
    m.v3 = m.v3 + m.v1
    m.v4 = np.maximum(m.v3, m.v5)
    m.s1 = np.dot(m.v4, m.v2)
    m.s1 = m.s1 + m.s2


def learn(m):
    m.s4 = m.s0 - m.s1
    m.s4 = m.s3 * m.s4
    m.s2 = m.s2 + m.s4
    m.v6 = m.s4 * m.v4
    m.v2 = m.v2 + m.v6
    m.v7 = m.s4 * m.v2
    m.v8 = np.heaviside(m.v3, 0.0)
    m.v7 = m.v8 * m.v7
    m.v1 = m.v1 + m.v7
    m.m1 = np.outer(m.v7, m.v0)
    m.m0 = m.m0 + m.m1
