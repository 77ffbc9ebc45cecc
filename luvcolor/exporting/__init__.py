"""Writes models as ONNX files, which runtimes other than torch read."""

from luvcolor.exporting.graph import Parity, export, measure_parity

__all__ = ["Parity", "export", "measure_parity"]
