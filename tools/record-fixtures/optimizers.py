"""Records what PyTorch's optimizers, schedules, clipping and averages do, for the tests to compare with.

    python tools/record-fixtures/optimizers.py

writes packages/optimizers/test/fixtures/*.json. Everything is computed in float64 and recorded to 12 digits, so that a
comparison in float32 measures the error of badak alone, and one in float64 the formula. Lion and LAMB, which PyTorch
lacks, are NumPy programs written after the papers.
"""

import math

import numpy as np
import torch
from torch.optim import lr_scheduler as schedules
from torch.optim.swa_utils import get_ema_avg_fn, get_swa_avg_fn

from layers import write

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
STEPS = 20


def digits(value):
    return float(f"{float(value):.12g}")


def flat(tensors):
    return [digits(v) for t in tensors for v in np.asarray(t.detach() if torch.is_tensor(t) else t).reshape(-1)]


def record(name, cases):
    write("optimizers", name, {"source": f"PyTorch {torch.__version__}, NumPy {np.__version__}", "cases": cases})


def named(options):
    return {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()}


class Lion:
    """Chen et al. 2023, arXiv:2302.06675, algorithm 2."""

    defaults = {"lr": 1e-4, "betas": (0.9, 0.99), "weight_decay": 0.0}

    def begin(self, w):
        return {"exp_avg": np.zeros_like(w)}

    def update(self, w, g, state, step, lr, betas, weight_decay):
        m = state["exp_avg"]
        c = betas[0] * m + (1 - betas[0]) * g
        state["exp_avg"] = betas[1] * m + (1 - betas[1]) * g
        return w - lr * (np.sign(c) + weight_decay * w)


class LAMB:
    """You et al. 2020, arXiv:1904.00962, algorithm 2, with the identity for φ."""

    defaults = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.0, "bias_correction": True}

    def begin(self, w):
        return {"exp_avg": np.zeros_like(w), "exp_avg_sq": np.zeros_like(w)}

    def update(self, w, g, state, step, lr, betas, eps, weight_decay, bias_correction):
        m = state["exp_avg"] = betas[0] * state["exp_avg"] + (1 - betas[0]) * g
        v = state["exp_avg_sq"] = betas[1] * state["exp_avg_sq"] + (1 - betas[1]) * g * g
        if bias_correction:
            m, v = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
        r = m / (np.sqrt(v) + eps)
        u = r + weight_decay * w
        size, length = np.sqrt(np.sum(w * w)), np.sqrt(np.sum(u * u))
        ratio = size / length if size > 0 and length > 0 else 1.0
        return w - lr * ratio * u


class FromPaper:
    """Runs an algorithm over groups as PyTorch's optimizers do."""

    def __init__(self, algorithm, groups, **options):
        self.algorithm = algorithm
        self.param_groups = [{**algorithm.defaults, "maximize": False, **options, **group} for group in groups]
        self.state = {}

    def step(self):
        for group in self.param_groups:
            options = {key: value for key, value in group.items() if key not in ("params", "maximize")}
            for p in group["params"]:
                if p.grad is None:
                    continue
                w, g = p.detach().numpy(), p.grad.numpy()
                state = self.state.setdefault(p, {"step": 0, **self.algorithm.begin(w)})
                state["step"] += 1
                new = self.algorithm.update(w, -g if group["maximize"] else g, state, state["step"], **options)
                p.data = torch.from_numpy(np.asarray(new))


def make(name, groups, options):
    own = {"Lion": Lion, "LAMB": LAMB}.get(name)
    if own:
        return FromPaper(own(), groups, **options)
    return getattr(torch.optim, name)(groups, foreach=False, **options)


SHAPES = [(2, 3), (3,), (), (2,)]
torch.manual_seed(100)
START = [torch.randn(shape).round(decimals=3) for shape in SHAPES]
TARGETS = [torch.randn(shape).round(decimals=3) for shape in SHAPES]
CURVATURES = [(torch.rand(shape) + 0.5).round(decimals=3) for shape in SHAPES]


