"""Learning rates of optax 0.2.8, transformers 5.24's get_scheduler and open_clip 3.3's schedules.

    PYTHON_OF_OPTAX make_fixture.py optax | PYTHON_OF_TORCH make_fixture.py > schedules.json
"""

import json
import sys

PLANS = [(0, 3), (0, 1), (2, 10), (1, 4), (5, 40), (0, 7)]
PEAK = 1e-3


def row(library, warmup, steps, decay, rates, final=0.0):
    return dict(library=library, peak=PEAK, warmup=warmup, steps=steps, decay=decay, final=final,
                rates=[float(f"{float(rate):.9g}") for rate in rates])


if sys.argv[1:] == ["optax"]:
    import optax

    rows = []
    for warmup, steps in PLANS:
        up = optax.linear_schedule(0.0, PEAK, warmup)
        for decay, end in [("linear", 0.0), ("linear", 1e-4), ("cosine", 0.0), ("cosine", 1e-4)]:
            down = (
                optax.linear_schedule(PEAK, end, steps - warmup) if decay == "linear"
                else optax.cosine_decay_schedule(PEAK, steps - warmup, alpha=end / PEAK)
            )
            whole = optax.join_schedules([up, down], [warmup]) if warmup else down
            rows.append(row("optax", warmup, steps, decay, [whole(s) for s in range(steps)], end))
    json.dump(rows, sys.stdout)
else:
    import torch
    from open_clip_train.scheduler import const_lr, cosine_lr
    from transformers import get_scheduler

    rows = json.load(sys.stdin)
    for warmup, steps in PLANS:
        for decay, name in [("linear", "linear"), ("cosine", "cosine"), ("constant", "constant_with_warmup")]:
            optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
            schedule = get_scheduler(name, optimiser, num_warmup_steps=warmup, num_training_steps=steps)
            rates = []
            for _ in range(steps):
                rates.append(optimiser.param_groups[0]["lr"])
                optimiser.step()
                schedule.step()
            rows.append(row("transformers", warmup, steps, decay, rates))
        for decay, make in [("cosine", lambda o: cosine_lr(o, PEAK, warmup, steps)),
                            ("constant", lambda o: const_lr(o, PEAK, warmup, steps))]:
            optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
            schedule = make(optimiser)
            rows.append(row("open_clip", warmup, steps, decay, [schedule(s) for s in range(steps)]))
    print("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]")
