"""Small image files of every kind with the pixels that Pillow reads in them, and what Pillow's resize makes of some.

    python tools/record-fixtures/images.py          (Pillow and NumPy)

PNG files that Pillow cannot write (few or 16 bits, interlaced) are written here, from the PNG specification; of 16 bits
a channel the upper 8 are expected, which Pillow's "I;16" does not give.
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps

OUT = Path(__file__).resolve().parents[2] / "packages/images/test/fixtures"


def text(data):
    return base64.b64encode(bytes(data)).decode()


def picture(height, width, channels, seed=0):
    """Waves, an edge and a little noise; alpha from 0 to 255."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.default_rng(seed).integers(0, 24, (height, width, channels))
    planes = [110 + 80 * np.sin((c + 2) * x / 7 + c) + 50 * np.cos(y / (3 + c)) for c in range(channels)]
    out = np.clip(np.stack(planes, -1) + noise - 40 * (x > 2 * y)[..., None], 0, 255)
    if channels in (2, 4):
        out[..., -1] = np.clip((x + y) * 255 / (width + height - 8) - 20, 0, 255)
    return out.astype(np.uint8)


def case(name, file, pixels):
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    if pixels.shape[2] == 2:
        pixels = np.concatenate([np.repeat(pixels[..., :1], 3, 2), pixels[..., 1:]], 2)
    height, width, channels = pixels.shape
    return {"name": name, "file": text(file), "width": width, "height": height, "channels": channels,
            "pixels": text(np.ascontiguousarray(pixels).tobytes())}


def save(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(file):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(file)))


def as_decoded(name, file):
    return case(name, file, np.asarray(opened(file)))


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def jpegs():
    rgb, grey = Image.fromarray(picture(13, 19, 3)), Image.fromarray(picture(13, 19, 1)[..., 0])
    yield as_decoded("jpeg 4:4:4", save(rgb, "JPEG", quality=90, subsampling="4:4:4"))
    yield as_decoded("jpeg 4:2:2", save(rgb, "JPEG", quality=80, subsampling="4:2:2"))
    yield as_decoded("jpeg 4:2:0", save(rgb, "JPEG", quality=75, subsampling="4:2:0"))
    yield as_decoded("jpeg optimised, restart markers", save(rgb, "JPEG", optimize=True, restart_marker_blocks=1))
    yield as_decoded("jpeg progressive", save(rgb, "JPEG", progressive=True))
    yield as_decoded("jpeg grey", save(grey, "JPEG"))
    yield as_decoded("jpeg grey progressive", save(grey, "JPEG", progressive=True))
    yield as_decoded("jpeg of colours as they are", save(rgb, "JPEG", keep_rgb=True))
    small = Image.fromarray(picture(9, 14, 3, seed=1))
    for orientation in range(1, 9):
        yield as_decoded(f"jpeg orientation {orientation}", save(small, "JPEG", exif=exif(orientation)))


