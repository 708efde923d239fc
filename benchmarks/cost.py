"""What processes have cost so far, as the operating system counts it."""

import ctypes
import sys
import time
from pathlib import Path
from typing import Final

CPU_IS_TOLD: Final = sys.platform == "linux"
"""Whether this system tells the processor time of another process; macOS does not."""


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for each in found:
        for thread in _threads(each):
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def cpu_seconds(pids: list[int]) -> float | None:
    """User and system time of the processes together; None where the system does not tell."""
    return sum(map(_cpu, pids)) if CPU_IS_TOLD else None


def resident_mib(pid: int) -> float | None:
    """Memory of one process; None where the system does not tell."""
    if not CPU_IS_TOLD:
        return None
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _threads(pid: int) -> list[Path]:
    tasks = Path(f"/proc/{pid}/task")
    return list(tasks.iterdir()) if tasks.exists() else []


def _cpu(pid: int) -> float:
    # The process's own clock counts nanoseconds where /proc/PID/stat counts hundredths of a second.
    clock = ctypes.c_int()
    if error := ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise ProcessLookupError(error, f"process {pid} has no clock")
    return time.clock_gettime(clock.value)
