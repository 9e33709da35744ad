"""Changes of the mesh in `affected_mesh`, and the stacks that each affects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.support.affected_mesh import (
    ACME,
    BIKES,
    ENVIRONMENTS,
    FILES,
    NOTEBOOK,
    ORG,
    REVENUE,
    SERVERLESS,
    TAXINYC,
    TRANSPORT,
)


@dataclass(frozen=True)
class Case:
    """A change, and what it affects.

    Args:
        files: what is written; None removes.
        stacks: by environment, those that are listed, without whose deployment it is.
        because: for each of them, a part of its reasons.
        anyway: whether more may be listed than differ, since the reason says that nobody can tell.
        then: a second commit.
        moves: folders that are renamed before.
    """

    files: Mapping[str, str | None]
    stacks: Mapping[str, Iterable[str]]
    because: str
    anyway: bool = False
    then: Mapping[str, str | None] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)


TAXI = "acme-transport-taxinyc"
EVERY_PROJECT = ("acme-transport-taxinyc", "acme-transport-bikes", "acme-finance-ledger")


def each(stacks: Iterable[str], *environments: str) -> dict[str, list[str]]:
    """These projects in these environments."""
    return {env: [f"{one}-{env}" for one in stacks] for env in environments or ENVIRONMENTS}


# in dev and here, names of others hold their commit; production's do not
WITH_READER = each([TAXI], "prod") | each([TAXI, "acme-finance-ledger"], "dev", "local")

CASES = {
    "a notebook": Case({f"{REVENUE}/a.py": f"{NOTEBOOK}print(2)\n"}, WITH_READER, f"{REVENUE}/a.py changed"),
    "a file beside a notebook": Case(
        {f"{REVENUE}/rates.csv": "2"}, WITH_READER, f"{REVENUE}/rates.csv changed"
    ),
    "what the flows of a project share": Case(
        {f"{TAXINYC}/libs/taxi/money.py": "CENTS = 10\n"},
        WITH_READER,
        f"{TAXINYC}/libs/taxi/money.py changed",
    ),
    "what no stack is made of": Case(
        {"README.md": "2", "tests/test_revenue.py": "2", "docs/names.md": "2", f"{TRANSPORT}/README.md": "2"},
        {},
        "",
    ),
    "a comment in a project without a job": Case(
        {f"{BIKES}/project.yml": "description: Bikes # two wheels\n"},
        each(["acme-transport-bikes"], "dev", "local"),  # names hold the commit
        f"{BIKES}/project.yml changed",
    ),
    "a schedule": Case(
        {f"{REVENUE}/deployment.yml": FILES[f"{REVENUE}/deployment.yml"].replace("0 5", "0 6")},
        WITH_READER,
        f"{REVENUE}/deployment.yml changed",
    ),
    "a line that moves what stands below it": Case(
        {f"{ACME}/compute.yml": "# what many share\n" + FILES[f"{ACME}/compute.yml"]},
        each([TAXI, "acme-finance-ledger"], "prod") | each(EVERY_PROJECT, "dev", "local"),
        f"{ACME}/compute.yml changed",
    ),
    "a domain's description": Case(
        {f"{TRANSPORT}/domain.yml": "code: [libs/]\ndescription: Everything that moves\n"},
        {
            "prod": ["acme-foundation-main", f"{TAXI}-prod"],
            "dev": ["acme-foundation-main", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "local": ["acme-foundation-local", *(f"{one}-local" for one in EVERY_PROJECT)],
        },
        f"{TRANSPORT}/domain.yml changed",
    ),
    "shared code": Case(
        {f"{TRANSPORT}/libs/fares.py": "2"},
        each([TAXI], "prod") | each(EVERY_PROJECT, "dev", "local"),
        f"{TRANSPORT}/libs/fares.py changed",
    ),
    "a domain's defaults": Case(
        {f"{TRANSPORT}/defaults.yml": "tags: {cost: moving}\n"},
        each([TAXI], "prod") | each(EVERY_PROJECT, "dev", "local"),
        f"{TRANSPORT}/defaults.yml changed",
    ),
    "an org's clusters": Case(
        {f"{ACME}/compute.yml": FILES[f"{ACME}/compute.yml"].replace("num_workers: 1", "num_workers: 2")},
        {
            env: [
                f"acme-workspace-{env}",
                *(f"{one}-{env}" for one in EVERY_PROJECT if (env, one) != ("prod", "acme-transport-bikes")),
            ]
            for env in ENVIRONMENTS
        },
        f"{ACME}/compute.yml changed",
    ),
    "a principal": Case(
        {f"{ACME}/org.yml": ORG.replace("000000000001", "000000000002")},
        {
            "prod": [
                "acme-foundation-main",
                "acme-workspace-prod",
                *(f"{one}-prod" for one in EVERY_PROJECT),
            ],
            "dev": ["acme-foundation-main", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
        },
        f"{ACME}/org.yml changed",
    ),
    "where state is kept": Case(
        {
            f"{ACME}/org.yml": ORG.replace(
                "dev: {metastore: main}", "dev: {metastore: main, backend: {local: {path: s}}}"
            ).replace("groups:", "metastores: {main: {backend: {local: {path: .mesh/state}}}}\ngroups:")
        },
        {
            "prod": [f"{one}-prod" for one in EVERY_PROJECT if one != "acme-transport-bikes"],
            "dev": ["acme-workspace-dev", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
        },
        f"{ACME}/org.yml changed",
    ),
    "what is for people and checks": Case(
        {f"{ACME}/org.yml": ORG.replace("branch: main", "branch: release")},
        {
            "prod": [f"{one}-prod" for one in EVERY_PROJECT if one != "acme-transport-bikes"],
            "dev": [f"{one}-dev" for one in EVERY_PROJECT],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
        },
        f"{ACME}/org.yml changed",
    ),
    "a grant": Case(
        {f"{BIKES}/project.yml": "description: Bikes\ngrants: [{principal: analysts, role: reader}]\n"},
        {
            "prod": ["acme-foundation-main", "acme-transport-bikes-prod"],
            "dev": ["acme-foundation-main", "acme-transport-bikes-dev"],
            "local": ["acme-foundation-local", "acme-transport-bikes-local"],
        },
        f"{BIKES}/project.yml changed",
    ),
    "naming templates": Case(
        {
            ".brickopscfg/config.yml": 'naming: {job: {prod: "{domain}_{flow}", other: "{flow}_{username}_{gitbranch}_{gitshortref}"}}\n'
        },
        each([*EVERY_PROJECT, "nordlys-energy-prices"], "local")
        | each(EVERY_PROJECT, "dev")
        | each([TAXI, "acme-finance-ledger", "nordlys-energy-prices"], "prod"),
        ".brickopscfg/config.yml added",
    ),
    "a file elsewhere that a task names": Case(
        {"orgs/nordlys/tools/a.py": f"{NOTEBOOK}print(2)\n"},
        each(["nordlys-energy-prices"], "prod"),
        "orgs/nordlys/tools/a.py changed",
    ),
    "a new project": Case(
        {
            f"{TRANSPORT}/projects/trams/flows/prep/lines/{name}": text
            for name, text in (("deployment.yml", SERVERLESS), ("a.py", NOTEBOOK))
        },
        each(["acme-transport-trams"]),
        f"{TRANSPORT}/projects/trams/flows/prep/lines/a.py added",
    ),
    "a project that is gone": Case(
        {f"{BIKES}/project.yml": None, f"{BIKES}/flows/prep/rides/deployment.yml": None},
        each(["acme-transport-bikes"]),
        f"{BIKES}/project.yml removed",
    ),
    "a project of another name": Case(
        {f"{TRANSPORT}/projects/cycles/project.yml": "description: Bikes\nrenamed_from: bikes\n"},
        each(["acme-transport-cycles"]),
        f"{BIKES}/project.yml removed",
        moves={BIKES: f"{TRANSPORT}/projects/cycles"},
    ),
    "an environment more": Case(
        {f"{ACME}/org.yml": ORG.replace("dev:", "test: {metastore: main}\n  dev:")},
        {
            "prod": [f"{one}-prod" for one in EVERY_PROJECT if one != "acme-transport-bikes"],
            "dev": [f"{one}-dev" for one in EVERY_PROJECT],
            "local": [f"{one}-local" for one in EVERY_PROJECT],
            "test": [
                "acme-foundation-main",
                "acme-workspace-test",
                *(f"{one}-test" for one in EVERY_PROJECT),
            ],
        },
        f"{ACME}/org.yml changed",
    ),
    "what was put back": Case(
        {f"{REVENUE}/rates.csv": "2"},
        WITH_READER,
        "touched it without changing its files",
        then={f"{REVENUE}/rates.csv": "1"},
    ),
    "the versions that all is built on": Case(
        {"requirements.txt": "cdktf==0.21.1\n"},
        {
            "dev": ["acme-foundation-main", "acme-workspace-dev", *(f"{one}-dev" for one in EVERY_PROJECT)],
            "prod": [
                "acme-foundation-main",
                "acme-workspace-prod",
                *(f"{one}-prod" for one in (*EVERY_PROJECT, "nordlys-energy-prices")),
                "nordlys-foundation-main",
            ],
            "local": [
                "acme-foundation-local",
                "acme-workspace-local",
                *(f"{one}-local" for one in (*EVERY_PROJECT, "nordlys-energy-prices")),
                "nordlys-foundation-local",
            ],
        },
        "the program that generates all stacks changed: requirements.txt added",
        anyway=True,
    ),
}
