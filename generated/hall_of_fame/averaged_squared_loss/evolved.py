"""Improvement 8 as evolved."""

import numpy as np


def setup(m):
    m.v4 = m.rng.normal(-0.365067, 0.550083, m.F)
    m.m0 = m.rng.uniform(-0.566752, 0.337488, (m.F, m.F))
    m.m0 = m.rng.uniform(-0.309073, -0.649715, (m.F, m.F))
    m.s3 = m.rng.uniform(0.379347, 0.925035)
    m.m0 = m.rng.normal(-0.292256, 0.689847, (m.F, m.F))


def predict(m):
    m.s2 = np.dot(m.v5, m.v6)
    m.s1 = np.dot(m.v4, m.v0)
    m.v4 = m.v6 + m.v8
    m.v2 = m.v2 + m.v5
    m.v5 = m.v5 + m.v7
    m.s4 = m.s0 + m.s0
    m.v6 = np.dot(m.m0, m.v1)
    m.v7 = np.dot(m.m1, m.v3)
    m.s1 = m.s1 + m.s0
    m.v6 = m.v6 + m.v2


def learn(m):
    m.m1 = m.m0 + m.m0
    m.s3 = m.s4 * m.s0
    m.m0 = np.outer(m.v1, m.v7)
    m.v4 = m.s3 * m.v1
    m.s2 = m.s0 - m.s1
    m.m0 = m.m1 + m.m0
    m.s3 = m.s2 * m.s1
    m.s2 = m.s2 - m.s3
    m.m1 = np.outer(m.v7, m.v2)
    m.s2 = m.s2 * m.s1
    m.v1 = m.s0 * m.v3
    m.s4 = m.s4 + m.s2
    m.s1 = m.s0 - m.s0
    m.m0 = np.outer(m.v4, m.v4)
    m.v7 = m.s4 * m.v0
    m.v4 = m.v4 * m.v0
    m.s3 = m.s3 + m.s2
    m.v4 = m.v4 + m.v5
