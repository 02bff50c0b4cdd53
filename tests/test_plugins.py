"""Functions of one's own by name: which one is found, what is known of its file, and what is refused."""

import hashlib
import sys
from pathlib import Path

import pytest
from own_functions import own_module

from synth.errors import UsageError
from synth.plugins import Plugin, check_digests, check_plugin, is_reference, plugin

ONE = "def one():\n    return 1\n"


def found(folder: Path, text: str, function: str = "one") -> Plugin:
    return plugin(f"{own_module(folder, text)}:{function}", str(folder))


def sha256(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@pytest.mark.parametrize("text", ["own:half", "own.mutations:half_", "_o.a1:f", "größe:hälfte"])
def test_references(text: str) -> None:
    assert is_reference(text)


@pytest.mark.parametrize(
    "text", ["half", "own:", ":half", "own:half:0.5", "own:0.5", "own half:x", "./own:f", ""]
)
def test_other_texts(text: str) -> None:
    assert not is_reference(text)


def test_a_function_its_files_and_their_digest(tmp_path: Path) -> None:
    one = found(tmp_path, ONE)
    assert one.function() == 1
    assert one.files == (tmp_path.resolve() / f"{one.reference.partition(':')[0]}.py",)
    assert one.digest == sha256(*one.files)


def test_an_empty_folder_is_the_current_one_whichever_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = f"{own_module(tmp_path, ONE)}:one"
    with pytest.raises(UsageError, match="there is no module"):
        plugin(reference)
    monkeypatch.chdir(tmp_path)
    assert plugin(reference) is plugin(reference, str(tmp_path))


def test_a_module_in_a_package(tmp_path: Path) -> None:
    package = tmp_path / "own_package"
    package.mkdir()
    (package / "__init__.py").write_text("from own_package.parts import one\n")
    (package / "parts.py").write_text(ONE)
    assert plugin("own_package.parts:one", str(tmp_path)).files == (package / "parts.py",)
    handed_on = plugin("own_package:one", str(tmp_path))
    assert handed_on.files == (package / "__init__.py", package / "parts.py")
    assert handed_on.digest == sha256(*handed_on.files)


def test_of_a_decorated_function_all_files_count(tmp_path: Path) -> None:
    other = own_module(tmp_path, ONE)
    text = f"from functools import wraps\nimport {other}\n\n@wraps({other}.one)\ndef two():\n    return 2\n"
    two = found(tmp_path, text, "two")
    assert two.function() == 2
    assert [file.name for file in two.files] == [f"{two.reference.partition(':')[0]}.py", f"{other}.py"]


def test_other_callables_have_the_file_of_the_module(tmp_path: Path) -> None:
    assert len(found(tmp_path, "from functools import partial\none = partial(int, '1')\n").files) == 1


def test_what_a_module_imports_is_found_beside_it_also_later(tmp_path: Path) -> None:
    helper = own_module(tmp_path, ONE)
    later = own_module(tmp_path, ONE)
    one = found(tmp_path, f"import {helper}\n\ndef one():\n    import {later}\n    return {later}.one()\n")
    assert one.function() == 1


def test_the_folder_hides_nothing_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ["/first", *sys.path]
    monkeypatch.setattr(sys, "path", [*before])
    found(tmp_path, "import sys\nsys.path.insert(0, '/added')\n" + ONE)
    assert sys.path == ["/added", *before, str(tmp_path.resolve())]


def test_a_folder_keeps_its_place_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [str(tmp_path.resolve()), *sys.path]
    monkeypatch.setattr(sys, "path", [*before])
    found(tmp_path, ONE)
    assert sys.path == before


def test_a_folder_may_be_called_by_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    name = own_module(tmp_path / "real", ONE)
    monkeypatch.syspath_prepend(tmp_path / "link")
    __import__(name)
    assert plugin(f"{name}:one", str(tmp_path / "real")).function() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "has no function one; write package.module:function"),
        ("one = 1\n", "has no function one; write package.module:function"),
        ("x = 1\n\nx / 0\n", "cannot be imported: {file}:3: ZeroDivisionError: division by zero"),
        ("def one(:\n", "cannot be imported: {file}:1: SyntaxError: invalid syntax"),
        ("import json\njson.loads('')\n", "cannot be imported: {file}:2: JSONDecodeError: Expecting value"),
        ("raise ValueError('a\\nb')\n", "cannot be imported: {file}:1: ValueError: a b"),
        ("assert False\n", "cannot be imported: {file}:1: AssertionError"),
        ("raise SystemExit\n", "cannot be imported: {file}:1: SystemExit"),
        ("import there_is_none\n", "cannot be imported: {file}:1: ModuleNotFoundError: No module named"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    name = own_module(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        plugin(f"{name}:one", str(tmp_path))
    assert str(refused.value).startswith(f"{name}:one")
    assert said.format(file=tmp_path / f"{name}.py") in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_module_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=f"none_such:one: there is no module none_such in {tmp_path}, nor one"
    ):
        plugin("none_such:one", str(tmp_path))
    name = own_module(tmp_path, ONE)
    with pytest.raises(UsageError, match=rf"there is no module {name}\.part in"):
        plugin(f"{name}.part:one", str(tmp_path))


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text(ONE)
    with pytest.raises(UsageError, match=r"another module is called json \(.*json.*\); rename that in"):
        plugin("json:one", str(tmp_path))
    (tmp_path / "sys.py").write_text(ONE)
    with pytest.raises(
        UsageError, match=r"another module is called sys \(a part of Python\); rename that in"
    ):
        plugin("sys:one", str(tmp_path))
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "mine.py").write_text(ONE)
    with pytest.raises(UsageError, match=r"another module is called json \(.*json.*\); rename that in"):
        plugin("json.mine:one", str(tmp_path))


def test_a_module_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="its module has no file"):
        plugin("sys:getrefcount", str(tmp_path))


def test_a_file_that_changed_since_it_was_imported_is_refused(tmp_path: Path) -> None:
    one = found(tmp_path, ONE)
    check_plugin(one.reference, str(tmp_path))
    one.files[0].write_text(ONE + "# changed\n")
    with pytest.raises(UsageError, match="changed since this Python imported it; start Python anew"):
        check_plugin(one.reference, str(tmp_path))
    one.files[0].unlink()
    assert plugin(one.reference, str(tmp_path)) is one, "a sandbox may forbid to read it again"


def test_another_file_than_that_of_the_run_is_refused(tmp_path: Path) -> None:
    one = found(tmp_path, ONE)
    check_digests({one.reference: one.digest}, str(tmp_path))
    with pytest.raises(
        UsageError, match=rf"{one.files[0]} is not the file that the run goes by; put that one"
    ):
        check_digests({one.reference: "0" * 64}, str(tmp_path))


def test_an_error_is_told_by_the_last_line_of_the_file_that_led_to_it(tmp_path: Path) -> None:
    one = found(tmp_path, "import json\n\ndef one():\n    return json.loads('')\n")
    with pytest.raises(UsageError) as raised:
        one()
    said = f"{one.reference} failed: {one.files[0]}:4: JSONDecodeError: Expecting value"
    assert str(raised.value).startswith(said)
