"""A program."""

import math
import warnings

import torch

# How fast it learns.


def setup(m):
    """Begin."""
    m.s2_rate = 0.01  # a hundredth: größer wird nichts
    m.v2_first[:, int(0.5 * m.F)] = -1.0
    m.m3[:, int(0.0 * m.F), int(0.25 * m.F)] = 2.0

    # Draws.
    m.m0_weights = m.rng.normal(0.0, 0.1, (m.F, m.F))


# What it answers.
def predict(m):
    m.v1_hidden = torch.maximum(m.v4, m.v3)
    m.v3 = torch.einsum("tij,tj->ti", m.m0_weights, m.v0_features)
    m.s1 = torch.linalg.vecdot(m.v1_hidden, m.v2_first)
    m.s1 = m.s1 + m.s3_bias


def learn(m):
    m.s4_error = m.s0 - m.s1
    m.v5 = m.s2_rate[:, None] * m.v0
    m.m1_step = torch.einsum("ti,tj->tij", m.v5, m.v0_features)
    m.m1_step = m.s4_error[:, None, None] * m.m1_step
    m.m0_weights = m.m0_weights + m.m1_step
    m.v6 = torch.std(m.m0_weights, dim=2, correction=0)
    m.m2_a_name_of_many_letters = m.v1_hidden[:, :, None].expand(-1, m.F, m.F)
    m.s3_bias = torch.linalg.vector_norm(m.m2_a_name_of_many_letters, dim=(1, 2))
    m.v2_first = _heaviside(m.v6, 0.0)
