"""Kernels in Python for attnbench.

A kernel is a function that prepares a case and returns the function that computes it:

    import torch
    from attnbench_kernel import kernel, serve

    @kernel(kinds=["softmaxPattern"])
    def torch_sdpa(case):
        q, k, v, out = case.torch()
        mask = case.mask()
        return lambda: torch.nn.functional.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, scale=case.scale)

    serve()

    npx attnbench run --variants local --lengths 1k,4k --kernel exec:"python3 mine.py"

Nothing but the standard library is needed; NumPy and PyTorch are imported where a case is asked for their
tensors. What a program and attnbench say to one another is in docs/external-kernels.md.
"""

from __future__ import annotations

import atexit
import ctypes
import faulthandler
import gc
import json
import mmap
import os
import platform
import re
import runpy
import signal
import struct
import subprocess
import sys
import time
import traceback
import weakref
from itertools import repeat
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

__all__ = ["Blocks", "Case", "Csr", "Ranges", "Refused", "Tensors", "kernel", "serve"]

PROTOCOL = 1
"""The version of the protocol that this file speaks."""

FREEDOMS = ("kvHeads", "queries", "valueDim")
FORMS = ("score", "bias", "turn", "normaliser")
DTYPES = ("float32", "float16", "bfloat16")
LAYOUTS = ("bhnd", "bnhd")
PASSES = ("forward", "train")
AUTOGRAD = "autograd"

MOST_MASK_BYTES = 2**31
"""The largest mask, of one byte a pair: 46 000 queries and keys."""

MOST_TABLED_RANGES = 8
"""The most ranges of a row that a mask_mod compares a key with; beyond, it looks the pair up in a bit map."""


class Refused(Exception):
    """Why a case cannot be computed, in one line: `raise Refused("head_dim must be 64")`."""


# --- What a file declares -------------------------------------------------------------------------------------

Run = Callable[[], Any]


class Kernel(NamedTuple):
    """What `@kernel` was told of a function."""

    id: str
    prepare: Callable[["Case"], Run]
    supports: Optional[Callable[["Case"], Union[bool, str]]]
    train: Optional[Callable[["Case"], Run]]
    device: str
    answer: Dict[str, Any]
    details: Union[None, Dict[str, str], Callable[[], Dict[str, str]]]


_kernels: Dict[str, Kernel] = {}


def kernel(
    prepare: Optional[Callable[["Case"], Run]] = None,
    *,
    id: Optional[str] = None,
    title: Optional[str] = None,
    kinds: Optional[Sequence[str]] = None,
    dtypes: Sequence[str] = ("float32",),
    freedoms: Sequence[str] = (),
    forms: Sequence[str] = (),
    device: str = "cpu",
    supports: Optional[Callable[["Case"], Union[bool, str]]] = None,
    details: Union[None, Dict[str, str], Callable[[], Dict[str, str]]] = None,
    nan_safe: bool = False,
    assumed_rate: Optional[float] = None,
    train: Union[None, str, Callable[["Case"], Run]] = None,
) -> Any:
    """Declares a kernel: `@kernel` or `@kernel(…)` above a function `prepare(case) -> run`.

    `run()` computes the case once, from the inputs as they stand. It writes `out`, or returns the output: a
    tensor or array of its shape and dtype, which is copied outside of what is timed.

    - `id`: lower-case letters, digits and hyphens; the function's name, with hyphens for underscores.
    - `title`: the first line of the function's docstring without its full stop, or the id.
    - `kinds`: the kinds of attention that it may be asked about, such as `softmaxPattern`; all of them.
    - `dtypes`: of float32, float16 and bfloat16; float32.
    - `freedoms`: how shapes may differ: `kvHeads` (fewer heads of k and v), `queries` (other tokens than the
      keys), `valueDim` (another width of v and out); not at all.
    - `forms`: what it computes besides softmax of scaled products: `score`, `bias`, `turn`, `normaliser`; none.
    - `device`: where it computes, and `case.torch()` puts its tensors: `cpu`, `cuda`, `cuda:1`.
    - `supports`: a function of the case, without its tensors, that returns True, or why not in a line.
    - `details`: texts by name that results record, or a function that returns them when attnbench asks.
    - `nan_safe`: whether NaN or infinity in a token changes no row that does not attend it, which is then checked;
      false, as for scores that a mask is added to.
    - `assumed_rate`: operations a second, for a first estimate of how long a case takes.
    - `train`: for `--mode train`, a function that prepares a case as this one does, and whose `run()` computes the
      output and the gradients of the inputs along `dout`: it writes `out`, `dq`, `dk`, `dv` and what else the case
      has, or returns all of them in this order. `"autograd"` has PyTorch find the gradients of what `run()`
      returns, computed on the tensors of `case.torch()`. By default it computes no gradients.

    Raises ValueError for an option that is not one of these, or an id that another kernel has.
    """
    if prepare is None:
        return lambda function: kernel(
            function, id=id, title=title, kinds=kinds, dtypes=dtypes, freedoms=freedoms, forms=forms,
            device=device, supports=supports, details=details, nan_safe=nan_safe, assumed_rate=assumed_rate,
            train=train,
        )  # fmt: skip
    name = id if id is not None else prepare.__name__.replace("_", "-").lower()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name):
        raise ValueError(f"kernel: id must be lower-case letters, digits and hyphens, got {name!r}")
    if name in _kernels:
        raise ValueError(f"kernel: ids must be unique, got {name!r} twice")
    answer: Dict[str, Any] = {
        "id": name,
        "title": title or (prepare.__doc__ or name).strip().splitlines()[0].rstrip(".")[:200],
        "dtypes": _all_of("dtypes", dtypes, DTYPES),
        "freedoms": _all_of("freedoms", freedoms, FREEDOMS),
        "forms": _all_of("forms", forms, FORMS),
        "device": device,
    }
    if kinds is not None:
        answer["kinds"] = _all_of("kinds", kinds)
    if train is not None:
        answer["passes"] = list(PASSES)
        if train == AUTOGRAD:
            train = _by_autograd(prepare)
        elif not callable(train):
            raise ValueError(f"kernel: train must be a function or {AUTOGRAD!r}, got {train!r}")
    if nan_safe:
        answer["nan_safe"] = True
    if assumed_rate is not None:
        answer["assumed_rate"] = assumed_rate
    _kernels[name] = Kernel(name, prepare, supports, train, device, answer, details)
    return prepare


