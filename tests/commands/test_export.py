"""`synth export` as a user calls it."""

from pathlib import Path

import pytest
from command_line import TEMPLATES, called, complaint, document, synth

from synth.study.export import export

NET = TEMPLATES / "averaged_net.py"


@pytest.mark.parametrize("style", ["numpy", "sklearn"])
def test_an_export_is_a_module_like_any_other(style: str, tmp_path: Path) -> None:
    done = synth("export", NET, "--style", style, "-o", "sub/model.py", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "sub" / "model.py").read_text()
    assert text == export(NET, style)  # type: ignore[arg-type]
    assert called("check", "sub/model.py", folder=tmp_path).stdout.startswith("sub/model.py: ok; can learn")
    # both engines take it for the program that it holds
    options = ("--data", "digits", "--tasks", 1, "--train", 100, "--json")
    for engine in ("native", "python"):
        results = document(
            called("eval", "sub/model.py", NET, "--engine", engine, *options, folder=tmp_path)
        )["results"]
        assert [result["status"] for result in results] == ["ok", "ok"], results
        assert results[0]["fitness"] == results[1]["fitness"]


def test_without_a_file_the_module_is_printed(tmp_path: Path) -> None:
    done = synth("export", NET, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, export(NET), "")


def test_rounded_constants_are_told(tmp_path: Path) -> None:
    text = "def setup(m): m.s2 = 0.123456789012\ndef predict(m): pass\ndef learn(m): pass\n"
    (tmp_path / "long.py").write_text(text)
    done = called("export", "long.py", "-o", "model.py", folder=tmp_path)
    assert done.returncode == 0
    assert "notice: long.py:1:" in done.stderr


def test_failures(tmp_path: Path) -> None:
    assert "cannot read none.py" in complaint(called("export", "none.py", folder=tmp_path), 2)
    (tmp_path / "free.py").write_text("def setup(m): m.s2 = m.s3\n")
    assert complaint(called("export", "free.py", folder=tmp_path), 2).startswith("free.py:1:")
    assert "style" in complaint(called("export", NET, "--style", "jax", folder=tmp_path), 2)
    (tmp_path / "file").write_text("")
    assert "file/model.py cannot be written" in complaint(
        called("export", NET, "-o", "file/model.py", folder=tmp_path), 3
    )
