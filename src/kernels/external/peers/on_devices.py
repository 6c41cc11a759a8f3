"""The same kernel for every device that PyTorch finds here."""

import torch

from attnbench_kernel import kernel

DTYPES = ["float32", "float16", "bfloat16"]
DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def on_devices(id, devices=("cpu", "cuda"), **options):
    """Declares a kernel for each of the devices that is here; that of CUDA has -cuda after its id."""

    def declare(prepare):
        for device in devices:
            if device in DEVICES:
                name = id if device == "cpu" else f"{id}-{device}"
                kernel(prepare, id=name, device=device, dtypes=DTYPES, **options)
        return prepare

    return declare
