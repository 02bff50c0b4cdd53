"""Improvement 12 as evolved."""

import numpy as np


def setup(m):
    m.m0 = m.rng.normal(0.0, 0.190582, (m.F, m.F))
    m.v2 = m.rng.normal(0.211027, 0.736674, m.F)
    m.m1 = m.rng.uniform(-0.177478, 0.614018, (m.F, m.F))
    m.s3 = 0.023009
    m.v1 = m.rng.uniform(-0.555157, -0.0944579, m.F)


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
    m.s3 = np.arctan(m.s3)
    m.v2 = m.v2 + m.v6
    m.v7 = m.s4 * m.v2
    m.v8 = np.heaviside(m.v3, 0.0)
    m.s6 = np.cos(m.s1)
    m.v7 = m.v8 * m.v7
    m.v1 = m.v1 + m.v7
    m.m1 = np.outer(m.v7, m.v0)
    m.m2 = np.broadcast_to(m.v3[:, None], (m.F, m.F))
    m.v3 = m.v5 - m.v7
    m.m0 = m.m0 + m.m1
    m.m1[int(0.644639 * m.F), int(0.814711 * m.F)] = 0.385817
    m.v9 = m.rng.uniform(-0.643548, 0.829608, m.F)
    m.m3 = np.heaviside(m.m0, 0.0)
