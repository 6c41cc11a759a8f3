"""Each query also attends the token after the last that it may attend."""

from attention import attend
from attnbench_kernel import kernel, serve


@kernel(kinds=["softmaxPattern"])
def future_leak(case):
    pattern = case.ranges()
    return attend(case, ranges=lambda query: [(begin, min(case.length, end + 1)) for begin, end in pattern.of(query)])


serve()
