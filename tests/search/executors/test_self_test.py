"""What a worker of another machine is compared by, before it may play."""

from pathlib import Path

import pytest

from synth.language.templates import template_path
from synth.search.executors import self_test


def test_the_digest_is_of_the_package_and_of_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "synth"
    module = package / "search" / "executors" / "self_test.py"
    module.parent.mkdir(parents=True)
    module.write_text("")
    monkeypatch.setattr(self_test, "__file__", str(module))
    digest = self_test.package_digest.__wrapped__  # which remembers nothing
    first = digest()
    (package.parent / "another_package.py").write_text("")
    assert digest() == first
    (package / "cli.py").write_text("")
    assert digest() != first


def test_the_digest_is_of_the_templates_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = self_test.package_digest.__wrapped__
    first = digest()
    changed = tmp_path / "linear.py"
    changed.write_text("")
    monkeypatch.setattr(
        self_test, "template_path", lambda name: changed if name == "linear" else template_path(name)
    )
    assert digest() != first
