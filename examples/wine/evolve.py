"""Evolve a learning algorithm on the wines and export it as model.py: python evolve.py [CANDIDATES]."""

import sys
from pathlib import Path

from data import load

import synth
from synth.runs.events import Event, Improved
from synth.study.export import export

MODEL = Path(__file__).with_name("model.py")


def tell(event: Event) -> None:
    """Print each improvement as it is found."""
    if isinstance(event, Improved):
        found = event.program
        print(f"improvement {found.number}: accuracy {found.select:.3f}, {len(found.candidate)} statements")


X, y = load()
candidates = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
run = synth.run(X, y, seed=2, max_candidates=candidates, callback=tell)
if run.best is None:
    sys.exit("no program could learn yet; give it more candidates")
MODEL.write_text(export(run.folder / "best.py"), encoding="utf-8")
print(f"{MODEL.name} is the best of them; everything else is in {run.folder}")
