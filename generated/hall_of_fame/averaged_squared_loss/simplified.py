"""Evolved by synth: mean accuracy 0.6916 on 9 selection tasks of cifar10 (F = 16)."""

import numpy as np


def setup(m):
    # Set initial values.
    m.v1_weights = m.rng.normal(-0.365067, 0.550083, m.F)


def predict(m):
    # Compute the prediction.
    m.s1_prediction = np.dot(m.v0_features, m.v1_weights)

    # Save for a later step.
    m.v1_weights = m.v2_zero + m.v3_average
    m.v3_average = m.v3_average + m.v4_weights
    m.v4_weights = m.v4_weights + m.v5_gradient
    m.v5_gradient = np.dot(m.m0_zero, m.v2_zero)


def learn(m):
    # Compare the prediction with the label.
    m.s2_error = m.s0_label - m.s1_prediction
    m.s3_step = m.s1_prediction * m.s2_error
    m.s4_error = m.s2_error - m.s3_step

    # Save for a later step.
    m.s5_step = m.s1_prediction * m.s4_error
    m.v5_gradient = m.s5_step * m.v0_features

    # Set the weights m.v1.
    m.v1_weights = m.v2_zero + m.v4_weights
