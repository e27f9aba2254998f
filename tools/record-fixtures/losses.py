"""Records what PyTorch computes for losses and distances: packages/layers/test/fixtures/losses.json

    python tools/record-fixtures/losses.py

Each with its reductions and options, large magnitudes, kinks, ignored labels, one class, and no examples. The focal loss
follows equation 5 of arXiv:1708.02002 and the Dice loss equation 1 of its docstring: PyTorch has neither.
"""

import torch
from torch.nn import functional as F

from recording import array, number, record

REDUCTIONS = ("mean", "sum", "none")
CAMEL = {
    "ignore_index": "ignoreIndex", "label_smoothing": "labelSmoothing", "pos_weight": "posWeight", "log_target": "logTarget",
    "log_input": "logInput", "zero_infinity": "zeroInfinity", "keepdim": "keepDims", "dim": "axis",
}
cases = []


def randn(*size):
    """Short numbers, for a short file."""
    return (torch.randn(size) * 100).round() / 100


def rand(*size):
    return (torch.rand(size) * 100).round() / 100


def value(x):
    if not torch.is_tensor(x):
        return number(x) if isinstance(x, float) else x
    return {**array(x), "dtype": "float32" if x.is_floating_point() else "int32"}


def case(name, function, inputs, gradients=1, reductions=(None,), **options):
    """The first `gradients` inputs are differentiated; `None` is the reduction that a function has by itself."""
    results = []
    for reduction in reductions:
        leaves = [x.clone().requires_grad_() if i < gradients else x for i, x in enumerate(inputs)]
        chosen = {} if reduction is None else {"reduction": reduction}
        loss = function(*leaves, **options, **chosen)
        upstream = rand(*loss.shape) + 0.5
        loss.backward(upstream)
        results.append({
            **chosen, "upstream": array(upstream)["data"], "output": array(loss),
            "gradients": [array(x.grad)["data"] for x in leaves[:gradients]],
        })
    cases.append({
        "name": name, "options": {CAMEL.get(key, key): value(option) for key, option in options.items()},
        "inputs": [value(x) for x in inputs], "results": results,
    })


def each(name, function, inputs, gradients=1, reductions=REDUCTIONS, **options):
    case(name, function, inputs, gradients, reductions, **options)


def classes():
    x = randn
    large = torch.tensor([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0], [88.0, 89.0, 90.0], [-500.0, -501.0, -502.0]])
    labels = torch.tensor([1, 0, 2, 0])
    weight = torch.tensor([0.2, 3.0, 1.5])
    name, f = "softmaxCrossEntropy", F.cross_entropy
    each(name, f, (x(5, 4), torch.tensor([0, 3, 1, 2, 3])))
    each(name, f, (large, labels))
    each(name, f, (x(4, 3), rand(4, 3)))
    each(name, f, (x(2, 3, 2, 2), torch.randint(0, 3, (2, 2, 2))))
    case(name, f, (large, F.one_hot(labels, 3).float()))
    each(name, f, (large, labels), weight=weight)
    each(name, f, (x(4, 3), torch.tensor([1, -100, 2, -100])), ignore_index=-100)
    each(name, f, (x(2, 3, 2), torch.tensor([[0, 1], [255, 2]])), weight=weight, ignore_index=255)
    each(name, f, (x(4, 3), labels), label_smoothing=0.1)
    each(name, f, (large, labels), weight=weight, label_smoothing=0.3)
    each(name, f, (x(2, 3, 2), torch.tensor([[0, 1], [1, 2]])), weight=weight, ignore_index=1, label_smoothing=0.2)
    each(name, f, (x(4, 3), torch.softmax(x(4, 3), 1)), weight=weight, label_smoothing=0.2)
    each(name, f, (x(2, 3, 2), torch.softmax(x(2, 3, 2), 1)), weight=weight)
    # All ignored: the mean of nothing is NaN, and its gradient 0.
    each(name, f, (x(2, 3), torch.tensor([7, 7])), ignore_index=7)
    each(name, f, (x(2, 3), torch.tensor([7, 7])), ignore_index=7, label_smoothing=0.1, weight=weight)
    each(name, f, (x(3, 1) * 50, torch.zeros(3, dtype=torch.long)))
    each(name, f, (x(3, 1) * 50, torch.zeros(3, dtype=torch.long)), label_smoothing=0.5)
    each(name, f, (x(0, 3), torch.zeros(0, dtype=torch.long)))

    name, f = "negativeLogLikelihood", F.nll_loss
    log_p = torch.log_softmax(large, 1)
    each(name, f, (log_p, labels))
    each(name, f, (log_p, labels), weight=weight)
    each(name, f, (x(2, 3, 2), torch.tensor([[0, 1], [-1, 2]])), weight=weight, ignore_index=-1)
    each(name, f, (x(2, 3), torch.tensor([1, 1])), ignore_index=1)

    name, f = "multiMarginLoss", F.multi_margin_loss
    # The second row is at the margin.
    scores = torch.tensor([[0.5, 1.0, -0.2], [1.0, 2.0, 0.0], [100.0, -100.0, 3.0], [0.0, 0.0, 0.0]])
    each(name, f, (scores, labels))
    each(name, f, (scores, labels), p=2, margin=0.5)
    each(name, f, (scores, labels), weight=weight)


