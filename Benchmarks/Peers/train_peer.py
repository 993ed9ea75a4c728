"""Training steps of PyTorch, as a JSON line: train_peer.py CONFIG.json THREADS BATCH TOKENS STEPS

transformers' CLIPModel with scaled_dot_product_attention, clipping, and AdamW in its fused form: the
same step as the training-probe of the package, on noise.
"""
import json
import resource
import sys
import time

import torch
from transformers import CLIPConfig, CLIPModel


def main():
    path, (threads, pairs, tokens, steps) = sys.argv[1], map(int, sys.argv[2:6])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    config = CLIPConfig.from_pretrained(path)
    model = CLIPModel._from_config(config, attn_implementation="sdpa", dtype=torch.float32).train()
    side, text = config.vision_config.image_size, config.text_config
    pixels = torch.randn(pairs, 3, side, side)
    ids = torch.randint(0, text.vocab_size - 2, (pairs, tokens))
    ids[:, -1] = text.eos_token_id
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.1, fused=True)
    seconds = []
    for step in range(steps + 1):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        model(input_ids=ids, pixel_values=pixels, return_loss=True).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step:
            seconds.append(time.perf_counter() - start)
    step = sorted(seconds)[len(seconds) // 2]
    print(json.dumps({
        "pairs_per_second": round(pairs / step, 2), "step_seconds": round(step, 4),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


main()
