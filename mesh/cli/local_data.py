"""`mesh local data`: training data for the local workspace."""

from pathlib import Path
from typing import Annotated

import typer

from mesh.cli.options import Root, resolved
from mesh.console import emit

app = typer.Typer(help="Training data: New York's taxi trips.", no_args_is_help=True)

Trips = Annotated[
    Path | None,
    typer.Option(
        help="Trips to load: a yellow or green file of the TLC (Parquet or CSV, since July 2016), or a CSV "
        "file with the columns pickup, total, pickup_borough, …",
        show_default="a generated sample",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
]


@app.callback()
def data() -> None:
    """Training data: New York's taxi trips."""


@app.command("load")
def load_trips(trips: Trips = None, root: Root = None) -> None:
    """Create the table training.taxinyc_trips.yellow_taxi_trips_curated_sample.

    An existing table is replaced, unless it has the same content.
    """
    from local.home import Home, running_status
    from local.training_data import load_trips

    load_trips(running_status(Home(resolved(root))), trips, emit)
