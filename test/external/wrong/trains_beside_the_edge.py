"""Keys at the end of a window get nothing of the query that attends them last."""

from attention import attend
from attnbench_kernel import kernel, serve
from gradients import train


def without_last(case):
    pattern = case.ranges()
    return train(case, ranges=lambda query: [(begin, max(begin, end - 1)) for begin, end in pattern.of(query)])


@kernel(kinds=["softmaxPattern"], train=without_last)
def trains_beside_the_edge(case):
    return attend(case)


serve()
