"""Use the exported algorithm. This needs numpy and model.py, and nothing of synth."""

import numpy as np
from data import load
from model import Model

X, y = load()
order = np.random.default_rng(0).permutation(len(X))  # it learns from one row after the other
train, test = order[:120], order[120:]
mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
X = (X - mean) / deviation

for cultivar in (1, 2, 3):
    model = Model(features=X.shape[1]).fit(X[train], y[train] == cultivar, epochs=5)
    accuracy = np.mean(model.predict(X[test]) == (y[test] == cultivar))
    print(f"cultivar {cultivar} or not: accuracy {accuracy:.3f} on {len(test)} wines it has not seen")
