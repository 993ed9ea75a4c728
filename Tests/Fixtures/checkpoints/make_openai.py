"""A CLIP model with random weights under OpenAI's names, and what transformers makes of it.

    python make_openai.py VOCABULARY_FOLDER openai

Heads have 64 columns, as in all of OpenAI's models; that is how their number is known."""
import shutil, sys
import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

source, target = sys.argv[1:]
torch.manual_seed(7)
size = dict(hidden_size=64, intermediate_size=256, num_attention_heads=1, num_hidden_layers=2)
text = dict(size, vocab_size=1014, max_position_embeddings=24, bos_token_id=1012, eos_token_id=2)
vision = dict(size, image_size=32, patch_size=8)
model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=48)).eval()
with torch.no_grad():
    for parameter in model.parameters():
        # Large enough for every part to show, and what f16 holds exactly.
        parameter.copy_((parameter * 3 + 0.02 * torch.randn_like(parameter)).half().float())
    model.logit_scale.fill_(torch.tensor(2.5).half().float())

state, names = model.state_dict(), {}
for tower, prefix in (("vision_model", "visual."), ("text_model", "")):
    for layer in range(2):
        old, new = f"{tower}.encoder.layers.{layer}.", f"{prefix}transformer.resblocks.{layer}."
        for kind in ("weight", "bias"):
            names[f"{new}attn.in_proj_{kind}"] = torch.cat(
                [state[f"{old}self_attn.{x}_proj.{kind}"] for x in "qkv"])
            for a, b in (("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"),
                         ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj")):
                names[f"{new}{b}.{kind}"] = state[f"{old}{a}.{kind}"]
for kind in ("weight", "bias"):
    names[f"visual.ln_pre.{kind}"] = state[f"vision_model.pre_layrnorm.{kind}"]
    names[f"visual.ln_post.{kind}"] = state[f"vision_model.post_layernorm.{kind}"]
    names[f"ln_final.{kind}"] = state[f"text_model.final_layer_norm.{kind}"]
vision_embeddings, text_embeddings = "vision_model.embeddings.", "text_model.embeddings."
names["visual.class_embedding"] = state[vision_embeddings + "class_embedding"]
names["visual.positional_embedding"] = state[vision_embeddings + "position_embedding.weight"]
names["visual.conv1.weight"] = state[vision_embeddings + "patch_embedding.weight"]
names["visual.proj"] = state["visual_projection.weight"].T
names["text_projection"] = state["text_projection.weight"].T
names["token_embedding.weight"] = state[text_embeddings + "token_embedding.weight"]
names["positional_embedding"] = state[text_embeddings + "position_embedding.weight"]
names["logit_scale"] = state["logit_scale"]
saved = {name: value.clone().half() for name, value in names.items()}
# OpenAI's state dicts have these, too.
saved.update(input_resolution=torch.tensor(32), context_length=torch.tensor(24),
             vocab_size=torch.tensor(1014))
torch.save(saved, f"{target}/ViT-tiny.pt")
for name in ("vocab.json", "merges.txt"):
    shutil.copy(f"{source}/{name}", target)

pixels = torch.randn(3, 3, 32, 32)
ids = torch.tensor([[1012, 5, 77, 300, 1013, 1013, 1013], [1012, 900, 4, 4, 12, 640, 1013]])
mask = torch.tensor([[1, 1, 1, 1, 1, 0, 0], [1] * 7])
with torch.no_grad():
    out = model(input_ids=ids, attention_mask=mask, pixel_values=pixels)
save_file(dict(pixel_values=pixels, input_ids=ids, attention_mask=mask,
               image_embeds=out.image_embeds.contiguous(), text_embeds=out.text_embeds.contiguous(),
               logits_per_image=out.logits_per_image.contiguous()), f"{target}/expected.safetensors")
