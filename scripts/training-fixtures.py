"""What PyTorch's autograd says of attention and of models around it, in float64: test/training/fixtures/*.safetensors.

Run `python scripts/training-fixtures.py` (PyTorch 2; no other package) after a change to what is written. Everything is written as
its source defines it, recurrences token by token, and shares nothing with src/training, which must agree with it.
"""

import json
import math
import struct
from pathlib import Path

import torch
import torch.nn.functional as F

FOLDER = Path(__file__).parent.parent / "test" / "training" / "fixtures"
torch.set_default_dtype(torch.float64)


def save(name, tensors, metadata):
    """One safetensors file of float32."""
    header, data = {"__metadata__": {key: json.dumps(value) for key, value in metadata.items()}}, b""
    for key, tensor in tensors.items():
        raw = tensor.detach().to(torch.float32).contiguous().numpy().tobytes()
        header[key] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


# Attention: q, k, v [batch, heads, tokens, width].

BATCH, HEADS, TOKENS, WIDTH = 2, 2, 18, 4


def seen(causal, queries, keys):
    i, j = torch.arange(queries)[:, None] + keys - queries, torch.arange(keys)[None]
    return (j <= i) if causal else torch.ones(queries, keys, dtype=torch.bool)


def positions(queries, keys):
    return torch.arange(queries)[:, None] + keys - queries - torch.arange(keys)[None]


def softmax(q, k, v, causal, window=None, alibi=False, rope=False, top=None, normaliser="softmax"):
    queries, keys, width = q.shape[-2], k.shape[-2], q.shape[-1]
    if rope:
        q, k = turned(q, keys - queries), turned(k, 0)
    scores = q @ k.transpose(-1, -2) / math.sqrt(width)
    mask = seen(causal, queries, keys)
    if window is not None:
        mask = mask & (positions(queries, keys).abs() <= window)
    if alibi:
        slopes = torch.tensor([2 ** (-8 * (h + 1) / q.shape[1]) for h in range(q.shape[1])])
        scores = scores - slopes[:, None, None] * positions(queries, keys).abs()
    count = mask.sum(-1, keepdim=True)
    if normaliser == "relu":
        return (torch.where(mask, scores.relu(), 0) / count) @ v
    if normaliser == "sigmoid":
        return torch.where(mask, torch.sigmoid(scores - torch.log(count.double())), 0) @ v
    scores = scores.masked_fill(~mask, -math.inf)
    if top is not None:
        least = scores.detach().topk(top, -1).values[..., -1:]
        scores = scores.masked_fill(scores < least, -math.inf)
    if normaliser == "sink":
        sink = torch.zeros(*scores.shape[:-1], 1)
        return torch.cat([scores, sink], -1).softmax(-1)[..., :-1] @ v
    return scores.softmax(-1) @ v


