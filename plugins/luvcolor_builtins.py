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
        "cnn",
        "Blocks of convolution, pooling, normalization, activation; a k-means palette's colours.",
        "luvcolor_cnn:CNN",
        citation="Decoding after Zhang, Isola & Efros, Colorful Image Colorization, 2016",
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
        "gan",
        "U-Net that regresses chroma and has to pass a discriminator: less pale.",
        "luvcolor_gan:GAN",
        citation="Goodfellow et al., Generative Adversarial Nets, 2014; after Isola et al., "
        "Image-to-Image Translation with Conditional Adversarial Networks, 2017",
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
