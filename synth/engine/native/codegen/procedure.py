"""The procedure of evaluation as machine code, around whatever runs a candidate's three functions.

It is the reference's: train on each example in order (predict, sigmoid, error check, learn), validate after
each epoch, keep the best epoch. Memory is rows of lanes, a task a lane.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen import mathematics
from synth.engine.native.codegen.emitter import DOUBLE, I32, I64, POINTER, Emitter, Row, Shape
from synth.engine.native.codegen.fields import Record
from synth.engine.native.codegen.job import Job
from synth.language.random_source import LEARN, SETUP, TRAIN_PREDICT, VALID_PREDICT
from synth.tasks.metrics import MAX_ABS_ERROR

NOT_RECORDED = -1.0
"""Stands for the error of an example that a task did not reach, or failed at."""


class Procedure:
    """Emits `evaluate(job)`; `call` emits the call of a candidate's function, given its name."""

    def __init__(self, module: ir.Module, shape: Shape, call: Callable[["Procedure", str], None]) -> None:
        self.e = Emitter(module, shape, "evaluate", [POINTER])
        self.b = self.e.builder
        self.shape, self.call, self.job = shape, call, Record(self.b, Job, self.e.function.args[0])
        self.memory, self.scratch = self.job.read("memory"), self.job.read("scratch")
        self.after = self.e.function.append_basic_block("finish")

    def scalar(self, address: int) -> Any:
        """Return where a scalar lies."""
        return self.e.row_pointer(self.memory, I64(address))

    def run(self, function: str, phase: int) -> None:
        """Run one of the candidate's functions."""
        self.job.write("phase", I64(phase))
        self.call(self, function)

    def emit(self) -> None:
        """Emit the whole function."""
        e, b = self.e, self.b
        zero, wide_zero = e.splat(0.0), e.splat(0.0, DOUBLE)
        e.count(I64(0), self.job.read("rows"), lambda i: e.store(zero, e.row_pointer(self.memory, i)))
        e.store(e.splat(0, I32), self.job.read("examples"))
        self.run("setup", SETUP)
        live = b.icmp_signed("!=", e.load(self.job.read("live"), I32), e.splat(0, I32))
        self.alive = e.variable(live)
        self.best = e.variable(wide_zero)
        self.steps = e.variable(I64(0))
        self.loss = e.variable(wide_zero)
        self.valid_failed = e.variable(e.splat(0, ir.IntType(1)))
        e.count(I64(0), self.job.read("epochs"), self.epoch)
        b.branch(self.after)
        b.position_at_end(self.after)
        e.store(e.get(self.best, wide_zero.type), self.job.read("fitness"))
        self.job.write("train_steps", e.get(self.steps, I64))
        e.finish()

    def alive_now(self) -> Row:
        """Return the lanes whose task has not failed."""
        return self.e.get(self.alive, self.e.lanes_of(ir.IntType(1)))

    def epoch(self, number: Any) -> None:
        """Train, validate and keep the best fitness; the evaluation ends when no lane is alive."""
        e, b = self.e, self.b
        self.forget_errors()
        self.phase("train", number, self.train_step)
        b.store(e.splat(0.0, DOUBLE), self.loss)
        b.store(e.splat(0, ir.IntType(1)), self.valid_failed)
        self.phase("valid", number, self.valid_step)
        fitness = self.fitness()
        best = e.get(self.best, fitness.type)
        better = b.and_(self.alive_now(), b.fcmp_ordered(">", fitness, best))
        b.store(b.select(better, fitness, best), self.best)

    def phase(self, name: str, epoch: Any, step: Callable[[Any, Any, Row], None]) -> None:
        """Go through all examples of one kind; a lane that has fewer is set aside when it is through."""
        e, b = self.e, self.b
        most, counts = self.job.read(f"{name}_most"), self.job.read(f"{name}_counts")
        count_row = e.load(counts, I32)
        first_number = b.mul(count_row, e.spread(b.trunc(epoch, I32)))
        begin = e.variable(I64(0))

        def segment() -> Any:
            start = e.get(begin, I64)
            end = self.segment_end(counts, start, most)
            running = b.icmp_signed(">", count_row, e.spread(b.trunc(start, I32)))

            def example(index: Any) -> None:
                number = b.add(first_number, e.spread(b.trunc(index, I32)))
                e.store(number, self.job.read("examples"))
                step(epoch, index, running)

            e.count(start, end, example)
            goes_on = b.icmp_signed("<", end, most)
            with b.if_then(goes_on):
                self.for_lanes(counts, lambda count: b.icmp_signed("==", count, end), save=True)
            b.store(end, begin)
            return goes_on

        e.repeat(segment)
        self.for_lanes(counts, lambda count: b.icmp_signed("<", count, most), save=False)

    def segment_end(self, counts: Any, start: Any, most: Any) -> Any:
        """Return the smallest count above `start`."""
        e, b = self.e, self.b
        end = e.variable(most)

        def look(lane: Any) -> None:
            count = b.sext(e.read(counts, lane, I32), I64)
            now = e.get(end, I64)
            nearer = b.and_(b.icmp_signed(">", count, start), b.icmp_signed("<", count, now))
            b.store(b.select(nearer, count, now), end)

        e.count(I64(0), I64(self.shape.lanes), look)
        return e.get(end, I64)

    def for_lanes(self, counts: Any, when: Callable[[Any], Any], *, save: bool) -> None:
        """Copy the columns of some lanes from memory to what is saved, or back."""
        e, b, saved = self.e, self.b, self.job.read("saved")
        source, target = (self.memory, saved) if save else (saved, self.memory)

        def lane_column(lane: Any) -> None:
            count = b.sext(e.read(counts, lane, I32), I64)
            with b.if_then(when(count)):

                def element(row: Any) -> None:
                    index = b.add(b.mul(row, I64(self.shape.lanes)), lane)
                    e.write(e.read(source, index, e.item), target, index)

                e.count(I64(0), self.job.read("rows"), element)

        e.count(I64(0), I64(self.shape.lanes), lane_column)

    def show_features(self, name: str, index: Any) -> None:
        """Copy an example's features (in stored order) into v0."""
        e, b = self.e, self.b
        features = self.job.read(f"{name}_features")
        start = b.mul(index, I64(self.shape.features))
        target = self.job.read("vectors")

        def row(i: Any, _: int) -> None:
            value = e.load(e.row_pointer(features, b.add(start, i)))
            e.store(value, e.row_pointer(self.memory, b.add(target, i)))

        e.loop(self.shape.features, row, unroll=16)

    def show_shuffled(self, epoch: Any, index: Any, label: Any) -> None:
        """Copy, lane by lane, the features and the label of the example that a later epoch's order names."""
        e, b, lanes, size = self.e, self.b, self.shape.lanes, self.shape.features
        features, labels, order = (
            self.job.read("train_features"),
            self.job.read("train_labels"),
            self.job.read("order"),
        )
        stride = b.mul(self.job.read("order_stride"), I64(lanes))
        start = b.add(b.mul(b.sub(epoch, I64(1)), stride), b.mul(index, I64(lanes)))
        v0 = b.mul(self.job.read("vectors"), I64(lanes))

        def one(lane: Any) -> None:
            example = b.zext(e.read(order, b.add(start, lane), I32), I64)

            def element(i: Any) -> None:
                row = b.add(b.mul(example, I64(size)), i)
                value = e.read(features, b.add(b.mul(row, I64(lanes)), lane), e.item)
                e.write(value, self.memory, b.add(v0, b.add(b.mul(i, I64(lanes)), lane)))

            e.count(I64(0), I64(size), element)
            value = e.read(labels, b.add(b.mul(example, I64(lanes)), lane), e.item)
            e.write(value, label, lane)

        e.count(I64(0), I64(lanes), one)

    def train_step(self, epoch: Any, index: Any, running: Row) -> None:
        """Predict, apply the sigmoid, check the error and learn."""
        e, b = self.e, self.b
        label_row = e.variable(e.splat(0.0))
        shuffled = b.icmp_signed(">", epoch, I64(0))
        with b.if_else(shuffled) as (later, first):
            with later:
                self.show_shuffled(epoch, index, label_row)
            with first:
                self.show_features("train", index)
                labels = e.row_pointer(self.job.read("train_labels"), index)
                e.store(e.load(labels), label_row)
        label = e.load(label_row)
        b.store(b.add(e.get(self.steps, I64), e.count_lanes(b.and_(self.alive_now(), running))), self.steps)
        e.store(e.splat(0.0), self.scalar(0))
        self.run("predict", TRAIN_PREDICT)
        with b.if_then(b.icmp_signed("==", self.job.read("regression"), I64(0))):
            e.store(mathematics.sigmoid(e, e.load(self.scalar(1))), self.scalar(1))
        error = e.call("fabs", b.fsub(label, e.load(self.scalar(1))))
        good = b.fcmp_ordered("<=", error, e.splat(MAX_ABS_ERROR))
        alive = b.and_(self.alive_now(), b.or_(good, b.not_(running)))
        b.store(alive, self.alive)
        self.record(index, error, b.and_(alive, running))
        going = e.function.append_basic_block("learn")
        b.cbranch(e.any(alive), going, self.after)
        b.position_at_end(going)
        e.store(label, self.scalar(0))
        self.run("learn", LEARN)

    def valid_step(self, epoch: Any, index: Any, running: Row) -> None:
        """Predict and add up the loss."""
        e, b = self.e, self.b
        self.show_features("valid", index)
        label = e.load(e.row_pointer(self.job.read("valid_labels"), index))
        e.store(e.splat(0.0), self.scalar(0))
        self.run("predict", VALID_PREDICT)
        prediction = e.load(self.scalar(1))
        self.keep(epoch, index, prediction, running)
        error_row = e.variable(e.splat(0.0))
        with b.if_else(b.icmp_signed("==", self.job.read("regression"), I64(0))) as (accuracy, regression):
            with accuracy:
                half = e.splat(0.5)
                said = b.fcmp_ordered(">", mathematics.sigmoid(e, prediction), half)
                wrong = b.xor(said, b.fcmp_ordered(">", label, half))
                e.store(b.select(wrong, e.splat(1.0), e.splat(0.0)), error_row)
            with regression:
                e.store(e.call("fabs", b.fsub(label, prediction)), error_row)
        error = e.load(error_row)
        bad = b.and_(running, b.not_(b.fcmp_ordered("<=", error, e.splat(MAX_ABS_ERROR))))
        mask = self.valid_failed
        b.store(b.or_(e.get(mask, bad.type), bad), mask)
        wide = b.fpext(error, e.lanes_of(DOUBLE)) if e.item != DOUBLE else error
        counted = b.select(running, wide, e.splat(0.0, DOUBLE))
        b.store(b.fadd(e.get(self.loss, counted.type), b.fmul(counted, counted)), self.loss)
        counts = b.and_(self.alive_now(), b.and_(running, b.not_(e.get(mask, bad.type))))
        self.record(b.add(self.job.read("train_most"), index), error, counts)

    def keep(self, epoch: Any, index: Any, prediction: Row, running: Row) -> None:
        """Write an example's predictions, for metrics that are not machine code; nan where there is none."""
        e, b = self.e, self.b
        predictions = self.job.read("predictions")
        with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(predictions, I64), I64(0)), likely=False):
            reached = b.and_(self.alive_now(), running)
            number = b.add(b.mul(epoch, self.job.read("valid_most")), index)
            kept = b.select(reached, prediction, e.splat(math.nan))
            e.store(kept, e.row_pointer(predictions, number))

    def forget_errors(self) -> None:
        """Mark every example of the epoch as not reached yet."""
        e, b = self.e, self.b
        errors, nothing = self.job.read("errors"), e.splat(NOT_RECORDED)
        with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(errors, I64), I64(0)), likely=False):
            examples = b.add(self.job.read("train_most"), self.job.read("valid_most"))
            e.count(I64(0), examples, lambda i: e.store(nothing, e.row_pointer(errors, i)))

    def record(self, index: Any, error: Row, reached: Row) -> None:
        """Write an example's errors for the equivalence check."""
        e, b = self.e, self.b
        errors = self.job.read("errors")
        with b.if_then(b.icmp_unsigned("!=", b.ptrtoint(errors, I64), I64(0)), likely=False):
            e.store(b.select(reached, error, e.splat(NOT_RECORDED)), e.row_pointer(errors, index))

    def fitness(self) -> Row:
        """Return the epoch's accuracy, or 1 - 2 / pi arctan(rmse); 0 where validation failed."""
        e, b = self.e, self.b
        wide = e.with_shape(replace(self.shape, dtype="float64"))
        loss = e.get(self.loss, e.lanes_of(DOUBLE))
        count = b.sitofp(e.load(self.job.read("valid_counts"), I32), e.lanes_of(DOUBLE))
        share = b.fdiv(loss, count)
        accuracy = b.fsub(wide.splat(1.0), share)
        angle = mathematics.arctan(wide, wide.call("sqrt", share))
        rms = b.fsub(wide.splat(1.0), b.fmul(wide.splat(2.0 / math.pi), angle))
        regression = b.icmp_signed("!=", self.job.read("regression"), I64(0))
        value = b.select(regression, rms, accuracy)
        failed = e.get(self.valid_failed, e.lanes_of(ir.IntType(1)))
        return b.select(failed, wide.splat(0.0), value)
