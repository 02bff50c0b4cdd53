"""Tables in files, as people have them, and what is said of others."""

from pathlib import Path

import pandas as pd
import pytest

from synth.errors import UsageError
from synth.tasks.sources import frames


@pytest.mark.parametrize("name", ["t.csv", "t.CSV"])
@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n1,x,2.5\n2,y,\n",
        "a;b;c\n1;x;2.5\n2;y;\n",
        "a\tb\tc\r\n1\tx\t2.5\r\n2\ty\t\r\n",
        "\ufeffa,b,c\n1,x,2.5\n2,y,\n",
        'a, "b" ,c\n1,"x",2.5\n2, y,NA\n',
    ],
)
def test_separators_marks_and_spaces(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    frame = frames.read(tmp_path / name)
    assert list(frame.columns) == ["a", "b", "c"]
    assert frame["a"].tolist() == [1, 2]
    assert [cell.strip() for cell in frame["b"]] == ["x", "y"]
    assert frame["c"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("absent.csv", None, r"absent\.csv cannot be read: No such file"),
        ("t.csv", b"", "t.csv is empty"),
        ("t.csv", "größe,b\n1,2\n".encode("latin-1"), r"t\.csv is not text in UTF-8"),
        ("t.csv", b"5.1,3.5,red\n4.9,3.0,white\n", "has numbers in its first line; it needs the names"),
        ("t.csv", b"a,b\n1,2\n1,2,3,4\n", "cannot be read as a table: .*line 3"),
        ("t.csv", b",a\n0,1\n1,2\n", r"column 0 \(from 0\) has no name; name it or leave it out"),
        ("t.csv", b"a,a\n0,1\n", "has two columns 'a'"),
        ("t.parquet", b"none", r"t\.parquet cannot be read as a table"),
        ("t.feather", b"none", r"t\.feather cannot be read as a table"),
        ("t.npy", b"none", r"t\.npy cannot be read as a table"),
    ],
)
def test_files_that_are_no_tables(name: str, content: bytes | None, sentence: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=sentence):
        frames.read(tmp_path / name)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_without_pandas_the_extra_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / name, index=False)
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    wanted = rf"^{name} is a table, which needs pandas; pip install 'synth-evolve\[tables\]' installs it"
    with pytest.raises(UsageError, match=wanted):
        frames.read(tmp_path / name)
