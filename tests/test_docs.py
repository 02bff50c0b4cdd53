"""The pages: what they show can be done, and what comes from the source is up to date.

Of each page all `bash` and `python` blocks run, one after the other, in a folder that has the repository's
templates and examples. A comment before a block can say why it does not, `<!-- not run: too long -->`,
and `<!-- run before: ... -->` holds commands that make what the page supposes.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, environment

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n+)?^```(?P<language>bash|python)\n(?P<code>.*?)^```$"
    r"|^<!-- run before: (?P<before>.+?) -->$",
    re.DOTALL | re.MULTILINE,
)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The language and code of the blocks of a page that run."""
    found = []
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["before"]:
            found.append(("bash", block["before"]))
        elif not block["reason"]:
            found.append((block["language"], block["code"]))
    return found


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


PAGES_THAT_RUN = [
    pytest.param(
        page, id=named(page), marks=pytest.mark.extras if page.stem == "loggers" else pytest.mark.docs
    )
    for page in PAGES
    if blocks(page)
]


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_what_a_page_shows_can_be_done(page: Path, tmp_path: Path) -> None:
    for folder in ("templates", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("generated"))
    commands = tmp_path / ".commands"
    commands.mkdir()
    for name, words in {"synth": "-m synth", "python": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (commands / name).chmod(0o755)
    env = environment(PATH=f"{commands}{os.pathsep}{os.environ['PATH']}")
    for language, code in blocks(page):
        command = ["bash", "-euo", "pipefail"] if language == "bash" else [sys.executable]
        done = subprocess.run(
            [*command, "-c", code],
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{code}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def test_pages_are_as_the_source_says() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_page_is_found(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    page = tmp_path / "docs" / "language.md"
    page.write_text(page.read_text().replace("| 27 | VECTOR_INNER_PRODUCT |", "| 27 | VECTOR_DOT |"))
    command = [sys.executable, str(tmp_path / "docs" / "generate.py")]
    checked = subprocess.run(
        [*command, "--check"], env=environment(), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    assert "docs/language.md" in checked.stdout
    subprocess.run(command, env=environment(), check=True)
    assert page.read_text() == (DOCS / "language.md").read_text()


def test_every_command_and_setting_has_its_place() -> None:
    import synth.cli

    text = (DOCS / "commands.md").read_text()
    for command in synth.cli.app.registered_commands:
        assert f"## synth {command.name}\n" in text
    assert "`search.static_rejection`" in (DOCS / "settings.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        place, _, _ = target.partition("#")
        if place and "://" not in place:
            assert (page.parent / place).exists(), f"{page.name} links to {target}"
