"""Writes layers.safetensors and layers.json, the golden layers: python layers.py, with torch and safetensors.

Inputs, weights and tables are float32; outputs are computed of them in float64. Tensors of a layer begin with its name.
"""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

torch.manual_seed(17)
torch.backends.mha.set_fastpath_enabled(False)
B, N, D, H = 2, 9, 12, 4
tensors: dict[str, torch.Tensor] = {}
layers: list[dict] = []


def drawn(*shape: int, std: float = 1.0) -> torch.Tensor:
    return (std * torch.randn(*shape)).float()


def layer(name: str, inputs: dict, outputs: dict, **settings) -> None:
    for key, value in inputs.items():
        tensors[f"{name}.{key}"] = value.float().contiguous().clone()
    made = []
    for key, value in outputs.items():
        tensors[f"{name}.{key}"] = value.double().contiguous()
        made.append({"output": f"{name}.{key}", "causal": key == "causal"})
    layers.append({"name": name, "model_dim": D, "heads": H, **settings, "outputs": made})


def later(n: int) -> torch.Tensor:
    """True where a query may not attend, as MultiheadAttention has it."""
    return torch.ones(n, n, dtype=torch.bool).triu(1)


def attention(bias: bool) -> nn.MultiheadAttention:
    made = nn.MultiheadAttention(D, H, bias=bias, batch_first=True).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(drawn(*parameter.shape, std=0.4))
    return made


@torch.no_grad()
def call(made: nn.MultiheadAttention, q, k, v, mask=None) -> torch.Tensor:
    return made.double()(q.double(), k.double(), v.double(), attn_mask=mask, need_weights=False)[0]


def weights(made: nn.MultiheadAttention) -> dict:
    return {name: value.detach().float().clone() for name, value in made.state_dict().items()}


def both(name: str, bias: bool) -> None:
    made, x = attention(bias), drawn(B, N, D)
    layer(
        name,
        {"x": x, **weights(made)},
        {"out": call(made, x, x, x), "causal": call(made, x, x, x, later(N))},
        biases=bias,
    )


def by_hand(x: torch.Tensor, linear: dict, kv_heads: int, turn=lambda heads: heads, causal=False) -> torch.Tensor:
    def split(name: str, heads: int) -> torch.Tensor:
        return F.linear(x.double(), linear[name].double()).unflatten(-1, (heads, -1)).transpose(1, 2)

    q, k, v = turn(split("q_proj.weight", H)), turn(split("k_proj.weight", kv_heads)), split("v_proj.weight", kv_heads)
    rows = F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True)
    return F.linear(rows.transpose(1, 2).flatten(2), linear["o_proj.weight"].double())


def grouped() -> None:
    kv_heads, head_dim = 2, 4
    x = drawn(B, N, D)
    linear = {
        "q_proj.weight": drawn(H * head_dim, D, std=0.4),
        "k_proj.weight": drawn(kv_heads * head_dim, D, std=0.4),
        "v_proj.weight": drawn(kv_heads * head_dim, D, std=0.4),
        "o_proj.weight": drawn(D, H * head_dim, std=0.4),
    }
    layer(
        "grouped",
        {"x": x, **linear},
        {"out": by_hand(x, linear, kv_heads), "causal": by_hand(x, linear, kv_heads, causal=True)},
        kv_heads=kv_heads,
        head_dim=head_dim,
    )


def rope() -> None:
    """Llama's rotate_half: https://github.com/huggingface/transformers, models/llama/modeling_llama.py."""
    head_dim = 4
    x = drawn(1, N, D)
    linear = {
        "q_proj.weight": drawn(H * head_dim, D, std=0.4),
        "k_proj.weight": drawn(H * head_dim, D, std=0.4),
        "v_proj.weight": drawn(H * head_dim, D, std=0.4),
        "o_proj.weight": drawn(D, H * head_dim, std=0.4),
    }
    inverse = 1.0 / 10000.0 ** (torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angles = torch.outer(torch.arange(N, dtype=torch.float64), inverse)
    both_halves = torch.cat([angles, angles], -1)

    def turn(heads: torch.Tensor) -> torch.Tensor:
        low, high = heads.chunk(2, -1)
        return heads * both_halves.cos() + torch.cat([-high, low], -1) * both_halves.sin()

    layer(
        "rope",
        {"x": x, **linear},
        {"out": by_hand(x, linear, H, turn), "causal": by_hand(x, linear, H, turn, causal=True)},
        head_dim=head_dim,
        positions="rope:half",
    )


def cross() -> None:
    made, x, memory = attention(True), drawn(B, 5, D), drawn(B, N, D)
    layer("cross", {"x": x, "memory": memory, **weights(made)}, {"out": call(made, x, memory, memory)}, biases=True)
    made, query, key, value = attention(False), drawn(N, D), drawn(4, D), drawn(4, D)
    layer("unlike", {"query": query, "key": key, "value": value, **weights(made)}, {"out": call(made, query, key, value)[None]})


def positioned() -> None:
    place = torch.arange(N, dtype=torch.float64)[:, None]
    table = torch.zeros(N, D, dtype=torch.float64)
    rates = torch.exp(torch.arange(0, D, 2, dtype=torch.float64) * (-math.log(10000.0) / D))
    table[:, 0::2], table[:, 1::2] = torch.sin(place * rates), torch.cos(place * rates)
    for name, positions in {"sinusoidal": table.float(), "learned": drawn(N, D, std=0.02)}.items():
        made, x = attention(True), drawn(1, N, D)
        both = x.double() + positions.double()
        layer(
            name,
            {"x": x, "positions": positions, "query_positions": positions, **weights(made)},
            {"out": call(made, both, both, both)},
            positions=name,
            biases=True,
        )


def detr() -> None:
    """PositionEmbeddingSine with normalize: https://github.com/facebookresearch/detr, models/position_encoding.py."""
    height, width, features = 3, 5, D // 2
    there = torch.ones(1, height, width, dtype=torch.float64)
    y, x = there.cumsum(1), there.cumsum(2)
    y = y / (y[:, -1:, :] + 1e-6) * 2 * math.pi
    x = x / (x[:, :, -1:] + 1e-6) * 2 * math.pi
    along = torch.arange(features, dtype=torch.float64)
    along = 10000 ** (2 * torch.div(along, 2, rounding_mode="floor") / features)

    def sines(coordinate: torch.Tensor) -> torch.Tensor:
        angles = coordinate[..., None] / along
        return torch.stack((angles[..., 0::2].sin(), angles[..., 1::2].cos()), dim=4).flatten(3)

    table = torch.cat((sines(y), sines(x)), dim=3).flatten(1, 2)[0].float()
    made, tokens = attention(True), drawn(1, height * width, D)
    turned = tokens.double() + table.double()
    layer(
        "detr",
        {"x": tokens, "positions": table, "query_positions": table, **weights(made)},
        {"out": call(made, turned, turned, tokens)},
        positions=f"2d-sine:{width}",
        on_values=False,
        biases=True,
    )


both("mha", True)
both("mha-unbiased", False)
grouped()
cross()
positioned()
rope()
detr()
here = Path(__file__).parent
save_file(tensors, here / "layers.safetensors")
(here / "layers.json").write_text(json.dumps({"torch": torch.__version__, "layers": layers}, indent=1) + "\n")
