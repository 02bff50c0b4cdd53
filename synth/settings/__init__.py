"""The settings of a run: what there is, where values come from, and what must hold of them."""
