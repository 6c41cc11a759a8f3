"""Gradients of attention by PyTorch's autograd, in float64 and from the textbook's formulas: another opinion on ours.

Each line of standard input names a file of float32 tensors (safetensors), what attention is to be taken of them, and a
file; into that it writes the gradients of the asked tensors, one after the other, as float64. It answers "ok" each time.
"""

import json
import math
import struct
import sys

import torch

torch.set_num_threads(1)


def tensors_of(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), bytearray(file.read())
    return {
        name: torch.frombuffer(data, dtype=torch.float32, offset=at["data_offsets"][0], count=math.prod(at["shape"]))
        .reshape(at["shape"])
        .double()
        for name, at in header.items()
        if name != "__metadata__"
    }


def shared(x, heads):
    """Consecutive heads of q share a head of k and v."""
    return x.repeat_interleave(heads // x.shape[1], 1)


# --- Softmax, and what weighs in its place --------------------------------------------------------------------


def slopes(heads):
    """ALiBi's slopes, as its authors' code has them, also where heads are no power of two."""

    def of_power(n):
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    if math.log2(heads).is_integer():
        return of_power(heads)
    closest = 2 ** math.floor(math.log2(heads))
    return of_power(closest) + slopes(2 * closest)[0::2][: heads - closest]


def turned(x, first):
    """Rotary positions of interleaved channels, as products of complex numbers."""
    frequency = 10000.0 ** (-torch.arange(0, x.shape[-1], 2, dtype=torch.float64) / x.shape[-1])
    angles = (first + torch.arange(x.shape[-2], dtype=torch.float64))[:, None] * frequency
    spun = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous()) * torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(spun).flatten(-2)


def softmax(t, causal, window=None, bias=None, turn=None, normaliser=None, scale=None):
    q, k, v = t["q"], shared(t["k"], t["q"].shape[1]), shared(t["v"], t["q"].shape[1])
    (queries, width), length = q.shape[2:], k.shape[2]
    # The last query stands at the last key.
    offset = torch.arange(length) - (torch.arange(queries) + length - queries)[:, None]
    seen = torch.ones(queries, length, dtype=torch.bool)
    if causal:
        seen &= offset <= 0
    if window is not None:
        seen &= offset.abs() <= window
    if turn == "rope":
        q, k = turned(q, length - queries), turned(k, 0)
    scores = q @ k.transpose(-1, -2) * (width**-0.5 if scale is None else scale)
    if bias == "alibi":
        scores = scores - torch.tensor(slopes(q.shape[1]), dtype=torch.float64)[:, None, None] * offset.abs()
    count = seen.sum(-1, keepdim=True).clamp(min=1)
    if normaliser == "relu":
        weights = scores.relu() / count
    elif normaliser == "sigmoid":
        weights = (scores - count.double().log()).sigmoid()
    else:
        # A row that sees nothing would be NaN, in its gradient as well.
        scores = scores.masked_fill(~(seen | ~seen.any(-1, keepdim=True)), -math.inf)
        if normaliser == "sink":
            scores = torch.cat([scores, torch.zeros_like(scores[..., :1])], -1)
        weights = scores.softmax(-1)[..., :length]
    return weights.masked_fill(~seen, 0) @ v


# --- Feature maps and recurrences -----------------------------------------------------------------------------


def linear(t, causal, eps):
    q, k = (torch.nn.functional.elu(t[name]) + 1 for name in "qk")
    weights = q @ shared(k, q.shape[1]).transpose(-1, -2)
    if causal:
        weights = weights.tril(weights.shape[-1] - weights.shape[-2])
    return weights @ shared(t["v"], q.shape[1]) / (weights.sum(-1, keepdim=True) + eps)


def gate(t, name, k):
    """`k·w` of a token, or `W k` of its channels; `name` is `[kv_heads, rows, headDim]`."""
    return torch.einsum("bhnd,hrd->bhnr", k, t[name])


def unit(x):
    return x / (x.square().sum(-1, keepdim=True) + 1e-6).sqrt()


def kept(t, decay, k):
    """What is left of each channel of the state: `[batch, kv_heads, length, channels]`."""
    if decay == "retention":
        return (1 - 2.0 ** (-5 - torch.arange(k.shape[1], dtype=torch.float64)))[:, None, None].expand(*k.shape)
    if decay == "logistic":
        return torch.nn.functional.logsigmoid(gate(t, "decay", k)).div(16).exp()
    if decay == "softplus":
        w, a, b = t["decay"].split([k.shape[-1], 1, 1], -1)
        logits = torch.einsum("bhnd,hrd->bhnr", k, w) + b.mT[None]
        return (-a.mT[None] * torch.nn.functional.softplus(logits)).exp()
    return torch.ones_like(k)


def recurrence(t, causal, decay=None, writes=False, erases=False, units=False):
    q, k, v = t["q"], t["k"], t["v"]
    alpha = kept(t, decay, k).expand(*k.shape)
    beta = gate(t, "write", k).sigmoid() if writes else torch.ones_like(k[..., :1])
    q, k = (unit(q), unit(k)) if units else (q, k)
    state, rows = torch.zeros(*k.shape[:2], k.shape[-1], v.shape[-1], dtype=torch.float64), []
    for n in range(k.shape[2]):
        state = alpha[:, :, n, :, None] * state
        held = torch.einsum("bhd,bhde->bhe", k[:, :, n], state) if erases else 0
        state = state + torch.einsum("bhd,bhe->bhde", k[:, :, n], beta[:, :, n] * (v[:, :, n] - held))
        rows.append(torch.einsum("bhd,bhde->bhe", q[:, :, n], shared(state, q.shape[1])))
    return torch.stack(rows, 2) / math.sqrt(k.shape[-1])


FORMULAS = {"softmax": softmax, "linear": linear, "recurrence": recurrence}

for line in sys.stdin:
    asked = json.loads(line)
    given = tensors_of(asked["inputs"])
    dout = given.pop("dout")
    for tensor in given.values():
        tensor.requires_grad_()
    out = FORMULAS[asked["formula"]](given, asked["causal"], **asked["options"])
    out.backward(dout)
    with open(asked["gradients"], "wb") as file:
        for name in asked["of"]:
            gradient = given[name].grad
            file.write((torch.zeros_like(given[name]) if gradient is None else gradient).contiguous().numpy().tobytes())
    print("ok", flush=True)