def focal(logits, target, alpha=0.25, gamma=2.0, reduction="mean"):
    p = torch.sigmoid(logits.double())
    t = target.double()
    p_t = p * t + (1 - p) * (1 - t)
    cross_entropy = F.binary_cross_entropy_with_logits(logits.double(), t, reduction="none")
    loss = (1 - p_t) ** gamma * cross_entropy
    if alpha is not None:
        loss = (alpha * t + (1 - alpha) * (1 - t)) * loss
    return reduce(loss.float(), reduction)


def dice(p, t, smooth=1.0, reduction="mean"):
    p, t = p.flatten(2), t.flatten(2)
    return reduce(1 - (2 * (p * t).sum(2) + smooth) / (p.sum(2) + t.sum(2) + smooth), reduction)


def hinge(x, t, reduction="mean"):
    return reduce(F.relu(1 - t * x), reduction)


def reduce(loss, reduction):
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


def answers():
    logits = torch.tensor([[0.0, -0.0, 1.0], [-1.0, 20.0, -20.0], [200.0, -200.0, 3.0]])
    target = torch.tensor([[0.0, 1.0, 0.3], [1.0, 1.0, 0.0], [1.0, 0.0, 0.9]])
    wrong = torch.tensor([[1.0, 0.0, 0.7], [0.0, 0.0, 1.0], [0.0, 1.0, 0.1]])
    weight = torch.tensor([[0.5, 2.0, 1.0]])
    name, f = "binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits
    each(name, f, (logits, target))
    each(name, f, (logits, wrong))
    each(name, f, (logits, target), weight=weight)
    each(name, f, (logits, wrong), pos_weight=torch.tensor([0.2, 1.0, 5.0]))
    each(name, f, (logits, wrong), weight=weight, pos_weight=torch.tensor([3.0]))

    name, f = "binaryCrossEntropy", F.binary_cross_entropy
    p = torch.tensor([[0.0, 1.0, 0.3], [0.5, 0.999, 1e-3], [1.0, 0.0, 1e-20]])
    each(name, f, (p, target))
    each(name, f, (p, wrong))
    each(name, f, (p, wrong), weight=weight)

    moderate = torch.tensor([[0.0, -0.5, 1.0], [-3.0, 10.0, -10.0], [60.0, -60.0, 3.0]])
    each("focalLoss", focal, (moderate, target))
    each("focalLoss", focal, (moderate, wrong))
    each("focalLoss", focal, (moderate, wrong), alpha=None, gamma=0.0)
    each("focalLoss", focal, (moderate[:2], wrong[:2]), alpha=0.6, gamma=0.5)
    each("diceLoss", dice, (rand(2, 3, 4), (rand(2, 3, 4) > 0.5).float()))
    each("diceLoss", dice, (rand(1, 2, 2, 2), rand(1, 2, 2, 2)), smooth=1e-5)
    case("diceLoss", dice, (torch.zeros(1, 1, 4), torch.zeros(1, 1, 4)))
    # The first is at the margin.
    each("hingeLoss", hinge, (torch.tensor([1.0, -1.0, 0.0, 30.0]), torch.tensor([1.0, 1.0, -1.0, -1.0])))


def numbers():
    x = torch.tensor([[0.0, 1.0, -1.0], [0.5, 3.0, -1e4], [1e-3, -0.3, 1e20]])
    t = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.5, 1e4], [0.0, -0.3, 0.0]])
    each("meanSquaredError", F.mse_loss, (randn(3, 2), randn(3, 2)))
    each("meanSquaredError", F.mse_loss, (randn(0, 2), randn(0, 2)))
    each("meanAbsoluteError", F.l1_loss, (x, t), 2)
    for beta in (1.0, 0.5, 0.0):
        each("smoothL1Loss", F.smooth_l1_loss, (x, t), 2, beta=beta)
    for delta in (1.0, 0.5):
        each("huberLoss", F.huber_loss, (x, t), 2, delta=delta)
    counts = torch.tensor([[0.0, 1.0, 2.0], [7.0, 100.0, 0.0]])
    rates = torch.tensor([[0.5, 1.0, 3.0], [7.0, 80.0, 1e-6]])
    for full in (False, True):
        each("poissonNLLLoss", F.poisson_nll_loss, (rates.log(), counts), full=full)
        each("poissonNLLLoss", F.poisson_nll_loss, (rates, counts), full=full, log_input=False)
        each("gaussianNLLLoss", gaussian, (randn(2, 3), randn(2, 3), rand(2, 3) + 0.1), 3, full=full)
    each("gaussianNLLLoss", gaussian, (randn(2, 3), randn(2, 3), torch.tensor([[1e-9], [0.5]])), 3, eps=1e-3)


def gaussian(mean, target, variance, **options):
    return F.gaussian_nll_loss(mean, target, variance, **options)


