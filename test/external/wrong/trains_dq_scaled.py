"""dq is scaled once more than it should be."""

from attention import attend
from attnbench_kernel import kernel, serve
from gradients import train


@kernel(kinds=["softmaxPattern"], train=lambda case: train(case, of_dq=case.scale))
def trains_dq_scaled(case):
    return attend(case)


serve()
