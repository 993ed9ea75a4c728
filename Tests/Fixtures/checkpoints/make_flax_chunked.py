"""Arrays in pieces, as flax packs those of more than 1 GiB: python make_flax_chunked.py flax_chunked.msgpack"""
import sys
import jax.numpy as jnp, numpy as np
from flax import serialization

serialization.MAX_CHUNK_SIZE = 100
rows = np.arange(60, dtype=np.float32).reshape(12, 5)
tree = {
    "whole": {"kernel": np.arange(12, dtype=np.float32).reshape(3, 4)},
    "large": {"kernel": rows, "embedding": jnp.asarray(rows, jnp.bfloat16)},
    "half": np.arange(70, dtype=np.float16),
    "scalar": np.float32(2.5),
}
open(sys.argv[1], "wb").write(serialization.msgpack_serialize(tree))
