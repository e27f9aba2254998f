"""Records what torchvision makes of regions of images: packages/cnn/test/fixtures/regions.json

    python tools/record-fixtures/regions.py     (with torch and torchvision)
"""

import torch
import torchvision
from torchvision.ops import roi_align, roi_pool

from recording import array, record

torch.set_num_threads(1)


def short(x):
    return (x * 100).round() / 100


def case(function, features, boxes, size, **options):
    features = features.clone().requires_grad_()
    y = function(features, boxes, size, **options)
    upstream = short(torch.randn_like(y))
    (y * upstream).sum().backward()
    names = {"spatial_scale": "spatialScale", "sampling_ratio": "samplingRatio", "aligned": "aligned"}
    return {
        "name": {roi_align: "roiAlign", roi_pool: "roiPool"}[function],
        "outputSize": list(size) if isinstance(size, tuple) else size,
        "options": {names[key]: value for key, value in options.items()},
        "features": array(features),
        "boxes": [array(b) for b in boxes] if isinstance(boxes, list) else array(boxes),
        "upstream": array(upstream), "output": array(y), "gradient": array(features.grad),
    }


def main():
    torch.manual_seed(8)
    features = short(torch.randn(2, 2, 6, 7))
    rows = torch.tensor([
        [0, 0.5, 1.25, 4.5, 4.75], [1, 2, 0, 6, 5.5], [0, 3.2, 2.1, 3.4, 2.3],
        # Partly, and wholly, outside of the image; upside down.
        [1, -2.5, -1.5, 3, 2], [0, 4, 3, 9.5, 8], [1, 20, 20, 24, 25], [0, 4, 4, 2, 1],
    ])
    lists = [rows[:2, 1:], rows[3:5, 1:]]
    cases = [
        case(roi_align, features, rows, 2), case(roi_align, features, rows, 2, aligned=True),
        case(roi_align, features, rows, (3, 2), sampling_ratio=2), case(roi_align, features, rows, (1, 2), sampling_ratio=1, aligned=True),
        case(roi_align, features, rows * torch.tensor([1, 4, 4, 4, 4]), (2, 3), spatial_scale=0.25, sampling_ratio=3, aligned=True),
        case(roi_align, features, rows * torch.tensor([1, 4, 4, 4, 4]), 2, spatial_scale=0.25),
        case(roi_align, features, lists, 2, sampling_ratio=2), case(roi_align, features, lists, 2, aligned=True),
        case(roi_align, features, torch.zeros(0, 5), 2),
        case(roi_pool, features, rows, 2), case(roi_pool, features, rows, (3, 4)),
        case(roi_pool, features, rows * torch.tensor([1, 4, 4, 4, 4]), (2, 3), spatial_scale=0.25),
        case(roi_pool, features, lists, 2), case(roi_pool, torch.zeros(2, 1, 5, 5), rows, 2),
    ]
    record("cnn", "regions", cases, f"torchvision {torchvision.__version__}")


main()