def _by_autograd(prepare: Callable[["Case"], Run]) -> Callable[["Case"], Run]:
    """Prepares a case for training by its forward pass, of which PyTorch finds the gradients."""

    def prepare_both(case: "Case") -> Run:
        torch = _imported("torch")
        # Gradients are off beyond this: new numbers are written into tensors that have them.
        torch.set_grad_enabled(False)
        case._differentiable = True
        with torch.enable_grad():
            forward = prepare(case)
        tensors = case._tensors
        if tensors is None:
            raise Refused(f"train={AUTOGRAD!r}: prepare must compute on the tensors of case.torch()")
        dout = tensors.tensors["dout"]
        inputs = [tensors.tensors[name] for name in case.gradients]

        def run() -> Any:
            with torch.enable_grad():
                out = forward()
            if not _is_tensor(out) or not out.requires_grad:
                raise Refused(f"train={AUTOGRAD!r}: run must return what it computes of the tensors of case.torch()")
            found = torch.autograd.grad(out, inputs, dout, allow_unused=True)
            # What the output does not depend on has a gradient of 0.
            return (out.detach(), *(torch.zeros_like(of) if one is None else one for of, one in zip(inputs, found)))

        return run

    return prepare_both


def _all_of(option: str, given: Sequence[str], known: Optional[Sequence[str]] = None) -> List[str]:
    names = list(given)
    if isinstance(given, str) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"kernel: {option} must be a list of names, got {given!r}")
    for name in names:
        if known is not None and name not in known:
            raise ValueError(f"kernel: {option} must be of {', '.join(known)}, got {name!r}")
    return names


# --- Tensors in files -----------------------------------------------------------------------------------------

_NAMES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64"}
_SIZES = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}
# What Python has no name for comes as its bits.
_FORMATS = {"F32": "f", "F16": "H", "BF16": "H", "I64": "q"}


class _Stored(NamedTuple):
    """A tensor of a mapped safetensors file, row-major."""

    stored: str
    shape: Tuple[int, ...]
    map: mmap.mmap
    offset: int
    count: int

    @property
    def dtype(self) -> str:
        return _NAMES[self.stored]

    def memory(self) -> memoryview:
        """Its numbers, flat: `f` for float32, `q` for int64, and bits as `H` for float16 and bfloat16."""
        whole = memoryview(self.map)[self.offset : self.offset + self.count * _SIZES[self.stored]]
        return whole.cast(_FORMATS[self.stored])

    def numpy(self, writable: bool) -> Any:
        numpy = _imported("numpy")
        if self.stored == "BF16":
            try:
                dtype = numpy.dtype(_imported("ml_dtypes").bfloat16)
            except Refused:
                raise Refused("case.numpy: has no bfloat16 without the package ml_dtypes; use case.torch") from None
        else:
            dtype = numpy.dtype(self.dtype)
        array = numpy.frombuffer(self.map, dtype, self.count, self.offset).reshape(self.shape)
        array.flags.writeable = writable
        return array

    def torch(self) -> Any:
        torch = _imported("torch")
        dtype = getattr(torch, self.dtype)
        if self.count == 0:
            return torch.empty(self.shape, dtype=dtype)
        return torch.frombuffer(self.map, dtype=dtype, count=self.count, offset=self.offset).reshape(self.shape)


