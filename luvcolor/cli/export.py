"""``luvcolor export``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from luvcolor.cli.chain import Flow, Stage
from luvcolor.cli.checkpoints import check_checkpoint
from luvcolor.cli.journal import Journal


@click.command()
@click.argument("checkpoint", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The ONNX file to write, such as mine.onnx; it holds the weights too.",
)
@click.option(
    "--beside",
    is_flag=True,
    help="Write a small graph beside CHECKPOINT instead, which uses the weights in there.",
)
@click.option("-f", "--force", is_flag=True, help="Replace what exists.")
def export(checkpoint: str | None, output: Path | None, beside: bool, force: bool) -> Stage:
    """Write a model as an ONNX file, which colours pictures without torch.

    CHECKPOINT is a file or the name of one that ships; behind `train` it is what was trained. The
    file goes to `colorize -m`; a graph beside its checkpoint is found by itself. How far the two
    are apart is measured and said. Needs `pip install 'luvcolor[export]'`.

    \b
    Examples:
      luvcolor export mine.safetensors -o mine.onnx
      luvcolor export mine.safetensors --beside
      luvcolor export default -o default.onnx --force
      luvcolor train photos.zarr -o unet.safetensors ! export -o unet.onnx
    """
    from luvcolor.checkpoint import find_checkpoint
    from luvcolor.errors import UsageError
    from luvcolor.io.atomic import refuse_existing
    from luvcolor.runtimes import GRAPH_SUFFIX

    if beside == bool(output):
        raise UsageError("say where to with -o FILE, or --beside; one of the two")
    if output and output.suffix != GRAPH_SUFFIX:
        raise UsageError(f"expected a name that ends in {GRAPH_SUFFIX}, found {output}")
    if output:
        refuse_existing(output, force)
    if checkpoint:
        check_checkpoint(checkpoint)

    def run(flow: Flow, journal: Journal, last: bool) -> Flow:
        from luvcolor.exporting import export as exported

        flow.refuse_frames("export")
        if checkpoint is None and flow.checkpoint is None:
            raise UsageError("name a checkpoint, or chain behind `train`")
        source = find_checkpoint(checkpoint) if checkpoint else flow.checkpoint
        assert source is not None
        target = output or source.with_suffix(GRAPH_SUFFIX)
        parity = exported(source, target, beside=beside, force=force)
        journal.say(
            f"wrote {target}; differs from torch by {parity.largest:.1g} u*, v* at most, "
            f"{parity.mean:.1g} on average"
        )
        return replace(flow, checkpoint=source)

    return Stage("export", run)
