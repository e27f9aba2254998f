"""Records what PyTorch computes for layers over sequences: packages/layers/test/fixtures/recurrent.json

    python tools/record-fixtures/sequences.py

Computed in float64 from float32 values. A call has several inputs and outputs; each output has its upstream gradient.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from modules import randomise
from recording import array, number, record

torch.set_num_threads(1)


def randn(*size):
    """Short numbers, for a short file."""
    return (torch.randn(size) * 100).round() / 100


def values(tensor):
    return [number(v) for v in tensor.detach().reshape(-1).tolist()]


def sequence_case(module, call, inputs, **described):
    """`call` takes the module and the inputs, by name, and gives a list of outputs."""
    state = {key: array(value) for key, value in randomise(module).state_dict().items()}
    module.double()
    leaves = {key: x.double().requires_grad_() for key, x in inputs.items()}
    outputs = call(module, **leaves)
    upstreams = [randn(*y.shape) for y in outputs]
    sum((y * upstream).sum() for y, upstream in zip(outputs, upstreams)).backward()
    return {
        "name": type(module).__name__, **described, "state": state,
        "inputs": {key: array(x) for key, x in inputs.items()},
        "outputs": [{**array(y), "upstream": values(u)} for y, u in zip(outputs, upstreams)],
        "inputGradients": {key: values(x.grad) for key, x in leaves.items()},
        "gradients": {key: values(p.grad) for key, p in module.named_parameters()},
    }


RECURRENT = {
    "num_layers": "numLayers", "bidirectional": "bidirectional", "batch_first": "batchFirst", "bias": "bias",
    "proj_size": "projSize", "nonlinearity": "nonlinearity",
}


def run_recurrent(lengths, total):
    def call(module, x, hidden=None, cell=None):
        state = hidden if cell is None else (hidden, cell)
        if lengths is None:
            y, last = module(x, state)
        else:
            packed = pack_padded_sequence(x, lengths, module.batch_first, enforce_sorted=False)
            y, last = module(packed, state)
            y, _ = pad_packed_sequence(y, module.batch_first, total_length=total)
        return [y, *(last if isinstance(last, tuple) else [last])]
    return call


def recurrent():
    torch.manual_seed(5)
    cases = []

    def case(kind, shape, hidden_size, lengths=None, initial=False, **options):
        module = kind(shape[-1], hidden_size, **options)
        inputs = {"x": randn(*shape)}
        if initial:
            batch = [] if len(shape) == 2 else [shape[0 if module.batch_first else 1]]
            rows = module.num_layers * (2 if module.bidirectional else 1)
            inputs["hidden"] = randn(rows, *batch, module.proj_size or hidden_size)
            if kind is nn.LSTM:
                inputs["cell"] = randn(rows, *batch, hidden_size)
        total = shape[1] if module.batch_first else shape[0]
        chosen = {RECURRENT[key]: value for key, value in options.items()}
        cases.append(sequence_case(
            module, run_recurrent(lengths, total), inputs,
            arguments=[shape[-1], hidden_size], options=chosen, lengths=lengths,
        ))

    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        case(kind, (3, 2, 3), 2)
        case(kind, (1, 1, 2), 3, initial=True)
        case(kind, (4, 2), 3, initial=True)
        case(kind, (4, 3), 2, bidirectional=True)
        case(kind, (2, 4, 3), 2, num_layers=2, batch_first=True, initial=True)
        case(kind, (3, 2, 2), 2, num_layers=2, bias=False, bidirectional=True)
        case(kind, (4, 3, 2), 2, lengths=[2, 4, 1])
        # No example is as long as the sequence.
        case(kind, (5, 2, 2), 2, lengths=[3, 3], bidirectional=True)
        case(kind, (4, 5, 2), 2, lengths=[5, 1, 3, 2], num_layers=2, bidirectional=True, batch_first=True, initial=True)
    case(nn.RNN, (4, 3, 2), 2, lengths=[4, 2, 3], nonlinearity="relu", num_layers=2, bidirectional=True)
    case(nn.LSTM, (3, 2, 2), 3, num_layers=2, bidirectional=True, proj_size=2, initial=True)
    case(nn.LSTM, (3, 2, 2), 3, lengths=[1, 3], bidirectional=True, proj_size=1)

    for kind in (nn.RNNCell, nn.LSTMCell, nn.GRUCell):
        for initial, options in ((True, {}), (False, {"bias": False})):
            inputs = {"x": randn(2, 3), **({"hidden": randn(2, 2)} if initial else {})}
            if initial and kind is nn.LSTMCell:
                inputs["cell"] = randn(2, 2)
            cases.append(sequence_case(
                kind(3, 2, **options), run_recurrent_cell, inputs, arguments=[3, 2], options=options, lengths=None,
            ))
    cases.append(sequence_case(
        nn.RNNCell(3, 2, nonlinearity="relu"), run_recurrent_cell, {"x": randn(2, 3), "hidden": randn(2, 2)},
        arguments=[3, 2], options={"nonlinearity": "relu"}, lengths=None,
    ))
    record("layers", "recurrent", cases)


def run_recurrent_cell(module, x, hidden=None, cell=None):
    last = module(x, hidden if cell is None else (hidden, cell))
    return list(last) if isinstance(last, tuple) else [last]


if __name__ == "__main__":
    recurrent()
