"""One measurement of a peer, as a JSON line:
peer.py torch|onnx|openvino image|text MODEL THREADS BATCH_OR_TOKENS REPEATS
peer.py faiss search VECTORS WIDTH THREADS REPEATS
"""
import json
import os
import sys
import time


def median(repeats, body):
    body(), body()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[repeats // 2]


def tower(model_path, kind, size):
    """The tower as a module of one tensor, and an input for it."""
    import torch
    from transformers import CLIPModel

    model = CLIPModel.from_pretrained(model_path).eval()

    class Images(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.vision, self.projection = model.vision_model, model.visual_projection

        def forward(self, pixel_values):
            return self.projection(self.vision(pixel_values=pixel_values).pooler_output)

    class Texts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.text, self.projection = model.text_model, model.text_projection

        def forward(self, input_ids):
            return self.projection(self.text(input_ids=input_ids).pooler_output)

    if kind == "image":
        return Images().eval(), torch.randn(size, 3, 224, 224)
    ids = [4094] + [300 + i for i in range(size - 2)] + [4095]
    return Texts().eval(), torch.tensor([ids])


def main():
    peer, kind = sys.argv[1:3]
    if peer == "faiss":
        import faiss
        import numpy

        count, width, threads, repeats = map(int, sys.argv[3:7])
        faiss.omp_set_num_threads(threads)
        generator = numpy.random.default_rng(0)
        index = faiss.IndexFlatIP(width)
        for _ in range(10):
            index.add(generator.standard_normal((count // 10, width), dtype=numpy.float32))
        query = generator.standard_normal((1, width), dtype=numpy.float32)
        seconds = median(repeats, lambda: index.search(query, 10))
        print(json.dumps({"name": "search", "seconds": seconds, "count": 1}))
        return
    path, threads, size, repeats = sys.argv[3], *map(int, sys.argv[4:7])
    import torch

    torch.set_num_threads(threads)
    with torch.inference_mode():
        module, example = tower(path, kind, size)
        if peer == "torch":
            body = lambda: module(example)
        else:
            file = os.path.join(path, f"{kind}_{size}.onnx")
            if not os.path.exists(file):
                torch.onnx.export(
                    module, (example,), file, dynamo=False, opset_version=17, input_names=["x"])
            if peer == "onnx":
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = threads
                session = onnxruntime.InferenceSession(
                    file, options, providers=["CPUExecutionProvider"])
                feed = {"x": example.numpy()}
                body = lambda: session.run(None, feed)
            else:
                import openvino

                core = openvino.Core()
                compiled = core.compile_model(
                    core.read_model(file), "CPU",
                    {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32",
                     "PERFORMANCE_HINT": "LATENCY"})
                request = compiled.create_infer_request()
                feed = example.numpy()
                body = lambda: request.infer([feed])
        seconds = median(repeats, body)
    count = size if kind == "image" else 1
    print(json.dumps({"name": kind, "seconds": seconds, "count": count}))


main()
