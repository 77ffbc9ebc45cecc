"""What only a GPU can tell: the models there answer as they do on the CPU."""

from __future__ import annotations

import pytest
import torch

from luvcolor.devices import pick_device
from luvcolor.registry import build_registry, builtin_plugins

pytestmark = pytest.mark.gpu


def test_a_gpu_is_taken_where_there_is_one() -> None:
    assert pick_device("auto") == "cuda"


@pytest.mark.parametrize("name", sorted(build_registry(builtin_plugins()).models))
def test_models_predict_there_what_they_predict_on_the_cpu(name: str) -> None:
    torch.manual_seed(0)
    model = build_registry(builtin_plugins()).model_class(name)().eval()
    luma = torch.rand(2, 1, 70, 90)
    with torch.inference_mode():
        here = model.predict(luma).uv
        there = model.to("cuda").predict(luma.to("cuda")).uv.cpu()
    # Convolutions there may round to ten bits of mantissa (TF32); chroma spans some 200 units.
    torch.testing.assert_close(there, here, atol=0.5, rtol=0.01)
