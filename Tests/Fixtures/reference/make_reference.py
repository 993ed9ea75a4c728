"""Tiny CLIP models of random weights, and what transformers, PyTorch and optax make of them.

    python make_reference.py VOCABULARY_FOLDER     # vocab.json and merges.txt of 515 entries

Made with PyTorch 2.13, transformers 5.24 and optax 0.2.8. The weights are drawn larger than an initialisation
would have them, so that every part of a model shows in its vectors.
"""

import json
import shutil
import sys
from pathlib import Path

import jax
import numpy as np
import optax
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

here = Path(__file__).parent
vocabulary = Path(sys.argv[1])
PAIRS = 6


def model_of(seed, *, act, eps, width, heads, image, patch, length, eos, project):
    torch.manual_seed(seed)
    both = dict(hidden_act=act, layer_norm_eps=eps, num_hidden_layers=2)
    config = CLIPConfig(
        text_config=dict(
            both, vocab_size=515, hidden_size=width[1], intermediate_size=2 * width[1],
            num_attention_heads=heads[1], max_position_embeddings=length, bos_token_id=513,
            eos_token_id=eos, pad_token_id=514),
        vision_config=dict(
            both, hidden_size=width[0], intermediate_size=2 * width[0], num_attention_heads=heads[0],
            image_size=image, patch_size=patch),
        projection_dim=project)
    model = CLIPModel(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name == "logit_scale":
                parameter.fill_(2.1)
            elif "layer" in name and name.endswith("norm.weight"):
                parameter.add_(0.1 * torch.randn_like(parameter))
            else:
                parameter.mul_(2).add_(0.02 * torch.randn_like(parameter))
    return model


def inputs(model, seed, count=2):
    generator = torch.Generator().manual_seed(seed)
    size, length = model.config.vision_config.image_size, model.config.text_config.max_position_embeddings
    pixels = torch.randn(count, 3, size, size, generator=generator)
    ids = torch.full((count, length), 514)
    mask = torch.zeros(count, length, dtype=torch.long)
    for row, tokens in enumerate([length, 5, 2, 9, 3, length - 1][:count]):
        ids[row, :tokens] = torch.cat([
            torch.tensor([513]), torch.randint(0, 513, (tokens - 2,), generator=generator), torch.tensor([514])])
        mask[row, :tokens] = 1
    return dict(pixel_values=pixels, input_ids=ids, attention_mask=mask)


def write(name, model, given, precision=torch.float32):
    folder = here / name
    folder.mkdir(exist_ok=True)
    model = model.to(precision).float()
    state = {key: value.to(precision).contiguous() for key, value in model.state_dict().items()
             if "position_ids" not in key}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(model.config.to_diff_dict(), indent=1, sort_keys=True) + "\n")
    size = model.config.vision_config.image_size
    (folder / "preprocessor_config.json").write_text(json.dumps(dict(
        crop_size=dict(height=size, width=size), do_center_crop=True, do_convert_rgb=True, do_normalize=True,
        do_rescale=True, do_resize=True, image_mean=[0.48145466, 0.4578275, 0.40821073],
        image_std=[0.26862954, 0.26130258, 0.27577711], resample=3, rescale_factor=1 / 255,
        size=dict(shortest_edge=size))) + "\n")
    for file in ["vocab.json", "merges.txt"]:
        shutil.copy(vocabulary / file, folder)
    with torch.no_grad():
        out = model(**given, output_hidden_states=True)
    kept = dict(
        given, image_embeds=out.image_embeds, text_embeds=out.text_embeds,
        logits_per_image=out.logits_per_image)
    for tower, hidden in [("vision", out.vision_model_output), ("text", out.text_model_output)]:
        for index, value in enumerate(hidden.hidden_states):
            kept[f"{tower}_hidden.{index}"] = value[0]
    save_file({key: value.contiguous() for key, value in kept.items()}, folder / "expected.safetensors")
    return model


