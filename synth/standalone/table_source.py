"""The standing part for the columns of a table, as real code: `parts.py` reads it for modules of raw rows.

`synth.run` prepares tables with it. Its imports follow those for scikit-learn. Every statement fits
into 88 columns.
"""

# mypy: ignore-errors

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

# From here on the text is the same in every module that synth writes for a table.
# It needs scikit-learn and pandas: the columns of a frame as numbers.


def preparation(numbers: list, texts: list, missing: str) -> ColumnTransformer:
    """Return a transformer from the columns of a frame to numbers, not yet fitted.

    numbers and texts are the names of columns, or their numbers where names are no texts.
    A text is one-hot: a one in the column of its own, zeros where fit did not see it; a
    missing text counts as one. missing: mean or median of what fit saw fills numbers
    that are missing; otherwise they stay nan, which an estimator refuses.
    """
    steps = [FunctionTransformer(_numbers, feature_names_out="one-to-one")]
    if missing in ("mean", "median"):
        steps.append(SimpleImputer(strategy=missing, keep_empty_features=True))
    read = FunctionTransformer(_texts, feature_names_out="one-to-one")
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = [
        ("numbers", make_pipeline(*steps), numbers),
        ("texts", make_pipeline(read, one_hot), texts),
    ]
    return ColumnTransformer(columns, verbose_feature_names_out=False)


def _numbers(columns):
    """Return columns of numbers and booleans as floats, with nan for a missing cell."""
    return pd.DataFrame(columns).to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(columns):
    """Return columns as texts, with None for a missing cell."""
    frame = pd.DataFrame(columns).astype(object)
    return frame.map(str).astype(object).where(frame.notna(), None).to_numpy(object)
