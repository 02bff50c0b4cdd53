"""Elementary functions on rows of lanes, with the same bits for every number of lanes and every processor.

Each reduces its argument to a short interval and sums a Taylor series there, with as many terms as the number
format needs; the coefficients are written as formulas. No function is called per lane, save for sine,
cosine and tangent of finite arguments above 1e5.
"""

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import DOUBLE, I32, I64, Emitter, Row

LARGE_ANGLE = 1e5
"""Above, an angle is reduced by the C library, lane by lane."""


@dataclass(frozen=True)
class _Format:
    """What the algorithms need to know of a number format."""

    mantissa: int
    bias: int
    exp_low: float
    exp_high: float
    exp_terms: int
    log_terms: int
    sine_terms: int
    arctan_terms: int
    split: tuple[int, int]
    """Bits of the leading parts of ln 2 and pi/2, so that their products with small integers are exact."""


_FORMATS = {
    "float32": _Format(23, 127, -104.0, 89.0, 8, 5, 5, 10, (12, 16)),
    "float64": _Format(52, 1023, -746.0, 710.0, 14, 11, 9, 23, (32, 33)),
}

_LN2 = Fraction("0.693147180559945309417232121458176568075500134360255254120680009")
_HALF_PI = Fraction("1.570796326794896619231321691639751442098584699687552910487472296")


def _parts(value: Fraction, bits: int, count: int, last_bits: int = 53) -> list[float]:
    """Return `value` as a sum of `count` numbers, each with the next `bits` bits."""
    parts = []
    for index in range(count):
        keep = bits if index < count - 1 else last_bits
        exponent = math.frexp(float(value))[1] - keep
        scale = Fraction(2) ** -exponent
        part = Fraction(round(value * scale)) / scale
        parts.append(float(part))
        value -= part
    return parts


def _format(e: Emitter) -> _Format:
    return _FORMATS[e.shape.dtype]


def _bits(value: float, form: _Format) -> int:
    """Return the bits of a positive number in the format."""
    code = ("<f", "<I") if form.mantissa == 23 else ("<d", "<Q")
    return int(struct.unpack(code[1], struct.pack(code[0], value))[0])


def _clamped(e: Emitter, x: Row, low: float, high: float) -> Row:
    """Return `x` within the bounds; nan becomes `low`."""
    b = e.builder
    above = b.select(b.fcmp_ordered(">", x, e.splat(low)), x, e.splat(low))
    return b.select(b.fcmp_ordered("<", above, e.splat(high)), above, e.splat(high))


def _power_of_two(e: Emitter, exponent: Row) -> Row:
    """Return 2 ** exponent, for a row of i32 within the normal range."""
    form = _format(e)
    b = e.builder
    biased = b.add(exponent, e.splat(form.bias, I32))
    if e.bits.width == 64:
        biased = b.sext(biased, e.lanes_of(I64))
    return b.bitcast(b.shl(biased, e.splat(form.mantissa, e.bits)), e.lanes_of(e.item))


def exp(e: Emitter, x: Row) -> Row:
    """Return e ** x: x = k ln 2 + r, |r| <= ln 2 / 2."""
    form, b = _format(e), e.builder
    inside = _clamped(e, x, form.exp_low, form.exp_high)
    k = e.call("rint", b.fmul(inside, e.splat(1.0 / math.log(2.0))))
    high, low = _parts(_LN2, form.split[0], 2)
    r = e.fma(k, e.splat(-high), inside)
    r = e.fma(k, e.splat(-low), r)
    series = e.horner(r, [1.0 / math.factorial(n) for n in range(form.exp_terms)])
    whole = b.fptosi(k, e.lanes_of(I32))
    half = b.ashr(whole, e.splat(1, I32))
    scaled = b.fmul(series, _power_of_two(e, half))
    scaled = b.fmul(scaled, _power_of_two(e, b.sub(whole, half)))
    return b.select(e.is_nan(x), x, scaled)


def sigmoid(e: Emitter, x: Row) -> Row:
    """Return 1 / (1 + e ** -x)."""
    b = e.builder
    return b.fdiv(e.splat(1.0), b.fadd(e.splat(1.0), exp(e, b.fneg(x))))


def log(e: Emitter, x: Row) -> Row:
    """Return the natural logarithm; -inf of 0, nan below."""
    form, b = _format(e), e.builder
    tiny = b.fcmp_ordered("<", x, e.splat(2.0 ** (1 - form.bias)))
    lift = form.mantissa + 2  # makes numbers below the normal range normal
    lifted = b.select(tiny, b.fmul(x, e.splat(2.0**lift)), x)
    lowered = b.select(tiny, e.splat(float(-lift)), e.splat(0.0))
    result = log_of_normal(e, lifted, lowered)
    infinite = b.fcmp_ordered("==", x, e.splat(math.inf))
    result = b.select(b.or_(infinite, e.is_nan(x)), x, result)
    result = b.select(b.fcmp_ordered("==", x, e.splat(0.0)), e.splat(-math.inf), result)
    return b.select(b.fcmp_ordered("<", x, e.splat(0.0)), e.splat(math.nan), result)


