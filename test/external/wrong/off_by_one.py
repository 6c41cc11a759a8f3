"""Windows begin one key early."""

from attention import attend
from attnbench_kernel import kernel, serve


@kernel(kinds=["softmaxPattern"])
def off_by_one(case):
    pattern = case.ranges()
    return attend(case, ranges=lambda query: [(max(0, begin - 1), end) for begin, end in pattern.of(query)])


serve()
