"""The same algorithm as a scikit-learn estimator for all three cultivars, beside logistic regression."""

from pathlib import Path

from data import load
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import synth

X, y = load()
folds = StratifiedKFold(5, shuffle=True, random_state=0)
evolved = synth.EvolvedClassifier(Path(__file__).with_name("model.py"))
tuned = GridSearchCV(evolved, {"epochs": [1, 3, 10]}, cv=folds)
logistic = make_pipeline(StandardScaler(), LogisticRegression())
for name, estimator in {"evolved": tuned, "logistic regression": logistic}.items():
    scores = cross_val_score(estimator, X, y, cv=folds)
    print(f"{name}: accuracy {scores.mean():.3f}, deviation {scores.std():.3f} over {len(scores)} folds")
