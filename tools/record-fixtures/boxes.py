"""Records what torchvision makes of boxes: packages/detection/test/fixtures/{box-cases,box-losses,anchors,soft-suppression}.json

    python tools/record-fixtures/boxes.py     (with torch and torchvision)

Only results are stored: lists as hashes, arrays as weighted sums.
"""

import math

import torch
import torchvision
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import (
    batched_nms, box_area, box_iou, complete_box_iou_loss, distance_box_iou_loss, generalized_box_iou, generalized_box_iou_loss, nms,
)

from draws import boxes_of, draw, list_hash, weighted
from recording import array, number, record

torch.set_num_threads(1)
SOURCE = f"torchvision {torchvision.__version__}"
THRESHOLDS = [0, 0.3, 0.5, 0.6, 0.7]


def case(seed):
    n, m, flat = 1 + draw(seed, 0) % 48, 1 + draw(seed, 1) % 8, seed % 4 == 0
    threshold = THRESHOLDS[seed % 5]
    boxes, others = boxes_of(seed, 10, n, flat), boxes_of(seed, 1000, m, False)
    scores = torch.tensor([draw(seed, 2000 + i) % 64 / 64 for i in range(n)])
    labels = torch.tensor([draw(seed, 3000 + i) % 3 for i in range(n)])
    iou = box_iou(others, boxes)
    # In torchvision an object that no anchor overlaps claims all anchors that meet nothing; here it claims none.
    met = (iou.max(dim=1).values > 0).nonzero().flatten().tolist()
    rows = Matcher(0.7, 0.3, seed % 2 == 1)(iou[met]).tolist() if met else [-1] * n
    matched = list_hash([met[row] if row >= 0 else row for row in rows])
    partners = boxes[[(k + 1) % n for k in range(n)]]
    weights = (10.0, 10.0, 5.0, 5.0) if seed % 2 else (1.0, 1.0, 1.0, 1.0)
    coder = BoxCoder(weights)
    offsets = torch.tensor([(draw(seed, 4000 + i) % 2001 - 1000) / 200 for i in range(4 * n)]).reshape(n, 4)
    encoded = None if flat else weighted(seed, coder.encode_single(boxes, partners))
    return [
        list_hash(nms(boxes, scores, threshold).tolist()), list_hash(batched_nms(boxes, scores, labels, threshold).tolist()),
        matched, weighted(seed, box_area(boxes)), weighted(seed, iou), weighted(seed, generalized_box_iou(boxes, others)),
        encoded, weighted(seed, coder.decode_single(offsets, boxes)),
    ]


def short(value):
    return value if value is None or isinstance(value, int) else float(f"{value:.8g}")


def losses():
    boxes = torch.cat([boxes_of(77, 0, 14, False), torch.tensor([[0, 0, 2, 2], [1, 1, 5, 7], [0, 0, 8, 8.0]])])
    targets = torch.cat([boxes_of(78, 0, 14, False), torch.tensor([[5, 5, 9, 8], [1, 1, 5, 7], [2, 2, 4, 3.0]])])
    cases = []
    for name, function in {
        "generalisedBoxIoULoss": generalized_box_iou_loss, "distanceBoxIoULoss": distance_box_iou_loss,
        "completeBoxIoULoss": complete_box_iou_loss,
    }.items():
        x = boxes.clone().requires_grad_()
        output = function(x, targets)
        output.sum().backward()
        cases.append({"name": name, "boxes": array(boxes), "targets": array(targets), "output": array(output), "gradient": array(x.grad)})
    return cases


def anchors():
    cases = []
    retina = [[x, int(x * 2 ** (1 / 3)), int(x * 2 ** (2 / 3))] for x in (32, 64)]
    for image, features, sizes, ratios in (
        ([64, 96], [[8, 12], [4, 6], [2, 3]], [[16], [32], [64]], [0.5, 1.0, 2.0]),
        ([70, 61], [[5, 4], [3, 2]], retina, [0.5, 1.0, 2.0]),
        ([33, 20], [[2, 3]], [[7, 11.5]], [0.3, 1.7]),
    ):
        generator = AnchorGenerator(tuple(tuple(s) for s in sizes), (tuple(ratios),) * len(sizes))
        maps = [torch.zeros(1, 1, *f) for f in features]
        result = generator(ImageList(torch.zeros(1, 3, *image), [tuple(image)]), maps)[0]
        options = {"imageSize": image, "featureSizes": features, "sizes": sizes, "aspectRatios": ratios}
        cases.append({"name": "generateAnchors", "options": options, "output": array(result)})
    for image, features, ratios, more in (
        ([60, 90], [[4, 6], [2, 3], [1, 1]], [[2], [2, 3], [2]], {}),
        ([48, 64], [[3, 4], [1, 2]], [[2, 3], [2]], {"scales": [0.1, 0.35, 0.8], "steps": [16, 32]}),
    ):
        generator = DefaultBoxGenerator(ratios, **more)
        maps = [torch.zeros(1, 1, *f) for f in features]
        result = generator(ImageList(torch.zeros(1, 3, *image), [tuple(image)]), maps)[0]
        options = {"imageSize": image, "featureSizes": features, "aspectRatios": ratios, **more}
        cases.append({"name": "defaultBoxes", "options": options, "output": array(result)})
    return cases


def soft_suppression(boxes, scores, method, threshold, sigma, least):
    """Figure 2 of Bodla et al. 2017."""
    left, scores, kept = list(range(len(boxes))), scores.double().tolist(), []
    overlaps = box_iou(boxes, boxes)
    while left:
        best = max(left, key=lambda i: (scores[i], -i))
        if scores[best] < least:
            break
        left.remove(best)
        kept.append(best)
        for i in left:
            iou = overlaps[best, i].item()
            scores[i] *= math.exp(-iou * iou / sigma) if method == "gaussian" else 1 - iou if iou > threshold else 1
        left = [i for i in left if scores[i] >= least]
    return kept, [scores[i] for i in kept]


def soft():
    cases = []
    for seed in range(40):
        n, method = 1 + draw(seed, 0) % 24, "gaussian" if seed % 2 else "linear"
        boxes = boxes_of(seed, 10, n, False)
        scores = torch.tensor([draw(seed, 2000 + i) % 64 / 64 for i in range(n)])
        least = [0.001, 0.2][seed // 2 % 2]
        kept, left = soft_suppression(boxes, scores, method, 0.3, 0.5, least)
        cases.append({"seed": seed, "method": method, "scoreThreshold": least, "indices": kept, "scores": [number(s) for s in left]})
    return cases


def main():
    record("detection", "box-cases", [[short(v) for v in case(seed)] for seed in range(1000)], SOURCE)
    record("detection", "box-losses", losses(), SOURCE)
    record("detection", "anchors", anchors(), SOURCE)
    record("detection", "soft-suppression", soft(), "Figure 2 of Bodla et al. 2017, arXiv:1704.04503")


main()
