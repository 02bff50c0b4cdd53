"""The scripts of the experiments: what is there is not run again, and the tables say what the rows say."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, Finished, environment

TINY = ["data.name=digits", "data.train=100", "data.tasks=4"]
TINY += ["data.select_tasks=2", "data.report_tasks=4", "data.test_tasks=2"]
TINY += ["search.round_candidates=100", "fitness.tuning_trials=2"]
SETTINGS = [word for setting in TINY for word in ("--set", setting)]

pytestmark = pytest.mark.wants(Path("/proc/self/stat").exists, "there is no /proc")


def script(name: str, results: Path, *options: str) -> Finished:
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--results", str(results), *options]
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=600, check=False
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_ablation_runs_what_is_missing(tmp_path: Path) -> None:
    results = tmp_path / "ablation.csv"
    options = [*SETTINGS, "--cpu-seconds", "1", "--cells", "nothing", "+ restarts"]
    script("ablation", results, *options, "--seeds", "1", "--jobs", "2").check_returncode()
    before = results.read_text()
    found = {row["cell"]: row for row in rows(results)}
    assert set(found) == {"nothing", "+ restarts"}
    nothing, full = found["nothing"], found["+ restarts"]
    assert float(nothing["rejected_share"]) < 0.01  # over the train budget
    assert float(nothing["cached_share"]) == 0.0
    assert float(full["rejected_share"]) > 0.2
    for row in found.values():
        assert float(row["cpu_seconds"]) >= 1.0
        speed = float(row["candidates"]) / float(row["cpu_seconds"])
        assert float(row["candidates_per_second"]) == pytest.approx(speed, rel=0.1)
        assert -1.0 < float(row["gap_linear"]) < 1.0
    done = script("ablation", results, *options, "--seeds", "1")
    assert (done.returncode, done.stdout, results.read_text()) == (0, "", before)


def test_seeds_runs_what_is_missing(tmp_path: Path) -> None:
    results, kept = tmp_path / "s5.csv", tmp_path / "kept"
    options = [
        "few",
        *SETTINGS,
        "--set",
        "search.start=linear",
        "--set",
        "limits.candidates=500",
        "--keep",
        str(kept),
    ]
    script("table_s5", results, *options, "--seeds", "1").check_returncode()
    first = results.read_text()
    script("table_s5", results, *options, "--seeds", "2").check_returncode()
    assert results.read_text().startswith(first)
    assert [(row["variant"], row["seed"]) for row in rows(results)] == [("few", "1"), ("few", "2")]
    assert {path.name for path in kept.iterdir()} == {"few-1.py", "few-2.py"}
    other = script("table_s5", results, *options, "--seeds", "1", "--max-train-steps", "7")
    assert other.returncode == 2
    assert "few is taken, by --preset baseline" in other.stderr


def test_table_of_the_ablation(tmp_path: Path) -> None:
    results = tmp_path / "made_up.csv"
    head = "cell,seed,candidates_per_second,rejected_share,repeated_share,cached_share,hurdled_share"
    lines = [
        f"{head},gap_linear,gap_neural_net",
        "+ static rejection,1,1000,.5,.1,0,0,-.01,-.02",
        "+ static rejection,2,3000,.7,.1,0,0,.03,.02",
        "nothing,1,100,0,.1,0,0,-.1,-.2",
        "+ static rejection,3,2000,.6,.1,0,0,.02,.01",
    ]
    results.write_text("\n".join(lines))
    _, _, nothing, rejection = script("ablation", results, "--table").stdout.splitlines()
    assert nothing == "| nothing | 1 | 100 | 0% | 10% | 0% | 0% | -0.1000 ± 0.0000 | -0.2000 ± 0.0000 |"
    assert rejection.startswith("| + static rejection | 3 | 2,000 | 60% | 10% | 0% | 0% | +0.0200 ± 0.01")


def test_table_of_seeds(tmp_path: Path) -> None:
    results = tmp_path / "made_up.csv"
    head = "variant,seed,cpu_seconds,candidates,train_steps,gap_linear,gap_neural_net"
    lines = [
        f"{head},tuned_linear,tuned_neural_net",
        "a,1,10,1000,1e9,.01,-.03,.02,-.02",
        "b,1,20,2000,2e9,-.1,-.2,-.1,-.2",
        "a,2,30,3000,3e9,-.03,-.05,.02,-.02",
    ]
    results.write_text("\n".join(lines))
    _, _, *found = script("table_s5", results, "--table").stdout.splitlines()
    assert len(found) == 4
    assert found[0].split(" | ")[1:3] == ["2", "as found"]
    assert found[0].split(" | ")[3].startswith("-0.0100 ± 0.0200")
    assert found[0].split(" | ")[4] == "50% (9% to 91%)"
    assert found[0].endswith("| 2.00e9 | 2,000 | 20 |")
    assert "| tuned | +0.0200 ± 0.0000 | 100% (34% to 100%) | -0.0200 ± 0.0000 | 0% (0% to 66%) |" in found[1]


def test_past_the_net_runs_what_is_missing(tmp_path: Path) -> None:
    results = tmp_path / "net.csv"
    options = [*SETTINGS, "--set", "limits.candidates=500", "--first-seed", "7", "--seeds", "1"]
    script("past_the_net", results, *options, "--without", "race", "--report-from", "3").check_returncode()
    (row,) = rows(results)
    assert (row["name"], row["seed"]) == ("quick without race", "7")
    assert "--set search.race_trials=0" in row["settings"]
    for name in ("linear", "neural_net", "quadratic"):
        assert float(row[f"low_{name}"]) <= float(row[f"gap_{name}"]) <= float(row[f"high_{name}"])
        assert 0 < float(row[f"p_{name}"]) <= 1
    other = script("past_the_net", results, *options, "--without", "race")
    assert other.returncode == 2
    assert "'quick without race' is taken, by --preset quick" in other.stderr


def test_table_past_the_net(tmp_path: Path) -> None:
    results = tmp_path / "made_up.csv"
    lines = [
        "name,seed,statements,train_steps,gap_linear,gap_neural_net,gap_quadratic",
        "quick,1,10,1e9,.04,.01,-.001",
        "quick,2,20,3e9,.02,-.01,-.003",
    ]
    results.write_text("\n".join(lines))
    *_, found = script("past_the_net", results, "--table").stdout.splitlines()
    assert found.startswith(
        "| quick | 2 | 15 | +0.0300 ± 0.0100 | 2 (34% to 100%) | +0.0000 ± 0.0100 | 1 (9% "
    )
    assert found.endswith("| -0.0020 ± 0.0010 | 0 (0% to 66%) | 2.00e9 |")