def log_of_normal(
    e: Emitter, x: Row, exponent: Row | None = None, *, shift: int = 0, factor: float = 1.0
) -> Row:
    """Return factor log(x 2 ** (exponent + shift)) for positive finite x in the normal range.

    The factor is a power of two.
    x = 2 ** k m with m around 1, and log m = 2 artanh((m - 1) / (m + 1)).
    """
    form, b = _format(e), e.builder
    one = form.bias << form.mantissa
    least = _bits(math.sqrt(0.5), form)  # of m, so that it is in [sqrt 0.5, sqrt 2)
    bits = b.add(b.bitcast(x, e.lanes_of(e.bits)), e.splat(one - least, e.bits))
    stored = b.lshr(bits, e.splat(form.mantissa, e.bits))
    if e.bits.width == 64:
        stored = b.trunc(stored, e.lanes_of(I32))
    fraction = b.and_(bits, e.splat((1 << form.mantissa) - 1, e.bits))
    m = b.bitcast(b.add(fraction, e.splat(least, e.bits)), e.lanes_of(e.item))
    k = b.sitofp(b.sub(stored, e.splat(form.bias - shift, I32)), e.lanes_of(e.item))
    if exponent is not None:
        k = b.fadd(k, exponent)
    f = b.fsub(m, e.splat(1.0))
    s = b.fdiv(f, b.fadd(f, e.splat(2.0)))
    z = b.fmul(s, s)
    series = b.fmul(s, e.horner(z, [factor * 2.0 / (2 * n + 1) for n in range(form.log_terms)]))
    high, low = _parts(_LN2, form.split[0], 2)
    return e.fma(k, e.splat(factor * high), e.fma(k, e.splat(factor * low), series))


def _sine_and_cosine(e: Emitter, r: Row) -> tuple[Row, Row]:
    """Return both for |r| <= pi / 4."""
    b, terms = e.builder, _format(e).sine_terms
    z = b.fmul(r, r)
    sine = e.horner(z, [(-1.0) ** n / math.factorial(2 * n + 1) for n in range(1, terms)])
    sine = e.fma(b.fmul(r, z), sine, r)
    cosine = e.horner(z, [(-1.0) ** n / math.factorial(2 * n) for n in range(terms)])
    return sine, cosine


def _quadrants(e: Emitter, quadrant: Row, sine: Row, cosine: Row) -> tuple[Row, Row]:
    """Return sine and cosine of r + quadrant pi / 2 from those of r; `quadrant` is a row of i32."""
    b = e.builder
    odd = b.icmp_signed("!=", b.and_(quadrant, e.splat(1, I32)), e.splat(0, I32))
    sine, cosine = b.select(odd, cosine, sine), b.select(odd, sine, cosine)
    lower = b.icmp_signed("!=", b.and_(quadrant, e.splat(2, I32)), e.splat(0, I32))
    turned = b.add(quadrant, e.splat(1, I32))
    left = b.icmp_signed("!=", b.and_(turned, e.splat(2, I32)), e.splat(0, I32))
    return b.select(lower, b.fneg(sine), sine), b.select(left, b.fneg(cosine), cosine)


def _small_angles(e: Emitter, x: Row) -> tuple[Row, Row]:
    """Return sine and cosine for |x| <= LARGE_ANGLE."""
    form, b = _format(e), e.builder
    q = e.call("rint", b.fmul(x, e.splat(2.0 / math.pi)))
    r = x
    for part in _parts(_HALF_PI, form.split[1] if e.bits.width == 64 else 10, 4 if e.bits.width == 32 else 3):
        r = e.fma(q, e.splat(-part), r)
    return _quadrants(e, b.fptosi(q, e.lanes_of(I32)), *_sine_and_cosine(e, r))


