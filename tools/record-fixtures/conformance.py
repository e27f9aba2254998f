"""Records what PyTorch makes of the conformance table: packages/tensor/test/conformance/fixtures/conformance.json

    python tools/record-fixtures/conformance.py     (with torch; `node` on the PATH)

The inputs come from the table itself (conformance-inputs.ts). They are float32 numbers; everything is computed and
recorded in float64, so that a comparison measures the error of badak alone. Gradients are those of the sum of all float
outputs, each element weighted by the table's cotangent.
"""

import json
import math
import pathlib
import subprocess

import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/tensor/test/conformance/fixtures/conformance.json"
TYPES = {
    "float32": torch.float64, "float64": torch.float64, "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool,
}

torch.set_default_dtype(torch.float64)


def gelu_chain(x):
    y = torch.log1p(torch.sqrt(torch.sigmoid(F.gelu(torch.exp(torch.tanh(x * 2 + 1)) - 0.5))))
    return y


def floor_div(a, b):
    return torch.div(a, b, rounding_mode="floor")


def long(i):
    return i.long()


def i32(*tensors):
    return [t.to(torch.int32) for t in tensors]


def dilate(x, step, axis):
    size = list(x.shape)
    size[axis] = (size[axis] - 1) * step + 1
    places = torch.arange(0, size[axis], step)
    return torch.zeros(size).index_copy(axis, places, x)


def indexed(pooled):
    return [pooled[0], pooled[1].to(torch.int32)]


def both(pair):
    return [pair.values, pair.indices.to(torch.int32)]


def half(x):
    return x.to(torch.float32).to(torch.float16).to(torch.float32).double()


def logical(x):
    return x != 0


def layer_norm(x, g, b):
    return F.layer_norm(x, x.shape[-1:], g, b, eps=1e-5)


def batch_norm(x, g, b):
    return F.batch_norm(x, None, None, g, b, training=True, eps=1e-5)


def same(x, w):
    """Padding of ⌊(extent − 1)/2⌋ before and the rest after each axis."""
    widths = []
    for extent in reversed(w.shape[2:]):
        widths += [(extent - 1) // 2, (extent - 1) - (extent - 1) // 2]
    return F.pad(x, widths)


def recurrence(x, w, h):
    for _ in range(3):
        h = torch.tanh(x + h @ w)
    return h


def gates(x):
    i, f, g = x.chunk(3, dim=1)
    return torch.sigmoid(i) * torch.tanh(g) + torch.sigmoid(f)


def rotary(x, angle):
    a, b = x.chunk(2, dim=1)
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], dim=1)


def moving_average(x):
    sums = F.pad(x.cumsum(1), (1, 0))
    return (sums[:, 3:] - sums[:, :-3]) / 3


def flip_slice(a, b):
    return a[0:6:2, :][:, [8, 6, 4, 2]] @ b.flip(0, 1)[1:8:2]


