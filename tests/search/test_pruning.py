"""An improvement keeps only the statements that earn their price."""

from native_programs import program

from synth.language.candidate import Candidate
from synth.search.pruning import pruned

LONG = program(
    predict="m.v3 = m.v0 + m.v4; m.s3 = np.dot(m.v3, m.v1); m.s1 = m.s3 + m.s5",
    learn="m.s4 = m.s0 - m.s1; m.s4 = m.s2 * m.s4; m.v2 = m.s4 * m.v0;m.v1 = m.v1 + m.v2; m.s5 = m.s5 + m.s4",
    setup="m.s2 = 0.01",
)


def test_what_earns_nothing_goes_with_what_it_needs() -> None:
    """Here only `m.v1` in learn earns something, so that the scale, the bias and the detours can go."""
    short = pruned(
        LONG, lambda candidate: 0.5 + 0.1 * any("m.v1 = " in one.text for one in candidate.learn), 0.001
    )
    assert [one.text for one in short.predict] == ["m.s1 = np.dot(m.v0, m.v1)"]
    assert len(short.learn) <= 3
    assert not short.setup


def test_nothing_goes_that_earns_its_price() -> None:
    def fitness(candidate: Candidate) -> float:
        return 0.01 * len(candidate)

    assert pruned(LONG, fitness, 0.0099) == LONG
    assert len(pruned(LONG, fitness, 0.0101)) < len(LONG)


def test_every_step_is_worth_it_and_the_end_is_one_from_which_no_statement_can_go() -> None:
    def fitness(candidate: Candidate) -> float:
        return (hash(tuple(one.op.id for one in candidate)) % 97) / 1000

    seen: list[Candidate] = []

    def watched(candidate: Candidate) -> float:
        seen.append(candidate)
        return fitness(candidate)

    price = 0.003
    end = pruned(LONG, watched, price)
    assert fitness(end) - price * len(end) >= fitness(LONG) - price * len(LONG)
    assert pruned(end, fitness, price) == end
    assert pruned(LONG, fitness, price) == end
