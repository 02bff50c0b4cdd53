"""Functions of one's own on a Ray cluster: each node finds them, and the bytes are those of one machine."""

from pathlib import Path

import pytest
from command_line import complaint, run_command, synth
from own_functions import own_module
from ray_clusters import nodes
from recorded import left_behind, rows
from systems import wants_linux

pytestmark = [pytest.mark.ray, wants_linux("the cluster looks into /proc")]

MODULE = """
from synth.mutation import Edit, Splice, below

def repeat(candidate, space, random):
    bounds = space.mutable[below(random, len(space.mutable))]
    body = candidate.bodies[bounds.function]
    if not body or len(body) + 1 >= bounds.largest:
        return Edit(refused="no room")
    line = below(random, len(body))
    return Edit((Splice(bounds.function, line, line, (body[line],)),))

def wrong(candidate, space, random):
    return [][0]

def right(s1, probability, labels):
    return ((probability > 0.5) == (labels > 0.5)).mean()
"""

SETTINGS = {
    "data.name": "digits",
    "data.features": 8,
    "data.tasks": 3,
    "data.train": 60,
    "data.valid": 30,
    "data.select_tasks": 2,
    "data.report_tasks": 2,
    "data.test_tasks": 1,
    "search.islands": 3,
    "search.population": 20,
    "search.round_candidates": 200,
    "search.start": "linear",
    "fitness.tuning_trials": 0,
    "limits.candidates": 3000,
    "limits.seconds": "none",
}


def test_nodes_find_mutation_and_metric_and_come_to_the_bytes_of_one_machine(tmp_path: Path) -> None:
    module = own_module(tmp_path, MODULE)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def command(name: str, kind: str, *more: str) -> list[str]:
        own = {
            "mutation.kinds": f"alter_parameter,insert,{module}:{kind}",
            "data.metric": f"{module}:right",
            "run.plugins": str(tmp_path),
        }
        return run_command(tmp_path / name, SETTINGS | own, *more)[3:]

    alone = synth(*command("alone", "repeat"), folder=elsewhere)
    assert alone.returncode == 0, alone.stderr
    with nodes() as cluster:
        cluster.add()
        together = synth(*command("together", "repeat", "--cluster", cluster.address), folder=elsewhere)
        assert together.returncode == 0, together.stderr
        wrong = synth(*command("wrong", "wrong", "--cluster", cluster.address), folder=elsewhere)
    assert left_behind(tmp_path / "together") == left_behind(tmp_path / "alone")
    [[cluster_then]] = rows(tmp_path / "together", "SELECT value FROM run WHERE key = 'cluster'")
    assert cluster_then.count('"in use"') == 2
    file = tmp_path / f"{module}.py"
    assert complaint(wrong, 2) == f"{module}:wrong failed: {file}:13: IndexError: list index out of range"


def test_a_node_whose_file_is_another_is_refused(tmp_path: Path) -> None:
    """The file grows whenever it is imported: by the command, and then on the node."""
    grows = "\nwith open(__file__, 'a') as file:\n    file.write('# imported\\n')\n"
    module = own_module(tmp_path, MODULE + grows)
    own = {"mutation.kinds": f"insert,{module}:repeat"}
    more = ["--cluster", "local", "--workers", "1", "--engine", "python"]
    command = run_command(tmp_path / "run", SETTINGS | own, *more)[3:]
    said = complaint(synth(*command, folder=tmp_path), 3)
    assert said.startswith("no node of the Ray cluster can play a round: node 1 (")
    assert (
        f"{module}:repeat: {tmp_path / module}.py is not the file that the run goes by; put that one" in said
    )
