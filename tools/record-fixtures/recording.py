"""How the scripts in this folder write what PyTorch computed."""

import json
import math
from pathlib import Path

import numpy
import torch

ROOT = Path(__file__).resolve().parents[2] / "packages"


def number(value):
    """JSON has no NaN or infinity: those are strings, which JavaScript's Number() reads."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    # As few digits as tell a float32 from its neighbours.
    return float(str(numpy.float32(value)))


def array(tensor):
    tensor = tensor.detach()
    return {"shape": list(tensor.shape), "data": [number(v) for v in tensor.reshape(-1).tolist()]}


def record(package, name, cases, source=f"PyTorch {torch.__version__}"):
    path = ROOT / package / "test" / "fixtures" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f'{{"source":"{source}","cases":[\n{lines}\n]}}\n')
