"""Improvement 17 as evolved."""

import numpy as np


def setup(m):
    m.v2 = m.rng.normal(-2.39479, 27.8188, m.F)
    m.v6 = m.rng.normal(0.462289, 0.182311, m.F)
    m.s3 = m.rng.uniform(0.763311, -0.528662)
    m.v5 = m.rng.uniform(0.0849363, 0.101319, m.F)
    m.s2 = -0.0288621
    m.m0 = m.rng.uniform(-0.442335, 0.6243, (m.F, m.F))


def predict(m):
    m.v3 = np.maximum(m.v8, m.v8)
    m.s3 = np.dot(m.v5, m.v6)
    m.v8 = m.v6 + m.v3
    m.s1 = np.dot(m.v8, m.v0)
    m.v5 = np.maximum(m.v8, m.v8)
    m.v3 = m.v2 + m.v5
    m.v1 = m.v0 + m.v5
    m.v6 = m.v3 + m.v5


def learn(m):
    m.s3 = m.s4 + m.s2
    m.v7 = m.v5 + m.v8
    m.s3 = m.s2 + m.s4
    m.s2 = m.s0 - m.s1
    m.v4 = m.v5 + m.v5
    m.v2 = m.v2 + m.v5
    m.s4 = m.s0 - m.s0
    m.m1 = m.m0 + m.m0
    m.m0 = np.outer(m.v3, m.v5)
    m.m1 = m.m0 + m.m0
    m.v1 = np.heaviside(m.v1, 0.0)
    m.s4 = m.s2 + m.s0
    m.v7 = m.s3 * m.v7
    m.v6 = m.s2 * m.v0
    m.m1 = m.m0 + m.m1
    m.v2 = m.v2 + m.v7
    m.s2 = m.s1 * m.s4
    m.m0 = np.outer(m.v0, m.v7)
    m.m0 = m.m0 + m.m0
