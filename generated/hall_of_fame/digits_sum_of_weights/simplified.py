"""Evolved by synth: mean accuracy 0.9720 on 9 selection tasks of digits (F = 16)."""

import numpy as np


def setup(m):
    # Set initial values.
    m.s2_step = -0.0288621
    m.v1_state = m.rng.normal(-2.39479, 27.8188, m.F)
    m.v2_gradient = m.rng.normal(0.462289, 0.182311, m.F)


def predict(m):
    # Save for a later step.
    m.v3 = m.v3 + m.v2_gradient
    m.v4 = m.v1_state + m.v3
    m.v2_gradient = m.v3 + m.v4

    # Compute the prediction.
    m.s1_prediction = np.dot(m.v0_features, m.v3)


def learn(m):
    # Compare the prediction with the label.
    m.s3_error = m.s0_label - m.s1_prediction

    # Save for a later step.
    m.v2_gradient = m.s3_error * m.v0_features

    # Prepare the update of m.v1.
    m.s5_step = m.s2_step + m.s4_error

    # Compare the prediction with the label.
    m.s4_error = m.s0_label + m.s3_error

    # Save for a later step.
    m.s2_step = m.s1_prediction * m.s4_error

    # Update m.v1, which is carried from step to step.
    m.v5_gradient = m.v3 + m.v3
    m.v6_gradient = m.s5_step * m.v5_gradient
    m.v1_state = m.v4 + m.v6_gradient