def _opened(path: str) -> Dict[str, _Stored]:
    """Maps a safetensors file: what either side writes, the other sees."""
    with open(path, "r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    (size,) = struct.unpack("<Q", mapped[:8])
    header = json.loads(mapped[8 : 8 + size].decode("utf-8"))
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        stored = entry["dtype"]
        if stored not in _NAMES:
            raise Refused(f"{name} is {stored}, which must be one of {', '.join(_NAMES)}")
        count = (end - begin) // _SIZES[stored]
        tensors[name] = _Stored(stored, tuple(entry["shape"]), mapped, 8 + size + begin, count)
    return tensors


def _imported(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError as error:
        raise Refused(f"{name} cannot be imported by {sys.executable}: {error}") from None


class Tensors:
    """A case's tensors: `q, k, v, out = case.torch()`, or by name, `tensors.q`, `tensors["beta"]`.

    q `[batch, heads, queries, head_dim]`, k `[batch, kv_heads, length, head_dim]`, v `[batch, kv_heads, length,
    value_dim]`, out `[batch, heads, queries, value_dim]`, NaN at first; the others as their kind has them. In
    training also dout, shaped as out is, and to be written dq, dk, dv, shaped as q, k and v are.
    """

    def __init__(self, inputs: Dict[str, Any], outputs: Dict[str, Any]) -> None:
        self._by_name = {**inputs, **outputs}

    def __iter__(self) -> Iterator[Any]:
        return iter([self["q"], self["k"], self["v"], self["out"]])

    def __getitem__(self, name: str) -> Any:
        if name not in self._by_name:
            raise KeyError(f"{name}; the case has {', '.join(self._by_name)}")
        return self._by_name[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._by_name:
            raise AttributeError(f"{name}; the case has {', '.join(self._by_name)}")
        return self._by_name[name]

    def names(self) -> List[str]:
        """The names of its tensors, the inputs first and then what is to be written."""
        return list(self._by_name)


# --- Patterns -------------------------------------------------------------------------------------------------


class Ranges:
    """The keys that each query attends, as half-open ranges that rise and do not touch.

    Query i of head h attends the keys `from … to - 1` of the ranges `starts[h, i] … starts[h, i + 1] - 1`.
    `heads` is 1 where all heads attend the same. `starts` and `ranges` are flat memoryviews of int64;
    `numpy()` and `torch()` give them as `[heads, queries + 1]` and `[count, 2]`.
    """

    def __init__(self, tensors: Dict[str, _Stored]) -> None:
        self._tensors = tensors
        self.heads, rows = tensors["starts"].shape
        self.queries = rows - 1
        self.count = tensors["ranges"].shape[0]
        self.starts = tensors["starts"].memory()
        self.ranges = tensors["ranges"].memory()

    def of(self, query: int, head: int = 0) -> List[Tuple[int, int]]:
        """The ranges `(from, to)` of one query."""
        edges = self.edges(query, query + 1, head)
        return list(zip(edges[::2], edges[1::2]))

    def edges(self, first: int, end: int, head: int = 0) -> List[int]:
        """The edges `from, to, from, to, …` of the queries `first … end - 1`, one after the other."""
        row = head * (self.queries + 1)
        return self.ranges[2 * self.starts[row + first] : 2 * self.starts[row + end]].tolist()

    def numpy(self) -> Tuple[Any, Any]:
        """`starts [heads, queries + 1]` and `ranges [count, 2]` as NumPy arrays of int64."""
        return self._tensors["starts"].numpy(False), self._tensors["ranges"].numpy(False)

    def torch(self, device: Any = "cpu") -> Tuple[Any, Any]:
        """`starts [heads, queries + 1]` and `ranges [count, 2]` as tensors of int64."""
        return self._tensors["starts"].torch().to(device), self._tensors["ranges"].torch().to(device)


class Csr:
    """The keys that each query attends, one by one: compressed sparse rows.

    Query i of head h attends `keys[starts[h, i]] … keys[starts[h, i + 1] - 1]`, rising. `heads` is 1 where all
    heads attend the same. `starts` and `keys` are flat memoryviews of int64; `numpy()` and `torch()` give them as
    `[heads, queries + 1]` and `[pairs]`.
    """

    def __init__(self, tensors: Dict[str, _Stored]) -> None:
        self._tensors = tensors
        self.heads, rows = tensors["starts"].shape
        self.queries = rows - 1
        self.pairs = tensors["keys"].shape[0]
        self.starts = tensors["starts"].memory()
        self.keys = tensors["keys"].memory()

    def of(self, query: int, head: int = 0) -> List[int]:
        """The keys of one query."""
        row = head * (self.queries + 1) + query
        return self.keys[self.starts[row] : self.starts[row + 1]].tolist()

    def numpy(self) -> Tuple[Any, Any]:
        """`starts [heads, queries + 1]` and `keys [pairs]` as NumPy arrays of int64."""
        return self._tensors["starts"].numpy(False), self._tensors["keys"].numpy(False)

    def torch(self, device: Any = "cpu") -> Tuple[Any, Any]:
        """`starts [heads, queries + 1]` and `keys [pairs]` as tensors of int64."""
        return self._tensors["starts"].torch().to(device), self._tensors["keys"].torch().to(device)


class Blocks(NamedTuple):
    """A pattern in blocks of `size` queries by `size` keys, the last of which may reach beyond the end.

    `full[head][row]` and `partial[head][row]` list, for the queries `row · size … (row + 1) · size - 1`, the
    blocks of keys of which all pairs are attended, and of which some are, rising. One head where all are alike.
    """

    size: int
    columns: int
    full: List[List[List[int]]]
    partial: List[List[List[int]]]


def _blocks_of(ranges: Ranges, length: int, size: int) -> Blocks:
    columns = -(-length // size)
    full: List[List[List[int]]] = []
    partial: List[List[List[int]]] = []
    for head in range(ranges.heads):
        full.append([])
        partial.append([])
        for first in range(0, ranges.queries, size):
            edges = ranges.edges(first, min(first + size, ranges.queries), head)
            counts = _pairs_by_block(edges, columns, size)
            full[head].append([column for column, count in enumerate(counts) if count == size * size])
            partial[head].append([column for column, count in enumerate(counts) if 0 < count < size * size])
    return Blocks(size, columns, full, partial)


def _pairs_by_block(edges: List[int], columns: int, size: int) -> List[int]:
    """The pairs of some rows in each block of keys, from the rows' edges."""
    # The keys from x on are size - x % size of the block of x, and size of each after it: `steps` has the
    # differences from block to block, added for every range's beginning and taken away for its end.
    steps = [0] * (columns + 2)
    for sign, ends in ((1, edges[::2]), (-1, edges[1::2])):
        for key in ends:
            block, within = divmod(key, size)
            steps[block] += sign * (size - within)
            steps[block + 1] += sign * within
    counts = []
    count = 0
    for step in steps[:columns]:
        count += step
        counts.append(count)
    return counts


def _mask_bytes(ranges: Ranges, length: int) -> bytearray:
    """One byte a pair, 1 where it is attended: `[heads, queries, length]`."""
    mask = bytearray(ranges.heads * ranges.queries * length)
    into = memoryview(mask)
    ones = memoryview(b"\1" * length)
    at = 0
    for head in range(ranges.heads):
        for query in range(ranges.queries):
            for begin, end in ranges.of(query, head):
                into[at + begin : at + end] = ones[begin:end]
            at += length
    return mask


def _tabled_mask_mod(ranges: Ranges, most: int, rows: int, device: Any) -> Callable[..., Any]:
    """A mask_mod that compares a key with the `most` ranges that a row has at most; `rows` a head, of padding too."""
    torch = _imported("torch")
    starts, edges = ranges.torch()
    counts = starts[:, 1:] - starts[:, :-1]
    head, query = torch.meshgrid(torch.arange(ranges.heads), torch.arange(ranges.queries), indexing="ij")
    owner = torch.repeat_interleave((head * rows + query).reshape(-1), counts.reshape(-1))
    nth = torch.arange(ranges.count) - torch.repeat_interleave(starts[:, :-1].reshape(-1), counts.reshape(-1))
    # A range that a row does not have is empty.
    table = torch.zeros(2, ranges.heads * rows * most, dtype=torch.int32)
    table[:, owner * most + nth] = edges.T.to(torch.int32)
    low, high = table[0].contiguous().to(device), table[1].contiguous().to(device)
    shared = ranges.heads == 1

    def mask_mod(b: Any, h: Any, q_idx: Any, kv_idx: Any) -> Any:
        row = (q_idx if shared else h * rows + q_idx) * most
        attended = (kv_idx >= low[row]) & (kv_idx < high[row])
        for other in range(1, most):
            attended = attended | ((kv_idx >= low[row + other]) & (kv_idx < high[row + other]))
        return attended

    return mask_mod


def _mapped_mask_mod(ranges: Ranges, blocks: Blocks, length: int, device: Any) -> Callable[..., Any]:
    """A mask_mod that looks a pair up in bit maps: of each partial block its own, and of the others one for all."""
    torch = _imported("torch")
    size, columns, rows = blocks.size, blocks.columns, len(blocks.partial[0])
    if size % 8 != 0:
        raise Refused(f"case.block_mask: block_size must be a multiple of 8 for this pattern, got {size}")
    weights = 2 ** torch.arange(8)
    numbers = torch.zeros(ranges.heads * rows * columns, dtype=torch.int32)
    maps = [torch.zeros(size * size // 8, dtype=torch.uint8), torch.full((size * size // 8,), 255, dtype=torch.uint8)]
    count = len(maps)
    for head, by_row in enumerate(blocks.partial):
        for row, partial in enumerate(by_row):
            first = (head * rows + row) * columns
            numbers[first + torch.tensor(blocks.full[head][row], dtype=torch.int64)] = 1
            strip = torch.zeros(size, columns * size, dtype=torch.bool)
            for at in range(min(size, ranges.queries - row * size)):
                for begin, end in ranges.of(row * size + at, head):
                    strip[at, begin:end] = True
            chosen = strip.reshape(size, columns, size)[:, partial].transpose(0, 1)
            maps.append((chosen.reshape(-1, 8) * weights).sum(1).to(torch.uint8))
            numbers[first + torch.tensor(partial, dtype=torch.int64)] = torch.arange(
                count, count + len(partial), dtype=torch.int32
            )
            count += len(partial)
    bits, numbers = torch.cat(maps).to(device), numbers.to(device)
    shared = ranges.heads == 1

    def mask_mod(b: Any, h: Any, q_idx: Any, kv_idx: Any) -> Any:
        row = q_idx // size if shared else h * rows + q_idx // size
        block = numbers[row * columns + kv_idx // size]
        byte = bits[block * (size * size // 8) + (q_idx % size) * (size // 8) + kv_idx % size // 8]
        return ((byte >> (kv_idx % 8)) & 1) != 0

    return mask_mod


# --- A case ---------------------------------------------------------------------------------------------------


class Case:
    """One case: what is to be computed, as data, and its tensors and pattern in the form that a kernel takes."""

    variant: Optional[str]
    """A variant's id, or None for what no variant declared; `params` are its parameters by name."""
    params: Optional[Dict[str, Any]]
    kind: str
    """The kind of attention, such as `softmaxPattern`; `mechanism` is its mathematics, as data."""
    formula: Dict[str, Optional[str]]
    mechanism: Dict[str, Any]
    pattern: Optional[str]
    """The pattern as a text, and `pairs`, attended in all heads of one batch entry; None without pairs."""
    pairs: Optional[int]
    batch: int
    heads: int
    kv_heads: int
    """Heads of k and v, a divisor of `heads`: head h of q reads head `h * kv_heads // heads`."""
    length: int
    """Keys; `queries` are as many unless they are other tokens."""
    queries: int
    head_dim: int
    value_dim: int
    scale: Optional[float]
    """The factor on q·k; None where there is none."""
    causal: bool
    threads: int
    dtype: str
    device: str
    gradients: List[str]
    """The inputs whose gradients are to be computed: in training q, k, v and what else has one, otherwise none."""

    def __init__(
        self,
        data: Dict[str, Any],
        inputs: Optional[Dict[str, _Stored]] = None,
        outputs: Optional[Dict[str, _Stored]] = None,
        given: Optional[Callable[[str], str]] = None,
    ) -> None:
        self.data = data
        self._inputs = inputs
        self._outputs = outputs
        self._given = given
        self._differentiable = False
        self._patterns: Dict[str, Any] = {}
        self._tensors: Optional[_TorchTensors] = None

    def __getattr__(self, name: str) -> Any:
        data = self.__dict__.get("data", {})
        if name not in data:
            raise AttributeError(f"case.{name}; a case has {', '.join(data)}")
        return data[name]

    @property
    def inputs(self) -> Dict[str, memoryview]:
        """All inputs by name as flat memoryviews, row-major: float32 as `f`, 16 bits of others as `H`."""
        return {name: stored.memory() for name, stored in self._prepared()[0].items()}

    @property
    def output(self) -> memoryview:
        """The output `out` likewise, to write."""
        return self._prepared()[1]["out"].memory()

    @property
    def outputs(self) -> Dict[str, memoryview]:
        """All that is to be written, by name: `out`, and in training `dq`, `dk`, `dv` and what else has a gradient."""
        return {name: stored.memory() for name, stored in self._prepared()[1].items()}

    @property
    def training(self) -> bool:
        """Whether gradients are to be computed besides the output (`--mode train`)."""
        return self.data.get("pass") == "train"

    @property
    def shapes(self) -> Dict[str, Tuple[int, ...]]:
        """The shape of every input by its name, and of what is to be written."""
        inputs, outputs = self._prepared()
        return {name: stored.shape for name, stored in {**inputs, **outputs}.items()}

    def numpy(self) -> Tensors:
        """The tensors as NumPy arrays over the memory that attnbench writes and reads; only outputs are writable.

        Raises Refused without NumPy, and for bfloat16 without ml_dtypes.
        """
        inputs, outputs = self._prepared()
        _set_threads(self.threads, anew=True)
        return Tensors(
            {name: stored.numpy(False) for name, stored in inputs.items()},
            {name: stored.numpy(True) for name, stored in outputs.items()},
        )

    def torch(self, device: Optional[str] = None, layout: str = "bhnd") -> Tensors:
        """The tensors as PyTorch's, on the kernel's device unless another is named. Gradients are off.

        On `cpu` they lie in the memory that attnbench writes and reads: inputs are not to be written. On `cuda`
        they are copies, which are written anew before `run` and of which outputs are fetched after it, outside of what
        is timed. So they are for the layout `bnhd`, which has tokens before heads in q, k, v and out, and in dout,
        dq, dk and dv, as other libraries take them: `[batch, length, heads, head_dim]`.

        A case has one set: raises Refused for a second of another device or layout, and without PyTorch.
        """
        if self._tensors is None:
            gradients = self.gradients if self._differentiable else []
            self._tensors = _TorchTensors(*self._prepared(), device or self.device, layout, gradients)
            _set_threads(self.threads, anew=True)
        if not self._tensors.are(device or self.device, layout):
            raise Refused("case.torch: a case has one set of tensors, got another device or layout")
        return self._tensors.tensors

    def ranges(self) -> Ranges:
        """The pattern as ranges of keys, query by query. Raises Refused for a kind without a pattern."""
        return self._pattern("ranges", Ranges)

    def csr(self) -> Csr:
        """The pattern as keys, query by query: at most 2^28 pairs. Raises Refused beyond, or without a pattern."""
        return self._pattern("csr", Csr)

    def mask(self, device: Optional[str] = None, numpy: bool = False) -> Any:
        """A tensor of booleans, true where a pair is attended: `[queries, length]`, or `[heads, queries, length]`
        where heads differ. None where every pair is attended.

        It lies on the kernel's device unless another is named; with `numpy=True` it is a NumPy array. A query may
        attend nothing: its output is 0. Raises Refused above 2 GiB, or without a pattern.
        """
        ranges = self.ranges()
        rows = ranges.heads * ranges.queries
        if ranges.count == rows and ranges.ranges == memoryview(struct.pack("<2q", 0, self.length) * rows).cast("q"):
            return None
        if rows * self.length > MOST_MASK_BYTES:
            raise Refused(
                f"case.mask: must have at most {MOST_MASK_BYTES} pairs, got {rows} × {self.length}; "
                "use case.ranges or case.block_mask"
            )
        shape = (ranges.queries, self.length) if ranges.heads == 1 else (ranges.heads, ranges.queries, self.length)
        mask = _mask_bytes(ranges, self.length)
        if numpy:
            return _imported("numpy").frombuffer(mask, bool).reshape(shape)
        torch = _imported("torch")
        return torch.frombuffer(mask, dtype=torch.bool).reshape(shape).to(device or self.device)

    def edges(self, device: Optional[str] = None) -> Any:
        """The attended pairs as the edges of a graph: a tensor of int64 `[2, pairs]`, keys above the queries that
        attend them, by query. Raises Refused where heads differ, and where `csr` does.
        """
        csr = self.csr()
        if csr.heads != 1:
            raise Refused("case.edges: all heads must attend the same pairs; use case.csr")
        torch = _imported("torch")
        starts, keys = csr.torch()
        queries = torch.repeat_interleave(torch.arange(csr.queries), starts[0, 1:] - starts[0, :-1])
        return torch.stack([keys, queries]).to(device or self.device)

    def blocks(self, block_size: int = 128) -> Blocks:
        """The pattern in blocks of queries by keys, from its ranges. Raises Refused without a pattern."""
        if not block_size >= 1:
            raise Refused(f"case.blocks: block_size must be at least 1, got {block_size}")
        return _blocks_of(self.ranges(), self.length, block_size)

    def block_mask(self, block_size: int = 128, device: Optional[str] = None) -> Any:
        """The pattern as FlexAttention's BlockMask, from its ranges: no mask of all pairs is made.

        Raises Refused without a pattern, and with a PyTorch that has no FlexAttention (2.5 and later do).
        """
        torch = _imported("torch")
        try:
            from torch.nn.attention.flex_attention import BlockMask
        except ImportError:
            raise Refused(f"case.block_mask: FlexAttention comes with PyTorch 2.5, got {torch.__version__}") from None
        blocks = self.blocks(block_size)
        on = device or self.device
        options: Dict[str, Any] = {"BLOCK_SIZE": block_size, "mask_mod": self._mask_mod(blocks, on)}
        # PyTorch 2.5 takes whole blocks for the lengths.
        if "seq_lengths" in BlockMask.from_kv_blocks.__code__.co_varnames:
            options["seq_lengths"] = (self.queries, self.length)
        partial, full = _block_indices(blocks.partial, blocks.columns), _block_indices(blocks.full, blocks.columns)
        return BlockMask.from_kv_blocks(*[tensor.to(on) for tensor in (*partial, *full)], **options)

    def _mask_mod(self, blocks: Blocks, device: str) -> Callable[..., Any]:
        ranges = self.ranges()
        starts, _ = ranges.torch()
        most = int((starts[:, 1:] - starts[:, :-1]).max())
        if most > MOST_TABLED_RANGES:
            return _mapped_mask_mod(ranges, blocks, self.length, device)
        return _tabled_mask_mod(ranges, max(1, most), len(blocks.full[0]) * blocks.size, device)

    def _prepared(self) -> Tuple[Dict[str, _Stored], Dict[str, _Stored]]:
        if self._inputs is None or self._outputs is None:
            raise Refused("case: has its tensors in prepare, and not where it is asked whether it is supported")
        return self._inputs, self._outputs

    def _pattern(self, need: str, form: Callable[[Dict[str, _Stored]], Any]) -> Any:
        if need not in self._patterns:
            if self.pattern is None:
                raise Refused(f"case.{need}: {self.kind} has no pattern")
            if self._given is None:
                raise Refused(f"case.{need}: is given while the case is prepared; call it in prepare")
            self._patterns[need] = form(_opened(self._given(need)))
        return self._patterns[need]


def _block_indices(blocks: List[List[List[int]]], columns: int) -> Tuple[Any, Any]:
    """How many blocks each row has, `[1, heads, rows]`, and which, `[1, heads, rows, columns]`, of int32."""
    torch = _imported("torch")
    counts = [[len(row) for row in rows] for rows in blocks]
    indices = [[row + [0] * (columns - len(row)) for row in rows] for rows in blocks]
    return torch.tensor([counts], dtype=torch.int32), torch.tensor([indices], dtype=torch.int32)


_OF_TOKENS = ("q", "k", "v", "out", "dout", "dq", "dk", "dv")
"""Tensors whose heads and tokens change places in the layout `bnhd`."""


class _TorchTensors:
    """A case's tensors on a device: the mapped memory itself on the processor, and copies of it elsewhere."""

    def __init__(
        self,
        inputs: Dict[str, _Stored],
        outputs: Dict[str, _Stored],
        device: str,
        layout: str,
        gradients: Sequence[str] = (),
    ) -> None:
        torch = _imported("torch")
        torch.set_grad_enabled(False)
        if layout not in LAYOUTS:
            raise Refused(f"case.torch: layout must be {' or '.join(LAYOUTS)}, got {layout!r}")
        self._asked = (device, layout)
        self.device = torch.device(device)
        if self.device.type not in ("cpu", "cuda"):
            raise Refused(f"case.torch: device must be cpu or cuda, got {device!r}")

        def arranged(tensors: Dict[str, _Stored]) -> Dict[str, Any]:
            turned = _OF_TOKENS if layout == "bnhd" else ()
            return {
                name: stored.torch().transpose(1, 2) if name in turned else stored.torch()
                for name, stored in tensors.items()
            }

        self._sources, self._targets = arranged(inputs), arranged(outputs)
        self._copied = self._asked != ("cpu", "bhnd")
        if self._copied:
            made = {name: source.contiguous().to(self.device) for name, source in self._sources.items()}
            dense = {"device": self.device, "memory_format": torch.contiguous_format}
            self._made = {name: torch.full_like(one, float("nan"), **dense) for name, one in self._targets.items()}
        else:
            made, self._made = self._sources, self._targets
        self.tensors = Tensors(made, self._made)
        for name in gradients:
            made[name].requires_grad_()
        # Autograd also follows what a kernel makes of them while it prepares.
        torch.set_grad_enabled(len(gradients) > 0)

    def are(self, device: str, layout: str) -> bool:
        return self._asked == (device, layout)

    @property
    def bytes(self) -> int:
        """Bytes of all of them."""
        return _bytes_of(self.tensors[name] for name in self.tensors.names())

    def load(self) -> None:
        """Takes in the inputs as they now stand."""
        if self._copied:
            # The driver copies from memory that can be paged out by way of its own that cannot.
            for name, source in self._sources.items():
                self.tensors[name].copy_(source)

    def fetch(self, name: str, returned: Any) -> None:
        """Brings an output, or the tensor that was returned instead, to where attnbench reads it."""
        own, target = self._made[name], self._targets[name]
        if returned is not None:
            _check_output(name, returned.shape, str(returned.dtype)[6:], own.shape, str(own.dtype)[6:])
            if returned is not target:
                target.copy_(returned)
        elif self._copied:
            target.copy_(own)


def _bytes_of(tensors: Iterable[Any]) -> int:
    return sum(one.numel() * one.element_size() for one in tensors if hasattr(one, "element_size"))


def _check_output(name: str, shape: Sequence[int], dtype: str, wanted: Sequence[int], wanted_dtype: str) -> None:
    if (tuple(shape), dtype) != (tuple(wanted), wanted_dtype):
        what, made = ("", "out") if name == "out" else (f"for {name} ", name)
        raise Refused(
            f"run returned {what}{dtype} {list(shape)}, which must be {wanted_dtype} {list(wanted)}; "
            f"return the output, or nothing once {made} is written"
        )


# --- A prepared call ------------------------------------------------------------------------------------------


class _Call:
    """A case that was prepared: what is loaded, run, timed and fetched."""

    def __init__(self, prepares: Kernel, case: Case) -> None:
        self.case = case
        self._threads = case.threads
        self._cuda: Any = None
        self._returned: Any = None
        self.workspace_bytes: Optional[int] = None
        _set_threads(self._threads, anew=True)
        on_cuda = prepares.device.startswith("cuda")
        before = _imported("torch").cuda.memory_allocated(prepares.device) if on_cuda else 0
        prepare = prepares.train if case.training else prepares.prepare
        if prepare is None:
            raise Refused(f"{prepares.id} computes no gradients: @kernel was given no train")
        run = prepare(case)
        if not callable(run):
            raise Refused(f"prepare must return the function that computes the case, got {type(run).__name__}")
        self._run = run
        tensors = case._tensors
        if tensors is not None and tensors.device.type == "cuda":
            self._cuda = tensors.device
        elif on_cuda:
            self._cuda = prepares.device
        # What is compiled when it is first called is compiled here. Libraries that were loaded since have threads.
        _set_threads(self._threads, anew=True)
        self._timed(1)
        if self._cuda is not None:
            self._measure_workspace(before)

    def load(self) -> None:
        if self.case._tensors is not None:
            self.case._tensors.load()
        self._synchronize()

    def run(self, calls: int) -> Dict[str, Optional[float]]:
        """Seconds of so many calls: `wall` by this process's clock, `device` by the device's events."""
        _set_threads(self._threads)
        return self._timed(calls)

    def outputs(self) -> Dict[str, Any]:
        """Writes the output where attnbench reads it, and says what it is."""
        outputs, tensors = self.case._prepared()[1], self.case._tensors
        for (name, stored), returned in zip(outputs.items(), self._returned_by(list(outputs))):
            if tensors is not None and (returned is None or _is_tensor(returned)):
                tensors.fetch(name, returned)
            elif returned is not None:
                _keep(name, returned, stored)
        out = outputs["out"]
        answer: Dict[str, Any] = {"dtype": out.dtype, "shape": list(out.shape)}
        gradients = {name: list(stored.shape) for name, stored in outputs.items() if name != "out"}
        if gradients:
            answer["gradients"] = gradients
        if self.workspace_bytes is not None:
            answer["workspace_bytes"] = self.workspace_bytes
        return answer

    def _returned_by(self, names: List[str]) -> Sequence[Any]:
        """What was returned for each output; None for those that were written."""
        returned = self._returned
        if returned is None:
            return [None] * len(names)
        if not self.case.training:
            return [returned]
        if not isinstance(returned, (tuple, list)) or len(returned) != len(names):
            got = f"{len(returned)} of them" if isinstance(returned, (tuple, list)) else type(returned).__name__
            raise Refused(f"run must return {', '.join(names)}, or nothing once they are written, got {got}")
        return returned

    def _timed(self, calls: int) -> Dict[str, Optional[float]]:
        run, returned = self._run, None
        # The last call's may be as large as what this one makes.
        self._returned = None
        collects = gc.isenabled()
        gc.disable()
        try:
            if self._cuda is not None:
                return self._timed_by_events(calls)
            start = time.perf_counter()
            for _ in repeat(None, calls):
                returned = run()
            wall = time.perf_counter() - start
        finally:
            if collects:
                gc.enable()
        self._returned = returned
        return {"wall": wall, "device": None}

    def _timed_by_events(self, calls: int) -> Dict[str, Optional[float]]:
        run, returned = self._run, None
        cuda = _imported("torch").cuda
        with cuda.device(self._cuda):
            first, last = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
            cuda.synchronize()
            start = time.perf_counter()
            first.record()
            for _ in repeat(None, calls):
                returned = run()
            last.record()
            cuda.synchronize()
            wall = time.perf_counter() - start
        self._returned = returned
        return {"wall": wall, "device": first.elapsed_time(last) / 1000}

    def _measure_workspace(self, before: int) -> None:
        """What it holds, and at its peak of a call, beyond inputs and output; `before` was there before it."""
        cuda = _imported("torch").cuda
        self._returned = None
        tensors = self.case._tensors
        resting = cuda.memory_allocated(self._cuda)
        cuda.reset_peak_memory_stats(self._cuda)
        self._timed(1)
        peak = cuda.max_memory_allocated(self._cuda)
        held = resting - before - (tensors.bytes if tensors is not None else 0)
        returned = self._returned
        made = _bytes_of(returned if isinstance(returned, (tuple, list)) else [returned])
        self.workspace_bytes = max(0, held + peak - resting - made)

    def _synchronize(self) -> None:
        if self._cuda is not None:
            _imported("torch").cuda.synchronize(self._cuda)


def _is_tensor(returned: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(returned, torch.Tensor)


def _keep(name: str, returned: Any, output: _Stored) -> None:
    """Copies what was returned: an array of NumPy's, numbers in a row, or a tensor where none were asked for."""
    if _is_tensor(returned):
        _check_output(name, returned.shape, str(returned.dtype)[6:], output.shape, output.dtype)
        output.torch().copy_(returned.detach())
        return
    if hasattr(returned, "__array_interface__"):
        _check_output(name, returned.shape, str(returned.dtype), output.shape, output.dtype)
        output.numpy(True)[...] = returned
        return
    try:
        numbers = memoryview(returned)
    except TypeError:
        raise Refused(
            f"run returned {type(returned).__name__}, which must be the output as a tensor or an array, or nothing "
            "once out is written"
        ) from None
    into = output.memory()
    if numbers.ndim != 1 and tuple(numbers.shape) != output.shape:
        raise Refused(f"run returned {list(numbers.shape)}, which must be {list(output.shape)}")
    if numbers.format != into.format or numbers.nbytes != into.nbytes:
        raise Refused(
            f"run returned {numbers.nbytes} bytes of {numbers.format}, which must be {into.nbytes} of {into.format}"
        )
    into[:] = numbers.cast("B").cast(into.format)


# --- Threads --------------------------------------------------------------------------------------------------

_THREAD_SETTERS = (
    ("openblas", ("openblas_set_num_threads", "openblas_set_num_threads64_",
                  "scipy_openblas_set_num_threads", "scipy_openblas_set_num_threads64_")),
    ("mkl_rt", ("MKL_Set_Num_Threads",)),
    ("blis", ("bli_thread_set_num_threads",)),
    ("libgomp", ("omp_set_num_threads",)),
    ("libomp", ("omp_set_num_threads",)),
    ("libiomp", ("omp_set_num_threads",)),
)  # fmt: skip
"""Functions that set the threads of a library whose file's name holds the word."""

_threads_set = 0


def _set_threads(count: int, anew: bool = False) -> None:
    """Sets the threads of PyTorch, BLAS and OpenMP, of the libraries that are loaded by now.

    Does nothing if they were set so last, unless `anew`: others may have been loaded since.
    """
    global _threads_set
    if count == _threads_set and not anew:
        return
    _threads_set = count
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != count:
        torch.set_num_threads(count)
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        _set_threads_by_name(count)
    else:
        threadpool_limits(count)


def _set_threads_by_name(count: int) -> None:
    """The same by functions of the libraries, where the system says which are loaded: on Linux."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            paths = {line.split(maxsplit=5)[5].strip() for line in file if "/" in line}
    except OSError:
        return
    for path in paths:
        for word, setters in _THREAD_SETTERS:
            if word not in os.path.basename(path):
                continue
            try:
                library = ctypes.CDLL(path)
            except OSError:
                continue
            for setter in setters:
                if hasattr(library, setter):
                    getattr(library, setter)(ctypes.c_int(count))


# --- What results record --------------------------------------------------------------------------------------

_LIBRARIES = ("numpy", "torch", "triton", "fla", "flash_attn", "transformers", "torch_geometric", "xformers",
              "jax", "tensorflow", "onnxruntime", "cupy", "numba", "scipy", "ml_dtypes")  # fmt: skip

_VARIABLES = (
    "OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_PLACES", "OMP_WAIT_POLICY", "GOMP_CPU_AFFINITY", "GOMP_SPINCOUNT",
    "KMP_AFFINITY", "KMP_BLOCKTIME", "MKL_NUM_THREADS", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR",
    "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA",
    "ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU_FEATURES", "CUDA_VISIBLE_DEVICES", "CUDA_LAUNCH_BLOCKING",
    "NVIDIA_TF32_OVERRIDE", "TORCHINDUCTOR_MAX_AUTOTUNE", "TRITON_INTERPRET",
)  # fmt: skip
"""Variables of the environment that change how fast a library computes."""


def _details(on_cuda: bool) -> Dict[str, str]:
    """Versions, devices and settings, as texts by name."""
    found = {"python": f"{platform.python_implementation()} {platform.python_version()}"}
    for name in _LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if version is not None:
            found[name] = str(version)
    tellers = [_numpy_details, _torch_details, *([_cuda_details, _gpu_details] if on_cuda else [])]
    for tell in tellers:
        try:
            found.update(tell())
        except Exception as error:  # noqa: BLE001: what a version of a library does not tell is left out, and logged
            print(f"attnbench_kernel: {tell.__name__}: {error!r}", file=sys.stderr)
    found.update({name: os.environ[name] for name in _VARIABLES if name in os.environ})
    return found


def _own_files() -> List[str]:
    """The program's own code: what was imported from the folders of its files, this one apart."""
    paths = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    own = {os.path.abspath(path) for path in (*_served, *filter(None, paths)) if path.endswith(".py")}
    folders = {os.path.dirname(os.path.abspath(path)) for path in _served}
    return sorted(
        path
        for path in own
        if path != os.path.abspath(__file__)
        and not re.search(r"[\\/](site|dist)-packages[\\/]", path)
        and any(path.startswith(folder + os.sep) for folder in folders)
    )[:1000]


def _numpy_details() -> Dict[str, str]:
    numpy = sys.modules.get("numpy")
    if numpy is None or tuple(int(part) for part in numpy.__version__.split(".")[:2]) < (1, 25):
        return {}
    config = numpy.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    simd = config.get("SIMD Extensions", {})
    return {
        "numpy blas": f"{blas.get('name')} {blas.get('version')}",
        "numpy simd": " ".join(simd.get("baseline", []) + simd.get("found", [])),
    }


def _torch_details() -> Dict[str, str]:
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    lines = [line.strip(" -\t") for line in torch.__config__.show().splitlines()]
    found = {"torch precision of float32 products": torch.get_float32_matmul_precision()}
    for name, words in (("torch mkl", "Math Kernel Library"), ("torch onednn", "MKL-DNN"), ("torch openmp", "OpenMP")):
        found.update({name: line for line in lines if words in line})
    capability = getattr(getattr(torch.backends, "cpu", None), "get_cpu_capability", None)
    usage = [line for line in lines if line.startswith("CPU capability usage:")]
    if capability is not None:
        found["torch cpu capability"] = capability()
    elif usage:
        found["torch cpu capability"] = usage[0].split(":", 1)[1].strip()
    parallel = re.search(r"ATen parallel backend: (.+)", torch.__config__.parallel_info())
    if parallel:
        found["torch threads by"] = parallel[1]
    return found


def _cuda_details() -> Dict[str, str]:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {}
    return {
        "torch cuda": str(torch.version.cuda),
        "cuda device": torch.cuda.get_device_name(),
        "cuda capability": ".".join(str(part) for part in torch.cuda.get_device_capability()),
        "cuda tf32": "on" if torch.backends.cuda.matmul.allow_tf32 else "off",
    }


def _gpu_details() -> Dict[str, str]:
    """What the driver says of the devices, where its program is: driver, clocks, power."""
    fields = ("name", "driver_version", "pstate", "clocks.sm", "clocks.max.sm", "clocks.mem", "power.limit")
    asked = ["nvidia-smi", f"--query-gpu={','.join(fields)}", "--format=csv,noheader"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"attnbench_kernel: nvidia-smi: {error}", file=sys.stderr)
        return {}
    found = {}
    for index, line in enumerate(answer.stdout.strip().splitlines()):
        values = [part.strip() for part in line.split(",")]
        found.update({f"gpu {index} {field}": value for field, value in zip(fields, values)})
    return found


def _texts(details: Dict[Any, Any]) -> Dict[str, str]:
    """Details as the protocol has them: short names and one-line texts."""
    return {str(name)[:60]: " ".join(str(value).split())[:400] for name, value in details.items()}


# --- The conversation -----------------------------------------------------------------------------------------


class _Ended(BaseException):
    """attnbench has ended: there is nobody to answer, whatever a kernel catches."""


class _Channel:
    """Requests and answers, a line each, on streams that nothing else in the process uses."""

    def __init__(self, requests: int, answers: int) -> None:
        self._requests = os.fdopen(requests, "rb")
        self._answers = answers

    def read(self) -> Optional[Dict[str, Any]]:
        """The next request, or None at the end."""
        line = self._requests.readline()
        return json.loads(line.decode("utf-8")) if line else None

    def write(self, answer: Dict[str, Any]) -> None:
        line = json.dumps(answer, allow_nan=False).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self._answers, line) :]


_channel: Optional[_Channel] = None
_served: List[str] = []
"""The files that declare kernels: the program, or what `python3 -m attnbench_kernel` was given."""
_is_command = False
_has_served = False


def _take_over() -> _Channel:
    """Keeps standard input and output for the conversation: what is printed goes to standard error from now on,
    and who reads standard input finds its end."""
    global _channel
    if _channel is None:
        requests, answers = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        if sys.stdout is not None:
            sys.stdout.flush()
            sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        _channel = _Channel(requests, answers)
    return _channel


def serve(name: Optional[str] = None, details: Optional[Dict[str, str]] = None) -> None:
    """Answers attnbench for all kernels of the program, until it has no more requests. The last line of a file.

    `name` is what the program is called in results, by default the file's name; `details` are texts by name that
    they record besides versions, devices and settings.
    """
    global _has_served
    # A process that multiprocessing starts reads the file again, and `python3 -m attnbench_kernel` serves itself.
    if _is_command or _is_worker():
        return
    _has_served = True
    if not _served:
        _served.append(sys.argv[0])
    if not _kernels:
        raise ValueError("serve: declare a kernel with @kernel first")
    channel = _take_over()
    faulthandler.enable()
    # An interrupt of the terminal is for attnbench, which ends what it started.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    program = _Program(channel, name or os.path.basename(sys.argv[0]) or "python", details or {})
    try:
        while True:
            request = channel.read()
            if request is None:
                return
            channel.write(program.answer(request))
    except (BrokenPipeError, _Ended):
        return


def _is_worker() -> bool:
    """Whether multiprocessing started this process, and has imported itself here."""
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


class _Program:
    """Answers requests, one after the other."""

    def __init__(self, channel: _Channel, name: str, details: Dict[str, str]) -> None:
        self._channel = channel
        self._name = name
        self._details = details
        self._calls: Dict[int, _Call] = {}

    def answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """The answer to a request: `ok`, or `error` and why, whatever a kernel's own code raises."""
        answers = {
            "hello": self._hello,
            "supports": self._supports,
            "prepare": self._prepare,
            "load": self._load,
            "run": self._run,
            "outputs": self._outputs,
            "dispose": self._dispose,
        }
        try:
            name = request["request"]
            if name not in answers:
                raise Refused(f"request must be one of {', '.join(answers)}, got {name!r}")
            return {"id": request["id"], "ok": answers[name](request)}
        except Refused as refused:
            return {"id": request["id"], "error": _one_line(str(refused))}
        except (Exception, SystemExit) as error:  # noqa: BLE001: whatever it is, only this case fails
            traceback.print_exc()
            return {"id": request["id"], "error": _told(error)}

    def _hello(self, request: Dict[str, Any]) -> Dict[str, Any]:
        if PROTOCOL not in request["protocol"]:
            raise Refused(f"attnbench_kernel speaks version {PROTOCOL}, attnbench {request['protocol']}")
        kernels = []
        for one in _kernels.values():
            details = one.details() if callable(one.details) else one.details
            kernels.append({**one.answer, "details": _texts(details or {})})
        on_cuda = any(one.device.startswith("cuda") for one in _kernels.values())
        return {
            "protocol": PROTOCOL,
            "name": self._name[:200],
            "clock": "time.perf_counter" + (", torch.cuda.Event" if on_cuda else ""),
            "details": _texts({**_details(on_cuda), **self._details}),
            "files": _own_files(),
            "kernels": kernels,
        }

    def _supports(self, request: Dict[str, Any]) -> Union[bool, str]:
        one, case = self._asked(request)
        if one.device.startswith("cuda") and not _imported("torch").cuda.is_available():
            return f"PyTorch {_imported('torch').__version__} finds no CUDA device"
        answer = True if one.supports is None else one.supports(case)
        if answer is True or (isinstance(answer, str) and answer.strip()):
            return answer if answer is True else _one_line(answer)
        raise Refused(f"supports must return True, or why not as a text, got {answer!r}")

    def _prepare(self, request: Dict[str, Any]) -> Dict[str, Any]:
        def given(need: str) -> str:
            self._channel.write({"id": request["id"], "need": need})
            answer = self._channel.read()
            if answer is None:
                raise _Ended
            if "given" not in answer:
                raise Refused(str(answer.get("error", f"{need} was not given")))
            return answer["given"]["file"]

        one, _ = self._asked(request)
        case = Case(request["case"], _opened(request["inputs"]), _opened(request["output"]), given)
        self._calls[request["call"]] = _Call(one, case)
        # From here on a request may come at any time: it is not the answer to a need.
        case._given = None
        return {}

    def _load(self, request: Dict[str, Any]) -> Dict[str, Any]:
        self._call(request).load()
        return {}

    def _run(self, request: Dict[str, Any]) -> Dict[str, Optional[float]]:
        return self._call(request).run(request["calls"])

    def _outputs(self, request: Dict[str, Any]) -> Dict[str, Any]:
        return self._call(request).outputs()

    def _dispose(self, request: Dict[str, Any]) -> Dict[str, Any]:
        call = self._calls.pop(request["call"], None)
        if call is not None:
            case = weakref.ref(call.case)
            del call
            if case() is not None:
                # A cycle of the kernel's own holds its tensors, and with them the files.
                gc.collect()
        return {}

    def _asked(self, request: Dict[str, Any]) -> Tuple[Kernel, Case]:
        if request["kernel"] not in _kernels:
            raise Refused(f"kernel must be one of {', '.join(_kernels)}, got {request['kernel']!r}")
        return _kernels[request["kernel"]], Case(request["case"])

    def _call(self, request: Dict[str, Any]) -> _Call:
        if request["call"] not in self._calls:
            raise Refused(f"call {request['call']!r} is not prepared")
        return self._calls[request["call"]]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 500 else line[:499] + "…"


def _told(error: BaseException) -> str:
    """An exception in one line: its type, what it says, and where in the kernel's own file it was raised."""
    what = _one_line("".join(traceback.format_exception_only(type(error), error)))
    own = {one.prepare.__code__.co_filename for one in _kernels.values() if hasattr(one.prepare, "__code__")}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    frames = [frame for frame in frames if frame.filename in own] or frames
    if not frames:
        return what
    return f"{what} ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})"


def _main(words: List[str]) -> None:
    """`python3 -m attnbench_kernel FILE…`: serves the kernels of files that do not end with `serve()`."""
    global _is_command
    if not words:
        raise SystemExit("usage: python3 -m attnbench_kernel FILE…")
    _is_command = True
    for path in words:
        sys.argv = [path]
        sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
        runpy.run_path(path, run_name="__main__")
    _is_command = False
    _served.extend(words)
    serve(" ".join(os.path.basename(path) for path in words))


def _say_what_is_missing() -> None:
    if _kernels and not _has_served and not _is_worker():
        print(
            "attnbench_kernel: the file declares kernels and does not serve them; end it with serve()", file=sys.stderr
        )


if __name__ == "__main__":
    # Files import this module by its name: theirs is the one that knows their kernels.
    import attnbench_kernel

    attnbench_kernel._main(sys.argv[1:])
elif os.environ.pop("ATTNBENCH_PROTOCOL", None) is not None:
    # attnbench started the process: what the modules imported from here on print is kept out of its answers.
    _take_over()
    atexit.register(_say_what_is_missing)