def trajectory(name, options, group):
    """The last parameter is a group of its own. The second one rests at the third and fourth step; all learning rates
    halve after ten."""
    parameters = [p.clone().requires_grad_() for p in START]
    optimizer = make(name, [{"params": parameters[:3]}, {"params": parameters[3:], **group}], options)
    sign = -1 if options.get("maximize") else 1
    values = []
    for step in range(STEPS):
        for p in parameters:
            p.grad = None
        used = [i for i in range(4) if not (i == 1 and step in (2, 3))]
        loss = sign * sum((CURVATURES[i] * (parameters[i] - TARGETS[i]) ** 2).sum() for i in used)
        loss.backward()
        if step == 10:
            for g in optimizer.param_groups:
                g["lr"] *= 0.5
        optimizer.step()
        values.append(flat(parameters))
    moments = {
        f"{i}.{key}": flat([value])
        for i, p in enumerate(parameters) for key, value in optimizer.state[p].items() if key != "step" and value is not None
    }
    return {"name": name, "options": named(options), "group": named(group), "trajectory": values, "moments": moments}


def each_and_all(base, *options):
    """`base` alone, with each of `options`, and with all of them."""
    together = {key: value for option in options for key, value in option.items()}
    return [base, *({**base, **option} for option in options), {**base, **together}]


def trajectories():
    decay, maximize, decoupled = {"weight_decay": 0.1}, {"maximize": True}, {"weight_decay": 0.1, "decoupled_weight_decay": True}
    betas, eps, amsgrad = {"betas": (0.7, 0.9)}, {"eps": 0.01}, {"amsgrad": True}
    variants = {
        "SGD": [
            *each_and_all({"lr": 0.1}, {"momentum": 0.9}, decay, maximize),
            *each_and_all({"lr": 0.05, "momentum": 0.8}, {"dampening": 0.3}, decay, maximize),
            *each_and_all({"lr": 0.05, "momentum": 0.9, "nesterov": True}, decay, maximize),
        ],
        "Adagrad": each_and_all({"lr": 0.5}, {"lr_decay": 0.1}, {"initial_accumulator_value": 0.1}, eps, decay, maximize),
        "RMSprop": [
            *each_and_all({"lr": 0.05}, {"alpha": 0.8}, eps, decay, {"momentum": 0.9}, {"centered": True}, maximize),
            # Not alpha 0.99: the variance of so few gradients is a difference that float32 does not hold to five digits.
            {"lr": 0.05, "momentum": 0.5, "centered": True, "alpha": 0.9},
        ],
        "Adadelta": each_and_all({"lr": 2.0}, {"rho": 0.7}, {"eps": 1e-3}, decay, maximize),
        "Adam": [*each_and_all({"lr": 0.1}, betas, eps, decay, decoupled, amsgrad, maximize), {"lr": 0.1, **betas, **amsgrad, **decay}],
        "AdamW": [{}, *each_and_all({"lr": 0.1}, betas, eps, decay, amsgrad, maximize)],
        "NAdam": each_and_all({"lr": 0.1}, betas, eps, {"momentum_decay": 0.1}, decay, decoupled, maximize),
        "RAdam": each_and_all({"lr": 0.1}, betas, eps, decay, decoupled, maximize),
        "Adamax": each_and_all({"lr": 0.1}, betas, eps, decay, maximize),
        "Lion": each_and_all({"lr": 0.05}, {"betas": (0.7, 0.9)}, decay, maximize),
        "LAMB": each_and_all({"lr": 0.1}, betas, eps, decay, {"bias_correction": False}, maximize),
    }
    cases = [
        trajectory(name, options, {"lr": 0.03, "weight_decay": 0.2})
        for name, rows in variants.items() for options in rows
    ]
    problem = {"shapes": SHAPES, "start": flat(START), "targets": flat(TARGETS), "curvatures": flat(CURVATURES)}
    record("trajectories", [problem, *cases])


