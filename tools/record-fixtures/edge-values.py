"""Records what PyTorch makes of zeros, infinities, NaN, very large and very small numbers:
packages/tensor/test/conformance/fixtures/edge-values.json

    python tools/record-fixtures/edge-values.py     (with torch and numpy)

Everything is computed in float64 from float32 numbers and rounded to float32 at the end.
"""

import json
import math
import pathlib
import warnings

import numpy as np
import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).resolve().parents[2] / "packages/tensor/test/conformance/fixtures/edge-values.json"
INF, NAN = math.inf, math.nan
LARGEST, SMALLEST, TINIEST = 3.4028234663852886e38, 1.1754943508222875e-38, 1.401298464324817e-45

POINTS = [
    0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.75, -0.75, 3, -3, 1e-10, -1e-10, 1e-4, -1e-4, SMALLEST, -SMALLEST,
    TINIEST, -TINIEST, 1e-40, -1e-40, 10, -10, 20, -20, 50, -50, 87, -87, 88.5, -88.5, 89, -89, -104, 100, -100, 1000, -1000,
    math.pi, math.pi / 2, 2 * math.pi, 1e5, -1e5, 4194304.5, 8388609, 16777216, 1e10, -1e10, 1e20, -1e20, LARGEST, -LARGEST,
    INF, -INF, NAN,
]
OPERANDS = [
    0.0, -0.0, 1, -1, 0.5, -2, 3, 2.5, -7.25, TINIEST, -TINIEST, SMALLEST, 1e-20, 1e20, LARGEST, -LARGEST, INF, -INF, NAN,
]

UNARY = {
    "neg": torch.neg, "abs": torch.abs, "sign": lambda x: torch.where(x.isnan(), x, x.sign()),  # NaN as in NumPy
     "floor": torch.floor, "ceil": torch.ceil, "round": torch.round,
    "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "square": torch.square, "reciprocal": torch.reciprocal, "exp": torch.exp,
    "expm1": torch.expm1, "log": torch.log, "log2": torch.log2, "log10": torch.log10, "log1p": torch.log1p,
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan,
    "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "erf": torch.erf,
    "relu": torch.relu, "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "clamp": lambda x: x.clamp(-1, 1), "isNaN": torch.isnan, "isFinite": torch.isfinite,
}
BINARY = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div,
    "floorDiv": lambda a, b: torch.div(a, b, rounding_mode="floor"), "mod": torch.remainder, "pow": torch.pow,
    "maximum": torch.maximum, "minimum": torch.minimum, "atan2": torch.atan2, "less": torch.less,
    "lessEqual": torch.less_equal, "equal": torch.eq, "greater": torch.greater, "greaterEqual": torch.greater_equal,
    "notEqual": torch.ne,
}


def written(values):
    """Shortest decimals of float32 numbers; JSON has neither NaN nor infinities, and readers lose −0."""

    def one(x):
        x = np.float32(x)
        if np.isnan(x):
            return "NaN"
        if np.isinf(x):
            return "Infinity" if x > 0 else "-Infinity"
        if x == 0:
            return "-0" if np.signbit(x) else 0
        text = str(x)
        return int(float(text)) if float(text).is_integer() and abs(x) < 1e15 else float(text)

    return [one(x) for x in values]


def result(function, *operands):
    y = function(*operands)
    return written(y.to(torch.float64).tolist())


def slopes(function, points):
    x = points.clone().requires_grad_()
    y = function(x)
    if not y.requires_grad:
        return None
    return written(torch.autograd.grad(y.sum(), x)[0].tolist())


def main():
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    points = torch.tensor(np.array(POINTS, dtype=np.float32)).double()
    operands = torch.tensor(np.array(OPERANDS, dtype=np.float32)).double()
    left, right = operands.repeat_interleave(len(operands)), operands.repeat(len(operands))
    record = {
        "points": written(POINTS),
        "operands": written(OPERANDS),
        "unary": {name: result(f, points) for name, f in UNARY.items()},
        "slopes": {name: s for name, f in UNARY.items() if (s := slopes(f, points)) is not None},
        "binary": {name: result(f, left, right) for name, f in BINARY.items()},
    }
    lines = []
    for key, value in record.items():
        if isinstance(value, dict):
            inner = ",\n".join(f'  "{name}": {json.dumps(v, separators=(",", ":"))}' for name, v in value.items())
            lines.append(f'"{key}": {{\n{inner}\n}}')
        else:
            lines.append(f'"{key}": {json.dumps(value, separators=(",", ":"))}')
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(OUT.stat().st_size, "bytes")


main()
