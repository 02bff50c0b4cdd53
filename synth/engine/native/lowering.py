"""From a candidate to the machine's code: packed statements, one after another."""

from synth.language.candidate import Body, Candidate, Code


def lower_body(body: Body) -> bytes:
    """One function's code; draws carry their ordinal among the function's draws."""
    ordinal = 0
    parts = []
    for instruction in body:
        if instruction.draws:
            parts.append(instruction.packed_at(ordinal))
            ordinal += 1
        else:
            parts.append(instruction.packed)
    return b"".join(parts)


def lower(candidate: Candidate) -> Code:
    """The code of a candidate."""
    return lower_body(candidate.setup), lower_body(candidate.predict), lower_body(candidate.learn)


def addresses(candidate: Candidate) -> tuple[int, int, int]:
    """How many scalars, vectors and matrices a memory needs for it."""
    most = {"s": 2, "v": 1, "m": 0}
    for instruction in candidate:
        for kind, address in zip(instruction.op.inputs, (instruction.a, instruction.b), strict=False):
            most[kind] = max(most[kind], address + 1)
        if instruction.op.output:
            most[instruction.op.output] = max(most[instruction.op.output], instruction.out + 1)
    return most["s"], most["v"], most["m"]
