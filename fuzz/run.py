"""Coverage-guided fuzzing of the targets, one after the other: `make fuzz`, or

    python fuzz/run.py [TARGET...] [-libfuzzer_option=value...]

Each target has a minute unless -max_total_time says otherwise. What is found lies in fuzz/found/; input that
made a reader fail belongs into fuzz/corpus/TARGET/, where the tests read it, once that is mended.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMITS = (
    "-rss_limit_mb=1024",
    "-malloc_limit_mb=1024",
    "-timeout=20",
    "-max_len=20000",
    "-max_total_time=60",
)
INSTRUMENTED = ("synth", "tomllib", "pickletools", "tarfile", "zipfile", "numpy.lib._format_impl", "json")


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz one target in this process, which ends then."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from targets import TARGETS
    from seeds import SEEDS

    found, corpus = HERE / "found" / name, HERE / "corpus" / name
    for folder in (found, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(SEEDS[name]()):
        (found / f"seed-{number}").write_bytes(data)
    places = [str(found), str(corpus), f"-artifact_prefix={found}/failed-"]
    atheris.Setup([sys.argv[0], *LIMITS, *options, *places], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets that are named, or all, each in a process of its own; return 1 when one fails."""
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    if len(names) == 1:
        fuzz(names[0], options)
        return 0
    from seeds import SEEDS

    failed = []
    for name in names or SEEDS:
        print(f"\n{name}:", flush=True)
        if subprocess.run([sys.executable, __file__, name, *options], check=False).returncode != 0:
            failed.append(name)
    print(f"\nfailed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
