"""`mesh local data`: training data for the local workspace."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Training data: New York's taxi trips.", no_args_is_help=True)

Root = Annotated[
    Path | None,
    typer.Option(
        "--root", envvar="MESH_ROOT", help="The repository that holds orgs/.", show_default="current folder"
    ),
]
Trips = Annotated[
    Path | None,
    typer.Option(
        help="Trips to load: a yellow or green file of the TLC (Parquet or CSV, since July 2016), or a CSV "
        "file with the columns pickup, total, pickup_borough, …",
        show_default="a made-up sample",
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
    """Make the table training.taxinyc_trips.yellow_taxi_trips_curated_sample.

    What is there is replaced, unless it has the same content.
    """
    from local.home import Home, running
    from local.training_data import load

    load(running(Home((root or Path.cwd()).resolve())), trips, print)
