"""Logistic regression on products of two features, trained by stochastic gradient descent."""

import numpy as np


def setup(m):
    m.s2 = 0.005
    m.s3 = 0.3


def predict(m):
    m.v1 = np.dot(m.m0, m.v0)
    m.v1 = m.v1 + m.v2
    m.s1 = np.dot(m.v0, m.v1)
    m.s1 = m.s1 + m.s4


def learn(m):
    m.s5 = m.s0 - m.s1
    m.s5 = m.s2 * m.s5
    m.s4 = m.s4 + m.s5
    m.v3 = m.s5 * m.v0
    m.v2 = m.v2 + m.v3
    m.v3 = m.s3 * m.v3
    m.m1 = np.outer(m.v3, m.v0)
    m.m0 = m.m0 + m.m1
