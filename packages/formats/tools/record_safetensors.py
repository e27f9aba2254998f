"""Writes test/fixtures/numpy.safetensors: NumPy's bytes in the layout that the format's page publishes.

    python tools/record_safetensors.py

The layout, from https://huggingface.co/docs/safetensors: eight bytes with the little-endian length of the header, the
header in JSON padded with spaces to a multiple of eight, the data of the tensors without gaps, C order, little-endian.
As the reference implementation does, tensors are ordered by descending alignment of their type, then by name.
"""

import json
import pathlib
import struct

import numpy as np

tensors = {
    "weight": np.linspace(-1, 1, 6, dtype="<f4").reshape(2, 3),
    "bias": np.array([np.pi, -0.0, np.inf], dtype="<f4"),
    "moment": np.array([[1e-300], [2.5]], dtype="<f8"),
    "half": np.array([1.5, -2.0, 65504.0], dtype="<f2"),
    "labels": np.array([-1, 2**31 - 1], dtype="<i4"),
    "pixels": np.array([0, 128, 255], dtype="u1"),
    "mask": np.array([True, False, True]),
    "scalar": np.array(7, dtype="<i4"),
    "empty": np.zeros((0, 4), dtype="<f4"),
}
order = ["f8", "f4", "i4", "f2", "u1", "b1"]
names = dict(zip(order, ["F64", "F32", "I32", "F16", "U8", "BOOL"]))

header: dict = {"__metadata__": {"format": "np", "문자": "한글"}}
data = b""
for name, array in sorted(tensors.items(), key=lambda item: (order.index(item[1].dtype.str[1:]), item[0])):
    begin = len(data)
    data += array.tobytes()
    header[name] = {
        "dtype": names[array.dtype.str[1:]],
        "shape": list(array.shape),
        "data_offsets": [begin, len(data)],
    }

text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
text += b" " * (-len(text) % 8)
path = pathlib.Path(__file__).parent.parent / "test/fixtures/numpy.safetensors"
path.write_bytes(struct.pack("<Q", len(text)) + text + data)
