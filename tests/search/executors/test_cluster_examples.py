"""The examples for clouds are what Ray's launcher and KubeRay understand; the simulation runs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, environment

pytestmark = pytest.mark.ray

EXAMPLES = ROOT / "examples" / "cluster"


def read(name: str) -> Any:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((EXAMPLES / name).read_text())


def test_the_launcher_file_fits_rays_schema() -> None:
    ray = pytest.importorskip("ray")
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(ray.__file__).parent / "autoscaler" / "ray-schema.json").read_text())
    document = read("launcher.yaml")
    jsonschema.validate(document, schema)
    assert document["head_node_type"] in document["available_node_types"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"head_nodes": 1}, schema)


def test_the_kuberay_file_has_what_the_operator_wants() -> None:
    document = read("kuberay.yaml")
    assert (document["apiVersion"], document["kind"]) == ("ray.io/v1", "RayCluster")
    groups = [document["spec"]["headGroupSpec"], *document["spec"]["workerGroupSpecs"]]
    for group in groups:
        assert isinstance(group["rayStartParams"], dict)
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        assert group["template"]["spec"]["containers"][0]["image"]


def test_the_simulation_runs() -> None:
    pytest.importorskip("simpy")
    script = ROOT / "benchmarks" / "cluster_scale.py"
    done = subprocess.run(
        [sys.executable, str(script), "--largest", "20", "--no-picture"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = done.stdout.splitlines()
    assert len(rows) == 2 + 4
    assert rows[-1].startswith("| 20 | ")