ROWS = {
    # Elementwise
    "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "floor": torch.floor, "ceil": torch.ceil, "round": torch.round,
    "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "square": torch.square, "reciprocal": torch.reciprocal, "exp": torch.exp,
    "expm1": torch.expm1, "log": torch.log, "log2": torch.log2, "log10": torch.log10, "log1p": torch.log1p,
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan,
    "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "erf": torch.erf,
    "relu": torch.relu, "softplus": F.softplus,
    "clamp both": lambda x: x.clamp(-0.7, 1.1), "clamp min": lambda x: x.clamp(min=-0.5),
    "clamp max": lambda x: x.clamp(max=0.5),
    "isNaN": lambda x: ((x - x) / (x - x)).isnan(), "isFinite": lambda x: (x / x.floor()).isfinite(),
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div,
    "floorDiv": floor_div, "floorDiv negative": floor_div, "mod": torch.remainder, "mod negative": torch.remainder,
    "pow": torch.pow, "pow of 3": lambda x: x**3, "pow of 2": lambda x: x**2, "pow of −1": lambda x: x**-1,
    "pow of −2": lambda x: x**-2, "pow of ½": lambda x: x**0.5, "pow of 2.5": lambda x: x**2.5,
    "pow of 0": lambda x: x**0, "2 to the power": lambda x: 2**x,
    "maximum": torch.maximum, "minimum": torch.minimum, "atan2": torch.atan2,
    "add broadcast": torch.add, "mul broadcast rank 0": torch.mul, "div broadcast": torch.div,
    "maximum broadcast": torch.maximum, "number on the left of sub": lambda x: 2 - x,
    "number on the left of div": lambda x: 1.7 / x,
    "number on the left of floorDiv": lambda x: floor_div(torch.tensor(7.0), x),
    "number on the left of mod": lambda x: torch.remainder(torch.tensor(7.0), x),
    "number on the right": lambda x: x * 0.1 + 0.3, "add rank 0": torch.add, "add empty": torch.add,
    "add int32": torch.add, "sub int32": torch.sub, "mul int32": torch.mul, "mul int32 wraps": torch.mul,
    "div int32": lambda a, b: a.double() / b, "floorDiv int32": floor_div, "floorDiv int32 negative": floor_div,
    "mod int32": torch.remainder, "mod int32 negative": torch.remainder, "maximum int32": torch.maximum,
    "minimum int32": torch.minimum, "neg abs sign int32": lambda x: [-x, x.abs(), x.sign(), x.relu()],
    "floor ceil round int32": lambda x: [x, x, x], "pow int32": lambda x: [x**0, x**1, x**2, x**5],
    "exp int32": lambda x: x.double().exp(), "add uint8 wraps": torch.add, "mul uint8 wraps": torch.mul,
    "sub uint8 wraps": torch.sub, "floorDiv and mod uint8": lambda a, b: [floor_div(a, b), torch.remainder(a, b)],
    "maximum and minimum uint8": lambda a, b: [torch.maximum(a, b), torch.minimum(a, b)],
    "add bool": lambda a, b: a.int() + b, "add int32 and float32": torch.add, "mul uint8 and int32": torch.mul,
    "mul bool and float32": torch.mul, "clamp int32": lambda x: x.clamp(-10, 20),
    "less": lambda a, b: [a < b, a <= b, a == b], "greater": lambda a, b: [a > b, a >= b, a != b],
    "less float32": lambda a, b: [a < b, a <= b, a > b, a >= b], "equal float32": lambda x: [x == x, x != x, x == 0],
    "less uint8": lambda a, b: [a < b, a > b, a == b], "equal bool": lambda a, b: [a == b, a != b],
    "less broadcast": torch.less, "logic": lambda a, b: [a & b, a | b, a ^ b, ~a],
    "logic of numbers": lambda a, b: [torch.logical_and(a, b), torch.logical_not(a)],
    "where": torch.where, "where broadcast": torch.where,
    "where numbers": lambda c: [torch.where(c, 1.5, -2.0), torch.where(c, 3.0, 4.0)], "where int32": torch.where,
    "where uint8 condition": lambda c, a, b: torch.where(c != 0, a, b), "where bool": torch.where,
    "cast float32 to integers": lambda x: [x.int(), x.bool(), x.abs().to(torch.uint8)],
    "cast int32": lambda x: [x.double(), x.to(torch.uint8), x.bool()],
    "cast uint8 and bool": lambda x, y: [x.double(), x.int(), y.double(), y.to(torch.uint8)],
    "cast float16 and back": half, "add float16": lambda a, b: half(a) + half(b),
    "constants": lambda x: (x + torch.tensor([1.0, 2, 3])) * 2,
    # Reductions
    "std": lambda x: x.std(dim=2), "variance correction 0": lambda x: x.var(dim=(0, 1), correction=0, keepdim=True),
    "std of large offsets": lambda x: x.std(dim=1),
    "sum keepDims": lambda x: [x.sum(1, keepdim=True), x.sum((0, 1, 2), keepdim=True)],
    "mean keepDims": lambda x: x - x.mean((1, 2), keepdim=True), "max keepDims": lambda x: x.amax(0, keepdim=True),
    "sum rank 0": lambda x: [x.sum(), x.mean(), x.amax(), x.prod()],
    "sum of an empty axis": lambda x: [x.sum(1), x.prod(1)],
    "sum to an empty result": lambda x: [x.sum(1), x.amax(1)],
    "sum size 1 axis": lambda x: [x.sum(1), x.prod(1), x.amax(1)], "max of equals": lambda x: x.amax(1),
    "prod with zeros": lambda x: x.prod(1), "logsumexp of large numbers": lambda x: x.logsumexp(1),
    "sum int32": lambda x: i32(x.sum(), x.sum(0), x.prod(0)), "sum int32 wraps": lambda x: i32(x.sum(), x.prod()),
    "max int32": lambda x: [x.amax(), x.amin(0), x.amax(1)],
    "sum uint8": lambda x: i32(x.sum(), x.sum(1), x.sum(0)), "max uint8": lambda x: [x.amax(1), x.amin(0)],
    "mean int32": lambda x: [x.double().mean(), x.double().mean(1)], "variance uint8": lambda x: x.double().var(1),
    "sum bool": lambda x: i32(x.sum(), x.sum(0)),
    "any and all": lambda x: [x.any(), x.all(), x.any(1), x.all(0, keepdim=True)],
    "any and all of numbers": lambda x: [x.bool().any(1), x.bool().all(1)],
    "any and all of nothing": lambda x: [x.any(1), x.all(1)],
    "argmax": lambda x: i32(x.argmax(), x.argmax(0), x.argmax(-1, keepdim=True)),
    "argmin": lambda x: i32(x.argmin(), x.argmin(1), x.argmin(2)),
    "argmax of equals": lambda x: i32(torch.tensor([1, 0]), torch.tensor([3, 0])),
    "argmax uint8": lambda x: i32(torch.tensor([row.tolist().index(row.max()) for row in x]))[0],
    "argmax of a view": lambda x: i32(x.T[1:7:2].argmax(1))[0],
    "softmax": lambda x: x.softmax(-1), "softmax axis 0": lambda x: x.softmax(0),
    "softmax of large numbers": lambda x: x.softmax(-1), "logSoftmax": lambda x: x.log_softmax(-1),
    "logSoftmax middle axis": lambda x: x.log_softmax(1),
    "softmax over one": lambda x: [x.softmax(-1), x.log_softmax(-1)],
    # Movement
    "reshape": lambda x: [x.reshape(6, 4), x.reshape(-1), x.reshape(2, -1, 3)],
    "reshape of a transpose": lambda x: x.T.reshape(4, 6), "reshape of a slice": lambda x: x[:, 1:5].reshape(2, 8),
    "reshape of an expansion": lambda x: x.expand(3, 4).reshape(12),
    "reshape of padding": lambda x: F.pad(x, (0, 2, 1, 0)).reshape(5, 3),
    "reshape to rank 0 and back": lambda x: x.reshape(1), "reshape of nothing": lambda x: x.reshape(2, 0, 7),
    "permute": lambda x: [x.permute(2, 0, 1), x.permute(1, 0, 2), x],
    "transpose": lambda x: [x.transpose(-1, -2), x.transpose(0, 2)],
    "expand": lambda x: [x.expand(3, 4), x.expand(2, 3, 5), x.expand(-1, 2)],
    "squeeze": lambda x: [x.squeeze(), x.squeeze(0), x.squeeze((0, -1))],
    "unsqueeze": lambda x: [x.unsqueeze(0), x.unsqueeze(-1)],
    "flatten": lambda x: [x.flatten(), x.flatten(1), x.flatten(0, 1)],
    "slice": lambda x: [x[1:3, 2:5], x[2], x[:, -1], x[0:0]],
    "slice steps": lambda x: [x[::2, 1::3], x[:, [5, 3, 1]]], "slice backwards": lambda x: x.flip(0, 1),
    "slice of a slice": lambda x: x[1:4, 0:6:2][[2, 1]][:, 1:3],
    "flip": lambda x: [x.flip(0, 1, 2), x.flip(1), x.flip(0, -1)], "pad": lambda x: F.pad(x, (3, 1, 0, 2, 1, 0)),
    "pad with a value": lambda x: F.pad(x, (2, 0, 0, 1), value=7.5),
    "dilate": lambda x: [dilate(x, 3, 0), dilate(x, 2, 2), dilate(x, 1, 0)],
    "pad of a pad": lambda x: F.pad(F.pad(x, (0, 0, 1, 1), value=1), (1, 0, 0, 1), value=2),
    "slice of a pad": lambda x: F.pad(x, (3, 3, 2, 2))[1:7][:, [9, 7, 5, 3]],
    "transpose of a pad": lambda x: F.pad(x, (0, 3, 2, 0)).T, "pad of a flip": lambda x: F.pad(x.flip(1), (1, 1, 0, 0)),
    "expand of a pad": lambda x: F.pad(x, (0, 0, 1, 1)).expand(5, 4),
    "pad of an expansion": lambda x: F.pad(x.expand(3, 4), (2, 0, 1, 1)),
    "concat": lambda *x: torch.cat(x), "concat last axis": lambda *x: torch.cat(x, -1),
    "concat with an empty one": lambda *x: torch.cat(x),
    "concat of expressions": lambda a, b: torch.cat([a.exp(), b * 2, a.T.reshape(2, 3)], 1),
    "concat of types": lambda a, b: torch.cat([a.double(), b]),
    "stack": lambda *x: [torch.stack(x), torch.stack(x, 1), torch.stack(x, -1)],
    "split": lambda x: [*x.chunk(3), *x.split([1, 4], 1)],
    "repeat": lambda x: [x.repeat_interleave(2, 0), x.repeat_interleave(3, 1)],
    "tile": lambda x: [x.tile(2, 1), x.tile(2), x.tile(2, 1, 2)],
    "views of int32": lambda x: [x.T, x.flip(0), x[1:4:2], F.pad(x, (0, 2, 1, 1), value=-1)],
    "views of uint8": lambda x: [x.T, x.flip(1), F.pad(x, (0, 2, 1, 1), value=9), x.reshape(7, 5)],
    "views of bool": lambda x: [x.T, x[:, 0:7:3], F.pad(x, (0, 0, 0, 1), value=True)],
    "concat of uint8": lambda *x: torch.cat(x), "views of float16": lambda x: half(x).T[1:5],
    "arange": lambda: [
        torch.arange(7.0), torch.arange(2.0, 9), torch.arange(1.0, 0, -0.25), torch.arange(5, 0, -2, dtype=torch.int32),
    ],
    "linspace": lambda: [torch.linspace(0, 1, 7), torch.linspace(3, -3, 4), torch.linspace(2, 9, 1)],
    "eye": lambda: [torch.eye(3), torch.eye(2, 4), torch.eye(3, 2, dtype=torch.int32)],
    # 0.1 is rounded to float32 by the tensor that holds it.
    "zeros ones full": lambda: [
        torch.zeros(2, 3), torch.ones(4, dtype=torch.uint8), torch.full((2, 2), 0.1, dtype=torch.float32).double(),
        torch.full((3,), True),
    ],
    "oneHot": lambda x: [F.one_hot(long(x), 5).double(), F.one_hot(long(x), 6).bool()],
    # Contractions
    "matmul transposed left": lambda a, b: a.T @ b, "matmul transposed right": lambda a, b: a @ b.T,
    "matmul transposed both": lambda a, b: a.T @ b.T, "matmul by itself transposed": lambda x: x @ x.T,
    "matmul of flipped slices": flip_slice, "matmul of padding": lambda a, b: F.pad(a, (0, 1, 1, 1)) @ b,
    "matmul of an expansion": lambda a, b: a.expand(5, 4) @ b,
    "matmul of expressions": lambda a, b: a.exp() @ (b * 0.5 + 1), "matmul bias relu": lambda x, w, b: torch.relu(x @ w + b),
    "matmul epilogue with a column": lambda x, w, b: torch.sigmoid((x @ w) * b),
    "matmul epilogue with a matrix": lambda x, w, r: x @ w + r.T,
    "matmul batch epilogue": lambda x, w, b: torch.tanh(x @ w + b), "matmul chain": lambda a, b, c: a @ b @ c,
    "matmul uint8": lambda a, b: a.int() @ b.int(), "matmul bool": lambda a, b: a.int() @ b.int(),
    "conv2d same": lambda x, w: F.conv2d(same(x, w), w),
    "conv2d bias relu": lambda x, w, b: torch.relu(F.conv2d(x, w, b)),
    "conv2d of a view": lambda x, w: F.conv2d(x.permute(3, 1, 2, 0), w.flip(2, 3)),
    "conv2d of an expression": lambda x, w: F.conv2d(torch.relu(x) + 1, w * 0.5),
    "conv2d twice": lambda x, v, w: F.conv2d(torch.relu(F.conv2d(x, v)), w), "conv1d": F.conv1d,
    "conv1d with everything": lambda x, w: F.conv1d(x, w, stride=2, padding=2, dilation=2, groups=2),
    "conv1d same": lambda x, w: F.conv1d(same(x, w), w),
    "convTranspose1d": F.conv_transpose1d,
    "convTranspose1d with everything": lambda x, w: F.conv_transpose1d(
        x, w, stride=3, padding=2, dilation=2, output_padding=2, groups=2),
    # Windows
    "maxPool2d": lambda x: F.max_pool2d(x, 2), "maxPool2d overlapping": lambda x: F.max_pool2d(x, 3, 2, 1),
    "maxPool2d stride 1": lambda x: F.max_pool2d(x, (2, 3), 1),
    "maxPool2d dilated": lambda x: F.max_pool2d(x, 3, 1, 0, (2, 3)),
    "maxPool2d uneven": lambda x: F.max_pool2d(x, (3, 2), (1, 3), (1, 0)),
    "maxPool2d ceilMode": lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
    "maxPool2d of negative numbers": lambda x: F.max_pool2d(x, 3, 1, 1), "maxPool2d of equals": lambda x: F.max_pool2d(x, 2),
    "maxPool2d global": lambda x: F.max_pool2d(x, (6, 7)), "maxPool2d after relu": lambda x: F.max_pool2d(torch.relu(x) + x, 2),
    "maxPool2d of a view": lambda x: F.max_pool2d(x.transpose(-1, -2), 2), "maxPool2d int32": lambda x: i32(F.max_pool2d(x.double(), 2))[0],
    "maxPool2d uint8": lambda x: i32(F.max_pool2d(x.double(), 2))[0],
    "maxPool1d": lambda x: [F.max_pool1d(x, 3), F.max_pool1d(x, 3, 1, 1, 2)], "avgPool2d": lambda x: F.avg_pool2d(x, 2),
    "avgPool2d padded": lambda x: F.avg_pool2d(x, 3, 2, 1),
    "avgPool2d padding not counted": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "avgPool2d ceilMode": lambda x: F.avg_pool2d(x, (3, 2), (2, 2), (1, 1), ceil_mode=True),
    "avgPool2d ceilMode, padding not counted": lambda x: F.avg_pool2d(x, 3, 2, ceil_mode=True, count_include_pad=False),
    "avgPool2d stride 1": lambda x: F.avg_pool2d(x, (2, 3), 1), "avgPool2d global": lambda x: F.avg_pool2d(x, (6, 7)),
    "avgPool2d int32": lambda x: F.avg_pool2d(x.double(), 2),
    "avgPool1d": lambda x: [F.avg_pool1d(x, 3), F.avg_pool1d(x, 4, 2, 2)],
    "maxPool2d indices": lambda x: indexed(F.max_pool2d(x, 3, 2, 1, return_indices=True)),
    "maxPool1d indices": lambda x: indexed(F.max_pool1d(x, 3, 2, 0, 2, ceil_mode=True, return_indices=True)),
    "avgPool2d divisorOverride": lambda x: F.avg_pool2d(x, (2, 3), padding=1, divisor_override=5),
    "maxPool3d": lambda x: F.max_pool3d(x, 2),
    "maxPool3d uneven": lambda x: indexed(
        F.max_pool3d(x, (2, 3, 2), (1, 2, 2), (1, 1, 0), (2, 1, 1), ceil_mode=True, return_indices=True)),
    "maxPool3d of equals": lambda x: F.max_pool3d(x[None], 2)[0], "avgPool3d": lambda x: F.avg_pool3d(x, 2),
    "avgPool3d uneven": lambda x: [
        F.avg_pool3d(x, (2, 3, 2), (2, 2, 3), (1, 1, 0), ceil_mode=True),
        F.avg_pool3d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False), F.avg_pool3d(x, 2, divisor_override=3),
    ],
    "maxPool2d rank 2": lambda x: F.max_pool2d(x[None, None], 2)[0, 0],
    # Positions
    "gather axis 0": lambda x, i: x.gather(0, long(i)), "gather axis 1": lambda x, i: x.gather(1, long(i)),
    "gather one per row": lambda x, i: x.log_softmax(-1).gather(-1, long(i)),
    "gather middle axis": lambda x, i: x.gather(1, long(i)), "gather uint8 index": lambda x, i: x.gather(0, long(i)),
    "gather int32": lambda x, i: x.gather(0, long(i)), "gather uint8": lambda x, i: x.gather(0, long(i)),
    "gather of views": lambda x, i: x.T.gather(0, long(i).T),
    "gather of an expression": lambda x, i: x.exp().gather(0, long(i)) * 2, "gather nothing": lambda x, i: x.gather(0, long(i)),
    "take": lambda x, i: x[long(i)], "take of rank 2": lambda x, i: x[long(i)], "take axis 1": lambda x, i: x[:, long(i)],
    "take one": lambda x, i: x[long(i)], "take bool": lambda x, i: x[long(i)],
    "scatterAdd": lambda x, i, u: x.scatter_add(0, long(i), u), "scatterAdd axis 1": lambda x, i, u: x.scatter_add(1, long(i), u),
    "scatterAdd int32": lambda x, i, u: x.scatter_add(0, long(i), u),
    "scatterAdd of a view": lambda x, i, u: x.scatter_add(0, long(i).T, u.T),
    "scatterAdd of a number": lambda x, i: x.scatter_add(0, long(i), torch.full(i.shape, 2.5)),
    "cumsum": lambda x: [x.cumsum(-1), x.cumsum(0)], "cumsum middle axis": lambda x: x.cumsum(1),
    "cumsum int32": lambda x: i32(x.cumsum(-1), x.cumsum(0)), "cumsum bool and uint8": lambda x, y: i32(x.cumsum(0), y.cumsum(0)),
    "sort": lambda x: both(x.sort(-1)), "sort descending": lambda x: both(x.sort(-1, descending=True)),
    "sort axis 0": lambda x: both(x.sort(0)), "sort int32 with equals": lambda x: both(x.sort(dim=-1, stable=True)),
    "sort int32 descending with equals": lambda x: both(x.sort(dim=-1, stable=True, descending=True)),
    "sort uint8": lambda x: both(x.sort(dim=-1, stable=True)),
    "argsort": lambda x: i32(x.argsort(-1), x.argsort(0, descending=True)), "topk": lambda x: both(x.topk(3)),
    "topk least, axis 0": lambda x: both(x.topk(2, 0, largest=False)), "sort of one": lambda x: both(x.sort(-1)),
    # Composites
    "long elementwise chain": gelu_chain, "a value used three times": lambda x: x.exp() * (x.exp() + 1) - x.exp(),
    "diamond of reductions": lambda x: x.sum(0, keepdim=True) * x.sum(1, keepdim=True) + x, "layer norm": layer_norm,
    "batch norm": batch_norm, "softmax cross-entropy": lambda x, t: F.cross_entropy(x, long(t)),
    "attention": F.scaled_dot_product_attention,
    "two-layer perceptron": lambda x, v, a, w, b: F.linear(torch.relu(F.linear(x, v, a)), w, b).log_softmax(-1),
    "conv block": lambda x, w, b, v: F.max_pool2d(torch.relu(F.conv2d(x, w, b)), 2).flatten(1) @ v,
    "residual": lambda x, w: torch.relu(F.conv2d(x, w, padding=1) + x), "recurrence": recurrence, "gates": gates,
    "rotary halves": rotary, "distance matrix": lambda a, b: (a[:, None] - b[None]).square().sum(2).sqrt(),
    "moving average": moving_average,
    "reduce of a flipped, padded product": lambda a, b: F.pad(a * b.flip(1), (0, 2, 1, 0), value=1).sum(1),
    "reduce of a transposed expression": lambda x: x.exp().T[1:6:2].amax(1),
    "reduction then epilogue then reduction": lambda x: (x.sum(2).tanh() * 2).amax(1),
    "epilogue transposed": lambda x: (x.sum(2) + 1).T.square(), "epilogue with a broadcast": lambda x, y: x.sum(1, keepdim=True) * y + x,
    "stopGradient": lambda x: x * x.detach(), "noGrad": lambda x: x * x.exp().detach(),
    "sorted and weighted": lambda x, w: (x.sort(descending=True).values * w).sum(1),
    "one hot product": lambda i, w: F.one_hot(long(i), 4).double() @ w,
}

