"""The CUDA GPUs of this machine and the torch that would use them, without importing torch.

`import torch` alone takes over a second of processor time. The driver says the same through its own
library (CUDA Driver API, sections 6.2 initialisation and 6.5 device management), and honours
CUDA_VISIBLE_DEVICES as torch does.
"""

from __future__ import annotations

import ctypes
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

DRIVER = "libcuda.so.1"
NAME_BYTES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One visible device."""

    name: str
    memory: int
    """Bytes."""


def gpus() -> list[Gpu]:
    """The devices that the NVIDIA driver shows this process; none without a driver."""
    try:
        driver = ctypes.CDLL(DRIVER)
    except OSError:
        return []
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return []
    return [_device(driver, index) for index in range(count.value)]


def _device(driver: ctypes.CDLL, index: int) -> Gpu:
    device, memory = ctypes.c_int(0), ctypes.c_size_t(0)
    name = ctypes.create_string_buffer(NAME_BYTES)
    driver.cuDeviceGet(ctypes.byref(device), index)
    driver.cuDeviceGetName(name, NAME_BYTES, device)
    driver.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    return Gpu(name=name.value.decode(errors="replace"), memory=memory.value)


def torch_cuda() -> str | None:
    """CUDA version that the installed torch was built for ("13.0"); None for a CPU build or where
    torch is not installed. Read from torch/version.py, which torch's build writes.
    """
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return None
    version = Path(found.origin).with_name("version.py").read_text(encoding="utf-8")
    built = re.search(r"^cuda\b[^=\n]*=\s*'([\d.]+)'", version, re.MULTILINE)
    return built[1] if built else None
