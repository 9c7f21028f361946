"""What the figures were measured on: without it they mean nothing."""

import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

_FLUSHES = 100
_PAGE = b"x" * 4096


@dataclass(frozen=True, slots=True)
class Machine:
    """`flush_ms`: median time in milliseconds for four kilobytes to reach the disk."""

    cores: int
    memory_gb: float
    python: str
    system: str
    flush_ms: float
    load: float  # of the whole machine when the run began: others may have been at work

    @property
    def sentence(self) -> str:
        return (
            f"{self.cores} cores, {self.memory_gb:.0f} GB memory, Python {self.python}, "
            f"{self.system}; fdatasync of 4 KB {self.flush_ms:.2f} ms; "
            f"load {self.load:.1f} at the start"
        )


def look(folder: Path) -> Machine:
    """`folder` lies on the disk that the databases use."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        memory_gb=pages / 2**30,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        flush_ms=_flush(folder / "flush") * 1000,
        load=os.getloadavg()[0],
    )


def _flush(path: Path) -> float:
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_FLUSHES):
            file.write(_PAGE)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begin)
    path.unlink()
    return statistics.median(times)
