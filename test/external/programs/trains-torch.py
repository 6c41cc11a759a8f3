"""Kernels of PyTorch that train, for tests of the tensors that they are given and of what is done around them."""

import torch

from attnbench_kernel import kernel, serve


def attend(q, k, v, scale, mask):
    scores = scale * q @ k.transpose(-1, -2)
    return scores.masked_fill(~mask, float("-inf")).softmax(-1) @ v


def declared(train, **options):
    return kernel(kinds=["softmaxPattern"], train=train, **options)


@declared("autograd")
def by_autograd(case):
    q, k, v, _ = case.torch()
    mask = case.mask()
    return lambda: attend(q, k, v, case.scale, mask)


@declared("autograd")
def by_autograd_tokens_first(case):
    q, k, v, _ = case.torch(layout="bnhd")
    mask = case.mask()
    # Views that are made here are followed as well.
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    return lambda: attend(q, k, v, case.scale, mask).transpose(1, 2)


def writing(case):
    tensors = case.torch()
    mask = case.mask()
    q, k, v = (tensors[name].requires_grad_() for name in case.gradients)
    assert case.training and tensors.names() == ["q", "k", "v", "dout", "out", "dq", "dk", "dv"]

    def run():
        with torch.enable_grad():
            out = attend(q, k, v, case.scale, mask)
        tensors.out.copy_(out.detach())
        for name, gradient in zip(("dq", "dk", "dv"), torch.autograd.grad(out, (q, k, v), tensors.dout)):
            tensors[name].copy_(gradient)

    return run


@declared(writing)
def written(case):
    assert not case.training and case.gradients == []
    return by_autograd(case)


def of_memory(case):
    # No tensors of the case's: of memory, and returned in memory.
    named = {name: case.shapes[name] for name in ("q", "k", "v", "dout")}
    mask = case.mask()

    def run():
        q, k, v, dout = (torch.tensor(case.inputs[name].tolist()).reshape(shape) for name, shape in named.items())
        inputs = [x.requires_grad_() for x in (q, k, v)]
        with torch.enable_grad():
            out = attend(q, k, v, case.scale, mask)
        return [out, *(gradient.numpy() for gradient in torch.autograd.grad(out, inputs, dout))]

    return run


@declared(of_memory)
def returned_from_memory(case):
    return by_autograd(case)


@declared("autograd")
def of_keys_alone(case):
    _, k, _, _ = case.torch()
    return lambda: k * 2


@declared("autograd")
def detached(case):
    run = by_autograd(case)
    return lambda: run().detach()


@declared("autograd")
def elsewhere(case):
    return lambda: None


def keys_for_values(case):
    # Of another width than values.
    both = writing(case)
    tensors = case.torch()

    def run():
        both()
        return tensors.out, tensors.dq, tensors.dk, tensors.dk

    return run


@declared(keys_for_values, freedoms=["valueDim"])
def exchanged(case):
    return by_autograd(case)


def output_alone(case):
    both = writing(case)
    tensors = case.torch()

    def run():
        both()
        return tensors.out

    return run


@declared(output_alone)
def lonely(case):
    return by_autograd(case)


@declared("autograd", supports=lambda case: not case.training or "it does not train today")
def tired(case):
    return by_autograd(case)


serve()
