"""Records small files that SciPy and NumPy write, and statistics that NumPy computes: packages/datasets/test/readers/recorded.json."""

import base64
import io
import json
from importlib.metadata import version
from pathlib import Path

import numpy
import scipy.io

PATH = Path(__file__).resolve().parents[2] / "packages" / "datasets" / "test" / "readers" / "recorded.json"


def encoded(write):
    file = io.BytesIO()
    write(file)
    return base64.b64encode(file.getvalue()).decode()


# Digits of SVHN: the value of a pixel tells its row, column, channel and image.
row, column, channel, image = numpy.meshgrid(*(numpy.arange(n) for n in (32, 32, 3, 2)), indexing="ij")
pixels = ((row + 2 * column) * (channel + 1) + 100 * image).astype(numpy.uint8)
digits = {"X": pixels, "y": numpy.array([[10.0], [3.0]])}

# Three images of other sizes, of a generator that the test has too.
state, images = 7, []
for height, width in [(4, 5), (3, 3), (6, 2)]:
    values = []
    for _ in range(height * width * 3):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state >> 24)
    images.append(numpy.array(values, numpy.float64).reshape(-1, 3) / 255)
all_pixels = numpy.concatenate(images)

PATH.write_text(
    json.dumps(
        {
            "source": f"NumPy {version('numpy')}, SciPy {version('scipy')}",
            "compressed": encoded(lambda file: scipy.io.savemat(file, digits, do_compression=True)),
            "text": encoded(lambda file: scipy.io.savemat(file, {"X": "words"}, do_compression=True)),
            "complex": encoded(lambda file: scipy.io.savemat(file, {"X": numpy.array([1j])})),
            "types": encoded(
                lambda file: scipy.io.savemat(
                    file, {"a": numpy.array([[1.5, 2, 3], [4, 5, 6]]), "b": numpy.array([[-7]], numpy.int16)}
                )
            ),
            "npz": encoded(
                lambda file: numpy.savez(
                    file,
                    x_train=numpy.arange(6, dtype=numpy.float32).reshape(3, 2),
                    y_train=numpy.array([2, 0, 1]),
                )
            ),
            "statistics": {"mean": all_pixels.mean(0).tolist(), "std": all_pixels.std(0).tolist()},
        },
        indent=1,
    )
    + "\n"
)
