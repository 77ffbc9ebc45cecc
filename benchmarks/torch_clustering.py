"""Clustering as one would write it in torch: the peer of bench_gpu_kmeans.

Distances by a product of matrices, a part of the points at a time, sums by index_add.
"""

from __future__ import annotations

from typing import Any

PART = 1 << 21


def nearest(points: Any, centers: Any) -> Any:
    """Return the index of the nearest centre (k, D) of every point (..., D)."""
    import torch

    flat = points.reshape(-1, points.shape[-1])
    labels = torch.empty(len(flat), dtype=torch.int64, device=flat.device)
    squares = centers.square().sum(1)
    for start in range(0, len(flat), PART):
        part = flat[start : start + PART].to(centers.dtype)
        labels[start : start + PART] = (squares - 2 * part @ centers.T).argmin(1)
    return labels


def lloyd(points: Any, k: int, iterations: int, seed: int = 0) -> Any:
    """Return k centres of float32 points (N, D) after some iterations from random points."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randperm(len(points), generator=generator)[:k].to(points.device)
    centers = points[drawn].clone()
    for _ in range(iterations):
        labels = nearest(points, centers)
        counts = torch.bincount(labels, minlength=k)
        sums = torch.zeros_like(centers).index_add_(0, labels, points)
        centers = torch.where(counts[:, None] > 0, sums / counts[:, None].clamp_min(1), centers)
    return centers