AXES = {"all": (0, 1, 2), "last": -1, "first": 0, "middle": 1, "last two": (1, 2), "outer": (0, 2)}


def product(x, axes):
    for axis in sorted([axes] if isinstance(axes, int) else axes, reverse=True):
        x = x.prod(axis)
    return x


for which, axes in AXES.items():
    ROWS |= {
        f"sum {which}": lambda x, a=axes: x.sum(a), f"mean {which}": lambda x, a=axes: x.mean(a),
        f"prod {which}": lambda x, a=axes: product(x, a), f"max {which}": lambda x, a=axes: x.amax(a),
        f"min {which}": lambda x, a=axes: x.amin(a), f"variance {which}": lambda x, a=axes: x.var(a),
        f"logsumexp {which}": lambda x, a=axes: x.logsumexp(a),
    }

for name in [
    "", " one row", " one column", " inner 1", " vectors", " vector by matrix", " matrix by vector", " batch",
    " batch broadcast", " batch by one matrix", " one matrix by batch", " vector by batch", " of nothing inside",
    " of no rows", " int32", " int32 batch",
]:
    ROWS[f"matmul{name}"] = torch.matmul

for name, options in {
    "plain": {}, "channels": {}, "1 × 1": {}, "1 × 1 strided": {"stride": 2}, "padded": {"padding": 1}, "valid": {},
    "strided": {"stride": 2}, "strided by phases": {"stride": 2, "padding": 1},
    "stride leaves a rest": {"stride": 3, "padding": 1}, "stride beyond the kernel": {"stride": 4},
    "patches of one channel": {"stride": 2}, "dilated": {"dilation": 2}, "groups": {"groups": 2}, "depthwise": {"groups": 3, "padding": 1},
    "depthwise twice": {"groups": 3, "stride": 2, "padding": 1},
    "uneven in all": {"stride": (2, 1), "padding": (1, 2), "dilation": (3, 2), "groups": 2}, "wide padding": {"padding": 4},
    "kernel as large as the image": {}, "one row": {"padding": (0, 2)}, "one column": {"padding": (1, 0), "stride": (2, 1)},
    "empty batch": {},
}.items():
    ROWS[f"conv2d {name}"] = lambda x, w, o=options: F.conv2d(x, w, **o)

