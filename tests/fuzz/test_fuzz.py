"""Input that nobody has looked at: readers raise what they document, soon, and take little memory."""

import io
import json
import resource
import time
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from seeds import SEEDS
from targets import TARGETS
from thorough import examples

from synth.settings.schema import HINTS

pytestmark = pytest.mark.filterwarnings("ignore")  # damaged files give numpy and zipfile much to say

FUZZ = Path(__file__).resolve().parent.parent.parent / "fuzz"
MOST_MEMORY, MOST_SECONDS = 1 << 30, 20.0


def most_memory() -> int:
    """Return the most bytes of memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def read(target: str, data: bytes) -> None:
    """Let a target read input, and watch what it takes."""
    memory, begin = most_memory(), time.process_time()
    TARGETS[target](data)
    assert most_memory() - memory < MOST_MEMORY
    assert time.process_time() - begin < MOST_SECONDS


@cache
def seeds(target: str) -> list[bytes]:
    return SEEDS[target]()


def corpus(target: str) -> list[Path]:
    """What once made a reader fail, or shows a danger of its kind."""
    return sorted((FUZZ / "corpus" / target).glob("*"))


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_and_corpus_are_read(target: str) -> None:
    for data in [*seeds(target), *(path.read_bytes() for path in corpus(target))]:
        read(target, data)


# fmt: off
TELLING = [
    b"\0", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff" * 8, b"-1", b"9" * 30, b"1e999", b"nan", b"[" * 30,
    b"(", b")", b"{", b"'", b'"', b"\\", b"\n", b" ", b"\xc3\xa9", b"\xed\xa0\x80", b".", b"=", b"]",
    b",",
]
# fmt: on


@st.composite
def damaged(draw: st.DrawFn, target: str) -> bytes:
    """A seed with some places cut out, overwritten, repeated or filled with something that tells."""
    data = bytearray(draw(st.sampled_from(seeds(target))))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 8)))
        new = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(TELLING),
                st.sampled_from(TELLING).map(lambda piece: piece * 1000),
                st.just(bytes(data[start : start + 40]) * 2),
            )
        )
        data[start:stop] = new
    return bytes(data)


def fuzzed(count: int) -> settings:
    return examples(count, suppress_health_check=list(HealthCheck))


@pytest.mark.hypothesis
@pytest.mark.parametrize("target", TARGETS)
def test_damaged_input(target: str) -> None:
    @fuzzed(100)
    @given(damaged(target))
    def run(data: bytes) -> None:
        read(target, data)

    run()


@pytest.mark.parametrize("target", TARGETS)
@fuzzed(60)
@given(data=st.binary(max_size=300))
def test_noise(target: str, data: bytes) -> None:
    read(target, data)


WORDS = "def setup predict learn m . s1 v0 m1 ( ) [ ] { } : = + - * / ** @ np.dot np.outer np.exp m.F int "
WORDS += "m.rng.normal , 0.1 1e400 1j 0x1F nan 'x' f'{ \"\"\"' # \\\\ lambda if else for in not await yield "
WORDS += "import class pass := ..."


@fuzzed(300)
@given(st.lists(st.sampled_from([*WORDS.split(), "\n", "\n    ", " ", "\t", "\r", "\x0c"]), max_size=80))
def test_modules_of_words(words: list[str]) -> None:
    read("module", " ".join(words).encode())


@pytest.mark.parametrize(
    "piece",
    ["(", "[", "{", "-", "not ", "a.", "f(", "lambda:", "a if b else ", "x;", "x\n", "1,", "a<", "f'{"],
)
@pytest.mark.parametrize("count", [150, 5_000, 240_000])
def test_modules_that_repeat_themselves(piece: str, count: int) -> None:
    read("module", (piece * (count // len(piece))).encode())


VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["none", "1e6", "9" * 5000, "56-64", "0-99999999999", "--", "1979-05-27"]),
    ),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return (
            '"'
            + "".join(f"\\U{ord(one):08X}" if one < "\ud800" or one > "\udfff" else "" for one in value)
            + '"'
        )
    return repr(value)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Settings by their names, with any value."""
    chosen = draw(st.lists(st.sampled_from(sorted(HINTS)), unique=True, max_size=5))
    lines = {key: f"{key} = {toml(draw(VALUES))}" for key in chosen}
    return "\n".join(lines.values())


