"""Kernels in plain Python, for tests of what attnbench_kernel.py does around them."""

import array
import math
import os
import subprocess
import sys

from attnbench_kernel import Refused, kernel, serve

print("printed while imported")
os.write(1, b"written to descriptor 1\n")


@kernel(kinds=["softmaxPattern"], freedoms=["kvHeads", "queries", "valueDim"])
def plain_softmax(case):
    """Softmax in plain Python.

    Row by row, of the keys that the ranges list.
    """
    ranges = case.ranges()
    q, k, v, out = (*(case.inputs[name] for name in ("q", "k", "v")), case.output)
    width, columns = case.head_dim, case.value_dim

    def run():
        for row in range(case.batch * case.heads * case.queries):
            entry, head, query = row // (case.heads * case.queries), row // case.queries % case.heads, row % case.queries
            shared = (entry * case.kv_heads + head * case.kv_heads // case.heads) * case.length
            pairs = ranges.of(query, head if ranges.heads > 1 else 0)
            keys = [shared + key for begin, end in pairs for key in range(begin, end)]
            scores = [case.scale * sum(q[row * width + c] * k[key * width + c] for c in range(width)) for key in keys]
            weights = [math.exp(score - max(scores)) for score in scores]
            for c in range(columns):
                total = sum(weight * v[key * columns + c] for weight, key in zip(weights, keys))
                out[row * columns + c] = total / sum(weights) if keys else 0

    return run


@kernel(title="Doubles q", dtypes=["float32", "float16"], details={"unit": "none"}, assumed_rate=1e6)
def doubles(case):
    q = case.inputs["q"]
    # Half precision comes as bits, which are not to be doubled.
    factor = 2 if q.format == "f" else 1
    return lambda: array.array(q.format, [factor * number for number in q])


@kernel
def prints(case):
    print("printed in prepare")
    subprocess.run(["echo", "printed by another process"], check=True)
    out = case.output
    heard = sys.stdin.readline()

    def run():
        print("printed in run")
        out[0] = len(heard)

    return run


@kernel
def raises(case):
    if case.params == "in prepare":
        raise ValueError("a reason\nin two lines")
    if case.params == "exits":
        sys.exit(3)
    if case.params == "refuses":
        raise Refused("head_dim must be 64")
    if case.params == "gives nothing":
        return None
    ranges_later = case.params == "asks later"
    count = 0

    def run():
        nonlocal count
        count += 1
        if ranges_later and count > 1:
            case.ranges()
        if case.params == "in run" and count > 1:
            raise KeyError("lost")
        return array.array("f", [1.0]) if case.params == "too short" else "a text" if case.params == "a text" else None

    return run


def whether(case):
    answers = {"yes": True, "no": False, "why": "head_dim must be\n64"}
    return answers[case.params] if case.params in answers else case.inputs


@kernel(supports=whether)
def choosy(case):
    return lambda: None


@kernel
def asks_twice(case):
    pattern = case.csr() if case.params == "csr" else case.ranges()
    again = case.csr() if case.params == "csr" else case.ranges()
    out = case.output

    def run():
        out[0] = 1 if pattern is again else 0

    return run


serve(details={"told by": "the file"})
