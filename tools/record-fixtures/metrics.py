"""Records what scikit-learn and sacreBLEU compute for metrics, for the tests to compare with.

    python tools/record-fixtures/metrics.py

writes packages/training/test/fixtures/metrics.json.
"""

import json
import math
from pathlib import Path

import numpy as np
import sacrebleu
import sklearn
from sacrebleu.metrics import BLEU
from sklearn import metrics as sk

PATH = Path(__file__).resolve().parents[2] / "packages/training/test/fixtures/metrics.json"
SKLEARN = f"scikit-learn {sklearn.__version__}"
rng = np.random.default_rng(3)


def flat(scores):
    """[N, C, ...] as one row of scores per decision."""
    return np.moveaxis(scores, 1, -1).reshape(-1, scores.shape[1])


def case(metric, value, batches, source=SKLEARN, **options):
    return {
        "metric": metric,
        "source": source,
        "options": options,
        "batches": [{"scores": s.tolist(), "targets": t.tolist()} for s, t in batches],
        "value": value,
    }


def batches_of(classes, sizes, places=(), absent=()):
    """Scores that favour the true class a little, rounded so that float32 holds them exactly."""
    present = [c for c in range(classes) if c not in absent]
    result = []
    for size in sizes:
        t = rng.choice(present, size=(size, *places))
        s = rng.normal(size=(size, classes, *places))
        s += 1.2 * np.moveaxis(np.eye(classes)[t], -1, 1)
        for c in absent:
            s[:, c] = -9
        result.append((np.round(s * 64) / 64, t))
    return result


def decisions(batches, ignore=None):
    s = np.concatenate([flat(s) for s, _ in batches])
    t = np.concatenate([t.reshape(-1) for _, t in batches])
    kept = t != ignore
    return s[kept], t[kept]


def decided(classes, batches, ignore=None):
    """Every metric of single decisions."""
    options = {} if ignore is None else {"ignoreIndex": ignore}
    s, t = decisions(batches, ignore)
    p, labels = s.argmax(1), list(range(classes))
    yield case("Accuracy", sk.accuracy_score(t, p), batches, **options)
    for k in (1, 2, 3):
        yield case("TopKAccuracy", sk.top_k_accuracy_score(t, s, k=k, labels=labels), batches, k=k, **options)
    yield case("ConfusionMatrix", sk.confusion_matrix(t, p, labels=labels).tolist(), batches, classes=classes, **options)
    for average in ("macro", "micro", "weighted"):
        shared = {"labels": labels, "average": average, "zero_division": 0}
        for name, of in (("Precision", sk.precision_score), ("Recall", sk.recall_score), ("F1", sk.f1_score)):
            yield case(name, of(t, p, **shared), batches, classes=classes, average=average, **options)
    met = sorted(set(t) | set(p))
    yield case("MeanIoU", sk.jaccard_score(t, p, labels=met, average="macro"), batches, classes=classes, **options)
    logs = s - np.log(np.exp(s).sum(1, keepdims=True))
    value = math.exp(sk.log_loss(t, np.exp(logs), labels=labels))
    yield case("Perplexity", value, batches, source=f"{SKLEARN}, log_loss", **options)


def ranked():
    batches = batches_of(4, (12, 9))
    s, t = decisions(batches)
    each = np.eye(4)[t]
    yield case("RocAuc", sk.roc_auc_score(each, s, average="macro"), batches)
    yield case("AveragePrecision", sk.average_precision_score(each, s, average="macro"), batches)
    # Several labels at once, with ties.
    s = np.round(rng.normal(size=(30, 3)) * 2) / 2
    t = (s + rng.normal(size=s.shape) > 0).astype(int)
    batches = [(s[:14], t[:14]), (s[14:], t[14:])]
    yield case("RocAuc", sk.roc_auc_score(t, s, average="macro"), batches)
    yield case("AveragePrecision", sk.average_precision_score(t, s, average="macro"), batches)
    # One question.
    batches = [(s[:, 0], t[:, 0])]
    yield case("RocAuc", sk.roc_auc_score(t[:, 0], s[:, 0]), batches)
    yield case("AveragePrecision", sk.average_precision_score(t[:, 0], s[:, 0]), batches)


CORPUS = [
    ("the the the the the the the", ["the cat is on the mat", "there is a cat on the mat"]),
    ("it is a guide to action which ensures that the military always obeys the commands of the party", [
        "it is a guide to action that ensures that the military will forever heed party commands",
        "it is the guiding principle which guarantees the military forces always being under the command of the party",
        "it is the practical guide for the army always to heed the directions of the party",
    ]),
    ("a red car left of two dogs", ["a red car is left of two dogs"]),
    ("two dogs", ["two dogs on a sofa", "two"]),
]


def bleu():
    for corpus in (CORPUS, CORPUS[1:], CORPUS[2:3]):
        most = max(len(rs) for _, rs in corpus)
        references = [[rs[i] if i < len(rs) else None for _, rs in corpus] for i in range(most)]
        for n in (1, 2, 4):
            for smooth in (False, True):
                kind = {"smooth_method": "add-k", "smooth_value": 1} if smooth else {"smooth_method": "none"}
                score = BLEU(tokenize="none", max_ngram_order=n, effective_order=False, **kind)
                yield {
                    "source": f"sacreBLEU {sacrebleu.__version__}",
                    "corpus": [{"candidate": c, "references": rs} for c, rs in corpus],
                    "options": {"maxN": n, "smooth": smooth},
                    "value": score.corpus_score([c for c, _ in corpus], references).score / 100,
                }


def main():
    plain = batches_of(4, (13, 8))
    ignoring = batches_of(5, (10, 10))
    for _, t in ignoring:
        t[rng.random(t.shape) < 0.3] = -100
    images = batches_of(4, (2, 1), (3, 5), absent=(2,))
    for _, t in images:
        t[rng.random(t.shape) < 0.2] = 255
    classification = [*decided(4, plain), *decided(5, ignoring, -100), *decided(4, images, 255), *ranked()]
    PATH.parent.mkdir(parents=True, exist_ok=True)
    parts = {"classification": classification, "bleu": list(bleu())}
    lists = [f'"{name}":[\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]" for name, cases in parts.items()]
    PATH.write_text("{" + ",\n".join(lists) + "}\n")


main()