def rates(name, options, make_schedule, optimizer="SGD", metrics=None):
    """The rates of two groups over 60 steps, and their momentum where it changes."""
    parameters = [torch.zeros(1), torch.zeros(1)]
    inner = {"SGD": lambda g: torch.optim.SGD(g, momentum=0.9), "Adam": torch.optim.Adam}[optimizer]
    inner = inner([{"params": parameters[:1], "lr": 0.1}, {"params": parameters[1:], "lr": 0.02}])
    schedule = make_schedule(inner)
    lrs, momenta = [], []
    for step in range(61):
        if step > 0:
            inner.step()
            schedule.step(metrics[step - 1]) if metrics else schedule.step()
        lrs.append([digits(group["lr"]) for group in inner.param_groups])
        momenta.append([digits(group["betas"][0] if optimizer == "Adam" else group["momentum"]) for group in inner.param_groups])
    case = {"name": name, "options": named(options), "optimizer": optimizer, "lrs": lrs}
    if any(m != momenta[0] for m in momenta):
        case["momenta"] = momenta
    if metrics:
        case["metrics"] = metrics
    return case


def plateau(options):
    """A metric that falls, stalls, jumps, falls again and stalls."""
    metrics = [digits(math.exp(-t / 5) + (0.02 if t % 7 == 3 else 0) - (0.5 if t > 40 else 0)) for t in range(60)]
    metrics[30] = 5.0
    if options.get("mode") == "max":
        metrics = [-m for m in metrics]
    return rates("ReduceLROnPlateau", options, lambda o: schedules.ReduceLROnPlateau(o, **options), metrics=metrics)


def schedule_values():
    rows = [
        ("StepLR", {"step_size": 7}), ("StepLR", {"step_size": 10, "gamma": 0.5}),
        ("MultiStepLR", {"milestones": [5, 20, 20, 45]}), ("MultiStepLR", {"milestones": [0, 30], "gamma": 0.3}),
        ("ConstantLR", {}), ("ConstantLR", {"factor": 0.2, "total_iters": 12}), ("ConstantLR", {"factor": 0.5, "total_iters": 0}),
        ("LinearLR", {}), ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 40}),
        ("LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 1}),
        ("PolynomialLR", {}), ("PolynomialLR", {"total_iters": 50, "power": 0.9}), ("PolynomialLR", {"total_iters": 30, "power": 2.0}),
        ("ExponentialLR", {"gamma": 0.95}),
        ("CosineAnnealingLR", {"T_max": 20}), ("CosineAnnealingLR", {"T_max": 55, "eta_min": 0.001}), ("CosineAnnealingLR", {"T_max": 1}),
        ("CosineAnnealingWarmRestarts", {"T_0": 10}), ("CosineAnnealingWarmRestarts", {"T_0": 5, "T_mult": 2, "eta_min": 0.001}),
        ("OneCycleLR", {"max_lr": 0.5, "total_steps": 61}),
        ("OneCycleLR", {"max_lr": [0.5, 0.2], "epochs": 5, "steps_per_epoch": 13, "pct_start": 0.4, "anneal_strategy": "linear",
                        "base_momentum": 0.7, "max_momentum": 0.9, "div_factor": 10.0, "final_div_factor": 100.0}),
        ("OneCycleLR", {"max_lr": 0.5, "total_steps": 61, "three_phase": True}),
        ("OneCycleLR", {"max_lr": 0.5, "total_steps": 61, "three_phase": True, "anneal_strategy": "linear", "cycle_momentum": False}),
        ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8}),
        ("CyclicLR", {"base_lr": [0.01, 0.001], "max_lr": [0.1, 0.2], "step_size_up": 4, "step_size_down": 9, "mode": "triangular2"}),
        ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "mode": "exp_range", "gamma": 0.97,
                      "base_momentum": 0.5, "max_momentum": 0.95}),
        ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "cycle_momentum": False}),
    ]
    cases = [rates(name, options, lambda o: getattr(schedules, name)(o, **options)) for name, options in rows]
    for name, options in (rows[19], rows[23]):
        cases.append(rates(name, options, lambda o: getattr(schedules, name)(o, **options), optimizer="Adam"))
    for name, options in [
        ("CyclicLR scaled by cycle", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "scale_fn": lambda x: 1 / x}),
        ("CyclicLR scaled by iteration", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "scale_fn": lambda x: 1 / (x + 1),
                                         "scale_mode": "iterations"}),
    ]:
        cases.append(rates(name, {}, lambda o: schedules.CyclicLR(o, **options)))
    cases.append(rates("LambdaLR", {}, lambda o: schedules.LambdaLR(o, [lambda t: 1 / (1 + t), lambda t: 0.9**t])))
    # 1/20 of the rate at first, all of it at the 20th step.
    cases.append(rates("WarmUpLR", {}, lambda o: schedules.LinearLR(o, start_factor=1 / 20, total_iters=19)))
    cases.append(rates("ChainedScheduler", {}, lambda o: schedules.ChainedScheduler([
        schedules.ConstantLR(o, 0.1, 10), schedules.ExponentialLR(o, 0.9), schedules.CosineAnnealingLR(o, 25)])))
    cases.append(rates("SequentialLR", {}, lambda o: schedules.SequentialLR(o, [
        schedules.LinearLR(o, 0.1, total_iters=10), schedules.CosineAnnealingLR(o, 20), schedules.StepLR(o, 4, 0.5),
        schedules.CosineAnnealingWarmRestarts(o, 6)], [10, 25, 45])))
    cases += [plateau(options) for options in each_and_all(
        {"patience": 3}, {"mode": "max"}, {"factor": 0.5}, {"threshold": 0.05}, {"threshold": 0.05, "threshold_mode": "abs"},
        {"cooldown": 4}, {"min_lr": [0.004, 0.001]}, {"eps": 0.01})]
    record("schedules", cases)


