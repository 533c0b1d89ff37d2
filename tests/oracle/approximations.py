# SPDX-License-Identifier: Apache-2.0
"""Coefficients of the elementary functions and of the Mills ratio, as the headers state them.

    pip install mpmath
    python tests/oracle/approximations.py

Fits in 60 digits by least squares with Lawson's weights, which tend to the best approximation in the maximum norm:
of exp and atanh polynomials, of the Mills ratio a quotient whose denominator is taken from the step before
(Sanathanan and Koerner). Prints each with its greatest relative error.
"""

from collections.abc import Callable, Sequence

from mpmath import cos, erfc, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60
STEPS = 50


def least_squares(rows: Sequence[Sequence[mpf]], values: Sequence[mpf], weights: Sequence[mpf]) -> list[mpf]:
    """Coefficients of the columns of ``rows`` that fit ``values``, errors weighted."""
    n = len(rows[0])
    a, b = matrix(n, n), matrix(n, 1)
    for row, value, weight in zip(rows, values, weights, strict=True):
        for j in range(n):
            b[j] += weight * row[j] * value
            for k in range(j, n):
                a[j, k] += weight * row[j] * row[k]
    for j in range(n):
        for k in range(j):
            a[j, k] = a[k, j]
    return list(lu_solve(a, b))


def lawson(weights: Sequence[mpf], errors: Sequence[mpf]) -> list[mpf]:
    """Weights of the next step: more where the error is greater."""
    greatest = max(errors)
    raised = [w * (e / greatest) ** mpf("0.75") + mpf(10) ** -13 for w, e in zip(weights, errors, strict=True)]
    return [w * len(raised) / sum(raised) for w in raised]


def best_polynomial(
    function: Callable[[mpf], mpf], importance: Callable[[mpf], mpf], low: mpf, high: mpf, degree: int
) -> tuple[mpf, list[mpf]]:
    """The polynomial that makes the greatest of error times importance least, and that error."""
    n = 12 * (degree + 1)
    xs = [(low + high) / 2 + (high - low) / 2 * cos(pi * (k + mpf(1) / 2) / n) for k in range(n)]
    rows = [[x**k for k in range(degree + 1)] for x in xs]
    values = [function(x) for x in xs]
    importances = [importance(x) for x in xs]
    weights = [mpf(1)] * n
    best = (mpf("inf"), [mpf(0)])
    for _ in range(STEPS):
        squares = [w * i**2 for w, i in zip(weights, importances, strict=True)]
        c = least_squares(rows, values, squares)
        fitted = [sum(ck * rk for ck, rk in zip(c, row, strict=True)) for row in rows]
        errors = [abs(i * (f - v)) for i, f, v in zip(importances, fitted, values, strict=True)]
        best = min(best, (max(errors), c), key=lambda found: found[0])
        weights = lawson(weights, errors)
    return best


def best_mills_ratio(degree: int, furthest: mpf, centre: mpf) -> tuple[mpf, list[mpf], list[mpf]]:
    """Numerator (one degree less) and denominator of the Mills ratio, and the greatest relative error on [0, furthest].

    Fitted in Chebyshev polynomials of t = (x - centre) / (x + centre), then expanded in powers of x.
    """
    n = 14 * degree
    end = (furthest - centre) / (furthest + centre)
    ts = [-1 + (end + 1) * (1 - cos(pi * k / (n - 1))) / 2 for k in range(n)]
    xs = [centre * (1 + t) / (1 - t) for t in ts]
    ratio = [sqrt(pi / 2) * erfc(x / sqrt(mpf(2))) * exp(x * x / 2) for x in xs]

    def chebyshev(t: mpf) -> list[mpf]:
        values = [mpf(1), t]
        while len(values) <= degree:
            values.append(2 * t * values[-1] - values[-2])
        return values

    basis = [chebyshev(t) for t in ts]
    rows = [
        [(1 - t) * b[k] for k in range(degree)] + [-m * b[k] for k in range(1, degree + 1)]
        for t, b, m in zip(ts, basis, ratio, strict=True)
    ]
    weights, denominators = [mpf(1)] * n, [mpf(1)] * n
    best = (mpf("inf"), [mpf(0)], [mpf(0)])
    for step in range(STEPS):
        squares = [w / (m * d) ** 2 for w, m, d in zip(weights, ratio, denominators, strict=True)]
        c = least_squares(rows, ratio, squares)
        p, q = c[:degree], [mpf(1), *c[degree:]]
        denominators = [sum(qk * bk for qk, bk in zip(q, b, strict=True)) for b in basis]
        numerators = [
            (1 - t) * sum(pk * bk for pk, bk in zip(p, b[:degree], strict=True)) for t, b in zip(ts, basis, strict=True)
        ]
        errors = [abs(u / d / m - 1) for u, d, m in zip(numerators, denominators, ratio, strict=True)]
        best = min(best, (max(errors), p, q), key=lambda found: found[0])
        if step >= 3:  # the denominator has settled
            weights = lawson(weights, errors)

    def product(a: Sequence[mpf], b: Sequence[mpf]) -> list[mpf]:
        result = [mpf(0)] * (len(a) + len(b) - 1)
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                result[i + j] += x * y
        return result

    def power(a: Sequence[mpf], n: int) -> list[mpf]:
        result = [mpf(1)]
        for _ in range(n):
            result = product(result, a)
        return result

    def in_powers_of_x(coefficients: Sequence[mpf], top: int) -> list[mpf]:
        polynomials = [[mpf(1)], [mpf(0), mpf(1)]]
        while len(polynomials) <= top:
            twice = [mpf(0)] + [2 * v for v in polynomials[-1]]
            for i, v in enumerate(polynomials[-2]):
                twice[i] -= v
            polynomials.append(twice)
        of_t = [mpf(0)] * (top + 1)
        for c, polynomial in zip(coefficients, polynomials, strict=False):
            for i, v in enumerate(polynomial):
                of_t[i] += c * v
        result = [mpf(0)] * (top + 1)
        for i, c in enumerate(of_t):
            term = product(power([-centre, mpf(1)], i), power([centre, mpf(1)], top - i))
            for k, v in enumerate(term):
                result[k] += c * v
        return result

    error, p, q = best
    above = [2 * centre * v for v in in_powers_of_x(p, degree - 1)]
    below = in_powers_of_x(q, degree)
    return error, [v / below[-1] for v in above], [v / below[-1] for v in below]


def show(what: str, error: mpf, *coefficients: Sequence[mpf]) -> None:
    print(f"{what}: relative error {nstr(error, 3)}")
    for row in coefficients:
        print("   ", ", ".join(nstr(c, 22) for c in row))


def main() -> None:
    half_log_2 = log(mpf(2)) / 2 * mpf("1.0001")  # a little more, for the rounding of the reduction

    def rest_of_exp(r: mpf) -> mpf:
        return (exp(r) - 1 - r) / r**2

    show(
        "exp(r) = 1 + r + r^2 g(r)", *best_polynomial(rest_of_exp, lambda r: r * r / exp(r), -half_log_2, half_log_2, 9)
    )

    furthest = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")

    def rest_of_atanh(z: mpf) -> mpf:
        s = sqrt(z)
        return (log((1 + s) / (1 - s)) / s - 2) / z

    show("2 atanh(s) = s (2 + z h(z)), z = s^2", *best_polynomial(rest_of_atanh, lambda z: z / 2, mpf(0), furthest, 6))
    show("Mills ratio, numerator and denominator", *best_mills_ratio(10, mpf(39), mpf(3)))


if __name__ == "__main__":
    main()
