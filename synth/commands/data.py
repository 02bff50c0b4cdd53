"""`synth data`: what data sets are at hand, and fetching CIFAR-10."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from synth.commands.common import DataDir, print_notices, stderr, stdout


def data(
    context: typer.Context,
    name: Annotated[
        Literal["cifar10"] | None, typer.Argument(help="The data set to fetch.", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    as_list: Annotated[bool, typer.Option("--list", help="List what the cache holds.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Remove everything that the cache holds.")] = False,
) -> None:
    """Show the data sets at hand, fetch CIFAR-10 (170 MB), list or clear the cache."""
    from synth.report.terminal.download import DownloadProgress
    from synth.tasks.sources import cache, cifar10

    console = stdout()
    if clear:
        console.print(
            f"removed {cache.clear_cache() / 1e6:,.1f} MB from {cache.cache_dir()}",
            soft_wrap=True,
            markup=False,
        )
    if name:
        with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
            place = cifar10.find(data_dir) or cifar10.download(progress)
        copy = cifar10.describe(place)
        print_notices(copy.notices)
        console.print(f"cifar10 is at hand: {place}", soft_wrap=True, markup=False)
    if as_list or not (clear or name):
        _list(data_dir, as_list)


def _list(data_dir: Path | None, cached: bool) -> None:
    """Print the data sets, or what the cache holds."""
    from rich.text import Text

    from synth.report.terminal.tables import plain_table
    from synth.tasks.sources import cache, cifar10

    if cached:
        table = plain_table("kept", "MB", "where", right=("MB",))
        for entry in cache.list_cached():
            table.add_row(Text(entry.what), f"{entry.size / 1e6:.1f}", Text(str(entry.path)))
    else:
        place = cifar10.find(data_dir)
        table = plain_table("data set", "at hand", "what")
        table.add_row(
            "cifar10", Text(str(place)) if place else "no: synth data cifar10", "45 pairs of classes, images"
        )
        table.add_row("digits", "yes", "45 pairs of classes, 8 x 8 images (scikit-learn)")
        table.add_row("linear, affine, nonlinear", "yes", "regression on random teachers")
        table.add_row("FILE.npz", "", "your own arrays X and y")
    stdout().print(table)
