"""Records what PyTorch computes for layers over sequences: packages/layers/test/fixtures/{recurrent,attention}.json

    python tools/record-fixtures/sequences.py

Computed in float64 from float32 values. A call has several inputs and outputs; each output has its upstream gradient.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from modules import randomise
from recording import array, number, record

torch.set_num_threads(1)


def randn(*size):
    """Short numbers, for a short file."""
    return (torch.randn(size) * 100).round() / 100


def values(tensor):
    return [number(v) for v in tensor.detach().reshape(-1).tolist()]


def sequence_case(module, call, inputs, /, **described):
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


def camel(options):
    def name(key):
        first, *rest = key.split("_")
        return first + "".join(word.capitalize() for word in rest)
    return {name(key): value for key, value in options.items()}


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
        cases.append(sequence_case(
            module, run_recurrent(lengths, total), inputs,
            arguments=[shape[-1], hidden_size], options=camel(options), lengths=lengths,
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


class ScaledDotProductAttention(nn.Module):
    def forward(self, *inputs, **options):
        return F.scaled_dot_product_attention(*inputs, **options)


class MultiheadAttention(nn.MultiheadAttention):
    """Keys are the queries, and values the keys, unless they are given."""

    def forward(self, query, key=None, value=None, **call):
        key = query if key is None else key
        return super().forward(query, key, key if value is None else value, **call)


def attention():
    torch.manual_seed(6)
    cases = []

    def case(module, inputs, arguments=(), options=None, call=None):
        """`call`: options of the call, which may be masks."""
        call = call or {}
        inputs = {key: x if torch.is_tensor(x) else randn(*x) for key, x in inputs.items()}
        own = {key: x.double() if torch.is_tensor(x) and x.is_floating_point() else x for key, x in call.items()}
        # In PyTorch, `is_causal` of modules only says what the mask is; badak needs no mask for it.
        hidden = {key for key in own if key.endswith("is_causal") and not isinstance(module, ScaledDotProductAttention)}
        for key in hidden:
            size = list(inputs.values())[0].shape[1 if options and options.get("batch_first") else 0]
            columns = inputs["memory"].shape[0] if key.startswith("memory") else size
            mask = torch.ones(size, columns, dtype=torch.bool).triu(1)
            name = {"is_causal": "src_mask" if hasattr(module, "linear1") else "attn_mask"}
            own[name.get(key, key.replace("is_causal", "mask"))] = mask

        def run(module, **leaves):
            result = module(*leaves.values(), **own)
            return list(result) if isinstance(result, tuple) else [result]
        described = {key: {**array(x), "dtype": "bool" if x.dtype == torch.bool else "float32"} if torch.is_tensor(x) else x
                     for key, x in call.items()}
        cases.append(sequence_case(
            module, run, inputs, arguments=list(arguments), options=camel(options or {}), call=camel(described),
        ))

    scaled(case)
    heads(case)
    transformers(case)
    record("layers", "attention", cases)


def scaled(case):
    qkv = {"query": (2, 3, 2), "key": (2, 4, 2), "value": (2, 4, 3)}
    module = ScaledDotProductAttention()
    case(module, qkv)
    case(module, qkv, call={"is_causal": True})
    case(module, {"query": (3, 2), "key": (2, 2), "value": (2, 1)}, call={"scale": 2.5})
    case(module, qkv, call={"attn_mask": randn(3, 4)})
    # The first query may attend to nothing; scores of ±1000 would overflow.
    large = {"query": randn(1, 2, 3, 2) * 100, "key": randn(1, 2, 4, 2) * 10, "value": (1, 2, 4, 2)}
    some = torch.tensor([[0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1]], dtype=torch.bool)
    case(module, large, call={"attn_mask": some})
    case(module, qkv, call={"attn_mask": torch.rand(2, 1, 4) > 0.4})


def heads(case):
    def attention(embed, count, inputs, call=None, **options):
        module = MultiheadAttention(embed, count, **options)
        case(module, inputs, (embed, count), options, call)

    padding = torch.tensor([[0, 0, 1, 1], [0, 0, 0, 1]], dtype=torch.bool)
    one, qk = {"query": (4, 2, 4)}, {"query": (3, 2, 4), "key": (4, 2, 4)}
    qkv = {"query": (2, 3, 4), "key": (2, 4, 3), "value": (2, 4, 5)}

    attention(4, 2, one)
    attention(4, 4, one, {"is_causal": True}, bias=False)
    attention(4, 2, one, {"key_padding_mask": padding, "average_attn_weights": False})
    attention(4, 2, qk, {"key_padding_mask": padding, "attn_mask": randn(3, 4)})
    attention(4, 1, qk, {"attn_mask": torch.tensor([[0, 0, 1, 0], [1, 1, 0, 1], [0, 1, 1, 0]], dtype=torch.bool)})
    attention(4, 2, qkv, kdim=3, vdim=5, batch_first=True)
    alone = torch.rand(4, 3, 4) > 0.6
    alone[:, :, 0] = False
    attention(4, 2, qkv, {"attn_mask": alone, "key_padding_mask": padding}, kdim=3, vdim=5, batch_first=True)
    attention(4, 2, {"query": (2, 3, 4), "key": (2, 2, 4), "value": (2, 2, 4)}, {"attn_mask": randn(4, 3, 2)}, batch_first=True)


def transformers(case):
    def layer(kind, inputs, call=None, **options):
        chosen = {"dim_feedforward": 3, "dropout": 0.0, **options}
        case(kind(4, 2, **chosen), inputs, (4, 2), chosen, call)

    padding = torch.tensor([[0, 0, 1], [0, 0, 0]], dtype=torch.bool)
    src = {"src": (3, 2, 4)}
    both = {"tgt": (3, 2, 4), "memory": (2, 2, 4)}
    encoder, decoder = nn.TransformerEncoderLayer, nn.TransformerDecoderLayer
    layer(encoder, src)
    layer(encoder, src, {"src_key_padding_mask": padding, "is_causal": True}, norm_first=True, activation="gelu")
    layer(encoder, {"src": (2, 3, 4)}, {"src_mask": randn(3, 3)}, batch_first=True, bias=False, layer_norm_eps=0.1)
    layer(decoder, both)
    layer(decoder, both, {"tgt_is_causal": True, "memory_key_padding_mask": padding[:, 1:]}, norm_first=True, activation="gelu")
    layer(decoder, both, {"tgt_mask": randn(3, 3), "memory_mask": randn(3, 2), "tgt_key_padding_mask": padding.float() * -9})
    layer(decoder, both, {"memory_is_causal": True})

    options = {"dim_feedforward": 2, "dropout": 0.0, "norm_first": True}
    stack = nn.TransformerEncoder(encoder(4, 2, **options), 2, nn.LayerNorm(4), enable_nested_tensor=False)
    case(stack, src, (4, 2), options, {"src_key_padding_mask": padding})
    case(nn.TransformerDecoder(decoder(4, 2, **options), 2), {"tgt": (3, 1, 4), "memory": (2, 1, 4)}, (4, 2), options,
         {"tgt_is_causal": True})


if __name__ == "__main__":
    recurrent()
    attention()
