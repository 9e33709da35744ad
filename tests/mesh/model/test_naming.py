"""Names equal those of brickops, for every path, environment, user, branch and commit."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
import yaml
from brickops.databricks.context import DbContext
from brickops.datamesh import cfg
from brickops.datamesh import naming as brickops
from brickops.datamesh.parsepath.parse import parsepath

from mesh.deployment.identity import name_context
from mesh.errors import MeshError
from mesh.files.files import Files
from mesh.model.naming import (
    DEFAULT_CONFIG,
    RESOURCES,
    NameContext,
    NamingConfig,
    find_config,
    identifier,
    name,
    read_config,
    sql_reference,
)

# (folder of the flow, the fields of its path)
FOLDERS = {
    "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue": (
        "acme",
        "transport",
        "taxinyc",
        "prep",
        "revenue",
    ),
    "orgs/acme/domains/transport/projects/taxinyc/flows/ml/taximodel/training": (
        "acme",
        "transport",
        "taxinyc",
        "ml",
        "taximodel",
    ),
    "orgs/nord-øst/domains/kjøretøy/projects/båt_1/flows/prep/inntekt-år": (
        "nord-øst",
        "kjøretøy",
        "båt_1",
        "prep",
        "inntekt-år",
    ),
    "domains/transport/projects/taxinyc/flows/prep/revenue": (
        None,
        "transport",
        "taxinyc",
        "prep",
        "revenue",
    ),
    "domains/Øko/projects/Skatt/flows/ml/modell/del1/del2": (None, "Øko", "Skatt", "ml", "modell"),
}
ENVIRONMENTS = ("prod", "dev", "test", "local", "qa")
USERS = (
    "ola.nordmann@acme.example",
    "Kari-Anne.O.Nordmann@acme.example",
    "johndoe@acme.example",
    "john.doe@acme.example",
    "åse@acme.example",
    "7f1c0d6e-11aa-4c55-9a55-2b4d5b1f7c9e",
)
BRANCHES = ("main", "feature/tips", "feat-GH_1615/assisi", "bugfix/æøå-1", "release/1.2.x")
COMMITS = ("5bd01c2f8a7e6d5c4b3a29181716151413121110", "0123456789abcdef0123456789abcdef01234567")
TEMPLATES: tuple[dict[str, dict[str, str]] | None, ...] = (
    None,
    {
        "job": {
            "prod": "{org}_{domain}_{project}_{env}",
            "other": "{env}-{username}_{flow}_{flowtype}_{activity}",
        },
        "pipeline": {"other": "{org}_{domain}_{gitbranch}_{pipeline}_x"},
        "catalog": {
            "prod": "{org}_{domain}_{project}",
            "other": "{org}_{domain}_{project}",
            "dev": "{domain}_{env}",
        },
        "db": {"prod": "{db}", "test": "t_{gitshortref}_{db}", "other": "{username}_{db}_{flow}"},
    },
)


@dataclass(frozen=True)
class Case:
    """One combination, and its repository."""

    folder: str
    env: str
    user: str
    branch: str
    commit: str
    templates: dict[str, dict[str, str]] | None


CASES = [Case(*values) for values in product(FOLDERS, ENVIRONMENTS, USERS, BRANCHES, COMMITS, TEMPLATES)]


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """One repository per set of templates, with all folders."""
    roots = {}
    for index, templates in enumerate(TEMPLATES):
        root = tmp_path_factory.mktemp("repository")
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True)
        if templates:
            (root / ".brickopscfg").mkdir()
            (root / ".brickopscfg" / "config.yml").write_text(yaml.safe_dump({"naming": templates}))
        roots[index] = root
    return roots


@pytest.fixture
def in_folder() -> Iterator[None]:
    """Brickops searches its configuration from the current folder upwards, and caches it."""
    before = Path.cwd()
    cfg.read_config.cache_clear()
    yield
    cfg.read_config.cache_clear()
    os.chdir(before)


@pytest.mark.usefixtures("in_folder")
def test_names_equal_the_names_of_brickops_in_every_combination(repositories: dict[int, Path]) -> None:
    """Job, pipeline, catalog and schema, without the backticks that brickops adds around æ, ø and å."""
    assert len(CASES) >= 500
    random.Random(1).shuffle(CASES)
    for index, templates in enumerate(TEMPLATES):
        for case in (case for case in CASES if case.templates is templates):
            folder = repositories[index] / case.folder
            os.chdir(folder)
            cfg.read_config.cache_clear()
            assert _ours(case, folder, repositories[index]) == _stored(_theirs(case)), case


def _stored(names: dict[str, str]) -> dict[str, str]:
    """Brickops leaves capitals in names of data; Unity Catalog stores lower case, and finds both."""
    return {key: text.lower() if key in ("catalog", "db") else text for key, text in names.items()}


def _theirs(case: Case) -> dict[str, str]:
    context = DbContext(
        api_url="",
        api_token="",
        notebook_path=f"/Repos/{case.user}/mesh/{case.folder}/deploy",
        username=case.user,
        widgets={"git_url": "x", "git_branch": case.branch, "git_commit": case.commit},
    )
    catalog = brickops.catname_from_path(db_context=context, env=case.env)
    names = {
        "job": brickops.jobname(context, case.env),
        "pipeline": brickops.pipelinename(context, case.env),
        "catalog": catalog,
        "db": brickops.dbname("revenue", catalog, context, env=case.env, prepend_cat=False),
    }
    return {resource: text.replace("`", "") for resource, text in names.items()}


def _ours(case: Case, folder: Path, root: Path) -> dict[str, str]:
    path = find_config(folder.relative_to(root).as_posix(), Files(root))
    config, findings = read_config(path, Files(root)) if path else (DEFAULT_CONFIG, [])
    assert findings == []
    levels = dict(zip(("org", "domain", "project", "flowtype", "flow"), FOLDERS[case.folder], strict=True))
    fields = levels | {"activity": "flows", "file": f"/{case.folder}/deployment.yml"}
    context = name_context(case.env, case.user, case.branch, case.commit)
    return {
        "job": name("job", fields, context, config),
        "pipeline": name("pipeline", fields, context, config),
        "catalog": name("catalog", fields, context, config),
        "db": name("db", fields, context, config, db="revenue"),
    }


@pytest.mark.usefixtures("in_folder")
def test_a_path_regexp_adds_fields_to_templates(tmp_path: Path) -> None:
    """As in brickops, a path that does not match uses the levels of the folders."""
    (tmp_path / ".brickopscfg").mkdir()
    (tmp_path / ".brickopscfg" / "config.yml").write_text(
        "naming:\n"
        "  path_regexp: '.*/teams/(?P<team>[^/]+)/.*'\n"
        "  job: {prod: '{team}_{env}', other: '{team}_{env}_{username}'}\n"
    )
    os.chdir(tmp_path)
    config, findings = read_config(".brickopscfg/config.yml", Files(tmp_path))
    assert findings == []
    file = "/teams/blue/domains/a/projects/b/flows/prep/c/deployment.yml"
    theirs = DbContext("", "", file, "ola@x", {"git_branch": "main", "git_commit": "c" * 40})
    ours = name("job", {"file": file}, NameContext("dev", "ola", "main", "cccccccc"), config)
    assert ours == brickops.jobname(theirs, "dev") == "blue_dev_ola"
    with pytest.raises(MeshError, match=r"config\.yml:2:16: `path_regexp` matches no `team` in /x/y"):
        name("job", {"file": "/x/y"}, NameContext("dev", "ola", "main", "cccccccc"), config)


def test_the_nearest_config_above_a_folder_applies(tmp_path: Path) -> None:
    """An org may have its own templates; folders above the mesh's root are not searched."""
    root = tmp_path / "mesh"
    org = root / "orgs" / "acme"
    (org / "domains").mkdir(parents=True)
    (tmp_path / ".brickopscfg").mkdir()
    assert find_config("orgs/acme/domains", Files(root)) is None
    (root / ".brickopscfg").mkdir()
    assert find_config("orgs/acme/domains", Files(root)) == ".brickopscfg/config.yml"
    (org / ".brickopscfg").mkdir()
    assert find_config("orgs/acme/domains", Files(root)) == "orgs/acme/.brickopscfg/config.yml"