def circular(e: Emitter, x: Row, name: str) -> Row:
    """Return the sine ("sin"), cosine ("cos") or tangent ("tan")."""
    b = e.builder
    size = e.call("fabs", x)
    finite = b.fcmp_ordered("<", size, e.splat(math.inf))
    large = b.and_(finite, b.fcmp_ordered(">", size, e.splat(LARGE_ANGLE)))
    small = b.fcmp_ordered("<=", size, e.splat(LARGE_ANGLE))
    inside = b.select(small, x, e.splat(0.0))
    sine, cosine = _small_angles(e, inside)
    plain = sine if name == "sin" else cosine if name == "cos" else b.fdiv(sine, cosine)
    if name != "cos":
        plain = b.select(b.fcmp_ordered("==", x, e.splat(0.0)), x, plain)  # keeps the sign of zero
    result = e.variable(b.select(small, plain, e.splat(math.nan)))
    with b.if_then(e.any(large), likely=False):
        function = e.module.globals.get(name)
        if function is None:
            function = ir.Function(e.module, ir.FunctionType(DOUBLE, [DOUBLE]), name)

        def by_library(angle: Any) -> Any:
            far = b.call(function, [b.fpext(angle, DOUBLE) if e.bits.width == 32 else angle])
            return b.fptrunc(far, e.item) if e.bits.width == 32 else far

        if e.shape.lanes == 1:
            b.store(by_library(x), result)
        for lane in range(e.shape.lanes if e.shape.lanes > 1 else 0):
            with b.if_then(b.extract_element(large, I32(lane))):
                far = by_library(b.extract_element(x, I32(lane)))
                b.store(b.insert_element(e.get(result, x.type), far, I32(lane)), result)
    return e.get(result, x.type)


def turn(e: Emitter, word: Row) -> tuple[Row, Row]:
    """Return sine and cosine of 2 pi (ticks + 0.5) / 2**24; ticks are the high 24 bits of a row of i32.

    The nearest quarter turns come off exactly, as whole numbers; what is left are the next 22 bits, signed.
    """
    b = e.builder
    rest = b.ashr(b.shl(word, e.splat(2, I32)), e.splat(10, I32))
    r = b.fadd(b.sitofp(rest, e.lanes_of(e.item)), e.splat(0.5))
    r = b.fmul(r, e.splat(2.0 * math.pi / (1 << 24)))
    sine, cosine = _sine_and_cosine(e, r)
    quarters = b.add(word, e.splat(1 << 29, I32))  # the two highest bits count them
    odd = b.icmp_signed("!=", b.and_(quarters, e.splat(1 << 30, I32)), e.splat(0, I32))
    return (
        _negated(e, b.select(odd, cosine, sine), quarters),
        _negated(e, b.select(odd, sine, cosine), b.add(quarters, e.splat(1 << 30, I32))),
    )


def _negated(e: Emitter, x: Row, negative: Row) -> Row:
    """Return `x` with the other sign where a row of i32 is negative."""
    b, width = e.builder, e.bits.width
    wide = b.sext(negative, e.lanes_of(I64)) if width == 64 else negative
    sign = b.and_(wide, e.splat(1 << (width - 1), e.bits))
    return b.bitcast(b.xor(b.bitcast(x, e.lanes_of(e.bits)), sign), x.type)


def arctan(e: Emitter, x: Row) -> Row:
    """Return the arc tangent: of 1 / |x| above 1, of (t - 1) / (t + 1) above tan(pi / 8)."""
    b = e.builder
    size = e.call("fabs", x)
    steep = b.fcmp_ordered(">", size, e.splat(1.0))
    t = b.select(steep, b.fdiv(e.splat(1.0), size), size)
    middle = b.fcmp_ordered(">", t, e.splat(math.sqrt(2.0) - 1.0))
    t = b.select(middle, b.fdiv(b.fsub(t, e.splat(1.0)), b.fadd(t, e.splat(1.0))), t)
    z = b.fmul(t, t)
    series = e.horner(z, [(-1.0) ** n / (2 * n + 1) for n in range(1, _format(e).arctan_terms)])
    angle = e.fma(b.fmul(t, z), series, t)
    angle = b.select(middle, b.fadd(e.splat(math.pi / 4), angle), angle)
    angle = b.select(steep, b.fsub(e.splat(math.pi / 2), angle), angle)
    return e.call("copysign", angle, x)


def arcsin(e: Emitter, x: Row) -> Row:
    """Return the arc sine; nan outside [-1, 1]."""
    b = e.builder
    one = e.splat(1.0)
    side = e.call("sqrt", b.fmul(b.fsub(one, x), b.fadd(one, x)))
    inside = b.fcmp_ordered("<=", e.call("fabs", x), one)
    return b.select(inside, arctan(e, b.fdiv(x, side)), e.splat(math.nan))


def arccos(e: Emitter, x: Row) -> Row:
    """Return the arc cosine; nan outside [-1, 1]."""
    b = e.builder
    one = e.splat(1.0)
    half = arctan(e, e.call("sqrt", b.fdiv(b.fsub(one, x), b.fadd(one, x))))
    inside = b.fcmp_ordered("<=", e.call("fabs", x), one)
    return b.select(inside, b.fmul(e.splat(2.0), half), e.splat(math.nan))