for name, options in {
    "plain": {}, "1 × 1": {}, "strided": {"stride": 2, "padding": 1},
    "output padding": {"stride": (2, 3), "padding": 1, "output_padding": (1, 2)},
    "4 × 4 doubling": {"stride": 2, "padding": 1}, "stride beyond the kernel": {"stride": 3},
    "patches of one channel": {"stride": (3, 1)}, "dilated": {"dilation": (2, 3)},
    "output padding within the dilation": {"dilation": (3, 2), "output_padding": (2, 1)}, "groups": {"groups": 2},
    "depthwise": {"groups": 3, "stride": 2, "padding": 1, "output_padding": 1},
    "uneven in all": {"stride": (2, 1), "padding": (1, 2), "dilation": (3, 2), "output_padding": (1, 0), "groups": 2},
    "padding beyond the kernel": {"padding": 3}, "one pixel": {}, "empty batch": {},
}.items():
    ROWS[f"convTranspose2d {name}"] = lambda x, w, o=options: F.conv_transpose2d(x, w, **o)

for name, options in {
    "plain": {}, "1 × 1 × 1": {}, "along the depth": {"stride": (2, 1, 1), "padding": (1, 0, 0)},
    "within frames": {"padding": (0, 1, 1)}, "same": {"padding": "same"},
    "uneven in all": {"stride": (2, 1, 3), "padding": (1, 2, 0), "dilation": (3, 1, 2), "groups": 2},
    "depthwise": {"groups": 3, "padding": 1}, "empty batch": {},
}.items():
    ROWS[f"conv3d {name}"] = lambda x, w, o=options: F.conv3d(x, w, **o)

