"""As simplify --names writes it."""

import numpy as np


def setup(m):
    # Set constants.
    m.s2_learning_rate = 0.01


def predict(m):
    # Compute the prediction.
    m.s1_prediction = np.dot(m.v0_features, m.v1_weights)


def learn(m):
    # Compare the prediction with the label.
    m.s3_error = m.s0_label - m.s1_prediction

    # Move the weights m.v1 along the gradient.
    m.s4_step = m.s2_learning_rate * m.s3_error
    m.v2_gradient = m.s4_step * m.v0_features
    m.v1_weights = m.v1_weights + m.v2_gradient
