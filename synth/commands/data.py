"""`synth data`: which data sets are available, and fetching CIFAR-10."""

from typing import Annotated

import typer

from synth.commands.common import DataDir, print_notices, print_table, stderr, stdout
from synth.tasks.names import Fetched


def data(
    context: typer.Context,
    name: Annotated[Fetched | None, typer.Argument(help="The data set to fetch.", show_default=False)] = None,
    data_dir: DataDir = None,
    as_list: Annotated[bool, typer.Option("--list", help="List the contents of the cache.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Empty the cache.")] = False,
) -> None:
    """Show which data sets are available, fetch CIFAR-10 (170 MB), list or empty the cache."""
    from rich.text import Text

    from synth.report.terminal.download import DownloadProgress
    from synth.report.terminal.tables import cache_result, data_sets_result
    from synth.tasks.sources import cache, cifar10

    if clear:
        removed = cache.clear_cache() / 1e6
        stdout().print(Text(f"removed {removed:,.1f} MB from {cache.cache_dir()}"), soft_wrap=True)
    if name:
        with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
            folder = cifar10.find(data_dir) or cifar10.download(progress)
        print_notices(*cifar10.describe(folder).notices)
        stdout().print(Text(f"cifar10 is available: {folder}"), soft_wrap=True)
    if as_list:
        print_table(cache_result(cache.list_cached()))
    elif not (clear or name):
        print_table(data_sets_result(cifar10.find(data_dir)))
