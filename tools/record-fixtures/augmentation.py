"""What torchvision makes of images with given parameters, by way of Pillow: python augmentation.py

Written with torchvision 0.14.1 and Pillow 9.4.
"""

import base64
import json
from pathlib import Path

import numpy
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode as Mode
from torchvision.transforms import autoaugment
from torchvision.transforms import functional as F

PATH = Path(__file__).resolve().parents[2] / "packages/datasets/test/augment/torchvision.json"


def picture(width, height, channels, seed):
    """Smooth colours, with noise and flat spots."""
    generator = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [
        128 + 110 * numpy.sin(x / (2.5 + c) + c) * numpy.cos(y / (3.5 - c) - c) + generator.normal(0, 12, (height, width))
        for c in range(channels)
    ]
    pixels = numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8)
    pixels[2:5, 3:9] = 40
    pixels[7:9, 4:6] = [0, 255, 130][:channels]
    return Image.fromarray(pixels if channels == 3 else pixels[..., 0])


def encoded(image):
    pixels = numpy.asarray(image)
    return {
        "width": image.width,
        "height": image.height,
        "channels": 1 if pixels.ndim == 2 else pixels.shape[2],
        "data": base64.b64encode(pixels.tobytes()).decode(),
    }


def perspective(source, start, end, interpolation):
    """torchvision's, but for the coefficients, which it finds in single precision."""
    rows, right = [], []
    for (u, v), (x, y) in zip(start, end):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    coefficients = numpy.linalg.solve(numpy.array(rows, float), numpy.array(right, float))
    resample = {Mode.NEAREST: Image.NEAREST, Mode.BILINEAR: Image.BILINEAR, Mode.BICUBIC: Image.BICUBIC}[interpolation]
    return source.transform(source.size, Image.PERSPECTIVE, coefficients, resample, fillcolor=(10, 20, 30))


modes = {"nearest": Mode.NEAREST, "bilinear": Mode.BILINEAR, "bicubic": Mode.BICUBIC}
images = {"color": picture(23, 18, 3, 1), "grey": picture(23, 18, 1, 2), "large": picture(64, 48, 1, 3)}
cases = []


def case(name, image, arguments, result):
    cases.append({"name": name, "image": image, "arguments": arguments, "result": encoded(result)})


for image in ("color", "grey"):
    source = images[image]
    for factor in (0, 0.45, 1, 1.7, 3.2):
        for name in ("brightness", "contrast", "saturation", "sharpness"):
            if image == "grey" and (name == "saturation" or factor in (0, 1)):
                continue
            case(name, image, [factor], getattr(F, f"adjust_{name}")(source, factor))
    for bits in (1, 4, 7):
        case("posterize", image, [bits], F.posterize(source, bits))
    case("solarize", image, [100], F.solarize(source, 100))
    case("solarize", image, [178.5], F.solarize(source, 178.5))
    for name in ("invert", "autocontrast", "equalize"):
        case(name, image, [], getattr(F, name)(source))
    case("gaussianBlur", image, [{"kernelSize": 5, "sigma": 1.3}], F.gaussian_blur(source, [5, 5], [1.3, 1.3]))
case("equalize", "large", [], F.equalize(images["large"]))
for hue in (-0.5, -0.13, 0.002, 0.25, 0.5):
    case("hue", "color", [hue], F.adjust_hue(images["color"], hue))
case("grayscale", "color", [], F.to_grayscale(images["color"], 3))

for mode, interpolation in modes.items():
    source = images["color"]
    options = {"interpolation": mode, "fill": [10, 20, 30]}
    common = {"interpolation": interpolation, "fill": [10, 20, 30]}
    for angle in (30, -77.5):
        case("rotate", "color", [angle, options], F.rotate(source, angle, **common))
    expanded = F.rotate(source, 25, expand=True, **common)
    case("rotate", "color", [25, {**options, "expand": True}], expanded)
    centred = F.rotate(source, 25, center=[4, 6], **common)
    case("rotate", "color", [25, {**options, "center": [4, 6]}], centred)
    for angle, translate, scale, shear in (
        (0, [3, -2], 1, [0, 0]),
        (20, [0, 0], 1.4, [0, 0]),
        (-15, [2, 5], 0.6, [12, -7]),
        (0, [0, 0], 1, [30, 0]),
    ):
        parameters = {"angle": angle, "translate": translate, "scale": scale, "shear": shear}
        result = F.affine(source, angle, translate, scale, shear, **common)
        case("affine", "color", [parameters, options], result)
    start = [[0, 0], [23, 0], [23, 18], [0, 18]]
    end = [[2, 1], [20, 3], [22, 16], [1, 17]]
    case("perspective", "color", [start, end, options], perspective(source, start, end, interpolation))
case("rotate", "grey", [90, {"interpolation": "bilinear"}], F.rotate(images["grey"], 90, Mode.BILINEAR))
case("rotate", "large", [-33, {"interpolation": "bilinear", "fill": 7}], F.rotate(images["large"], -33, Mode.BILINEAR, fill=7))

for size in ([8, 10], [7, 9], [18, 23], [25, 30], [10, 40]):
    case("centerCrop", "color", [size], F.center_crop(images["color"], size))
case("pad", "color", [[1, 2, 3, 4], {"fill": 9}], F.pad(images["color"], [1, 2, 3, 4], fill=9))
case("horizontalFlip", "color", [], F.hflip(images["color"]))
case("verticalFlip", "color", [], F.vflip(images["color"]))
for size in (9, 30, [13, 29]):
    case("resize", "color", [size], F.resize(images["color"], size))
case("resizedCrop", "color", [3, 5, 11, 9, [16, 16]], F.resized_crop(images["color"], 3, 5, 11, 9, [16, 16]))

spaces = {
    "randAugment": autoaugment.RandAugment()._augmentation_space(31, (18, 23)),
    "autoAugment": autoaugment.AutoAugment()._augmentation_space(10, (18, 23)),
    "trivialAugment": autoaugment.TrivialAugmentWide()._augmentation_space(31),
}
policies = {
    policy: {
        name: {"magnitudes": [float(v) for v in magnitudes.reshape(-1)], "signed": signed}
        for name, (magnitudes, signed) in space.items()
    }
    for policy, space in spaces.items()
}
for name, (magnitudes, signed) in spaces["randAugment"].items():
    for sign in (1, -1) if signed else (1,):
        magnitude = sign * float(magnitudes[9] if magnitudes.ndim else 0.0)
        result = autoaugment._apply_op(images["color"], name, magnitude, Mode.NEAREST, None)
        case("operation", "color", [name, magnitude], result)

PATH.parent.mkdir(parents=True, exist_ok=True)
source = f"torchvision {torchvision.__version__}, PyTorch {torch.__version__}, Pillow {PIL.__version__}"
lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
stored = json.dumps({name: encoded(image) for name, image in images.items()}, separators=(",", ":"))
space = json.dumps(policies, separators=(",", ":"))
PATH.write_text(f'{{"source":"{source}",\n"images":{stored},\n"policies":{space},\n"cases":[\n{lines}\n]}}\n')
