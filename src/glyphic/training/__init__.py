"""Recipes and data become networks, and networks bundles."""

import os

# torch asks for huge pages, where the system gives them (Linux, "madvise"): its tensors come and go each step, and to
# fault them in by four kilobytes takes a third of a training's time on a CPU. It looks at this once, at the first one.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
