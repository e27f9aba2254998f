"""Writes the files that @badak/formats is tested with, by NumPy and PyTorch, and the values that they hold.

    python tools/record-fixtures/formats.py

writes packages/formats/test/fixtures/: *.npy, *.npz, *.pth, and formats.json with type, shape and values of each array.

    python tools/record-fixtures/formats.py --read DIRECTORY

reads what packages/formats/tools/write-samples.ts wrote there, by NumPy and PyTorch (with the package safetensors), and
compares it with formats.json; packages/formats/tools/read-back.txt is what it printed.
"""

import io
import json
import pathlib
import sys
from collections import OrderedDict

import numpy as np
import torch

FIXTURES = pathlib.Path(__file__).parents[2] / "packages/formats/test/fixtures"

ARRAYS = {
    "matrix": np.linspace(-1, 1, 6, dtype="<f4").reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(12, dtype="<f4").reshape(2, 3, 2)),
    "bigEndian": np.array([[1.5, -2.25], [1e-30, 3e30]], dtype=">f4"),
    "bigEndianFortran": np.asfortranarray(np.arange(6, dtype=">f8").reshape(3, 2) / 3),
    "double": np.array([[1e-300], [2.5]], dtype="<f8"),
    "half": np.array([1.5, -2.0, 65504.0], dtype="<f2"),
    "ints": np.array([-1, 2**31 - 1], dtype="<i4"),
    "longs": np.array([-(2**31), 7, 2**31 - 1], dtype="<i8"),
    "shorts": np.array([-300, 300], dtype="<i2"),
    "bytes": np.array([-128, 127], dtype="i1"),
    "pixels": np.array([0, 128, 255], dtype="u1"),
    "mask": np.array([True, False, True]),
    "scalar": np.array(-0.0, dtype="<f4"),
    "empty": np.zeros((0, 4), dtype="<f4"),
    "한글/a.b": np.ones((1, 1), dtype="<f4"),
}


def described(x):
    """Type, shape and values in row-major order, as the tensors of badak have them."""
    if isinstance(x, torch.Tensor):
        x = x.detach().float().numpy() if x.dtype == torch.bfloat16 else x.detach().numpy()
    name = x.dtype.newbyteorder("=").name
    x = x.astype("u1") if name == "bool" else x
    name = {"int64": "int32", "int16": "int32", "int8": "int32"}.get(name, name)
    return {"dtype": name, "shape": list(x.shape), "values": x.reshape(-1).tolist()}


def numpy_files():
    for version in (1, 2, 3):
        with open(FIXTURES / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, ARRAYS["matrix"], version=(version, 0))
    np.savez(FIXTURES / "stored.npz", **ARRAYS)
    np.savez_compressed(FIXTURES / "deflated.npz", matrix=ARRAYS["matrix"], zeros=np.zeros((16, 64), dtype="<f4"))
    # What encodeNpy must write, byte for byte: the types that badak writes.
    written = {}
    for name in ("half", "scalar", "empty"):
        file = io.BytesIO()
        np.save(file, ARRAYS[name])
        written[name] = file.getvalue().hex()
    return written


def tensors():
    base = torch.arange(12, dtype=torch.float32).reshape(2, 3, 2) / 8
    return OrderedDict(
        base=base,
        transposed=base.transpose(0, 2),
        window=base[1, 1:, ::2],
        expanded=torch.tensor([[1.0], [2.0]]).expand(2, 3),
        parameter=torch.nn.Parameter(torch.tensor([0.1, 0.2])),
        half=torch.tensor([1.5, -2.0, 65504.0], dtype=torch.float16),
        bfloat=torch.tensor([1.0, -3.140625, 1e30], dtype=torch.bfloat16),
        double=torch.tensor([1 / 3], dtype=torch.float64),
        longs=torch.tensor([-(2**31), 2**31 - 1]),
        ints=torch.tensor([1, -2], dtype=torch.int32),
        shorts=torch.tensor([-300], dtype=torch.int16),
        bytes=torch.tensor([-128], dtype=torch.int8),
        pixels=torch.tensor([0, 255], dtype=torch.uint8),
        mask=torch.tensor([True, False]),
        scalar=torch.tensor(7),
        empty=torch.zeros(0, 4),
    )


def model():
    torch.manual_seed(5)
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))


def torch_files():
    torch.save(tensors(), FIXTURES / "tensors.pth")
    shared = ["a", "b"]
    values = {
        "epoch": 3, "loss": -0.125, "best": None, "done": True, "names": shared, "again": shared, "pair": (1, -2),
        "four": (1, 2, 3, 4), "none": (), "labels": {300, 70000}, "big": 2**53, "negative": -(2**40), "raw": b"\x00\xff",
        "text": "한글", "state": {0: {"step": 1.0}},
    }
    torch.save({"model": model().state_dict(), **values}, FIXTURES / "checkpoint.pth")
    torch.save({"weight": torch.ones(2), "buffer": bytearray(b"ab"), **values}, FIXTURES / "protocol5.pth", pickle_protocol=5)
    legacy = {"model": model().state_dict(), "tensors": tensors(), **values}
    torch.save(legacy, FIXTURES / "legacy.pth", _use_new_zipfile_serialization=False)


def record():
    FIXTURES.mkdir(exist_ok=True)
    files = numpy_files()
    torch_files()
    values = {
        "npz": {name: described(x) for name, x in ARRAYS.items()},
        "npy": files,
        "tensors": {name: described(x) for name, x in tensors().items()},
        "stateDict": {name: described(x) for name, x in model().state_dict().items()},
    }
    (FIXTURES / "formats.json").write_text(json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(sum(file.stat().st_size for file in FIXTURES.iterdir()), "bytes")


def read(directory):
    """Compares the files that badak wrote with what they were written from."""
    import safetensors
    from safetensors.torch import load_file

    print(f"NumPy {np.__version__}, PyTorch {torch.__version__.split('+')[0]}, safetensors {safetensors.__version__}")
    expected = json.loads((FIXTURES / "formats.json").read_text())["npz"]
    for file in ("stored.npz", "deflated.npz"):
        arrays = np.load(directory / file)
        assert sorted(arrays) == sorted(expected), sorted(arrays)
        for name, want in expected.items():
            assert described(arrays[name]) == want, (file, name)
        print(f"numpy.load {file}: {len(expected)} arrays equal")
    assert described(np.load(directory / "matrix.npy")) == expected["matrix"]
    print("numpy.load matrix.npy: equal")
    loaded = load_file(directory / "model.safetensors")
    assert sorted(loaded) == sorted(expected)
    for name, want in expected.items():
        assert described(loaded[name]) == want, name
    print(f"safetensors.torch.load_file model.safetensors: {len(loaded)} tensors equal")


if sys.argv[1:2] == ["--read"]:
    read(pathlib.Path(sys.argv[2]))
else:
    record()
