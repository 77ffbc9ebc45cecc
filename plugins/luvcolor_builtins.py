"""Registers the models that luvcolor ships, through the hook that anybody's plugin uses."""

from collections.abc import Callable

from luvcolor.hookspecs import ModelSpec, hookimpl

luvcolor_hooks = 1

MODELS = (
    ModelSpec(
        "regression",
        "Encoder and decoder that regress chroma; safe and pale. The baseline.",
        "luvcolor_regression:Regression",
        citation="After Hwang & Zhou, Image Colorization with Deep Convolutional Networks, 2016",
        licence="MIT",
    ),
    ModelSpec(
        "unet",
        "U-Net that classifies every pixel into the colours of a k-means palette.",
        "luvcolor_unet:UNet",
        citation="Ronneberger, Fischer & Brox, U-Net, 2015; decoding after Zhang et al., 2016",
        licence="MIT",
    ),
    ModelSpec(
        "lite",
        "Pretrained EfficientNet-Lite0 encoder, decoder over chroma colours. What ships.",
        "luvcolor_lite:Lite",
        citation="Tan & Le, EfficientNet, 2019; decoding after Zhang et al., 2016",
        licence="MIT",
    ),
)


@hookimpl
def luvcolor_register_models(register: Callable[[ModelSpec], None]) -> None:
    """Register every built-in model."""
    for spec in MODELS:
        register(spec)
