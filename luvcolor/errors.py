"""What can go wrong, in words a person can act on.

Every message says what was expected, what was found and what to do about it. The command line
prints the message alone, on one line; a traceback means a defect in luvcolor.
"""

__all__ = [
    "CheckpointError",
    "DatasetError",
    "LuvcolorError",
    "OutOfMemoryError",
    "OutputError",
    "PictureError",
    "PluginError",
    "TrainingStoppedError",
    "UsageError",
]


class LuvcolorError(Exception):
    """Anything luvcolor says no to; catch this one to catch them all."""


class UsageError(LuvcolorError):
    """The request itself makes no sense: no picture can change that."""


class PictureError(LuvcolorError):
    """One picture cannot be read, understood or coloured; the others go on."""


class OutOfMemoryError(LuvcolorError):
    """There is too little memory, on the CPU or on a GPU, for what was to be done at once."""


class OutputError(LuvcolorError):
    """A result cannot be written where it was asked for."""


class CheckpointError(LuvcolorError):
    """A checkpoint is missing, broken, or made for something else."""


class DatasetError(LuvcolorError):
    """A dataset is missing, broken, or too small for what was asked."""


class PluginError(LuvcolorError):
    """A plugin failed to load or broke its contract."""


class TrainingStoppedError(LuvcolorError):
    """Training cannot go on; the best weights so far are kept."""
