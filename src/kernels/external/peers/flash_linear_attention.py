"""Recurrences of matrices by flash-linear-attention: its references in PyTorch on the processor, and its
kernels in Triton, whose ids end in -cuda, where PyTorch finds a GPU.

Gates are made of k in every call, as attnbench's own kernels make them. What the library leaves to its callers
lies within the call as well: q and k of length 1, a scale that is not 1/√d, whole chunks.
"""

import math

import torch
import torch.nn.functional as F
from fla.ops.delta_rule.naive import delta_rule_chunkwise
from fla.ops.gated_delta_rule.naive import naive_chunk_gated_delta_rule
from fla.ops.generalized_delta_rule.dplr.naive import dplr_chunkwise
from fla.ops.gla.naive import naive_recurrent_gla
from fla.ops.kda.naive import naive_chunk_kda
from fla.ops.retention.naive import naive_retention
from fla.ops.rwkv6.chunk_naive import naive_chunk_rwkv6
from fla.ops.simple_gla.naive import naive_chunk_simple_gla

from attnbench_kernel import kernel, serve

# --- Which recurrence a case is, and its gates ----------------------------------------------------------------


def family_of(recurrence):
    """The library's name for a recurrence, or None where it has none."""
    decay, erase = recurrence["decay"], recurrence["erase"]
    per = decay.get("per") or ("none" if decay["form"] == "none" else "head")
    if recurrence["skip"] != 0:
        return None
    if recurrence["bonus"] is not None:
        return "rwkv6" if per == "channel" and erase is None else None
    if erase == "before-decay":
        return "rwkv7" if per == "channel" else None
    if erase == "after-decay":
        return {"none": "delta", "token": "gated-delta", "channel": "kda"}.get(per)
    return {"head": "simple-gla", "token": "simple-gla", "channel": "gla"}.get(per)


def only(*families):
    """Whether a case is of one of these families; `retention` is a simple-gla whose heads forget as RetNet's."""

    def supports(case):
        form = case.mechanism["decay"]["form"]
        family = family_of(case.mechanism)
        if family in families or form in families:
            return True
        return f"it takes {' and '.join(families)}, got {family or f'a recurrence with the decay {form}'}"

    return supports


def unit(x):
    return x * (x.square().sum(-1, keepdim=True) + 1e-6).rsqrt()


class Inputs:
    """What a case's kernel is called with, made anew of q, k and v by `made()`: `q, k, v, g, write`.

    `order` says which of tokens (n) and heads (h) comes first in the library's function. `g` is ln α and `write` is
    β, with or without channels; None where there is none.
    """

    def __init__(self, case, order):
        self.case = case
        self.order = order
        self.tensors = case.torch(layout="bnhd" if order == "nh" else "bhnd")
        self.q, self.k, self.v, _ = self.tensors
        self.recurrence = case.mechanism
        # What q is multiplied by for functions whose scale is 1/√d.
        scale = self.recurrence["scale"]
        self.factor = 1.0 if scale is None else scale * math.sqrt(case.head_dim)
        self.constant = self._constant()

    def _constant(self):
        """ln α of a head, for every token alike."""
        form, heads = self.recurrence["decay"]["form"], self.case.heads
        head = torch.arange(heads, dtype=torch.float64)
        if form == "retention":
            log = torch.log1p(-(2.0 ** (-5 - head)))
        elif form == "lightning":
            log = -(2.0 ** (-8 * (head + 1) / heads))
        else:
            return None
        shape = self.k.shape[:3]
        log = log.float().to(self.k.device)
        return log.expand(shape) if self.order == "nh" else log[:, None].expand(shape)

    def _summed(self, name):
        """W k: `[…, rows]`, and A and b where the weights have them."""
        weights = self.tensors[name]
        width = self.case.head_dim
        sums = torch.einsum(f"b{self.order}d,hrd->b{self.order}r", self.k, weights[..., :width])
        return sums, weights[..., width:]

    def _given(self, name):
        gate = self.tensors[name]
        return gate.transpose(1, 2) if self.order == "nh" else gate

    def _step(self):
        """Δ, `softplus(W k + b)`, or as it is given; and A."""
        sums, rest = self._summed("decay")
        rates, biases = rest[..., 0], rest[..., 1]
        if self.order == "hn":
            rates, biases = rates[:, None], biases[:, None]
        if self.recurrence["write"]["form"] == "given-step":
            return self._given("dt"), rates
        return F.softplus(sums + biases), rates

    def _log_decay(self):
        form = self.recurrence["decay"]["form"]
        if form == "given":
            return self._given("g")
        if form == "softplus":
            step, rates = self._step()
            return -rates * step
        if form == "none":
            return None
        if self.constant is not None:
            return self.constant.unsqueeze(-1)
        sums, _ = self._summed("decay")
        if form == "logistic":
            return F.logsigmoid(sums) / 16
        if form == "exponential":
            channel = torch.arange(self.case.head_dim, device=sums.device) / max(1, self.case.head_dim - 1)
            return -(-6 + 5 * channel**0.7 + sums).exp()
        return -math.exp(-0.5) * sums.sigmoid()

    def _write(self):
        form = self.recurrence["write"]["form"]
        if form == "one":
            return None
        if form == "given":
            return self._given("beta")
        if form in ("step", "given-step"):
            return self._step()[0]
        return self._summed("write")[0].sigmoid()

    def made(self):
        q, k = self.q, self.k
        if self.recurrence["unit"] == "both":
            q, k = unit(q), unit(k)
        if self.factor != 1:
            q = q * self.factor
        return q, k, self.v, self._log_decay(), self._write()


