"""Loads what write-samples.ts wrote into torchvision's models, strictly, and compares what they say of the same images.

    python packages/models/tools/read_back.py DIRECTORY

read-back.txt is what it printed.
"""

import json
import pathlib
import struct
import sys
import warnings

import numpy
import torch
import torchvision

warnings.simplefilter("ignore")
DTYPES = {"F32": numpy.float32, "I32": numpy.int32}


def read(path):
    """The layout of https://huggingface.co/docs/safetensors: the header's length, the header, the data."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        array = numpy.frombuffer(content[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors


directory = pathlib.Path(sys.argv[1])
print(f"torchvision {torchvision.__version__}, PyTorch {torch.__version__}")
images = read(directory / "images.safetensors")["images"]
for name, expected in json.loads((directory / "logits.json").read_text()).items():
    extra = {"init_weights": False} if name.startswith(("vgg", "googlenet")) else {}
    model = getattr(torchvision.models, name)(num_classes=10, **extra)
    states = read(directory / f"{name}.safetensors")
    model.load_state_dict(states, strict=True)
    with torch.no_grad():
        logits = model.eval()(images)
    expected = torch.tensor(expected)
    error = (logits - expected).abs().max() / expected.square().mean().sqrt()
    assert error < 1e-4, f"{name}: {error}"
    print(f"load_state_dict {name}.safetensors: {len(states)} states, logits equal to {error:.0e}")