@fuzzed(200)
@given(documents())
@example("a = " + "[" * 50_000)
@example("a" + ".a" * 50_000 + " = 1")
def test_configurations(text: str) -> None:
    read("config", text.encode())
    read("settings", "\n".join(line.replace(" = ", "=") for line in text.splitlines()).encode("utf-8"))


# fmt: off
STEPS = [
    b"\x80\x02", b"(", b".", b"0", b"2", b"N", b"I1\n", b"I01\n", b"K\x05", b"]", b"}", b")", b"l",
    b"d", b"t", b"\x85", b"\x86", b"\x87", b"a", b"e", b"s", b"u", b"R", b"b", b"cnumpy\ndtype\n",
    b"cos\nsystem\n", b"\x93", b"q\0", b"h\0", b"r\xff\xff\xff\x7f", b"j\xff\xff\xff\x7f", b"\x94",
    b"p99999999\n", b"S'data'\n", b"U\x01x", b"\x96\xff\xff\xff\xff\xff\xff\0\0",
    b"\x8e\xff\xff\xff\xff\xff\xff\0\0", b"B\xff\xff\xff\xff", b"C\x02ab", b"\x8b\xff\xff\xff\x7f",
    b"\x8a\x02ab", b"X\x02\0\0\0ab", b"L" + b"9" * 100 + b"L\n", b"\x8d" + b"\xff" * 8,
    b"\x95" + b"\xff" * 8, b"cnumpy.core.multiarray\n_reconstruct\n", b"P1\n", b"Q", b"i__main__\nx\n",
    b"\x81",
]
# fmt: on


@fuzzed(400)
@given(st.lists(st.sampled_from(STEPS), max_size=30).map(b"".join))
@example(b"\x80\x02Nr\xff\xff\xff\x7f.")
@example(b"\x80\x05\x96" + b"\xff" * 5 + b"\0\0\0.")
@example(b"(" * 900_000 + b".")
def test_pickles_of_steps(data: bytes) -> None:
    read("batch", data)


SHAPES = st.lists(st.integers(-2, 5) | st.integers(0, 1 << 62), max_size=4).map(tuple)
KINDS = st.sampled_from("<f8 >f4 |u1 |O <U3 |S2 <c16 |V8 <M8[s] |b1 <i8 f i4,O x".split(" "))  # noqa: SIM905


@st.composite
def npy(draw: st.DrawFn) -> bytes:
    """An array's file with any header."""
    text = repr({"descr": draw(KINDS), "fortran_order": draw(st.booleans()), "shape": draw(SHAPES)})
    text = draw(st.sampled_from([text, text[:-1], text.replace("'", ""), "(" * 200, "{}", text + " " * 9000]))
    version = draw(st.sampled_from([b"\1\0", b"\2\0", b"\3\0", b"\4\0"]))
    size = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    return b"\x93NUMPY" + version + size + text.encode() + draw(st.binary(max_size=64))


@fuzzed(200)
@given(st.data())
def test_arrays_with_any_header(data: st.DataObject) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(
        file, "w", data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    ) as zipped:
        for name in data.draw(
            st.sampled_from([("X.npy", "y.npy"), ("X", "y"), ("X.npy",), ("X.npy", "X.npy", "y.npy")])
        ):
            good = io.BytesIO()
            np.save(good, np.arange(20) % 2)
            zipped.writestr(name, data.draw(npy() | st.just(good.getvalue())))
    read("arrays", file.getvalue())
    read("kept", b'{"arrays": {"x": 1}}\n' + data.draw(npy()))


@st.composite
def documents_of_checkpoints(draw: st.DrawFn) -> bytes:
    """A sealed checkpoint with some of its facts replaced."""
    head, _, rest = seeds("sealed")[0].partition(b"\n")
    sizes = [entry.rpartition("=") for entry in head.decode().split(",")]
    first, others = int(sizes[0][2]), head.decode().partition(",")[2]
    document = json.loads(rest[:first])
    for _ in range(draw(st.integers(1, 2))):
        place = document
        key = draw(st.sampled_from(sorted(place)))
        while isinstance(place[key], dict) and place[key] and draw(st.booleans()):
            place = place[key]
            key = draw(st.sampled_from(sorted(place)))
        place[key] = draw(VALUES | st.none() | st.integers(-2, 3))
    changed = json.dumps(document).encode()
    return f"{sizes[0][0]}={len(changed)},{others}\n".encode() + changed + rest[first:]


@fuzzed(200)
@given(documents_of_checkpoints())
def test_checkpoints_with_any_facts(data: bytes) -> None:
    read("sealed", data)
