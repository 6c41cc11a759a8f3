"""Softmax attention and its gradients in plain Python, with places to go wrong in."""

import math

from attention import attend


def train(case, correction=1.0, of_dq=1.0, ranges=None):
    """A function that computes a case of training query by query, from the inputs as they stand.

    `correction` is the factor on what softmax takes from the gradient of a score, Σ dout · out, and `of_dq` one on
    dq. `ranges(query)` lists the ranges of keys whose dk and dv a query adds to, by default those of the pattern.
    """
    forward = attend(case)
    pattern = case.ranges()
    q, k, v, dout = (case.inputs[name] for name in ("q", "k", "v", "dout"))
    out, dq, dk, dv = (case.outputs[name] for name in ("out", "dq", "dk", "dv"))
    width, columns = case.head_dim, case.value_dim

    def dot(a, row, b, other, size):
        return sum(a[row * size + at] * b[other * size + at] for at in range(size))

    def run():
        forward()
        for gradient in (dq, dk, dv):
            for at in range(len(gradient)):
                gradient[at] = 0.0
        for row in range(case.batch * case.heads * case.queries):
            head, query = divmod(row, case.queries)
            first = head * case.length
            keys = [first + key for begin, end in pattern.of(query) for key in range(begin, end)]
            added = {first + key for begin, end in (ranges or pattern.of)(query) for key in range(begin, end)}
            scores = [case.scale * dot(q, row, k, key, width) for key in keys]
            most = max(scores, default=0)
            weights = [math.exp(score - most) for score in scores]
            total = sum(weights)
            taken = correction * dot(dout, row, out, row, columns)
            for weight, key in zip(weights, keys):
                weight /= total
                gradient = case.scale * weight * (dot(dout, row, v, key, columns) - taken)
                for at in range(width):
                    dq[row * width + at] += of_dq * gradient * k[key * width + at]
                if key not in added:
                    continue
                for at in range(width):
                    dk[key * width + at] += gradient * q[row * width + at]
                for at in range(columns):
                    dv[key * columns + at] += weight * dout[row * columns + at]

    return run
