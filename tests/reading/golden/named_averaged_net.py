"""As simplify --names writes it."""

import numpy as np


def setup(m):
    # Set constants.
    m.s2_learning_rate = 0.3
    m.s3_constant = 1.0
    m.v1_constant = np.full(m.F, m.s3_constant)


def predict(m):
    # Compute the prediction.
    m.v2_transformed = m.v0_features + m.v1_constant
    m.v3_transformed = np.dot(m.m0_average, m.v0_features)
    m.s1_prediction = np.dot(m.v2_transformed, m.v3_transformed)


def learn(m):
    # Compare the prediction with the label.
    m.v4 = np.dot(m.m1_weights, m.v0_features)
    m.s4 = np.dot(m.v2_transformed, m.v4)
    m.s6 = m.s5_zero - m.s4
    m.s7 = np.exp(m.s6)
    m.s8 = m.s3_constant + m.s7
    m.s9_probability = 1.0 / m.s8
    m.s10_error = m.s0_label - m.s9_probability

    # Move the weights m.m1 along the gradient.
    m.v5_noise = m.rng.normal(0.0, 0.1, m.F)
    m.v6_noisy = m.v2_transformed + m.v5_noise
    m.v7_noisy = m.v0_features - m.v5_noise
    m.m2 = np.outer(m.v6_noisy, m.v7_noisy)
    m.s11_norm = np.linalg.norm(m.m2)
    m.s12 = m.s2_learning_rate / m.s11_norm
    m.s13_step = m.s10_error * m.s12
    m.m3_gradient = m.s13_step * m.m2
    m.m1_weights = m.m1_weights + m.m3_gradient

    # Update m.m0, the average of the weights m.m1.
    m.m4 = m.m1_weights - m.m0_average
    m.s14_count = m.s14_count + m.s3_constant
    m.s15 = 1.0 / m.s14_count
    m.m5 = m.s15 * m.m4
    m.m0_average = m.m0_average + m.m5
