"""Records what pycocotools and the algorithm of Pascal VOC measure on random data sets:
packages/detection/test/fixtures/{coco,voc}.json

    python tools/record-fixtures/detection_metrics.py     (with pycocotools, torch and NumPy)

The data sets are drawn by a hash of integers that the test computes too.
"""

import contextlib
import io
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from draws import draw
from recording import record

CLASSES = 3


def data_set(seed):
    """For each image its objects (x, y, w, h, label, crowd, difficult, area) and detections (x, y, w, h, label, score)."""

    def r(i):
        return draw(seed, i)

    images = []
    for base in range(0, 1000 * (1 + r(9999) % 6), 1000):
        objects, detections = [], []
        for k in range(r(base) % 6):
            b = base + 10 + 20 * k
            most = 400 if r(b + 4) % 4 == 0 else 100
            x, y, w, h = r(b) % 160, r(b + 1) % 160, 4 + r(b + 2) % most, 4 + r(b + 3) % most
            label = r(b + 5) % CLASSES
            area = w * h * (0.75 if r(b + 8) % 3 == 0 else 1)
            objects.append((x, y, w, h, label, r(b + 6) % 8 == 0, r(b + 7) % 5 == 0, area))
            for q in range(r(b + 9) % 3):
                c = base + 500 + 8 * (3 * k + q)
                dx, dw = (r(c + i) % (w // 2 + 1) - w // 4 for i in (0, 2))
                dy, dh = (r(c + i) % (h // 2 + 1) - h // 4 for i in (1, 3))
                other = label if r(c + 4) % 6 else (label + 1) % CLASSES
                detections.append((x + dx, y + dy, w + dw, h + dh, other, r(c + 5) % 32 / 32))
        for k in range(r(base + 1) % 4):
            c = base + 800 + 8 * k
            detections.append((r(c) % 160, r(c + 1) % 160, 4 + r(c + 2) % 100, 4 + r(c + 3) % 100, r(c + 4) % CLASSES, r(c + 5) % 32 / 32))
        images.append((objects, detections))
    return images


def coco(seed):
    images = data_set(seed)
    annotations, results = [], []
    for i, (objects, detections) in enumerate(images):
        for x, y, w, h, label, crowd, _, area in objects:
            annotations.append({"id": len(annotations) + 1, "image_id": i, "category_id": label, "bbox": [x, y, w, h], "area": area, "iscrowd": int(crowd)})
        for x, y, w, h, label, score in detections:
            results.append({"image_id": i, "category_id": label, "bbox": [x, y, w, h], "score": score})
    truth = COCO()
    truth.dataset = {"info": {}, "images": [{"id": i} for i in range(len(images))], "annotations": annotations, "categories": [{"id": c} for c in range(CLASSES)]}
    truth.createIndex()
    # loadRes takes no empty list.
    found = truth.loadRes(results) if results else COCO()
    if not results:
        found.createIndex()
    evaluation = COCOeval(truth, found, "bbox")
    # Few detections in an image: 100 would never be reached.
    evaluation.params.maxDets = [1, 10, 100] if seed % 2 else [1, 2, 3]
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation


def summary(evaluation):
    p = evaluation.params
    precision, recall = evaluation.eval["precision"], evaluation.eval["recall"]

    def mean(values):
        values = values[values > -1]
        return float(values.mean()) if values.size else "NaN"

    numbers = [mean(precision[:, :, :, 0, 2]), mean(precision[0, :, :, 0, 2]), mean(precision[5, :, :, 0, 2])]
    numbers += [mean(precision[:, :, :, a, 2]) for a in (1, 2, 3)]
    numbers += [mean(recall[:, :, 0, m]) for m in range(3)]
    numbers += [mean(recall[:, :, a, 2]) for a in (1, 2, 3)]
    return numbers + [mean(precision[:, :, c, 0, 2]) for c in range(CLASSES)]


def voc(seed, label, eleven, extra):
    """VOCevaldet.m and VOCap.m of the development kit."""
    images = data_set(seed)
    truth = [[o for o in objects if o[4] == label] for objects, _ in images]
    found = [[False] * len(objects) for objects in truth]
    positives = sum(not o[6] for objects in truth for o in objects)
    detections = [(i, d) for i, (_, ds) in enumerate(images) for d in ds if d[4] == label]
    # Sorted by image first, as the test adds them.
    detections.sort(key=lambda entry: (-entry[1][5], entry[0]))
    tp, fp = np.zeros(len(detections)), np.zeros(len(detections))
    for d, (i, (x, y, w, h, _, _)) in enumerate(detections):
        best, most = -1, -np.inf
        for j, (gx, gy, gw, gh, *_) in enumerate(truth[i]):
            iw = min(x + w, gx + gw) - max(x, gx) + extra
            ih = min(y + h, gy + gh) - max(y, gy) + extra
            if iw > 0 and ih > 0:
                overlap = iw * ih / ((w + extra) * (h + extra) + (gw + extra) * (gh + extra) - iw * ih)
                if overlap > most:
                    best, most = j, overlap
        if most >= 0.5:
            if not truth[i][best][6]:
                (fp if found[i][best] else tp)[d] = 1
                found[i][best] = True
        else:
            fp[d] = 1
    if positives == 0:
        return "NaN"
    tp, fp = tp.cumsum(), fp.cumsum()
    counted = tp + fp > 0
    tp, fp = tp[counted], fp[counted]
    precision, recall = tp / (tp + fp), tp / positives
    if eleven:
        # In whole objects, so that 3 of 10 reach 0.3.
        return float(sum(max(precision[tp * 10 >= t * positives], default=0) for t in range(11)) / 11)
    mrec, mpre = np.r_[0, recall, 1], np.r_[0, precision, 0]
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    changes = np.nonzero(mrec[1:] != mrec[:-1])[0] + 1
    return float(sum((mrec[i] - mrec[i - 1]) * mpre[i] for i in changes))


def short(values):
    return [v if v == "NaN" else float(f"{v:.12g}") for v in values]


def main():
    with contextlib.redirect_stdout(io.StringIO()):
        cocos = [short(summary(coco(seed))) for seed in range(200)]
    record("detection", "coco", cocos, f"pycocotools {version('pycocotools')}")
    vocs = [short(voc(seed, c, eleven, extra) for eleven in (False, True) for extra in (0, 1) for c in range(CLASSES)) for seed in range(200)]
    record("detection", "voc", vocs, "VOCdevkit: VOCevaldet.m and VOCap.m")


main()
