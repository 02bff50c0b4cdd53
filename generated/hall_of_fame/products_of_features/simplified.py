"""Evolved by synth: mean accuracy 0.7336 on 9 selection tasks of cifar10 (F = 16)."""

import numpy as np


def setup(m):
    # Set constants.
    m.s2_learning_rate = 0.563766
    m.s12_constant = 0.999942
    m.s4_learning_rate = 0.00500447
    m.s10_learning_rate = 2.43337
    m.s5_learning_rate = 0.192995


def predict(m):
    # Compute the prediction.
    m.v3_transformed = np.dot(m.m0_weights, m.v0_features)
    m.v4_transformed = m.v2_weights + m.v3_transformed
    m.v6_transformed = m.v0_features + m.v3_transformed
    m.s8_score = np.dot(m.v6_transformed, m.v4_transformed)
    m.s1_prediction = m.s8_score + m.s9_bias


def learn(m):
    # Compare the prediction with the label.
    m.s16_error = m.s0_label - m.s1_prediction

    # Move the bias m.s9 along the gradient.
    m.s6_step = m.s4_learning_rate * m.s16_error
    m.s3_step = m.s2_learning_rate * m.s6_step
    m.s11_step = m.s3_step * m.s10_learning_rate
    m.s7 = m.s9_bias * m.s12_constant
    m.s9_bias = m.s7 + m.s11_step

    # Move the weights m.v2 along the gradient.
    m.v1_gradient = m.s3_step * m.v0_features
    m.v2_weights = m.v2_weights + m.v1_gradient

    # Move the weights m.m0 along the gradient.
    m.v5_gradient = m.s5_learning_rate * m.v1_gradient
    m.m1_gradient = np.outer(m.v0_features, m.v5_gradient)
    m.m0_weights = m.m0_weights + m.m1_gradient
