"""Records how scikit-image cuts images into segments, and what colours are in HSV and Lab:
packages/detection/test/fixtures/segmentation.json

    python tools/record-fixtures/segmentation.py     (with scikit-image, torch and NumPy)

Images are drawn by a hash of integers that the test computes too; only the number of segments and a hash of the labels
are stored.
"""

import numpy as np
import skimage
from skimage.color import rgb2hsv, rgb2lab
from skimage.segmentation import felzenszwalb

from draws import draw, list_hash
from recording import record


def image(seed):
    """Patches of different colours, with noise."""
    width, height, patch = 8 + draw(seed, 0) % 40, 8 + draw(seed, 1) % 40, 3 + draw(seed, 2) % 9
    noise = [4, 20, 60][seed % 3]
    pixels = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                base = draw(seed, 100000 + (y // patch * 100 + x // patch) * 3 + c) % 190
                pixels[y, x, c] = base + draw(seed, 10 + (y * width + x) * 3 + c) % noise
    return pixels


def numbered(labels):
    numbers = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels.reshape(-1).tolist()]


def case(seed):
    # Without smoothing many differences are equal, and scikit-image sorts equal ones in no defined order.
    scale, sigma, least = [30, 100, 300][seed // 3 % 3], [0.3, 0.5, 0.8, 1.3][seed % 4], [0, 8, 20][seed // 2 % 3]
    labels = numbered(felzenszwalb(image(seed), scale=scale, sigma=sigma, min_size=least))
    return {"seed": seed, "scale": scale, "sigma": sigma, "minSize": least, "count": max(labels) + 1, "labels": list_hash(labels)}


def main():
    colours = image(2)[:4, :6].reshape(-1, 3)
    colours = np.concatenate([colours, [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255], [7, 7, 7], [255, 0, 255]]]).astype(np.uint8)
    hsv = rgb2hsv(colours[None])[0] * 255
    lab = rgb2lab(colours[None])[0] * [2.55, 1, 1] + [0, 128, 128]
    cases = [case(seed) for seed in range(100)]
    cases.append({"rgb": colours.tolist(), "hsv": hsv.round(4).tolist(), "lab": lab.round(4).tolist()})
    record("detection", "segmentation", cases, f"scikit-image {skimage.__version__}")


main()
