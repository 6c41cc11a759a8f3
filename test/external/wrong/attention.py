"""Softmax attention in plain Python, with places to go wrong in."""

import math


def attend(case, scale=None, ranges=None, rounded=lambda number: number):
    """A function that computes a case row by row, from the inputs as they stand.

    `scale` is the factor on q·k, the case's own if it is None. `ranges(query)` lists the ranges of keys that a
    query attends, by default those of the pattern. `rounded` is done to every sum.
    """
    pattern = case.ranges()
    ranges = ranges or (lambda query: pattern.of(query))
    factor = case.scale if scale is None else scale
    inputs, out = case.inputs, case.output
    q, k, v = inputs["q"], inputs["k"], inputs["v"]
    width, columns = case.head_dim, case.value_dim

    def summed(numbers):
        total = 0.0
        for number in numbers:
            total = rounded(total + number)
        return total

    def run():
        for row in range(case.batch * case.heads * case.queries):
            head, query = divmod(row, case.queries)
            keys = [head * case.length + key for begin, end in ranges(query) for key in range(begin, end)]
            mine = q[row * width : (row + 1) * width]
            scores = [factor * summed(a * b for a, b in zip(mine, k[key * width : (key + 1) * width])) for key in keys]
            most = max(scores, default=0)
            weights = [math.exp(score - most) for score in scores]
            total = summed(weights)
            for column in range(columns):
                mixed = summed(weight * v[key * columns + column] for weight, key in zip(weights, keys))
                out[row * columns + column] = mixed / total if keys else 0.0

    return run