def webps():
    rgb, rgba = Image.fromarray(picture(13, 19, 3)), Image.fromarray(picture(13, 19, 4))
    yield as_decoded("webp lossy", save(rgb, "WEBP", quality=80))
    yield as_decoded("webp lossless", save(rgb, "WEBP", lossless=True))
    yield as_decoded("webp lossy with alpha", save(rgba, "WEBP", quality=80))
    yield as_decoded("webp lossless with alpha", save(rgba, "WEBP", lossless=True, exact=True))
    yield as_decoded("webp orientation 6", save(rgb, "WEBP", quality=80, exif=exif(6)))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def scanlines(samples, depth):
    """Lines of packed samples; the filter, a different one each, must be undone byte by byte."""
    height, width, channels = samples.shape
    step = max(1, depth * channels // 8)
    before = None
    for number, line in enumerate(samples.reshape(height, -1).astype(np.uint32)):
        bits = ((line[:, None] >> np.arange(depth - 1, -1, -1)) & 1).reshape(-1)
        packed = np.packbits(bits.astype(np.uint8)).astype(int)
        above = np.zeros_like(packed) if before is None else before
        left, upper_left = (np.concatenate([np.zeros(step, int), row])[: len(row)] for row in (packed, above))
        guess = left + above - upper_left
        distances = [abs(guess - other) for other in (left, above, upper_left)]
        first = (distances[0] <= distances[1]) & (distances[0] <= distances[2])
        paeth = np.where(first, left, np.where(distances[1] <= distances[2], above, upper_left))
        kind = number % 5
        predicted = [np.zeros_like(packed), left, above, (left + above) // 2, paeth][kind]
        yield bytes([kind]) + ((packed - predicted) % 256).astype(np.uint8).tobytes()
        before = packed


def png(samples, depth, colour, interlaced, **chunks):
    def chunk(tag, data):
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    height, width, _ = samples.shape
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    data = b"".join(line for part in passes if part.size for line in scanlines(part, depth))
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    for tag, content in chunks.items():
        file += chunk(tag.encode(), content)
    # In two parts, as larger files have it.
    packed = zlib.compress(data)
    return file + chunk(b"IDAT", packed[:20]) + chunk(b"IDAT", packed[20:]) + chunk(b"IEND", b"")


def png_case(name, samples, depth, colour, pixels, **chunks):
    for interlaced in (0, 1):
        file = png(samples, depth, colour, interlaced, **chunks)
        if depth < 16:
            read = Image.open(io.BytesIO(file))
            mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[pixels.shape[2]]
            assert (np.asarray(read.convert(mode)).reshape(pixels.shape) == pixels).all(), name
        yield case(f"png {name}{', interlaced' if interlaced else ''}", file, pixels)


def pngs():
    random = np.random.default_rng(2)
    for depth in (1, 2, 4, 8):
        samples = random.integers(0, 2**depth, (9, 11, 1))
        wide = (samples * (255 // (2**depth - 1))).astype(np.uint8)
        yield from png_case(f"grey {depth}", samples, depth, 0, wide)
        palette = random.integers(0, 256, (2**depth, 3), dtype=np.uint8)
        colours = palette[samples[..., 0]]
        yield from png_case(f"palette {depth}", samples, depth, 3, colours, PLTE=palette.tobytes())
        alpha = np.full(2**depth, 255, np.uint8)
        alpha[0] = 7
        transparent = np.concatenate([colours, alpha[samples]], -1)
        yield from png_case(f"palette {depth} with alpha", samples, depth, 3, transparent,
                            PLTE=palette.tobytes(), tRNS=bytes([7]))
    for colour, channels, kind in ((0, 1, "grey"), (2, 3, "colour"), (4, 2, "grey and alpha"), (6, 4, "colour and alpha")):
        samples = random.integers(0, 65536, (9, 11, channels))
        yield from png_case(f"{kind} 16", samples, 16, colour, (samples >> 8).astype(np.uint8))
        if channels > 1:
            samples = random.integers(0, 256, (9, 11, channels))
            yield from png_case(f"{kind} 8", samples, 8, colour, samples.astype(np.uint8))
    samples = random.integers(0, 2, (9, 11, 3)) * 200
    opaque = (samples != (200, 0, 200)).any(-1, keepdims=True) * 255
    yield from png_case("colour 8, one transparent", samples, 8, 2,
                        np.concatenate([samples, opaque], -1).astype(np.uint8), tRNS=struct.pack(">3H", 200, 0, 200))
    yield as_decoded("png orientation 8", save(Image.fromarray(picture(9, 14, 3, seed=1)), "PNG", exif=exif(8)))


def resized():
    sources = {1: picture(14, 17, 1, seed=3), 3: picture(14, 17, 3, seed=3), 4: picture(14, 17, 4, seed=3)}
    # A square with pieces of no alpha and strong colours beneath.
    sources[4][2:7, 3:9] = (255, 0, 0, 0)
    filters = ("nearest", "box", "bilinear", "bicubic", "lanczos")
    sizes = ((5, 7), (9, 17), (14, 6), (23, 31), (1, 1), (3, 40))
    images = [{"channels": c, "height": 14, "width": 17, "pixels": text(s.tobytes())} for c, s in sources.items()]
    cases = []
    for number, name in enumerate(filters):
        for (height, width) in sizes:
            for channels in (3, 4) if name in ("bilinear", "nearest") else (1 + 2 * (number % 2), 4):
                source = sources[channels]
                image = Image.fromarray(source if channels > 1 else source[..., 0])
                out = image.resize((width, height), Image.Resampling[name.upper()])
                cases.append({"filter": name, "channels": channels, "height": height, "width": width,
                              "pixels": text(np.ascontiguousarray(np.asarray(out)).tobytes())})
    return images, cases


def refused():
    rgb = Image.fromarray(picture(9, 14, 3))
    yield {"name": "cmyk.jpg", "file": text(save(rgb.convert("CMYK"), "JPEG"))}
    frames = [Image.fromarray(picture(9, 14, 3, seed=s)) for s in range(2)]
    yield {"name": "animated.webp", "file": text(save(frames[0], "WEBP", save_all=True, append_images=frames[1:]))}


def converted():
    rgb = picture(13, 19, 3)
    return {"height": 13, "width": 19, "rgb": text(rgb.tobytes()),
            "grey": text(np.asarray(Image.fromarray(rgb).convert("L")).tobytes())}


def lines(items):
    return ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)


OUT.mkdir(parents=True, exist_ok=True)
source = f'"source":"Pillow {PIL.__version__}"'
files = [*jpegs(), *pngs(), *webps()]
(OUT / "files.json").write_text(
    f'{{{source},"cases":[\n{lines(files)}\n],"refused":[\n{lines(refused())}\n],\n"converted":{lines([converted()])}}}\n')
images, cases = resized()
(OUT / "resized.json").write_text(f'{{{source},"images":[\n{lines(images)}\n],"cases":[\n{lines(cases)}\n]}}\n')
