"""As simplify --names writes it."""

import numpy as np


def setup(m):
    # Set constants.
    m.s2_learning_rate = 0.01

    # Set initial values.
    m.v1_weights = m.rng.normal(0.0, 0.1, m.F)
    m.m0_weights = m.rng.normal(0.0, 0.1, (m.F, m.F))


def predict(m):
    # Compute the hidden layer.
    m.v2_hidden = np.dot(m.m0_weights, m.v0_features)
    m.v4_hidden = m.v2_hidden + m.v3_bias
    m.v6_activation = np.maximum(m.v4_hidden, m.v5_zero)

    # Compute the prediction.
    m.s3_score = np.dot(m.v1_weights, m.v6_activation)
    m.s1_prediction = m.s3_score + m.s4_bias


def learn(m):
    # Compare the prediction with the label.
    m.s5_error = m.s0_label - m.s1_prediction

    # Move the bias m.s4 along the gradient.
    m.s6_step = m.s2_learning_rate * m.s5_error
    m.s4_bias = m.s4_bias + m.s6_step

    # Move the weights m.v1 along the gradient.
    m.v7_gradient = m.s6_step * m.v6_activation
    m.v1_weights = m.v1_weights + m.v7_gradient

    # Move the bias m.v3 along the gradient.
    m.v8_gradient = m.s6_step * m.v1_weights
    m.v9_gate = np.heaviside(m.v4_hidden, 0.0)
    m.v10_gradient = m.v8_gradient * m.v9_gate
    m.v3_bias = m.v3_bias + m.v10_gradient

    # Move the weights m.m0 along the gradient.
    m.m1_gradient = np.outer(m.v10_gradient, m.v0_features)
    m.m0_weights = m.m0_weights + m.m1_gradient