def distributions():
    q = torch.log_softmax(randn(3, 4) * 3, 1)
    p = torch.softmax(randn(3, 4), 1)
    certain = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    for target in (p, certain):
        each("klDivergence", F.kl_div, (q, target), reductions=(*REDUCTIONS, "batchmean"))
    each("klDivergence", F.kl_div, (q, p.log()), reductions=(*REDUCTIONS, "batchmean"), log_target=True)
    case("klDivergence", F.kl_div, (q, p), 2)
    case("klDivergence", F.kl_div, (q, p.log()), 2, log_target=True)


def distances():
    x = randn
    a, b, c = x(3, 4), x(3, 4), x(3, 4)
    same = a.clone()
    for p in (1.0, 2.0, 3.0, float("inf")):
        option = {} if p == 2.0 else {"p": p}
        case("pairwiseDistance", F.pairwise_distance, (a, b), 2, **option)
    case("pairwiseDistance", F.pairwise_distance, (a, same), 2)
    case("pairwiseDistance", F.pairwise_distance, (a, same), 2, eps=0.0)
    case("pairwiseDistance", F.pairwise_distance, (a, same), 2, eps=0.0, p=3.0)
    case("pairwiseDistance", F.pairwise_distance, (a, b), 2, keepdim=True)
    case("cosineSimilarity", F.cosine_similarity, (a, b), 2)
    case("cosineSimilarity", F.cosine_similarity, (a * 1e-10, b * 1e10), 2, eps=1e-20)
    case("cosineSimilarity", F.cosine_similarity, (x(2, 3, 2), x(2, 3, 2)), 2, dim=0)
    case("cosineSimilarity", F.cosine_similarity, (torch.zeros(1, 4), x(1, 4)), 2)

    each("tripletMarginLoss", F.triplet_margin_loss, (a, b, c), 3)
    each("tripletMarginLoss", F.triplet_margin_loss, (a, b, c), 3, margin=0.1, p=1.0, swap=True)
    case("tripletMarginLoss", F.triplet_margin_loss, (a, same, c * 100), 3)
    signs = torch.tensor([1.0, -1.0, -1.0])
    each("cosineEmbeddingLoss", F.cosine_embedding_loss, (a, b, signs), 2)
    each("cosineEmbeddingLoss", F.cosine_embedding_loss, (a, a * 2 + 0.1, signs), 2, margin=0.5)
    case("cosineEmbeddingLoss", F.cosine_embedding_loss, (torch.zeros(3, 4), b, signs), 2)
    # The last is at the margin.
    near = torch.tensor([0.3, 0.7, 1.0])
    each("hingeEmbeddingLoss", F.hinge_embedding_loss, (near, signs))
    each("hingeEmbeddingLoss", F.hinge_embedding_loss, (near, signs), margin=0.5)
    each("marginRankingLoss", F.margin_ranking_loss, (near, torch.tensor([0.5, 0.7, 0.0]), signs), 2)
    each("marginRankingLoss", F.margin_ranking_loss, (near, torch.tensor([0.5, 0.7, 0.0]), signs), 2, margin=0.4)


def ctc(logits, *inputs, **options):
    """Of logits: PyTorch's gradient of `ctc_loss` is right only behind a `log_softmax`. In float64."""
    return F.ctc_loss(logits.double().log_softmax(2), *inputs, **options).float()


def sequences():
    i = torch.tensor
    padded, both = i([[1, 2, 3], [2, -1, -1]]), i([3, 1])
    each("ctcLoss", ctc, (randn(6, 2, 5), padded, i([6, 4]), both))
    case("ctcLoss", ctc, (randn(6, 2, 5), i([1, 2, 3, 2]), i([6, 4]), both), reductions=("none",))
    # Equal labels in a row need a blank between them: five steps for three.
    case("ctcLoss", ctc, (randn(5, 2, 3), i([[1, 1, 1], [2, 2, 1]]), i([5, 5]), i([3, 2])), reductions=("none",))
    # The blank may be any class; a target may be empty, and so may everything.
    case("ctcLoss", ctc, (randn(4, 3, 4), i([0, 2, 1, 0, 0]), i([4, 2, 3]), i([2, 0, 3])), blank=3, reductions=("mean", "none"),
         zero_infinity=True)
    each("ctcLoss", ctc, (randn(3, 2, 3), torch.zeros(0, dtype=torch.int64), i([3, 0]), i([0, 0])))
    # Too few steps, for the labels and for the blank between equal ones, and none at all.
    impossible = (randn(3, 4, 3), i([[1, 2, 1, 2], [1, 1, 0, 0], [2, 1, 0, 0], [1, 0, 0, 0]]), i([3, 2, 2, 0]), i([4, 2, 2, 1]))
    each("ctcLoss", ctc, impossible, zero_infinity=True)
    case("ctcLoss", ctc, (randn(20, 1, 6) * 5, i([[1, 2, 2, 5, 4, 3, 3]]), i([18]), i([7])), reductions=("none",))


if __name__ == "__main__":
    torch.manual_seed(2)
    for group in (classes, answers, numbers, distributions, distances, sequences):
        group()
    record("layers", "losses", cases)
