"""Registers the models that luvcolor ships, through the hook that anybody's plugin uses."""

from collections.abc import Callable

from luvcolor.hookspecs import ModelSpec, hookimpl

luvcolor_hooks = 1

MODELS = (
    ModelSpec(
        "regression",
        "Encoder and decoder that regress chroma; safe and pale. The baseline.",
        "luvcolor_regression:Regression",
        citation="After Hwang & Zhou, Image Colorization with Deep Convolutional Neural Networks, "
        "2016",
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
    ModelSpec(
        "zhang",
        "Classifies over bins of chroma, rare ones weighted up.",
        "luvcolor_zhang:Zhang",
        citation="Zhang, Isola & Efros, Colorful Image Colorization, 2016",
        licence="MIT",
    ),
    ModelSpec(
        "hwang-zhou",
        "Classifies over bins of u* and over bins of v*.",
        "luvcolor_hwang_zhou:HwangZhou",
        citation="Hwang & Zhou, Image Colorization with Deep Convolutional Neural Networks, 2016",
        licence="MIT",
    ),
    ModelSpec(
        "dahl",
        "VGG16 encoder, residual connections into the decoder; regresses chroma.",
        "luvcolor_dahl:Dahl",
        citation="Dahl, Automatic Colorization, 2016",
        licence="MIT",
    ),
    ModelSpec(
        "larsson",
        "Histograms of hue and chroma from hypercolumns of VGG16.",
        "luvcolor_larsson:Larsson",
        citation="Larsson, Maire & Shakhnarovich, Learning Representations for Automatic "
        "Colorization, 2016",
        licence="MIT",
    ),
    ModelSpec(
        "scribble",
        "Spreads the colours of a person's scribbles to where luma is alike.",
        "luvcolor_scribble:Scribble",
        citation="Levin, Lischinski & Weiss, Colorization Using Optimization, 2004",
        licence="MIT",
        learns=False,
    ),
    ModelSpec(
        "transfer",
        "Takes its colours from a reference picture, by luma and texture.",
        "luvcolor_transfer:Transfer",
        citation="Welsh, Ashikhmin & Mueller, Transferring Color to Greyscale Images, 2002; "
        "matching by rank after Carlier, Galichon & Santambrogio, From Knothe's Transport to "
        "Brenier's Map and a Continuation Method for Optimal Transport, 2010",
        licence="MIT",
        learns=False,
    ),
    ModelSpec(
        "onnx",
        "Runs anybody's ONNX colorizer, declared in a small JSON file beside it.",
        "luvcolor_onnx:ONNX",
        licence="MIT",
        learns=False,
    ),
)


@hookimpl
def luvcolor_register_models(register: Callable[[ModelSpec], None]) -> None:
    """Register every built-in model."""
    for spec in MODELS:
        register(spec)
