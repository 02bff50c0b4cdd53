"""What a person sees of a cluster: on a terminal, in `synth show`, on the page of the run."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from report_runs import EVIL, events
from rich.console import Console
from run_events import round_finished, started

from synth.report.page.page import page
from synth.report.terminal.live import NODES, live_display
from synth.report.terminal.progress import RunProgress, heartbeat_line
from synth.report.terminal.show import show_result
from synth.report.text import cluster_sentence
from synth.runs.cluster import Cluster, Node
from synth.runs.events import ClusterChanged
from synth.runs.folder import RunFolder
from synth.runs.record import Record
from synth.settings.resolve import resolve
from synth.study.show import show_document

FIRST = Node(
    "1",
    f"head{EVIL} 10.0.0.1",
    "in use",
    "",
    8,
    8,
    3,
    40,
    40_000,
    1234.0,
    ("/r/6.out", "/r/7.out"),
)
LOST = replace(FIRST, name="2", address="far 10.0.0.2", state="lost", reason="it left the cluster", workers=0)
CLUSTER = Cluster((FIRST, LOST), lost=3, repeated=2, doubled=1)


def printed(what: object, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(what)
    return console.export_text()


@pytest.fixture
def record(tmp_path: Path) -> Record:
    with RunFolder.create(resolve(environment={}), tmp_path / "run") as folder:
        for event in events():
            folder.record(event)
        folder.record(ClusterChanged(CLUSTER))
    return Record.read(tmp_path / "run")


def test_a_cluster_in_one_sentence() -> None:
    assert cluster_sentence(Cluster((FIRST,))) == "1 node with 8 workers"
    expected = "1 node with 8 workers, 1 lost, 3 rounds lost and 2 repeated"
    assert cluster_sentence(CLUSTER) == expected
    progress = RunProgress("quick")
    for event in (started(), round_finished(0, 1, 2.0, candidates=1000), ClusterChanged(CLUSTER)):
        progress.add(event)
    assert heartbeat_line(progress).endswith(f"; {expected}")


def test_the_terminal_shows_nodes() -> None:
    progress = RunProgress("quick")
    for event in (started(), round_finished(0, 1, 2.0, candidates=1000), ClusterChanged(CLUSTER)):
        progress.add(event)
    text = printed(live_display(progress, 160))
    assert "10.0.0.1" in text and "lost: it left the cluster" in text and "1.2 k" in text
    many = Cluster(tuple(replace(FIRST, name=str(number)) for number in range(NODES + 5)))
    progress.add(ClusterChanged(many))
    assert "and 5 more" in printed(live_display(progress, 160))


def test_show_tells_nodes_and_logs(record: Record) -> None:
    document = show_document(record)
    assert Cluster.of(document["cluster"]) == CLUSTER
    text = printed(show_result(document, 10))
    assert "log of node 1: /r/6.out" in text
    assert "rounds lost with their worker: 3, repeated: 2" in text


def test_the_page_has_a_section(record: Record) -> None:
    text = page(record)
    assert 'id="cluster"' in text
    assert "far 10.0.0.2" in text and "/r/6.out" in text
    assert EVIL not in text
    alone = replace(record, facts={name: fact for name, fact in record.facts.items() if name != "cluster"})
    assert 'id="cluster"' not in page(alone)
    assert "Cluster" not in printed(show_result(show_document(alone), 10))