def clipping():
    torch.manual_seed(7)
    gradients = [torch.randn(shape).round(decimals=3) for shape in SHAPES]
    cases = [{"shapes": SHAPES, "gradients": flat(gradients)}]
    for options in [{"max_norm": 1.0}, {"max_norm": 100.0}, {"max_norm": 0.5, "norm_type": 1.0}, {"max_norm": 0.5, "norm_type": 3.0},
                    {"max_norm": 0.5, "norm_type": math.inf}, {"max_norm": 0.0}]:
        parameters = [torch.zeros(shape, requires_grad=True) for shape in SHAPES]
        for p, g in zip(parameters, gradients):
            p.grad = g.clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, **options)
        options = {key: "Infinity" if v == math.inf else v for key, v in options.items()}
        cases.append({**options, "norm": digits(norm), "clipped": flat([p.grad for p in parameters])})
    parameters = [torch.zeros(shape, requires_grad=True) for shape in SHAPES]
    for p, g in zip(parameters, gradients):
        p.grad = g.clone()
    torch.nn.utils.clip_grad_value_(parameters, 0.3)
    cases.append({"clip_value": 0.3, "clipped": flat([p.grad for p in parameters])})
    record("clipping", cases)


def averages():
    """The averages of ten random weights."""
    torch.manual_seed(8)
    first, *rest = weights = [torch.randn(3).round(decimals=3) for _ in range(11)]
    cases = [{"weights": [flat([w]) for w in weights]}]
    for decay in (0.9, 0.5):
        average, values = first.clone(), []
        for n, w in enumerate(rest):
            average = get_ema_avg_fn(decay)(average, w, n)
            values.append(flat([average]))
        cases.append({"name": "ExponentialMovingAverage", "decay": decay, "values": values})
    average, values = first.clone(), []
    for n, w in enumerate(rest):
        average = get_swa_avg_fn()(average, w, n)
        values.append(flat([average]))
    cases.append({"name": "StochasticWeightAverage", "values": values})
    record("averages", cases)


if __name__ == "__main__":
    trajectories()
    schedule_values()
    clipping()
    averages()
