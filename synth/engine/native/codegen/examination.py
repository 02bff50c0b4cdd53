"""What the search asks of every program, as machine code: static analysis.

`can_learn` and `feeds_back` of `language/rejection.py`, `effective` and `canonical_key` of
`language/analysis.py` say what is computed; one call answers all.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import I1, I32, I64
from synth.engine.native.codegen.statements import BYTE, SLOTS, Statements, own
from synth.language.analysis import END, FIRST_NAME, KEY_FACTOR, KEY_SHIFT, KEY_START, OWN_NAMES, WORD_SHIFT
from synth.language.candidate import FUNCTIONS
from synth.language.instruction import FIRST_CONSTANT, SIZE
from synth.language.ops import FEATURES, LABEL, PREDICTION


class _Examination(Statements):
    """Emits `examine(record)`."""

    def emit(self) -> None:
        e, b = self.e, self.b
        self.decode_all()
        learns = e.variable(b.zext(self.can_learn(), BYTE))
        asked = b.and_(b.zext(e.get(learns, BYTE), I64), self.query.read("feedback"))
        with b.if_then(b.icmp_unsigned("!=", asked, I64(0))):
            b.store(self.feeds_back(), learns)
        self.query.write("learns", b.zext(e.get(learns, BYTE), I64))
        looked_at = b.or_(self.query.read("learns"), self.query.read("anyway"))
        with b.if_then(b.icmp_unsigned("!=", looked_at, I64(0))):
            self.mark()
            self.write()
        e.finish()

    def spread(self, body: str, tainted: Any) -> None:
        b = self.b

        def step(index: Any) -> None:
            first, second, out = self.operands(index)
            reads = b.or_(self.has(tainted, first), self.has(tainted, second))
            kept = b.and_(self.has(tainted, out), b.trunc(self.read(index, "keeps"), BYTE))
            self.put(tainted, out, b.or_(reads, kept))

        self.e.count(*self.bodies[body], step)

    def can_learn(self) -> Any:
        """Return whether features, and a label before, may reach a prediction (i1)."""
        seen = self.new_set(FEATURES)
        self.spread("predict", seen)
        sees = self.has(seen, own(PREDICTION))
        reached = self.reaches_prediction(self.new_set(), 1)
        return self.b.icmp_unsigned("!=", self.b.and_(sees, reached), BYTE(0))

    def feeds_back(self) -> Any:
        """Return whether a product of the error and what depends on features may reach a prediction (i8)."""
        b = self.b
        seen, said, label, product = (
            self.new_set(*members) for members in ((FEATURES,), (PREDICTION,), (LABEL,), ())
        )
        self.spread("predict", seen)
        self.put(seen, own(FEATURES), 1)

        def step(index: Any) -> None:
            first, second, out = self.operands(index)
            either = partial(self.has, seen)
            errors = [b.and_(self.has(said, one), self.has(label, one)) for one in (first, second)]
            meet = b.or_(b.and_(errors[0], either(second)), b.and_(errors[1], either(first)))
            multiplied = b.and_(meet, b.trunc(self.read(index, "multiplies"), BYTE))
            keeps = b.trunc(self.read(index, "keeps"), BYTE)
            for addresses in (said, label, seen, product):
                hit = b.or_(self.has(addresses, first), self.has(addresses, second))
                hit = b.or_(hit, multiplied) if addresses is product else hit
                self.put(addresses, out, b.or_(hit, b.and_(self.has(addresses, out), keeps)))

        self.e.count(*self.bodies["learn"], step)
        self.reset(product)
        return self.reaches_prediction(product, 0)

    def reaches_prediction(self, known: Any, label: int) -> Any:
        """Return whether what is tainted before a predict, or the label if 1, may reach a prediction."""
        b, e = self.b, self.e
        reached = e.variable(BYTE(0))
        after, after_learn = self.new_set(), self.new_set()

        def step() -> Any:
            self.copy(after, known)
            self.spread("predict", after)
            b.store(self.has(after, own(PREDICTION)), reached)
            self.copy(after_learn, after)
            if label:
                self.put(after_learn, own(LABEL), 1)
            self.spread("learn", after_learn)
            self.unite(after, after_learn)
            self.unite(after, known)
            self.reset(after)
            grown = self.differ(after, known)
            self.copy(known, after)
            return b.and_(grown, b.icmp_unsigned("==", e.get(reached, BYTE), BYTE(0)))

        self.e.repeat(step)
        return e.get(reached, BYTE)

    def needed(
        self, body: str, needed: Any, also: Callable[[Any, Any], None] = lambda index, hit: None
    ) -> None:
        """Go backwards through a body; `also` is called with each statement and whether it matters."""
        b = self.b
        start, stop = self.bodies[body]

        def step(back: Any) -> None:
            index = b.sub(b.sub(stop, I64(1)), back)
            first, second, out = self.operands(index)
            hit = self.has(needed, out)
            self.put(needed, out, b.and_(hit, b.trunc(self.read(index, "keeps"), BYTE)))
            for operand in (first, second):
                self.put(needed, operand, b.or_(self.has(needed, operand), hit))
            self.put(needed, I64(0), 0)
            also(index, b.zext(hit, I32))

        self.e.count(I64(0), b.sub(stop, start), step)

    def mark(self) -> None:
        """Find the live statements, and the dead draws before a live one."""
        b, e = self.b, self.e
        before_predict, before_learn, after_predict, needed_before = (self.new_set() for _ in range(4))

        def step() -> Any:
            self.copy(before_learn, before_predict)
            self.needed("learn", before_learn)
            self.copy(after_predict, before_predict)
            self.unite(after_predict, before_learn)
            self.put(after_predict, own(PREDICTION), 1)
            self.copy(needed_before, after_predict)
            self.needed("predict", needed_before)
            self.reset(needed_before)
            self.unite(needed_before, before_predict)
            grown = self.differ(needed_before, before_predict)
            self.copy(before_predict, needed_before)
            return grown

        self.e.repeat(step)
        after_setup = before_learn  # learn follows the first predict
        self.put(after_setup, own(PREDICTION), 1)
        self.needed("predict", after_setup)
        self.reset(after_setup)
        drawn, dead = e.variable(I32(0)), e.variable(self.total)

        def live(index: Any, hit: Any) -> None:
            b.store(b.sub(e.get(dead, I64), b.zext(hit, I64)), dead)
            draws, before = self.read(index, "draws"), e.get(drawn, I32)
            b.store(b.or_(hit, b.and_(draws, before)), self.column(index, "live"))
            b.store(b.or_(before, b.and_(hit, draws)), drawn)

        for body, needed in zip(FUNCTIONS, (after_setup, after_predict, before_predict), strict=True):
            b.store(I32(0), drawn)
            self.needed(body, needed, live)
        self.query.write("dead", e.get(dead, I64))

    def write(self) -> None:
        """Write the live code and the key."""
        b, e = self.b, self.e
        self.names = self.room(I32, SLOTS)
        e.count(I64(0), I64(SLOTS), lambda index: e.write(I32(-1), self.names, index))
        for where, name in OWN_NAMES.items():
            e.write(I32(name), self.names, I64(where + 1))
        self.next_name, self.key = e.variable(I32(FIRST_NAME)), e.variable(I64(KEY_START))
        self.written = e.variable(I64(0))
        for body in FUNCTIONS:
            before = e.get(self.written, I64)
            e.count(*self.bodies[body], self.write_statement)
            self.query.write(f"live_{body}", b.sub(e.get(self.written, I64), before))
            self.stir(I64(END))
        self.query.write("key", e.get(self.key, I64))

    def write_statement(self, index: Any) -> None:
        b, e = self.b, self.e
        with b.if_then(b.trunc(self.read(index, "live"), I1)):
            position = e.get(self.written, I64)
            source = self.packed(index)
            target = b.gep(self.query.read("live"), [b.mul(position, I64(SIZE))], source_etype=BYTE)
            for word in range(SIZE // 8):
                e.write(e.read(source, I64(word), I64), target, I64(word))
            b.store(b.add(position, I64(1)), self.written)
            self.stir_statement(index, source)

    # The key

    def name(self, where: Any) -> Any:
        """Return the name of a slot (i32), a new one where it has none."""
        b, e = self.b, self.e
        known, new = e.read(self.names, where, I32), e.get(self.next_name, I32)
        unknown = b.icmp_signed("<", known, I32(0))
        name = b.select(unknown, new, known)
        e.write(name, self.names, where)
        b.store(b.add(new, b.zext(unknown, I32)), self.next_name)
        return name

    def stir(self, word: Any) -> None:
        b = self.b
        mixed = b.mul(b.xor(self.e.get(self.key, I64), word), I64(KEY_FACTOR))
        b.store(b.xor(mixed, b.lshr(mixed, I64(KEY_SHIFT))), self.key)

    def stir_statement(self, index: Any, packed: Any) -> None:
        b, e = self.b, self.e
        first, second, out = self.operands(index)
        op, known = self.read(index, "op"), e.get(self.next_name, I32)
        one, other = e.variable(self.name(first)), e.variable(self.name(second))
        with b.if_then(b.trunc(self.read(index, "commutes"), I1)):
            a_name, b_name = e.get(one, I32), e.get(other, I32)
            b.store(b.select(b.icmp_signed("<", a_name, b_name), a_name, b_name), one)
            b.store(b.select(b.icmp_signed("<", a_name, b_name), b_name, a_name), other)
            both_new = b.and_(b.icmp_signed("<=", known, a_name), b.icmp_signed("<", a_name, b_name))
            with b.if_then(both_new, likely=False), b.if_then(self.exchanged(first, second)):
                e.write(b_name, self.names, first)
                e.write(a_name, self.names, second)
        word = b.zext(op, I64)
        for name in (e.get(one, I32), e.get(other, I32), self.name(out)):
            word = b.or_(b.shl(word, I64(WORD_SHIFT)), b.zext(name, I64))
        self.stir(word)
        with b.if_then(self.has_constants(op)):
            for number in range(3):
                self.stir(e.read(packed, I64(FIRST_CONSTANT + number), I64))

    def exchanged(self, first: Any, second: Any) -> Any:
        """Return whether the second of two slots, operands that commute, is to be named first."""
        b, e = self.b, self.e
        answer, open_ = e.variable(I1(0)), e.variable(I1(1))

        def settle(when: Any, value: Any) -> None:
            now = b.and_(e.get(open_, I1), when)
            b.store(b.select(now, value, e.get(answer, I1)), answer)
            b.store(b.and_(e.get(open_, I1), b.not_(now)), open_)

        def step(index: Any) -> None:
            operands = self.operands(index)
            is_first, is_second = (
                [b.icmp_unsigned("==", operand, one) for operand in operands] for one in (first, second)
            )
            live = b.trunc(self.read(index, "live"), I1)
            commutes = b.and_(live, b.trunc(self.read(index, "commutes"), I1))
            ordered = b.and_(live, b.not_(commutes))
            reads_first, reads_second = b.or_(*is_first[:2]), b.or_(*is_second[:2])
            settle(b.and_(commutes, b.xor(reads_first, reads_second)), reads_second)
            for number in (0, 1):
                settle(b.and_(ordered, b.or_(is_first[number], is_second[number])), is_second[number])
            settle(b.and_(live, b.or_(is_first[2], is_second[2])), is_second[2])

        e.count(I64(0), self.total, step)
        return e.get(answer, I1)


def emit(module: ir.Module) -> None:
    """Add `examine(record)` to a machine's module."""
    _Examination(module).emit()