def test_an_invalid_template_is_a_finding_with_its_position(tmp_path: Path) -> None:
    """All templates are checked."""
    (tmp_path / "config.yml").write_text(
        "naming:\n"
        "  job:\n"
        "    prod: '{domain} {project}'\n"
        "    other: '{domain}_{usrname}'\n"
        "  db:\n"
        "    prod: '{db}'\n"
        "  catalog: acme\n"
    )
    _, findings = read_config("config.yml", Files(tmp_path))
    assert list(map(str, findings)) == [
        "config.yml:3:11: template `{domain} {project}` may hold only letters, digits, `_`, `-` and {fields}",
        "config.yml:6:5: `other` is missing in db (the template of every environment not named)",
        "config.yml:7:12: `catalog` should be a mapping of environments to templates",
    ]
    (tmp_path / "config.yml").write_text("naming:\n  job:\n    other: '{domain}_{usrname}'\n")
    _, findings = read_config("config.yml", Files(tmp_path))
    assert list(map(str, findings)) == [
        "config.yml:3:12: template `{domain}_{usrname}` uses `{usrname}` (did you mean `username`?)"
    ]


@pytest.mark.parametrize(
    ("parts", "sql"),
    [
        (("acme", "revenue", "trips"), "acme.revenue.trips"),
        (("båt", "revenue"), "`båt`.revenue"),
        (("nord-ost", "a`b"), "`nord-ost`.`a``b`"),
    ],
)
def test_backticks_belong_to_sql_references_only(parts: tuple[str, ...], sql: str) -> None:
    """A name has backticks only in SQL that needs them."""
    assert sql_reference(*parts) == sql


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prep_revenue", "prep_revenue"),
        ("kjøretøy", "kjøretøy"),
        ("zones 2.csv", "zones_2_csv"),
        ("7eleven", "_7eleven"),
        ("-x", "_-x"),
        (".brickopscfg_config.yml", "_brickopscfg_config_yml"),
    ],
)
def test_characters_that_terraform_refuses_in_names_are_replaced(text: str, expected: str) -> None:
    """All other characters are kept."""
    assert identifier(text) == expected


