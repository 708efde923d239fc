"""What this machine's processor can do for an engine: how many cores it may use, and whether it has AVX2."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

X86_64 = ("x86_64", "AMD64", "amd64")

BEYOND = {"avx512f": "AVX-512", "avx_vnni": "AVX-VNNI", "amx_tile": "AMX"}
"""Linux's names for what an engine can use, and everybody else's."""


def has_avx2() -> bool:
    """Whether the processor knows AVX2. True where that question does not arise (arm64) or cannot be answered."""
    if platform.machine() not in X86_64:
        return True
    match sys.platform:
        case "linux":
            return listed_avx2(read(Path("/proc/cpuinfo")))
        case "darwin":
            return sysctl("hw.optional.avx2_0") != "0"
        case _:
            return True


def listed_avx2(cpuinfo: str) -> bool:
    """Whether Linux's description of the processor lists AVX2. True if it lists nothing at all."""
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    return flags is None or "avx2" in flags[1].split()


def beyond_avx2() -> tuple[str, ...]:
    """What Linux says that the processor has for a model's arithmetic beyond AVX2."""
    return listed_beyond(read(Path("/proc/cpuinfo")))


def listed_beyond(cpuinfo: str) -> tuple[str, ...]:
    """The same from a description of the processor."""
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    listed = set(flags[1].split()) if flags else set()
    return tuple(name for flag, name in BEYOND.items() if flag in listed)


def usable_cores() -> int:
    """Physical cores this process may use: its affinity and its container's quota count."""
    return max(1, min(physical_cores(), int(quota(read(Path("/sys/fs/cgroup/cpu.max"))))))


def physical_cores() -> int:
    """Physical cores among the processors this process may run on."""
    match sys.platform:
        case "linux":
            return distinct_cores(read(Path("/proc/cpuinfo")), os.sched_getaffinity(0))
        case "darwin":
            # The efficiency cores of Apple's processors only hold the others up at each barrier.
            return int(sysctl("hw.perflevel0.physicalcpu") or sysctl("hw.physicalcpu") or 1)
        case _:
            return max(1, (os.cpu_count() or 2) // 2)


def distinct_cores(cpuinfo: str, allowed: set[int]) -> int:
    """Cores named by (package, core) among the allowed processors; all of them where Linux names no cores."""
    cores: set[tuple[str, str]] = set()
    for block in cpuinfo.split("\n\n"):
        facts = dict(re.findall(r"^(processor|physical id|core id)\s*:\s*(\d+)$", block, re.MULTILINE))
        if int(facts.get("processor", -1)) in allowed:
            cores.add((facts.get("physical id", "0"), facts.get("core id", f"processor {facts['processor']}")))
    return len(cores) or len(allowed)


def quota(cpu_max: str) -> float:
    """Processors' worth of time that a control group grants, from its `cpu.max`; no limit where there is none."""
    match cpu_max.split():
        case [granted, period] if granted.isdigit():
            return int(granted) / int(period)
        case _:
            return 1e9


def read(path: Path) -> str:
    """A file's text; nothing where it cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""


def sysctl(name: str) -> str:
    """One of macOS's facts about the machine; nothing where it does not know the name."""
    answer = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False)
    return answer.stdout.strip()
