"""The examples in the help of every command, and the groups of commands in `mesh --help`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import typer
from typer.models import CommandInfo, TyperInfo

LOOK = "Look at the mesh"
WRITE = "Write it"
RUN = "Run and test flows on this machine"
DEPLOY = "Deploy it"
TEACH = "Teach a class"

# The groups in the order of `mesh --help`, each with its commands in the order in which people need them
PANELS: Mapping[str, tuple[str, ...]] = {
    LOOK: ("ls", "show", "graph", "lineage", "map", "contracts", "quality", "validate", "affected"),
    WRITE: ("new", "import", "schema"),
    RUN: ("local", "test"),
    DEPLOY: (
        *("diff", "deploy", "plan", "review", "apply", "drift"),
        *("adopt", "destroy", "reap", "unlock"),
    ),
    TEACH: ("workshop", "course"),
}

# By the words of the command; a person may type each as it is
EXAMPLES: Mapping[str, str] = {
    "adopt": "mesh adopt transport/taxinyc --env prod --dry-run",
    "affected": "mesh affected --base main --env prod",
    "apply": "mesh apply plans --env prod",
    "contracts": "mesh contracts --base main",
    "course check": "mesh course check 01-explore --local",
    "course list": "mesh course list",
    "deploy": "mesh deploy transport/taxinyc --env dev",
    "destroy": "mesh destroy transport/taxinyc --env dev",
    "diff": "mesh diff transport/taxinyc --env prod",
    "drift": "mesh drift --env prod --format markdown --output drift",
    "graph": "mesh graph prep/revenue --env prod",
    "import bundle": "mesh import bundle ../trips --into acme/transport/trips --dry-run",
    "lineage": "mesh lineage prep/revenue/revenue_by_borough.amount --down",
    "local data load": "mesh local data load --trips yellow_tripdata_2026-01.parquet",
    "local down": "mesh local down",
    "local logs": "mesh local logs spark -n 50 -f",
    "local notebook": "mesh local notebook explore/tips.py --param catalog=training --param schema=ola",
    "local open": "mesh local open",
    "local reset": "mesh local reset --auto-approve",
    "local run": "mesh local run prep/peaks --param dear=75 --watch",
    "local sql": 'mesh local sql "select count(*) from training.taxinyc_trips.zones" --format csv',
    "local status": "mesh local status --json",
    "local up": "mesh local up",
    "local repair": "mesh local repair 12 --task revenue_by_borough",
    "ls": "mesh ls --env prod --schedule",
    "map": "mesh map --env prod --html map.html",
    "new": "mesh new flow acme/transport/taxinyc/prep/tips --owner taxi-team",
    "plan": "mesh plan --env prod --out plans",
    "quality": "mesh quality prep/revenue --table revenue_by_borough",
    "reap": "mesh reap --older-than 30d --env dev --dry-run",
    "review": "mesh review plans --format markdown --output review",
    "schema": "mesh schema deployment",
    "show": "mesh show transport/taxinyc/prep/revenue --env prod",
    "test": "mesh test transport/taxinyc/prep/revenue -k refunds",
    "unlock": "mesh unlock acme-transport-taxinyc-prod --env prod",
    "validate": "mesh validate --env prod --json",
    "workshop adopt": "mesh workshop adopt --dry-run",
    "workshop branches": "mesh workshop branches --push",
    "workshop cost": "mesh workshop cost --hours 6",
    "workshop data load": "mesh workshop data load --local --seed 7",
    "workshop deploy": "mesh workshop deploy --local",
    "workshop diff": "mesh workshop diff",
    "workshop plan": "mesh workshop plan --out plans",
    "workshop status": "mesh workshop status --watch --every 30",
    "workshop teardown": "mesh workshop teardown --dry-run",
}


def arrange(app: typer.Typer) -> None:
    """Adds the example to each command's help, and puts the commands of `mesh` into groups.

    Args:
        app: the command `mesh`, with all its commands.
    """
    for words, command in _commands(app):
        if words in EXAMPLES:
            command.epilog = f"Example: {EXAMPLES[words].replace('[', chr(92) + '[')}"
    panels = {name: panel for panel, names in PANELS.items() for name in names}
    for info in _entries(app):
        info.rich_help_panel = panels.get(_name(info))


def _commands(app: typer.Typer, above: str = "") -> Iterator[tuple[str, CommandInfo]]:
    """All commands with their words."""
    for command in app.registered_commands:
        yield f"{above}{_name(command)}", command
    for group in app.registered_groups:
        if group.typer_instance:
            name = _name(group)
            yield from _commands(group.typer_instance, f"{above}{name} " if name else above)


def _entries(app: typer.Typer) -> Iterator[CommandInfo | TyperInfo]:
    """The commands and groups that the help of an app lists."""
    yield from app.registered_commands
    for group in app.registered_groups:
        if _name(group):
            yield group
        elif group.typer_instance:
            yield from _entries(group.typer_instance)


def _name(info: CommandInfo | TyperInfo) -> str:
    """The word of a command or a group; "" for a group whose commands have no word before them."""
    if isinstance(info.name, str):
        return info.name
    return info.callback.__name__.replace("_", "-") if isinstance(info, CommandInfo) and info.callback else ""