def test_target_is_the_environment(tmp_path: Path) -> None:
    """Newer versions of brickops call it so; a group of `path_regexp` with this name keeps its meaning."""
    path = {"domain": "transport", "flow": "revenue", "file": "/x/revenue"}
    templates = {"job": {"other": "{domain}_{target}"}}
    context = NameContext("dev", "ola", "main", "5bd01c2f")

    assert name("job", path, context, NamingConfig(templates)) == "transport_dev"
    grouped = NamingConfig(templates, re.compile("/(?P<target>x)/"))
    assert name("job", path, context, grouped) == "transport_x"

    file = tmp_path / ".brickopscfg" / "config.yml"
    file.parent.mkdir()
    file.write_text("naming: {catalog: {other: '{domain}_{target}'}}")
    assert read_config(file.relative_to(tmp_path).as_posix(), Files(tmp_path))[1] == []


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_without_a_flow_type_names_are_those_of_brickops_readme(env: str) -> None:
    """`flow: revenue` of `flows/revenue/`; default templates use neither, so notebooks agree."""
    folder = "orgs/acme/domains/transport/projects/taxinyc/flows/revenue"
    path = {"org": "acme", "domain": "transport", "project": "taxinyc", "flowtype": "", "flow": "revenue"}
    theirs = vars(parsepath(f"/Repos/x/mesh/{folder}/load"))
    context = NameContext(env, "ola", "main", "5bd01c2f")

    for resource in RESOURCES:
        assert name(resource, {**path, "file": ""}, context, db="tips") == name(
            resource, theirs | {"file": ""}, context, db="tips"
        )