def chunks(size, dim, *tensors):
    """Zeros after the last token up to whole chunks; a token of zeros with ln α of 0 changes nothing."""
    padding = -tensors[0].shape[dim] % size
    if padding == 0:
        return tensors
    return tuple(F.pad(x, (0, 0) * (x.dim() - 1 - dim) + (0, padding)) for x in tensors)


# --- References in PyTorch ------------------------------------------------------------------------------------


def reference(id, *families):
    return kernel(id=id, kinds=["recurrence"], freedoms=["valueDim"], supports=only(*families))


@reference("fla-naive-retention", "retention")
def retention(case):
    """flash-linear-attention's naive_retention, over all pairs"""
    inputs = Inputs(case, "hn")
    return lambda: naive_retention(*inputs.made()[:3])


@reference("fla-naive-simple-gla", "simple-gla")
def simple_gla(case):
    """flash-linear-attention's naive_chunk_simple_gla"""
    inputs = Inputs(case, "nh")

    def run():
        q, k, v, g, write = inputs.made()
        return naive_chunk_simple_gla(q, k if write is None else k * write, v, g.squeeze(-1))[0]

    return run


@reference("fla-naive-gla", "gla")
def gla(case):
    """flash-linear-attention's naive_recurrent_gla, token by token"""
    inputs = Inputs(case, "nh")

    def run():
        q, k, v, g, write = inputs.made()
        return naive_recurrent_gla(q, k if write is None else k * write, v, g)[0]

    return run


@reference("fla-naive-delta", "delta")
def delta(case):
    """flash-linear-attention's delta_rule_chunkwise"""
    inputs = Inputs(case, "hn")

    def run():
        q, k, v, _, write = inputs.made()
        q, k, v, write = chunks(32, 2, q, k, v, write)
        return delta_rule_chunkwise(q, k, v, write.squeeze(-1))[0][:, :, : case.length]

    return run


@reference("fla-naive-gated-delta", "gated-delta")
def gated_delta(case):
    """flash-linear-attention's naive_chunk_gated_delta_rule"""
    inputs = Inputs(case, "nh")

    def run():
        q, k, v, g, write = inputs.made()
        return naive_chunk_gated_delta_rule(q, k, v, g.squeeze(-1), write.squeeze(-1))[0]

    return run


@reference("fla-naive-kda", "kda")
def kda(case):
    """flash-linear-attention's naive_chunk_kda"""
    inputs = Inputs(case, "nh")

    def run():
        q, k, v, g, write = chunks(64, 1, *inputs.made())
        return naive_chunk_kda(q, k, v, g, write.squeeze(-1))[0][:, : case.length]

    return run


@reference("fla-naive-rwkv6", "rwkv6")
def rwkv6(case):
    """flash-linear-attention's naive_chunk_rwkv6"""
    inputs = Inputs(case, "hn")
    # The library's function leaves the scale out.
    inputs.factor /= math.sqrt(case.head_dim)
    bonus = torch.full((case.heads, case.head_dim), case.mechanism["bonus"])

    def run():
        q, k, v, g = chunks(32, 2, *inputs.made()[:4])
        return naive_chunk_rwkv6(q, k, v, g, bonus)[:, :, : case.length]

    return run


