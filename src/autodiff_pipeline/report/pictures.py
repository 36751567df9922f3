"""Pictures small enough to be embedded in a page."""

import base64
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from PIL import Image

COLOURS = 256
SHRINK = 0.8  # at a time
ON_PAGE = 0.55  # of a pixel of the picture: sharp on screens of twice the density


class Picture(NamedTuple):
    """A picture as it is embedded in a page."""

    url: str  # data:image/png;base64,...
    width: int  # on the page
    height: int


def embedded(pngs: Mapping[str, bytes], budget: int, threads: int = 1) -> dict[str, Picture]:
    """The pictures with 256 colours each, and smaller ones where they take too much together.

    Args: pngs by name; budget, the most characters that all may take; threads to work in.
    """
    with ThreadPoolExecutor(threads) as pool:
        images = list(pool.map(_decoded, pngs.values()))
        scale = 1.0
        while True:
            pictures = list(pool.map(partial(_embed, scale=scale), images))
            if sum(len(picture.url) for picture in pictures) <= budget:
                return dict(zip(pngs, pictures, strict=True))
            scale *= SHRINK


def _decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def _embed(image: Image.Image, scale: float) -> Picture:
    width, height = (max(round(side * scale), 1) for side in image.size)
    resized = image if scale == 1 else image.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    # Octrees keep flat colours to one level, and lines and letters need no more; median cuts take
    # six times as long and a third more room, of which there is none at this resolution.
    few = resized.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(file, "PNG")
    text = base64.b64encode(file.getvalue()).decode("ascii")
    wide, high = (round(side * ON_PAGE) for side in image.size)
    return Picture(f"data:image/png;base64,{text}", wide, high)