def turned(x, first):
    width = x.shape[-1]
    angles = (torch.arange(x.shape[-2]) + first)[:, None] * 10000.0 ** (-2 * torch.arange(width // 2) / width)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()], -1).flatten(-2)


def features(phi, epsilon=1e-6):
    def of(q, k, v, causal, **named):
        a = phi(q, k.shape[-2] - q.shape[-2], **named) @ phi(k, 0, **named).transpose(-1, -2)
        a = torch.where(seen(causal, q.shape[-2], k.shape[-2]), a, 0)
        return a @ v / (a.sum(-1, keepdim=True) + epsilon)

    return of


def favor(x, first, w):
    x = x * x.shape[-1] ** -0.25
    return torch.exp(x @ w.transpose(-1, -2) - (x * x).sum(-1, keepdim=True) / 2) / math.sqrt(w.shape[-2])


def trigonometric(x, first, w):
    angles = x / (x * x).sum(-1, keepdim=True).add(1e-6).sqrt() @ w.transpose(-1, -2)
    return torch.cat([angles.sin(), angles.cos()], -1) / math.sqrt(w.shape[-2])


def reweighted(x, first):
    angle = math.pi / 2 / TOKENS * (torch.arange(x.shape[-2]) + first)[:, None]
    return torch.cat([x.relu() * angle.cos(), x.relu() * angle.sin()], -1)


def taylor(x, first):
    x = x * x.shape[-1] ** -0.25
    square = (x[..., :, None] * x[..., None, :]).flatten(-2)
    return torch.cat([torch.ones(*x.shape[:-1], 1), x, square / math.sqrt(2)], -1)


def hedgehog(x, first):
    return torch.cat([x.softmax(-1), (-x).softmax(-1)], -1)


def rolled(x, first):
    r = torch.cat([x.relu(), (-x).relu()], -1)
    return torch.cat([r * r.roll(1, -1), r * r.roll(2, -1)], -1)


def recurrence(q, k, v, log_decay=None, beta=None, erase=False, bonus=None, unit=False, scale=None):
    """Token by token; log_decay [batch, heads, tokens, 1 or width] or [heads, 1, 1], beta [batch, heads, tokens, 1]."""
    batch, heads, tokens, width = q.shape
    if unit:
        q, k = [x / (x * x).sum(-1, keepdim=True).add(1e-6).sqrt() for x in (q, k)]
    state = torch.zeros(batch, heads, width, v.shape[-1])
    rows = []
    for t in range(tokens):
        qt, kt, vt = q[:, :, t], k[:, :, t], v[:, :, t]
        before = state
        if log_decay is not None:
            one = log_decay if log_decay.dim() == 3 else log_decay[:, :, t, :, None]
            state = one.exp() * state
        new = vt - torch.einsum("bhd,bhde->bhe", kt, state) if erase else vt
        if beta is not None:
            new = beta[:, :, t] * new
        state = state + kt[..., :, None] * new[..., None, :]
        read = state if bonus is None else before + bonus * kt[..., :, None] * vt[..., None, :]
        rows.append(torch.einsum("bhd,bhde->bhe", qt, read))
    return torch.stack(rows, 2) * (width**-0.5 if scale is None else scale)


def retention_logs(heads):
    return torch.tensor([math.log(1 - 2.0 ** (-5 - h)) for h in range(heads)])[:, None, None]


def lightning_logs(heads):
    return torch.tensor([-(2.0 ** (-8 * (h + 1) / heads)) for h in range(heads)])[:, None, None]


def rwkv7(q, k, v, causal, g, write):
    """Reads a key of length 1 before the state decays, and takes that away by it once the token is written."""
    state, rows = torch.zeros(*q.shape[:2], q.shape[-1], v.shape[-1]), []
    for t in range(q.shape[2]):
        qt, kt, vt = q[:, :, t], k[:, :, t], v[:, :, t]
        rate = torch.sigmoid(torch.einsum("hrd,bhd->bhr", write, kt))
        unit = kt / (kt * kt).sum(-1, keepdim=True).add(1e-6).sqrt()
        held = torch.einsum("bhd,bhde->bhe", unit, state)
        state = g[:, :, t].exp()[..., None] * state + (rate * kt)[..., None] * vt[..., None, :]
        state = state - (rate * unit)[..., None] * held[..., None, :]
        rows.append(torch.einsum("bhd,bhde->bhe", qt, state))
    return torch.stack(rows, 2)


def masked_mean(scores, v, causal):
    return scores.masked_fill(~seen(causal, scores.shape[-2], scores.shape[-1]), -math.inf).softmax(-1) @ v


def synthesizer_dense(q, k, v, causal, w1, w2):
    return masked_mean((q @ w1.transpose(-1, -2)).relu() @ w2.transpose(-1, -2), v, causal)


def window_of(v, taps):
    """The tokens before and a token itself, `[batch, heads, tokens, taps, width]`."""
    return F.pad(v, (0, 0, taps - 1, 0)).unfold(2, taps, 1).transpose(-1, -2)


def conv_full(q, k, v, causal, full):
    return torch.einsum("bhntc,htcd->bhnd", window_of(v, full.shape[1]), full)


def fc_window(q, k, v, causal, w1, w2):
    return conv_full(q, k, v, causal, w1).relu() @ w2


def lstm(q, k, v, causal, w, u):
    h, cell, rows = torch.zeros_like(v[:, :, 0]), torch.zeros_like(v[:, :, 0]), []
    for t in range(v.shape[2]):
        i, f, g, o = (torch.einsum("hrd,bhd->bhr", w, v[:, :, t]) + torch.einsum("hrd,bhd->bhr", u, h)).chunk(4, -1)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        h = o.sigmoid() * cell.tanh()
        rows.append(h)
    return torch.stack(rows, 2)


def gated(kept, written):
    h, rows = torch.zeros_like(written[:, :, 0]), []
    for t in range(written.shape[2]):
        h = kept[:, :, t] * h + written[:, :, t]
        rows.append(h)
    return torch.stack(rows, 2)


def min_lstm(q, k, v, causal):
    f, i = q.sigmoid(), k.sigmoid()
    return gated(f / (f + i), i / (f + i) * v)


def best_rows(bounds, count):
    """Which of the candidates of a row are its best, of those whose bound is finite."""
    least = bounds.topk(min(count, bounds.shape[-1]), -1).values[..., -1:]
    return (bounds >= least) & (bounds > -math.inf)


def quest(q, k, v, causal, page, pages):
    tokens = k.shape[-2]
    count = -(-tokens // page)
    bounds = torch.full((*q.shape[:-1], count), -math.inf)
    for i in range(tokens):
        for p in range(i // page + 1):
            keys = k[:, :, p * page : min((p + 1) * page, i + 1)].detach()
            low, high = keys.amin(2), keys.amax(2)
            bounds[:, :, i, p] = torch.maximum(q[:, :, i].detach() * low, q[:, :, i].detach() * high).sum(-1)
    mask = best_rows(bounds, pages).repeat_interleave(page, -1)[..., :tokens] & seen(True, tokens, tokens)
    return (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).masked_fill(~mask, -math.inf).softmax(-1) @ v


def nsa(q, k, v, causal, compress, select, window, block, chosen, last):
    tokens, count = k.shape[-2], -(-k.shape[-2] // block)
    scale = 1 / math.sqrt(q.shape[-1])
    means = [torch.stack([x[:, :, b * block : (b + 1) * block].mean(2) for b in range(count)], 2) for x in (k, v)]
    products = q @ means[0].transpose(-1, -2)
    i, b = torch.arange(tokens)[:, None], torch.arange(count)[None]
    ended = b < (i + 1) // block
    coarse = torch.nan_to_num((products * scale).masked_fill(~ended, -math.inf).softmax(-1)) @ means[1]
    own = i // block
    free = products.detach().masked_fill(~((b > 0) & (b < own - 1)), -math.inf)
    blocks = best_rows(free, chosen - 3) | (b == 0) | (b == own) | (b == own - 1)
    scores, causal_mask = q @ k.transpose(-1, -2) * scale, seen(True, tokens, tokens)
    fine = blocks.repeat_interleave(block, -1)[..., :tokens] & causal_mask
    near = causal_mask & (positions(tokens, tokens) < last)
    rows = [coarse, *(scores.masked_fill(~mask, -math.inf).softmax(-1) @ v for mask in (fine, near))]
    gates = [torch.sigmoid((q * w).sum(-1, keepdim=True)) for w in (compress, select, window)]
    return sum(gate * row for gate, row in zip(gates, rows))


def elu1(x, first):
    return F.elu(x) + 1


def relu(x, first):
    return x.relu()


# Names that fixtures and declarations share: variant, its parameters, causal, inputs besides q, k and v, and the mathematics.
ATTENTION = [
    ("full", {}, True, [], softmax),
    ("full", {}, False, [], softmax),
    ("local", {"window": 3}, True, [], lambda *a: softmax(*a, window=3)),
    ("alibi", {}, True, [], lambda *a: softmax(*a, alibi=True)),
    ("rope", {}, True, [], lambda *a: softmax(*a, rope=True)),
    ("relu-attention", {}, True, [], lambda *a: softmax(*a, normaliser="relu")),
    ("sigmoid-attention", {}, True, [], lambda *a: softmax(*a, normaliser="sigmoid")),
    ("sink-logit", {}, True, [], lambda *a: softmax(*a, normaliser="sink")),
    ("top-k", {"keys": 3}, True, [], lambda *a: softmax(*a, top=3)),
    ("top-k", {"keys": 3}, False, [], lambda *a: softmax(*a, top=3)),
    ("linear", {}, True, [], features(elu1)),
    ("linear", {}, False, [], features(elu1)),
    ("relu-linear", {}, True, [], features(relu)),
    ("performer", {"features": 6}, True, ["performer.w"], lambda *a, w: features(favor, 0)(*a, w=w)),
    ("rfa", {"features": 24}, True, ["rfa.w"], lambda *a, w: features(trigonometric)(*a, w=w)),
    ("cosformer", {}, True, [], features(reweighted)),
    ("taylor", {}, True, [], features(taylor)),
    ("hedgehog", {}, True, [], features(hedgehog)),
    ("dpfp", {"nu": 2}, True, [], features(rolled)),
    ("retention", {}, True, [], lambda q, k, v, causal: recurrence(q, k, v, retention_logs(HEADS))),
    ("lightning", {}, True, [], lambda q, k, v, causal: recurrence(q, k, v, lightning_logs(HEADS))),
    ("simple-gla", {}, True, ["g"], lambda q, k, v, causal, g: recurrence(q, k, v, g)),
    ("gla", {}, True, ["g.channels"], lambda q, k, v, causal, g: recurrence(q, k, v, g)),
    ("rwkv6", {}, True, ["g.channels"], lambda q, k, v, causal, g: recurrence(q, k, v, g, bonus=0.5)),
    ("delta", {}, True, ["beta"], lambda q, k, v, causal, beta: recurrence(q, k, v, None, beta, True, unit=True)),
    ("gated-delta", {}, True, ["g", "beta"], lambda q, k, v, causal, g, beta: recurrence(q, k, v, g, beta, True, unit=True)),
    ("kda", {}, True, ["g.channels", "beta"], lambda q, k, v, causal, g, beta: recurrence(q, k, v, g, beta, True, unit=True)),
    (
        "ssd",
        {},
        True,
        ["dt", "decay"],
        lambda q, k, v, causal, dt, decay: recurrence(q, k, v, -decay[:, :, -2:-1] * dt, dt, scale=1),
    ),
    ("rwkv7", {}, True, ["g.channels", "write"], rwkv7),
    ("synthesizer-random", {}, True, ["synthesizer.r"], lambda q, k, v, causal, r: masked_mean(r, v, causal)),
    ("synthesizer-dense", {}, False, ["synthesizer.w1", "synthesizer.w2"], synthesizer_dense),
    ("quest", {"page": 4, "pages": 2}, True, [], lambda *a: quest(*a, page=4, pages=2)),
    (
        "nsa",
        {"block": 3, "chosen": 4, "window": 4},
        True,
        ["compress", "select", "window"],
        lambda *a, **w: nsa(*a, **w, block=3, chosen=4, last=4),
    ),
    ("conv-full", {}, True, ["conv.full"], conv_full),
    ("fc-window", {}, True, ["fc.w1", "fc.w2"], fc_window),
    ("lstm", {}, True, ["w", "u"], lstm),
    ("min-gru", {}, True, [], lambda q, k, v, causal: gated(1 - k.sigmoid(), k.sigmoid() * v)),
    ("min-lstm", {}, True, [], min_lstm),
]


def drawn(generator, *shape):
    # Numbers that float32 holds, so that both programs are given the same.
    return torch.randn(*shape, generator=generator).to(torch.float32).double()


def attention_fixtures():
    generator = torch.Generator().manual_seed(0)
    inputs = {name: drawn(generator, BATCH, HEADS, TOKENS, WIDTH) for name in ("q", "k", "v", "dout")}
    single = lambda x: x.to(torch.float32).double()
    inputs["g"] = single(-F.softplus(drawn(generator, BATCH, HEADS, TOKENS, 1)) / 4)
    inputs["g.channels"] = single(-F.softplus(drawn(generator, BATCH, HEADS, TOKENS, WIDTH)) / 4)
    inputs["beta"] = single(torch.sigmoid(drawn(generator, BATCH, HEADS, TOKENS, 1)))
    inputs["dt"] = single(F.softplus(drawn(generator, BATCH, HEADS, TOKENS, 1) - 2))
    inputs["decay"] = torch.cat([drawn(generator, HEADS, 1, WIDTH), torch.full((HEADS, 1, 1), 1.5), torch.zeros(HEADS, 1, 1)], -1)
    inputs["performer.w"] = drawn(generator, HEADS, 6, WIDTH)
    inputs["rfa.w"] = drawn(generator, HEADS, 24, WIDTH)
    inputs["write"] = drawn(generator, HEADS, WIDTH, WIDTH)
    inputs["synthesizer.r"] = drawn(generator, HEADS, TOKENS, TOKENS)
    inputs["synthesizer.w1"] = drawn(generator, HEADS, WIDTH, WIDTH)
    inputs["synthesizer.w2"] = drawn(generator, HEADS, TOKENS, WIDTH)
    inputs.update({name: drawn(generator, HEADS, 1, WIDTH) for name in ("compress", "select", "window")})
    inputs["conv.full"] = drawn(generator, HEADS, 4, WIDTH, WIDTH)
    inputs["fc.w1"] = drawn(generator, HEADS, 11, WIDTH, WIDTH)
    inputs["fc.w2"] = drawn(generator, HEADS, WIDTH, WIDTH)
    inputs.update({name: drawn(generator, HEADS, 4 * WIDTH, WIDTH) for name in ("w", "u")})
    tensors, cases = dict(inputs), []
    for variant, params, causal, named, of in ATTENTION:
        case = f"{variant}{'' if causal else ' not causal'}"
        names = ["q", "k", "v", *named]
        given = {name: inputs[name].clone().requires_grad_() for name in names}
        q, k, v, *others = given.values()
        own = {name.replace(".channels", "").split(".")[-1]: x for name, x in zip(named, others)}
        out = of(q, k, v, causal, **own)
        (out * inputs["dout"]).sum().backward()
        tensors[f"{case}/out"] = out
        for name in names:
            # What is not trained, and what is not read.
            if name.endswith(".w") or name == "decay" or given[name].grad is None:
                continue
            tensors[f"{case}/d{name}"] = given[name].grad
        cases.append({"case": case, "variant": variant, "params": params, "causal": causal, "named": named})
    save("attention", tensors, {"cases": cases})


# Models.


def layer_norm(x, w, name):
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.scale"], w[f"{name}.shift"], 1e-5)


def heads_of(x, heads):
    batch, tokens, width = x.shape
    return x.reshape(batch, tokens, heads, width // heads).transpose(1, 2)


def convolved(x, taps, causal):
    count = taps.shape[0]
    after = 0 if causal else (count - 1) // 2
    wide = F.pad(x, (0, 0, count - 1 - after, after))
    # Tap t is of the token t before, counted from the last of the window.
    return x + sum(taps[t] * wide[:, count - 1 - t : count - 1 - t + x.shape[1]] for t in range(count))


def self_attention(x, w, name, attend, heads, causal):
    normed = layer_norm(x, w, f"{name}.norm")
    q, k, v = convolved(normed @ w[f"{name}.qkv"], w[f"{name}.taps"], causal).chunk(3, -1)
    gates = normed @ w[f"{name}.gates"] + w[f"{name}.gates.bias"]
    y = attend(*[heads_of(one, heads) for one in (q, k, v)], causal, gates)
    return x + y.transpose(1, 2).flatten(-2) * w[f"{name}.gain"] @ w[f"{name}.out"]


def cross_attention(x, to, w, name, heads):
    q = layer_norm(x, w, f"{name}.norm") @ w[f"{name}.q"]
    k, v = (to @ w[f"{name}.kv"]).chunk(2, -1)
    y = softmax(*[heads_of(one, heads) for one in (q, k, v)], False)
    return x + y.transpose(1, 2).flatten(-2) * w[f"{name}.gain"] @ w[f"{name}.out"]


def feed_forward(x, w, layer):
    name = f"{layer}.feed-forward"
    inner = F.gelu(layer_norm(x, w, f"{name}.norm") @ w[f"{name}.in"] + w[f"{name}.in.bias"])
    return x + inner @ w[f"{name}.out"] + w[f"{name}.out.bias"]


def full(q, k, v, causal, gates):
    return softmax(q, k, v, causal)


def linear(q, k, v, causal, gates):
    return features(elu1)(q, k, v, causal)


def delta(q, k, v, causal, gates):
    beta = torch.sigmoid(gates[..., -q.shape[1] :]).transpose(1, 2)[..., None]
    y = recurrence(q, k, v, None, beta, True, unit=True)
    return y * torch.rsqrt((y * y).mean(-1, keepdim=True) + 1e-5)


def parameters(generator, width, heads, length, labels, tokens, output, ff):
    w = {"tokens": (tokens, width), "positions": (length, width)}
    if output == "sequence":
        w["tokens.bias"] = (width,)

    def norm(name):
        w[f"{name}.scale"] = w[f"{name}.shift"] = (width,)

    def layer(name):
        norm(f"{name}.norm")
        w[f"{name}.qkv"] = (width, 3 * width)
        w[f"{name}.taps"] = (3, 3 * width)
        w[f"{name}.gates"], w[f"{name}.gates.bias"] = (width, width + heads), (width + heads,)
        w[f"{name}.gain"], w[f"{name}.out"] = (width,), (width, width)
        if ff:
            norm(f"{name}.feed-forward.norm")
            w[f"{name}.feed-forward.in"], w[f"{name}.feed-forward.in.bias"] = (width, 4 * width), (4 * width,)
            w[f"{name}.feed-forward.out"], w[f"{name}.feed-forward.out.bias"] = (4 * width, width), (width,)

    layer("layers.0")
    if output == "decided":
        w["decoder.symbols"], w["decoder.positions"] = (labels + 1, width), (MOST, width)
        layer("decoder.0")
        cross = "decoder.0.cross"
        norm(f"{cross}.norm")
        w[f"{cross}.q"], w[f"{cross}.kv"] = (width, width), (width, 2 * width)
        w[f"{cross}.gain"], w[f"{cross}.out"] = (width,), (width, width)
        norm("encoded")
    norm("last")
    w["labels"] = (width, labels)
    drawing = lambda name, shape: 0.4 * drawn(generator, *shape) + (1 if name.endswith((".scale", ".gain")) else 0)
    return {name: drawing(name, shape).to(torch.float32).double().requires_grad_() for name, shape in w.items()}


MOST = 4
MODELS = [
    ("full", full, "asked", True, True),
    ("delta", delta, "asked", True, False),
    ("linear", linear, "sequence", False, False),
    ("full", full, "decided", False, True),
]


def model_fixtures():
    batch, width, heads, length, labels, symbols, answers = 2, 8, 2, 12, 7, 9, 3
    generator = torch.Generator().manual_seed(1)
    tensors, cases = {}, []
    for variant, attend, output, causal, ff in MODELS:
        case = f"{variant} {output}"
        channels = 5 if output == "sequence" else symbols
        w = parameters(generator, width, heads, length, labels, channels, output, ff)
        if output == "sequence":
            tokens = drawn(generator, batch, length, channels)
            x = tokens @ w["tokens"] + w["tokens.bias"]
        else:
            tokens = torch.randint(0, symbols, (batch, length), generator=generator)
            x = w["tokens"][tokens]
        x = self_attention(x + w["positions"], w, "layers.0", attend, heads, causal)
        if ff:
            x = feed_forward(x, w, "layers.0")
        positions = torch.zeros(batch, 0)
        if output == "asked":
            positions = torch.stack([torch.randperm(length, generator=generator)[:answers] for _ in range(batch)])
            wanted = torch.randint(0, labels, (batch, answers), generator=generator)
            x = torch.gather(x, 1, positions[..., None].expand(-1, -1, width))
        elif output == "sequence":
            wanted = torch.randint(0, labels, (batch, 1), generator=generator)
            x = x.mean(1, keepdim=True)
        else:
            # The last label ends; one of the sequences is shorter.
            wanted = torch.tensor([[1, 4, labels - 1, -1], [2, 2, 0, labels - 1]])
            start = torch.full((batch, 1), labels)
            known = torch.cat([start, wanted[:, :-1]], 1)
            # What comes after the end is nothing.
            y = w["decoder.symbols"][known.clamp(min=0)] * (known >= 0)[..., None] + w["decoder.positions"]
            y = self_attention(y, w, "decoder.0", attend, heads, True)
            y = cross_attention(y, layer_norm(x, w, "encoded"), w, "decoder.0.cross", heads)
            x = feed_forward(y, w, "decoder.0")
        scores = layer_norm(x, w, "last") @ w["labels"]
        loss = F.cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=-1)
        loss.backward()
        for name, one in w.items():
            tensors[f"{case}/{name}"] = one
            tensors[f"{case}/d {name}"] = torch.zeros_like(one) if one.grad is None else one.grad
        tensors[f"{case}/tokens in"], tensors[f"{case}/answers in"] = tokens, wanted
        tensors[f"{case}/positions in"], tensors[f"{case}/loss"] = positions, loss
        cases.append({"case": case, "variant": variant, "output": output, "causal": causal, "feedForward": ff})
    sizes = {"batch": batch, "width": width, "heads": heads, "length": length, "labels": labels, "most": MOST}
    save("models", tensors, {"cases": cases, "sizes": {**sizes, "symbols": symbols, "channels": 5, "answers": answers}})


def optimiser_fixtures():
    """Three steps of AdamW, the second with a gradient that is clipped."""
    generator = torch.Generator().manual_seed(2)
    x = drawn(generator, 40)
    x.requires_grad_()
    tensors, rates = {"at first": x.clone()}, [0.01, 0.02, 0.005]
    optimiser = torch.optim.AdamW([x], betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)
    for step, (rate, size) in enumerate(zip(rates, [0.05, 3.0, 0.1])):
        gradient = drawn(generator, 40) * size
        tensors[f"gradient {step}"] = gradient
        x.grad = gradient.to(torch.float32).double()
        torch.nn.utils.clip_grad_norm_([x], 1.0)
        optimiser.param_groups[0]["lr"] = rate
        optimiser.step()
        tensors[f"after {step}"] = x.clone()
    save("adamw", tensors, {"rates": rates})


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    attention_fixtures()
    model_fixtures()
    optimiser_fixtures()