@reference("fla-naive-rwkv7", "rwkv7")
def rwkv7(case):
    """flash-linear-attention's dplr_chunkwise, with what RWKV-7 hands it"""
    inputs = Inputs(case, "hn")

    def run():
        q, k, v, g, rate = inputs.made()
        erased = unit(k)
        q, k, v, alpha, beta, g = chunks(32, 2, q, rate * k, v, -erased, rate * erased, g)
        return dplr_chunkwise(q, k, v, alpha, beta, g)[0][:, :, : case.length]

    return run


# --- Kernels in Triton ----------------------------------------------------------------------------------------


def triton(id, *families, dtypes=("float32", "float16", "bfloat16")):
    return kernel(
        id=id, kinds=["recurrence"], freedoms=["valueDim"], dtypes=dtypes, device="cuda", supports=only(*families)
    )  # fmt: skip


def declare_triton():
    from fla.ops.delta_rule import chunk_delta_rule
    from fla.ops.gated_delta_rule import chunk_gated_delta_rule
    from fla.ops.gla import chunk_gla
    from fla.ops.kda import chunk_kda
    from fla.ops.retention import chunk_retention
    from fla.ops.rwkv6 import chunk_rwkv6
    from fla.ops.rwkv7 import chunk_rwkv7
    from fla.ops.simple_gla import chunk_simple_gla

    def like(x, gate):
        return None if gate is None else gate.to(x.dtype)

    @triton("fla-retention-cuda", "retention")
    def retention(case):
        """flash-linear-attention's chunk_retention"""
        inputs = Inputs(case, "nh")
        return lambda: chunk_retention(*inputs.made()[:3])[0]

    @triton("fla-simple-gla-cuda", "simple-gla")
    def simple_gla(case):
        """flash-linear-attention's chunk_simple_gla"""
        inputs = Inputs(case, "nh")
        # One factor a head has a form of its own in the library.
        fixed = None if inputs.constant is None else inputs.constant[0, 0].contiguous()

        def run():
            q, k, v, g, write = inputs.made()
            k = k if write is None else k * like(k, write)
            if fixed is not None:
                return chunk_simple_gla(q, k, v, g_gamma=fixed)[0]
            return chunk_simple_gla(q, k, v, g=g.squeeze(-1).contiguous())[0]

        return run

    @triton("fla-gla-cuda", "gla")
    def gla(case):
        """flash-linear-attention's chunk_gla"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, g, write = inputs.made()
            return chunk_gla(q, k if write is None else k * like(k, write), v, g.contiguous())[0]

        return run

    @triton("fla-delta-cuda", "delta", dtypes=("bfloat16", "float16"))
    def delta(case):
        """flash-linear-attention's chunk_delta_rule"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, _, write = inputs.made()
            return chunk_delta_rule(q, k, v, like(k, write).squeeze(-1).contiguous())[0]

        return run

    @triton("fla-gated-delta-cuda", "gated-delta", dtypes=("bfloat16", "float16"))
    def gated_delta(case):
        """flash-linear-attention's chunk_gated_delta_rule"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, g, write = inputs.made()
            g, write = g.squeeze(-1).contiguous(), write.squeeze(-1).contiguous()
            return chunk_gated_delta_rule(q, k, v, g, like(k, write))[0]

        return run

    @triton("fla-kda-cuda", "kda", dtypes=("bfloat16", "float16"))
    def kda(case):
        """flash-linear-attention's chunk_kda"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, g, write = inputs.made()
            return chunk_kda(q, k, v, g.contiguous(), like(k, write).squeeze(-1).contiguous())[0]

        return run

    @triton("fla-rwkv6-cuda", "rwkv6")
    def rwkv6(case):
        """flash-linear-attention's chunk_rwkv6"""
        inputs = Inputs(case, "nh")
        bonus = torch.full((case.heads, case.head_dim), case.mechanism["bonus"], dtype=inputs.q.dtype, device="cuda")

        def run():
            q, k, v, g, _ = inputs.made()
            return chunk_rwkv6(q, k, v, g.contiguous(), bonus)[0]

        return run

    @triton("fla-rwkv7-cuda", "rwkv7")
    def rwkv7(case):
        """flash-linear-attention's chunk_rwkv7"""
        inputs = Inputs(case, "nh")
        scale, inputs.factor = inputs.factor / math.sqrt(case.head_dim), 1.0

        def run():
            q, k, v, g, rate = inputs.made()
            erased, rate = unit(k), like(k, rate)
            return chunk_rwkv7(q, g.contiguous(), rate * k, v, -erased, rate * erased, scale=scale)[0]

        return run


if torch.cuda.is_available():
    declare_triton()

serve("flash-linear-attention")
