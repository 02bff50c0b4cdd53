"""Improvement 12 as evolved."""

import numpy as np


def setup(m):
    m.s2 = 0.563766
    m.s7 = 0.00500447
    m.s4 = 0.192995
    m.s10 = 2.43337
    m.s12 = 0.999942


def predict(m):
    m.v3 = np.dot(m.m0, m.v0)
    m.v7 = m.v8 + m.v3
    m.v4 = m.v1 + m.v7
    m.v10 = m.v9 + m.v3
    m.v11 = m.v10 + m.v0
    m.s1 = np.dot(m.v11, m.v4)
    m.s1 = m.s1 + m.s5


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s8 = m.s7 * m.s3
    m.s6 = m.s8 * m.s2
    m.v2 = m.s6 * m.v0
    m.v1 = m.v2 + m.v1
    m.s11 = m.s6 * m.s10
    m.s13 = m.s5 * m.s12
    m.s5 = m.s13 + m.s11
    m.v9 = m.s4 * m.v2
    m.m1 = np.outer(m.v0, m.v9)
    m.m0 = m.m1 + m.m0
