"""The commands that luvcolor itself has: what its help lists, and no plugin may call its own."""

__all__ = ["COMMANDS"]

COMMANDS = {
    "colorize": "Give gray pictures their colour back.",
    "gray": "Turn pictures gray at equal lightness.",
    "resize": "Change the size of pictures.",
    "quantize": "Reduce pictures to a few colours.",
    "palette": "Find the main colours of pictures.",
    "compare": "Lay pictures side by side on a labelled sheet.",
    "prepare": "Make a dataset from pictures.",
    "train": "Train a model on a dataset.",
    "evaluate": "Measure a model on pictures whose colours are known.",
    "average": "Write the mean of the weights of several checkpoints.",
    "export": "Write a model as an ONNX file, which colours pictures without torch.",
    "models": "List models and the checkpoints that ship.",
    "plugins": "List plugins, healthy and broken.",
    "new-plugin": "Write the project of a new plugin, which works as it stands.",
    "install": "Install plugins, and say what they bring.",
    "uninstall": "Remove plugins.",
    "doctor": "Show versions, devices and what is missing.",
    "bench": "Measure luvcolor on this machine, beside OpenCV and scikit-image.",
}
"""Each with one line; each lives in the module of its name in `luvcolor.cli`, with _ for -."""
