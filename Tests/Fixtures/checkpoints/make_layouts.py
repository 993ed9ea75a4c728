"""Checkpoints in the layouts in which they are published, tiny and random, and what the original library
makes of each.

    python make_layouts.py layouts

PyTorch 2.13, open_clip 3.3. Every folder has a vocabulary of bytes and one merge; `expected.safetensors` holds the picture, the token ids and the unit vectors of the library
that the layout belongs to. Every file is below 200 kB: widths are tiny, names are real.
"""
import argparse
import json
import os
import shutil
import sys

import torch
from safetensors.torch import save_file

target = sys.argv[1]
VOCABULARY, CONTEXT, SIDE, PATCH = 515, 24, 16, 8
START, END = 513, 514


def vocabulary():
    """vocab.json and merges.txt: GPT-2's stand-ins for bytes, alone and at a word's end, and `a b`."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [byte for byte in range(256) if byte not in own]
    letters = {byte: chr(byte) for byte in own}
    letters.update({byte: chr(256 + place) for place, byte in enumerate(other)})
    pieces = [letters[byte] for byte in range(256)]
    pieces += [piece + "</w>" for piece in pieces] + ["ab", "<|startoftext|>", "<|endoftext|>"]
    return json.dumps({piece: place for place, piece in enumerate(pieces)}), "#version: 0.2\na b\n"


def openclip(seed, quick, width=32, mlp=1.5, text_bias=False):
    """open_clip's own model of these sizes; f16-exact numbers large enough for every part to show."""
    from open_clip.model import CLIP

    torch.manual_seed(seed)
    model = CLIP(
        embed_dim=24, quick_gelu=quick,
        vision_cfg=dict(width=width, layers=1, image_size=SIDE, patch_size=PATCH,
                        head_width=16 if width < 64 else 64, mlp_ratio=mlp),
        text_cfg=dict(width=width, layers=1, context_length=CONTEXT, vocab_size=VOCABULARY,
                      heads=2 if width < 64 else 1, mlp_ratio=mlp, proj_bias=text_bias,
                      proj_type="linear")).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter * 2 + 0.05 * torch.randn_like(parameter)).half().float())
        model.logit_scale.fill_(2.5)
    return model


def write(name, model, save, configuration=None):
    folder = f"{target}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for file, text in zip(("vocab.json", "merges.txt"), vocabulary()):
        with open(f"{folder}/{file}", "w", encoding="utf-8") as out:
            out.write(text)
    if configuration:
        with open(f"{folder}/open_clip_config.json", "w") as out:
            json.dump(configuration, out, indent=1)
    save(folder)
    torch.manual_seed(3)
    pixels = torch.randn(2, 3, SIDE, SIDE)
    ids = torch.zeros(2, CONTEXT, dtype=torch.long)
    ids[0, :5] = torch.tensor([START, 5, 77, 300, END])
    ids[1, :7] = torch.tensor([START, 400, 4, 4, 12, 512, END])
    with torch.no_grad():
        image = model.encode_image(pixels, normalize=True)
        text = model.encode_text(ids, normalize=True)
    save_file(dict(pixel_values=pixels, input_ids=ids, image_embeds=image.contiguous(),
                   text_embeds=text.contiguous()), f"{folder}/expected.safetensors")


def configuration(quick, width=32):
    return dict(model_cfg=dict(
        embed_dim=24, quick_gelu=quick,
        vision_cfg=dict(width=width, layers=1, image_size=[SIDE, SIDE], patch_size=PATCH, head_width=16,
                        mlp_ratio=1.5),
        text_cfg=dict(width=width, layers=1, context_length=CONTEXT, vocab_size=VOCABULARY, heads=2,
                      mlp_ratio=1.5)))


def main():
    # OpenCLIP's trainer: epoch_N.pt with the optimiser beside it, names behind module.
    model = openclip(1, False)

    def trainer(folder):
        state = {f"module.{key}": value for key, value in model.state_dict().items()}
        optimiser = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(3))])
        torch.save(dict(epoch=20, name="SkyCLIP_ViT_B32_top50pct", state_dict=state,
                        optimizer=optimiser.state_dict(), args=argparse.Namespace(lr=1e-9)),
                   f"{folder}/epoch_20.pt")
    write("trainer", model, trainer, configuration(False))

    # Lightning: clip_model. in front, a loss of its own outside, hyperparameters as a Namespace.
    lightning_model = openclip(2, True)

    def lightning(folder):
        state = {f"clip_model._orig_mod.{key}": value
                 for key, value in lightning_model.state_dict().items()}
        state["loss.temperature"] = torch.ones(1)
        torch.save({"state_dict": state, "pytorch-lightning_version": "2.4.0",
                    "hyper_parameters": argparse.Namespace(model="ViT", seed=1),
                    "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(4)}}}]},
                   f"{folder}/last.ckpt")
    write("lightning", lightning_model, lightning, configuration(True))

    # Numbers of 64 bits, an average beside the weights, no logit_scale.
    double = openclip(3, False, width=16)

    def doubles(folder):
        state = {key: value.double() for key, value in double.state_dict().items()
                 if key != "logit_scale"}
        small = {"visual.conv1.weight": state["visual.conv1.weight"] * 0}
        torch.save(dict(model=state, state_dict_ema=small), f"{folder}/weights.pth")
    write("doubles", double, doubles, configuration(False, width=16))

    # A text projection with a bias.
    biased = openclip(4, False, text_bias=True)
    write("bias", biased,
          lambda folder: torch.save(biased.state_dict(), f"{folder}/open_clip_pytorch_model.bin"),
          configuration(False))

    # A TorchScript archive, as OpenAI's downloads are: f16, with the three numbers of OpenAI's own.
    scripted = openclip(5, True, width=64, mlp=0.5)

    class Archive(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            for name, part in model.named_children():
                setattr(self, name, part)
            for name, parameter in model.named_parameters(recurse=False):
                setattr(self, name, parameter)
            for name, value in (("input_resolution", SIDE), ("context_length", CONTEXT),
                                ("vocab_size", VOCABULARY)):
                self.register_buffer(name, torch.tensor(value))

        def forward(self, pixels):
            return self.visual.conv1(pixels)

    def script(folder):
        import copy
        half = Archive(copy.deepcopy(scripted)).half()
        torch.jit.save(torch.jit.trace(half, torch.zeros(1, 3, SIDE, SIDE).half()),
                       f"{folder}/ViT-tiny.pt")
    write("torchscript", scripted, script)


if __name__ == "__main__":
    main()
