"""How near a prediction comes to the truth, and how colourful it is.

Every function takes uint8 sRGB pictures of shape (H, W, 3) and returns one float that JSON can
hold: never infinite, never NaN. What docs/evaluation.md says of them is to be changed with them,
and `METRICS_VERSION` to go up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from luvcolor.errors import PictureError
from luvcolor_kernels import rgb_to_luv

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "AUC_LIMIT",
    "METRICS",
    "METRICS_VERSION",
    "PSNR_CAP",
    "auc",
    "chroma_mse",
    "ciede2000",
    "colourfulness",
    "colourfulness_absolute",
    "measure",
    "psnr",
    "ssim",
]

METRICS_VERSION = 1
"""Of the definitions; goes up when one changes, so that results from before are not compared."""
PSNR_CAP = 100.0
"""The PSNR in dB of identical pictures, whose true value is infinite."""

AUC_LIMIT = 150.0
"""The ab error at and above which a pixel's colour is right at no threshold."""

_SSIM_WINDOW = 7
# The conversions to CIELAB hold some twenty float64 values per pixel: about 150 MB a part.
_PART = 1 << 20


def psnr(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio in dB: higher is better, 0..100.

    ``10 log10(255^2 / MSE)`` over all channels, capped at `PSNR_CAP` so that identical pictures
    have a finite value.

    Examples
    --------
    >>> import numpy as np
    >>> black = np.zeros((2, 2, 3), np.uint8)
    >>> round(psnr(black + np.uint8(51), black), 2), psnr(black, black)
    (13.98, 100.0)
    """
    check_pair(predicted, truth)
    error = np.subtract(predicted, truth, dtype=np.int32)
    mse = float(np.mean(np.square(error, out=error), dtype=np.float64))
    return PSNR_CAP if mse == 0 else min(PSNR_CAP, 10 * math.log10(255**2 / mse))


def ssim(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Return the mean structural similarity over the channels: higher is better, -1..1.

    A 7 x 7 uniform window, as scikit-image's `structural_similarity` has it. Pictures narrower
    than the window are continued by their edge pixels.

    References
    ----------
    Wang, Bovik, Sheikh & Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Transactions on Image Processing 13(4), 2004.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.arange(300, dtype=np.uint16).astype(np.uint8).reshape(10, 10, 3)
    >>> ssim(picture, picture)
    1.0
    """
    from skimage.metrics import structural_similarity

    check_pair(predicted, truth)
    rows, columns = (max(0, _SSIM_WINDOW - side) for side in truth.shape[:2])
    pad = ((0, rows), (0, columns), (0, 0))
    pair = (np.pad(picture, pad, mode="edge") for picture in (predicted, truth))
    similarity: Any = structural_similarity
    return float(similarity(*pair, channel_axis=-1, data_range=255))


def ciede2000(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Return the mean CIEDE2000 colour difference: lower is better, 0 (same) to about 119.

    About 1 is just noticeable side by side.

    References
    ----------
    Sharma, Wu & Dalal, "The CIEDE2000 color-difference formula", Color Research and Application
    30(1), 2005; as implemented by scikit-image.

    Examples
    --------
    >>> import numpy as np
    >>> black, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    >>> round(ciede2000(black, white), 2)
    100.0
    """
    from skimage.color import deltaE_ciede2000

    check_pair(predicted, truth)
    difference: Any = deltaE_ciede2000
    total = sum(difference(*labs).sum() for labs in _lab_parts(predicted, truth))
    return float(total / _pixels(truth))


def auc(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Return the area under the curve of right colours: higher is better, 0..1.

    The share of pixels whose CIELAB ab error (Euclidean) is below a threshold, integrated over
    thresholds from 0 to 150 and divided by 150. The integral is taken exactly, per pixel, rather
    than by a sum over whole thresholds. Zhang's tables print it in percent.

    References
    ----------
    Zhang, Isola & Efros, "Colorful image colorization", ECCV 2016, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> red, gray = np.array([[[255, 0, 0]]], np.uint8), np.array([[[9, 9, 9]]], np.uint8)
    >>> auc(red, red), round(auc(red, gray), 3)
    (1.0, 0.303)
    """
    check_pair(predicted, truth)
    total = 0.0
    for lab, true_lab in _lab_parts(predicted, truth):
        error = np.hypot(*np.moveaxis(lab[..., 1:] - true_lab[..., 1:], -1, 0))
        total += float(np.maximum(0.0, 1.0 - error / AUC_LIMIT).sum())
    return total / _pixels(truth)


def chroma_mse(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Return the mean squared error of u* and v* in units of 100: lower is better, from 0.

    This is the scale on which models are trained: 0.01 is an error of 10 in u* and in v*.

    Examples
    --------
    >>> import numpy as np
    >>> black, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    >>> round(chroma_mse(black, white), 6)
    0.0
    """
    check_pair(predicted, truth)
    total = 0.0
    for part, true_part in parts(predicted, truth):
        error = (rgb_to_luv(part) - rgb_to_luv(true_part))[..., 1:] / 100
        total += float(np.square(error).sum(dtype=np.float64))
    return total / (2 * _pixels(truth))


def colourfulness(picture: NDArray[np.uint8]) -> float:
    """Return the colourfulness of Hasler & Suesstrunk: 0 (gray) to about 298.

    With ``rg = R - G`` and ``yb = (R + G) / 2 - B`` on 0..255:
    ``sqrt(sd_rg^2 + sd_yb^2) + 0.3 sqrt(mean_rg^2 + mean_yb^2)``. The opponents keep their signs,
    as in the paper; published colorization tables mostly use `colourfulness_absolute`.

    References
    ----------
    Hasler & Suesstrunk, "Measuring colorfulness in natural images", Human Vision and Electronic
    Imaging VIII, SPIE 5007, 2003.

    Examples
    --------
    >>> import numpy as np
    >>> round(colourfulness(np.array([[[255, 0, 0]]], np.uint8)), 2)
    85.53
    """
    return _spread_and_mean(*_opponents(picture))


def colourfulness_absolute(picture: NDArray[np.uint8]) -> float:
    """Return colourfulness with the absolute values of the opponents taken first: from 0.

    What DDColor's evaluation code computes, and so what its tables compare; some 1 to 15 % below
    `colourfulness` on photographs.

    References
    ----------
    Kang et al., "DDColor: towards photo-realistic image colorization via dual decoders",
    ICCV 2023; ``basicsr/metrics/colorfulness.py`` of its code.

    Examples
    --------
    >>> import numpy as np
    >>> round(colourfulness_absolute(np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)), 2)
    85.53
    """
    rg, yb = _opponents(picture)
    return _spread_and_mean(np.abs(rg), np.abs(yb))


_COMPARED = {
    "psnr": psnr,
    "ssim": ssim,
    "ciede2000": ciede2000,
    "auc": auc,
    "chroma_mse": chroma_mse,
}
_ALONE = {
    "colourfulness": colourfulness,
    "colourfulness_absolute": colourfulness_absolute,
}

METRICS = (*_COMPARED, *_ALONE)
"""The keys of `measure`, in their order."""


def measure(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> dict[str, float]:
    """Return every metric of a prediction, keyed and ordered as `METRICS`.

    Colourfulness is that of the prediction.

    Parameters
    ----------
    predicted, truth
        (H, W, 3) uint8 sRGB, of equal shape.

    Raises
    ------
    PictureError
        If the two are not such a pair.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.full((8, 8, 3), 128, np.uint8)
    >>> list(measure(picture, picture))[:3]
    ['psnr', 'ssim', 'ciede2000']
    """
    compared = {name: metric(predicted, truth) for name, metric in _COMPARED.items()}
    return compared | {name: metric(predicted) for name, metric in _ALONE.items()}


def _check(picture: NDArray[Any]) -> None:
    """Refuse anything but uint8 RGB with at least one pixel."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise PictureError(
            f"metrics need uint8 RGB of shape (H, W, 3), found {picture.dtype} of shape "
            f"{picture.shape}; convert it first"
        )


def check_pair(predicted: NDArray[Any], truth: NDArray[Any]) -> None:
    """Refuse anything but two such pictures of one size."""
    _check(predicted)
    _check(truth)
    if predicted.shape != truth.shape:
        raise PictureError(
            f"prediction and truth must have one size, found {predicted.shape[:2]} and "
            f"{truth.shape[:2]}; resize one of them"
        )


def _pixels(picture: NDArray[Any]) -> int:
    return picture.size // 3


def parts(*pictures: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], ...]]:
    """Cut pictures of one size into runs of pixels, so that large ones need little memory."""
    flat = [picture.reshape(-1, 3) for picture in pictures]
    for start in range(0, len(flat[0]), _PART):
        yield tuple(pixels[start : start + _PART] for pixels in flat)


def _lab_parts(*pictures: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.float64], ...]]:
    """Yield the same runs in CIELAB."""
    from skimage.color import rgb2lab

    for run in parts(*pictures):
        yield tuple(rgb2lab(part) for part in run)


def _opponents(picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return red against green, and yellow against blue."""
    _check(picture)
    red, green, blue = np.moveaxis(picture.astype(np.float32), -1, 0)
    return red - green, (red + green) / 2 - blue


def _spread_and_mean(rg: NDArray[np.float32], yb: NDArray[np.float32]) -> float:
    """Join standard deviations and means as Hasler & Suesstrunk fitted them to observers."""
    spread = math.hypot(*(float(np.std(part, dtype=np.float64)) for part in (rg, yb)))
    mean = math.hypot(*(float(np.mean(part, dtype=np.float64)) for part in (rg, yb)))
    return spread + 0.3 * mean
