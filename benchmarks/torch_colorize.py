"""What people write to colour a folder with a network: Pillow, torch, 256 x 256. A peer.

``python benchmarks/torch_colorize.py FOLDER TARGET`` runs the network that ships on every picture,
one after the other, and writes what it sees in colour, at 256 x 256.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import skimage.color
import torch
from PIL import Image

from luvcolor.checkpoint import find_checkpoint, load

COLOR: Any = skimage.color
SIDE = 256


def main(folder: Path, target: Path) -> None:
    model, _ = load(find_checkpoint(None))
    for path in sorted(folder.iterdir()):
        gray = Image.open(path).convert("L").resize((SIDE, SIDE))
        light = COLOR.rgb2luv(COLOR.gray2rgb(np.asarray(gray)))[..., 0].astype(np.float32)
        with torch.inference_mode():
            uv = model.predict(torch.from_numpy(light / 100)[None, None]).uv[0].numpy()
        rgb = COLOR.luv2rgb(np.dstack([light, *uv]))
        Image.fromarray((rgb * 255).astype(np.uint8)).save(target / path.name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