for name, options in {
    "plain": {}, "along the depth": {"stride": (2, 1, 1), "padding": (1, 0, 0)},
    "doubling": {"stride": 2, "padding": 1, "output_padding": 1},
    "uneven in all": {
        "stride": (2, 1, 3), "padding": (1, 1, 0), "dilation": (3, 1, 2), "output_padding": (2, 0, 1), "groups": 2,
    },
}.items():
    ROWS[f"convTranspose3d {name}"] = lambda x, w, o=options: F.conv_transpose3d(x, w, **o)


def number(x):
    if isinstance(x, bool):
        return int(x)
    if isinstance(x, float) and not math.isfinite(x):
        return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
    return int(x) if isinstance(x, float) and x.is_integer() and abs(x) < 2**53 and (x != 0 or math.copysign(1, x) > 0) else x


def flat(x):
    return [number(value) for value in x.detach().reshape(-1).tolist()]


def record(row):
    inputs = [
        torch.tensor([float(v) if spec["dtype"] == "float32" else v for v in spec["values"]], dtype=TYPES[spec["dtype"]])
        .reshape(spec["shape"]) for spec in row["inputs"]
    ]
    for position in row["gradients"]:
        inputs[position].requires_grad_()
    outputs = ROWS[row["name"]](*inputs)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    assert len(outputs) == len(row["outputs"]), row["name"]
    loss = torch.zeros(())
    for output, spec in zip(outputs, row["outputs"]):
        assert list(output.shape) == spec["shape"], (row["name"], output.shape, spec["shape"])
        wanted = torch.float32 if spec["dtype"] == "float16" else TYPES[spec["dtype"]]
        assert output.dtype == wanted, (row["name"], output.dtype, spec["dtype"])
        if output.dtype == torch.float64 and output.requires_grad:
            loss = loss + (output * torch.tensor(spec["cotangent"]).reshape(spec["shape"])).sum()
    chosen = [inputs[position] for position in row["gradients"]]
    found = torch.autograd.grad(loss, chosen, allow_unused=True) if chosen and loss.requires_grad else [None] * len(chosen)
    gradients = [torch.zeros_like(x) if g is None else g for x, g in zip(chosen, found)]
    return {"digest": row["digest"], "outputs": [flat(x) for x in outputs], "gradients": [flat(g) for g in gradients]}


def main():
    command = ["node", "--conditions=@badak/source", "tools/record-fixtures/conformance-inputs.ts"]
    rows = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    missing = [row["name"] for row in rows if row["name"] not in ROWS]
    extra = set(ROWS) - {row["name"] for row in rows}
    assert not missing and not extra, f"no counterpart: {missing}; not in the table: {extra}"
    lines = [f"{json.dumps(row['name'], ensure_ascii=False)}: {json.dumps(record(row), separators=(',', ':'))}" for row in rows]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(rows)} rows, {OUT.stat().st_size} bytes")


main()
