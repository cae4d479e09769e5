"""How many CPUs this process may use, and that it goes first where memory runs out."""

import contextlib
import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def processors(root: Path = CGROUP) -> int:
    """The CPUs that this process may use: those that it may run on, and no more than its control group pays for."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, _quota(root))))


def _quota(root: Path) -> float:
    """CPUs by the quota of the control group, version 2 or 1; infinite where there is none."""
    try:
        quota, period = (root / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        try:
            quota, period = ((root / "cpu" / f"cpu.cfs_{name}_us").read_text(encoding="ascii").strip()
                             for name in ("quota", "period"))
        except OSError:
            return math.inf
    return int(quota) / int(period) if quota not in ("max", "-1") else math.inf


def be_first_to_go() -> None:
    """Where memory runs out, Linux ends this process rather than the one that would start it again."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