def loss_of(model, given, groups):
    out = model(**given)
    total = 0
    for rows in np.array_split(np.arange(PAIRS), groups):
        logits = model.logit_scale.exp() * out.text_embeds[rows] @ out.image_embeds[rows].T
        target = torch.arange(len(rows))
        total = total + (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    return total / groups


def step(model, given, groups=1):
    model.zero_grad()
    loss = loss_of(model, given, groups)
    loss.backward()
    return loss.item(), {name: p.grad.clone() for name, p in model.named_parameters()}


def values(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def training(model, given):
    folder = here / "training"
    folder.mkdir(exist_ok=True)
    start, figures = values(model), {}
    loss, gradient = step(model, given)
    save_file(gradient, folder / "gradients.safetensors")

    # AdamW: decay on matrices alone, rates of a warm-up of two of ten steps, clipped to a norm of 1.
    decayed = [p for n, p in model.named_parameters() if p.ndim > 1]
    others = [p for n, p in model.named_parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [dict(params=decayed, weight_decay=0.1), dict(params=others, weight_decay=0.0)],
        betas=(0.9, 0.98), eps=1e-6)
    figures["adamw"] = dict(rates=[0.0005, 0.001, 0.000875], losses=[], norms=[])
    for rate in figures["adamw"]["rates"]:
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss, _ = step(model, given)
        figures["adamw"]["losses"].append(loss)
        figures["adamw"]["norms"].append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimiser.step()
    save_file(values(model), folder / "adamw_after_3.safetensors")

    model.load_state_dict(start, strict=False)
    adafactor = optax.adafactor(0.001)
    parameters = {n: jax.numpy.asarray(p.numpy()) for n, p in values(model).items()}
    state = adafactor.init(parameters)
    figures["adafactor"] = dict(rate=0.001, losses=[])
    for _ in range(3):
        loss, gradient = step(model, given)
        figures["adafactor"]["losses"].append(loss)
        updates, state = adafactor.update(
            {n: jax.numpy.asarray(g.numpy()) for n, g in gradient.items()}, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        model.load_state_dict({n: torch.from_numpy(np.array(p)) for n, p in parameters.items()}, strict=False)
    save_file(values(model), folder / "adafactor_after_3.safetensors")

    model.load_state_dict(start, strict=False)
    loss, gradient = step(model, given, groups=2)
    figures["local_2x3"] = loss
    # What differs from the gradient over all pairs shows in a few tensors.
    some = ["logit_scale", "visual_projection.weight", "text_projection.weight",
            "vision_model.encoder.layers.0.self_attn.v_proj.weight", "text_model.encoder.layers.1.mlp.fc1.weight"]
    save_file({name: gradient[name] for name in some}, folder / "gradients_local_2x3.safetensors")

    # One matrix that is large enough to be factored; it and its gradients are products of small integers,
    # which the test makes again.
    row, column = np.mgrid[0:130, 0:160]
    value = dict(w=jax.numpy.asarray((((row * 37 + column * 101) % 201 - 100) / np.float32(1000)).astype(np.float32)))
    adafactor = optax.adafactor(0.01)
    state = adafactor.init(value)
    for index in range(3):
        gradient = (((row * (7 + index) + column * 13) % 97 - 48) / np.float32(512)).astype(np.float32)
        updates, state = adafactor.update(dict(w=jax.numpy.asarray(gradient)), state, value)
        value = optax.apply_updates(value, updates)
    every_tenth = torch.from_numpy(np.array(value["w"])[::10].copy())
    save_file({"after_3.every_tenth_row": every_tenth}, folder / "adafactor_factored.safetensors")
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


quick = model_of(3, act="quick_gelu", eps=1e-5, width=(16, 12), heads=(2, 2), image=24, patch=8, length=12, eos=514, project=10)
given = inputs(quick, 4, PAIRS)
write("quick_gelu", quick, given)
training(quick, given)
gelu = model_of(5, act="gelu", eps=1e-6, width=(12, 16), heads=(3, 4), image=42, patch=14, length=77, eos=514, project=12)
write("gelu_eps", gelu, inputs(gelu, 6))
half = model_of(9, act="quick_gelu", eps=1e-5, width=(12, 12), heads=(2, 2), image=24, patch=8, length=10, eos=514, project=10)
write("bf16", half, inputs(half, 10), torch.bfloat16)
print(sum(f.stat().st_size for f in here.rglob("*") if f.is_file()), "bytes")
