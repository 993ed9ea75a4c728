"""Writes block.safetensors: one decoder block of PyTorch (nn.TransformerDecoderLayer, post-norm, SiLU,
causal self-attention and cross-attention) with random weights, its result, and the gradients of
sum(result * cotangent) by everything.

    python make_decoder.py
"""

import torch
from safetensors.torch import save_file

torch.manual_seed(5)
width, heads, wide, targets, keys = 16, 2, 24, 5, 7
layer = torch.nn.TransformerDecoderLayer(
    width, heads, wide, dropout=0.0, activation=torch.nn.functional.silu, batch_first=True)
for parameter in layer.parameters():
    torch.nn.init.normal_(parameter, std=0.3)
x = torch.randn(1, targets, width, requires_grad=True)
memory = torch.randn(1, keys, width, requires_grad=True)
mask = torch.nn.Transformer.generate_square_subsequent_mask(targets)
result = layer(x, memory, tgt_mask=mask, tgt_is_causal=True)
cotangent = torch.randn_like(result)
(result * cotangent).sum().backward()

tensors = {"x": x[0], "memory": memory[0], "result": result[0], "cotangent": cotangent[0]}
tensors |= {"gradient/x": x.grad[0], "gradient/memory": memory.grad[0]}
names = {"self_attn": "own", "multihead_attn": "other"}
for theirs, ours in names.items():
    attention = getattr(layer, theirs)
    for index, part in enumerate(("q_proj", "k_proj", "v_proj")):
        rows = slice(index * width, (index + 1) * width)
        tensors[f"{ours}.{part}.weight"] = attention.in_proj_weight[rows]
        tensors[f"{ours}.{part}.bias"] = attention.in_proj_bias[rows]
        tensors[f"gradient/{ours}.{part}.weight"] = attention.in_proj_weight.grad[rows]
        tensors[f"gradient/{ours}.{part}.bias"] = attention.in_proj_bias.grad[rows]
others = {"own.out_proj": layer.self_attn.out_proj, "other.out_proj": layer.multihead_attn.out_proj,
          "mlp.fc1": layer.linear1, "mlp.fc2": layer.linear2, "norm1": layer.norm1,
          "norm2": layer.norm2, "norm3": layer.norm3}
for name, module in others.items():
    for part in ("weight", "bias"):
        tensors[f"{name}.{part}"] = getattr(module, part)
        tensors[f"gradient/{name}.{part}"] = getattr(module, part).grad
save_file({name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()},
          "block.safetensors", metadata={"torch": torch.__version__})
