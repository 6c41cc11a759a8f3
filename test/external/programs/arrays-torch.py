"""Kernels of PyTorch, for tests of the tensors that they are given."""

import torch

from attnbench_kernel import kernel, serve


def computed(tensors, tokens=2):
    q, k, v, _ = tensors
    assert v.shape == k.shape and not torch.is_grad_enabled()
    heads = 3 - tokens
    first = k.narrow(tokens, 0, 1).repeat_interleave(q.shape[heads] // k.shape[heads], heads)
    return q + first + tensors["aft.u"][1, 1, 4]


@kernel
def writes(case):
    tensors = case.torch()

    def run():
        tensors.out.copy_(computed(tensors))

    return run


@kernel
def returns(case):
    tensors = case.torch()
    return lambda: computed(tensors)


@kernel
def writes_tokens_first(case):
    tensors = case.torch(layout="bnhd")
    assert tensors.q.shape == (case.batch, case.queries, case.heads, case.head_dim) and tensors.q.is_contiguous()

    def run():
        tensors.out.copy_(computed(tensors, tokens=1))

    return run


@kernel
def returns_tokens_first(case):
    tensors = case.torch(layout="bnhd")
    return lambda: computed(tensors, tokens=1)


@kernel
def returns_an_array(case):
    tensors = case.torch()
    return lambda: computed(tensors).numpy()


@kernel
def returns_without_asking(case):
    # Of memory that is its own, in the place of tensors that the case would make.
    q, k, v, out = (torch.tensor(case.inputs[name].tolist()).reshape(case.shapes[name]) for name in ("q", "k", "v", "q"))
    more = torch.tensor(case.inputs["aft.u"].tolist()).reshape(case.shapes["aft.u"])

    class Own(dict):
        def __iter__(self):
            return iter((q, k, v, out))

    torch.set_grad_enabled(False)

    def run():
        q.copy_(torch.tensor(case.inputs["q"].tolist()).reshape(q.shape))
        k.copy_(torch.tensor(case.inputs["k"].tolist()).reshape(k.shape))
        more.copy_(torch.tensor(case.inputs["aft.u"].tolist()).reshape(more.shape))
        return computed(Own({"aft.u": more}))

    return run


@kernel
def wide(case):
    tensors = case.torch()
    return lambda: tensors.q.double()


@kernel
def long(case):
    tensors = case.torch()
    return lambda: torch.cat([tensors.q, tensors.q], 3)


@kernel
def threads(case):
    out = case.torch().out

    def run():
        out.fill_(torch.get_num_threads())

    return run


@kernel(dtypes=["float16", "bfloat16"])
def halves(case):
    q, _, _, out = case.torch()
    assert str(q.dtype) == f"torch.{case.dtype}" and out.dtype == q.dtype

    def run():
        out.copy_(q)

    return run


serve()
