"""Records what pycocotools makes of masks and polygons: packages/datasets/test/readers/coco-masks.json.

The masks and polygons themselves are drawn from a generator that the test has too; of a thousand cases the file has a hash
of what pycocotools says, and the first ones in full.
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy
from pycocotools import mask as api

PATH = Path(__file__).resolve().parents[2] / "packages" / "datasets" / "test" / "readers" / "coco-masks.json"
CASES = 1000
SHOWN = 12


class Lcg:
    """x ← 1664525·x + 1013904223 mod 2³² (Numerical Recipes); the upper 16 bits are used."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return (self.state >> 16) % n


def random_mask(lcg, height, width):
    """Runs of random lengths, column by column: what real masks look like."""
    flat = numpy.zeros(height * width, numpy.uint8)
    at, value = 0, lcg.below(2)
    while at < flat.size:
        run = 1 + lcg.below(2 * height)
        flat[at : at + run] = value
        at, value = at + run, 1 - value
    return numpy.asfortranarray(flat.reshape((height, width), order="F"))


def random_polygon(lcg, height, width):
    """Quarters of pixels, some of them outside the image."""
    count = 3 + lcg.below(8)
    xy = []
    for _ in range(count):
        xy += [lcg.below(4 * (width + 8)) / 4 - 4, lcg.below(4 * (height + 8)) / 4 - 4]
    return xy


def text(rle):
    return rle["counts"].decode()


def case(lcg):
    height, width = 1 + lcg.below(40), 1 + lcg.below(40)
    first, second = random_mask(lcg, height, width), random_mask(lcg, height, width)
    polygons = [random_polygon(lcg, height, width) for _ in range(1 + lcg.below(3))]
    a, b = api.encode(first), api.encode(second)
    drawn = api.frPyObjects(polygons, height, width)
    whole = api.merge(drawn)
    return "|".join(
        [
            f"{height}x{width}",
            text(a),
            text(b),
            str(int(api.area(a))),
            ",".join(str(int(v)) for v in api.toBbox(a)),
            text(api.merge([a, b])),
            text(api.merge([a, b], intersect=True)),
            *[text(each) for each in drawn],
            text(whole),
            str(int(api.area(whole))),
            ",".join(str(int(v)) for v in api.toBbox(whole)),
        ]
    )


lcg = Lcg(7)
lines = [case(lcg) for _ in range(CASES)]
PATH.parent.mkdir(parents=True, exist_ok=True)
PATH.write_text(
    json.dumps(
        {
            "source": f"pycocotools {version('pycocotools')}",
            "seed": 7,
            "count": CASES,
            "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
            "first": lines[:SHOWN],
        },
        indent=1,
    )
    + "\n"
)
