"""Evolved by synth: mean accuracy 0.7283 on 27 selection tasks of cifar10 (F = 16)."""

import numpy as np


def setup(m):
    # Set initial values.
    m.s2_learning_rate = 0.023009
    m.m0_weights = m.rng.normal(0.0, 0.190582, (m.F, m.F))
    m.v1_weights = m.rng.normal(0.211027, 0.736674, m.F)

    # Draw and discard, so that later draws stay the same.
    m.s3 = m.rng.uniform(0.0, 0.0)

    # Set initial values.
    m.v2_bias = m.rng.uniform(-0.555157, -0.0944579, m.F)


def predict(m):
    # Compute the hidden layer.
    m.v3_hidden = np.dot(m.m0_weights, m.v0_features)
    m.v4_hidden = m.v2_bias + m.v3_hidden
    m.v6_activation = np.maximum(m.v4_hidden, m.v5_zero)

    # Compute the prediction.
    m.s4_score = np.dot(m.v1_weights, m.v6_activation)
    m.s1_prediction = m.s4_score + m.s5_bias


def learn(m):
    # Compare the prediction with the label.
    m.s6_error = m.s0_label - m.s1_prediction

    # Move the bias m.s5 along the gradient.
    m.s7_step = m.s2_learning_rate * m.s6_error
    m.s5_bias = m.s5_bias + m.s7_step

    # Update the learning rate m.s2.
    m.s2_learning_rate = np.arctan(m.s2_learning_rate)

    # Move the weights m.v1 along the gradient.
    m.v7_gradient = m.s7_step * m.v6_activation
    m.v1_weights = m.v1_weights + m.v7_gradient

    # Move the bias m.v2 along the gradient.
    m.v8_gradient = m.s7_step * m.v1_weights
    m.v9_gate = np.heaviside(m.v4_hidden, 0.0)
    m.v10_gradient = m.v8_gradient * m.v9_gate
    m.v2_bias = m.v2_bias + m.v10_gradient

    # Move the weights m.m0 along the gradient.
    m.m1_gradient = np.outer(m.v10_gradient, m.v0_features)
    m.m0_weights = m.m0_weights + m.m1_gradient
