"""The standing parts that modules had before: how many lines each has, and their sha256.

A line is added whenever one of the two parts changes, so that every module that synth ever wrote is read.
"""

EARLIER: dict[str, tuple[tuple[int, str], ...]] = {
    "model": ((341, "da4dd9881532733abc960c1cd7997b6f227ded35080e61cdc1fa1ef2f1f15eda"),),
    "sklearn": ((186, "fbd66e24f49955808ddabc896256cef03a85a0e643ac103440ff34407079b471"),),
}
