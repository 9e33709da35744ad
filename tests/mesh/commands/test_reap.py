"""Stale deployments, and deployments that a user may not reap."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mesh.commands.reap import DeploymentFilter, Reaper, ReapOptions, parse_age, reap_stale
from mesh.deployment.foundation import Foundation
from mesh.deployment.identity import Identity
from mesh.deployment.state_key import (
    CheckoutIdentities,
    PersonalDeployment,
    local_states,
    personal_deployment,
)
from mesh.errors import OutsideError, UsageError
from mesh.model.environment import Environment
from mesh.terraform.plan import Plan
from mesh.terraform.progress import Lines
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import SILENT, Reporter

DEV = Environment("dev")
FOUNDATION = Foundation(
    "acme", DEV, "acme-foundation-main", "acme/foundation/main", DEV.backend, (), (), (), (), DEV
)
OLA, KARI = "ola.nordmann@acme.example", "kari.nordmann@acme.example"
TAXI = "acme/transport/taxinyc/dev"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
OWN = CheckoutIdentities({f"{TAXI}/{OLA}/main/5bd01c2f": Identity(OLA, "main", "5bd01c2f")})
CONFIG = {"terraform": {"required_providers": {}}, "provider": {"databricks": [{}]}}


@dataclass(frozen=True)
class Workspace:
    """A fake workspace with these objects."""

    marked: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    jobs: Mapping[str, datetime] = field(default_factory=dict)

    def deployments(self) -> Mapping[str, Mapping[str, datetime]]:
        return self.marked

    def used(self, job: str) -> datetime | None:
        return self.jobs.get(job)

    def holds(self, type: str, full_name: str) -> str:
        return "2 tables"


def state(root: Path, key: str, days: int, *ids: tuple[str, str], **attributes: object) -> None:
    """A state that was written this many days ago."""
    file = root / DEV.backend.arguments["path"] / key / "mesh.tfstate"
    file.parent.mkdir(parents=True, exist_ok=True)
    made = [
        {
            "mode": "managed",
            "type": type,
            "name": f"n{i}",
            "instances": [{"attributes": {"id": id, **attributes}}],
        }
        for i, (type, id) in enumerate(ids)
    ]
    file.write_text(json.dumps({"resources": made}))
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(file, (moment, moment))


def reaper(root: Path, workspace: Workspace, deployed: CheckoutIdentities = OWN) -> Reaper:
    """The reaper of user Ola."""
    return Reaper(FOUNDATION, CONFIG, workspace, root, {}, OLA, deployed, frozenset({"transport"}))


def stale(one: Reaper, user: str | None = None, branch: str | None = None) -> list[str]:
    """The state keys of deployments without use for two weeks."""
    found, _ = one.stale(NOW - timedelta(days=14), DeploymentFilter(user, branch))
    return [each.deployment.state_key for each in found]


@pytest.mark.parametrize(
    "key",
    [
        TAXI,
        "acme/transport/taxinyc/prod/" + OLA,
        "nordlys/transport/taxinyc/dev/" + OLA,
        "acme/foundation/main",
        "acme/workspace/dev",
        f"{TAXI}/../../../transport/taxinyc/prod",
        f"{TAXI}/./{OLA}",
        f"{TAXI}//{OLA}",
        f"{TAXI}/",
        f"/{TAXI}/{OLA}",
        f"{TAXI}/${{path}}",
        f"{TAXI}/feature/../x",
        "",
    ],
)
def test_shared_deployments_and_other_texts_are_not_personal(key: str) -> None:
    assert personal_deployment(key, FOUNDATION, {"transport"}, OWN) is None


def test_a_state_key_identifies_the_user() -> None:
    key = f"{TAXI}/{OLA}/feature%2Ftips/5bd01c2f"
    one = personal_deployment(key, FOUNDATION, (), OWN)
    identity, fields = (OLA, "feature/tips", "5bd01c2f"), ("user", "branch", "commit")
    assert one == PersonalDeployment(key, "acme/transport/taxinyc", identity, fields)
    assert one.is_of(OLA.upper())
    assert not one.is_of(KARI)
    assert one.branch == "feature/tips"


def test_with_only_the_branch_in_names_a_deployment_belongs_to_the_branch() -> None:
    """The naming templates of the environment decide which segment is which.

    A branch may have the name of a user.
    """
    preview = CheckoutIdentities({f"{TAXI}/main": Identity(branch="main")})
    one = personal_deployment(f"{TAXI}/{OLA}", FOUNDATION, (), preview)
    assert one is not None
    assert (one.branch, one.is_of(OLA)) == (OLA, False)


def test_the_branch_is_unknown_if_other_templates_created_the_key() -> None:
    preview = CheckoutIdentities({f"{TAXI}/main": Identity(branch="main")})
    one = personal_deployment(f"{TAXI}/{OLA}/main", FOUNDATION, (), preview)
    assert one is not None
    assert (one.branch, one.is_of(OLA)) == (None, False)


def test_a_removed_project_has_the_fields_of_the_others_if_these_are_equal() -> None:
    alike = {
        f"acme/transport/{name}/dev/{OLA}/main": Identity(OLA, "main")
        for name in ("trams", "taxinyc", "bikes")
    }
    other = {"acme/transport/ferries/dev/main": Identity(branch="main")}
    assert CheckoutIdentities(alike).fields("acme/transport/gone/dev") == ("user", "branch")
    assert CheckoutIdentities(alike | other).fields("acme/transport/gone/dev") == ()
    assert CheckoutIdentities(alike | other).fields("acme/transport/ferries/dev") == ("branch",)


def test_in_a_mesh_without_orgs_domains_identify_its_keys() -> None:
    """A project of an org may have the name of an environment; its production is not personal in dev."""
    without = replace(FOUNDATION, org=None)
    assert personal_deployment(f"transport/taxinyc/dev/{OLA}", without, {"transport"}, OWN)
    assert personal_deployment("acme/transport/dev/prod", without, {"transport"}, OWN) is None
    assert personal_deployment(f"{TAXI}/{OLA}", without, {"transport"}, OWN) is None


def test_states_in_files_are_listed_by_their_keys(tmp_path: Path) -> None:
    state(tmp_path, f"{TAXI}/{OLA}", 1)
    state(tmp_path, TAXI, 1)
    assert [key for key, _ in local_states(DEV, tmp_path)] == [f"{TAXI}", f"{TAXI}/{OLA}"]
    assert [
        *local_states(replace(DEV, backend=replace(DEV.backend, kind="pg", arguments={})), tmp_path)
    ] == []


def test_only_unused_deployments_are_stale(tmp_path: Path) -> None:
    """The longest unused first; a schema in the state counts, whatever its properties."""
    for number, days in enumerate((20, 30, 13, 20, 20)):
        state(tmp_path, f"{TAXI}/{KARI}/main/{number}", days, ("databricks_schema", f"c.s{number}"))
    state(tmp_path, f"{TAXI}/{KARI}/main/5", 20, ("databricks_job", "7"))
    state(tmp_path, f"{TAXI}/{KARI}/main/6", 20)
    old, new = NOW - timedelta(days=40), NOW - timedelta(days=1)
    workspace = Workspace(
        {
            f"{TAXI}/{KARI}/main/2": {"c.s2": old},
            f"{TAXI}/{KARI}/main/3": {"c.s3": new},
            f"{TAXI}/{KARI}/main/4": {"c.other": new},
            f"{TAXI}/{KARI}/main/5": {},
        },
        {"7": new},
    )
    keys = stale(reaper(tmp_path, workspace))
    assert keys == [f"{TAXI}/{KARI}/main/{number}" for number in (1, 0, 4)]


def test_an_experiment_has_no_commit_in_its_tags(tmp_path: Path) -> None:
    """Its tags are a list in the state."""
    tags = [{"key": "mlflow.note.content", "value": "fares"}]
    state(tmp_path, f"{TAXI}/{KARI}", 20, ("databricks_mlflow_experiment", "5"), tags=tags)

    assert stale(reaper(tmp_path, Workspace())) == [f"{TAXI}/{KARI}"]


def test_the_deployments_of_this_checkout_and_the_users_newest_stay(tmp_path: Path) -> None:
    """Except for projects that are no longer declared, and for other users."""
    schema = ("databricks_schema", "c.s")
    for days, commit in ((50, "a"), (30, "b"), (40, "c")):
        state(tmp_path, f"{TAXI}/{OLA}/main/{commit}", days, schema)
        state(tmp_path, f"{TAXI}/{KARI}/main/{commit}", days, schema)
    state(tmp_path, f"acme/transport/gone/dev/{OLA}/main/a", 60, schema)
    current = CheckoutIdentities({f"{TAXI}/{OLA}/main/c": Identity(OLA, "main", "c")})
    one = reaper(tmp_path, Workspace(), current)
    assert stale(one, OLA) == [f"acme/transport/gone/dev/{OLA}/main/a", f"{TAXI}/{OLA}/main/a"]
    assert stale(one, KARI) == [f"{TAXI}/{KARI}/main/{commit}" for commit in "acb"]
    assert len(stale(one)) == 5


def test_only_deployments_of_the_given_branch_are_stale(tmp_path: Path) -> None:
    """Not those of similar branches, of the branch in another environment, or of this checkout."""
    schema = ("databricks_schema", "c.s")
    branches = ("feature%2Ftips", "feature-tips", "featuretips", "feature%2Ftips%2Fmore", "main")
    for branch in branches:
        state(tmp_path, f"{TAXI}/{branch}", 20, schema)
        state(tmp_path, f"acme/transport/gone/dev/{branch}", 30, schema)
    for other in (
        f"{TAXI}/{KARI}/feature%2Ftips/5bd01c2f",
        "acme/transport/taxinyc/test/feature%2Ftips",
        TAXI,
    ):
        state(tmp_path, other, 20, schema)
    one = reaper(tmp_path, Workspace(), CheckoutIdentities({f"{TAXI}/main": Identity(branch="main")}))

    gone = [f"acme/transport/gone/dev/{branch}" for branch in ("feature%2Ftips", "main")]
    assert stale(one, branch="feature/tips") == [gone[0], f"{TAXI}/feature%2Ftips"]
    assert stale(one, branch="main") == [gone[1]]
    assert stale(one, OLA, "feature/tips") == []
    assert stale(one, branch="") == []


def test_all_deployments_of_a_branch_are_stale_whatever_the_other_fields(tmp_path: Path) -> None:
    schema = ("databricks_schema", "c.s")
    keys = [f"{TAXI}/{user}/feature%2Ftips/{commit}" for commit in "ab" for user in (KARI, OLA)]
    for days, key in enumerate((*keys, f"{TAXI}/{KARI}/main/a"), 20):
        state(tmp_path, key, days, schema)
    one = replace(reaper(tmp_path, Workspace()), user="ci")

    assert stale(one, branch="feature/tips") == keys[::-1]
    assert stale(one, KARI, "feature/tips") == [keys[2], keys[0]]


def test_a_deployment_with_another_backend_is_kept_and_reported(tmp_path: Path) -> None:
    workspace = Workspace({f"{TAXI}/{KARI}": {"c.s": NOW - timedelta(days=40)}})
    found, left = reaper(tmp_path, workspace).stale(NOW, DeploymentFilter())
    assert found == []
    assert left == [f"{TAXI}/{KARI}: its state is not in this backend (reap it from where it was deployed)"]


def test_a_failed_destroy_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for commit in "ab":
        state(tmp_path, f"{TAXI}/{KARI}/main/{commit}", 20, ("databricks_schema", "c.s"))
    one = replace(reaper(tmp_path, Workspace()), environ={"TERRAFORM_BINARY_NAME": "false"})
    with pytest.raises(OutsideError, match="not all deployments are destroyed") as failed:
        reap_stale(
            [one],
            NOW,
            Lines(),
            selection=DeploymentFilter(),
            options=ReapOptions(),
            confirmed=lambda question: True,
        )
    assert str(failed.value).count("Terraform cannot initialize") == 2
    assert f"failed    {TAXI}/{KARI}/main/b" in capsys.readouterr().out
    assert not (tmp_path / ".mesh/reap").exists()


def test_deployments_are_destroyed_side_by_side(tmp_path: Path) -> None:
    """Each Terraform waits until the other one runs; one at a time would wait for ever."""
    for commit in "ab":
        state(tmp_path, f"{TAXI}/{KARI}/main/{commit}", 20, ("databricks_schema", "c.s"))
    together = threading.Barrier(2, timeout=60)

    @dataclass(frozen=True)
    class Waiting(Terraform):
        def init(self) -> None: ...

        def plan(self, *arguments: object, **options: object) -> Plan:
            together.wait()
            return Plan(())

        def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None: ...

    class Other(Reaper):
        def _terraform(self, personal: PersonalDeployment) -> Terraform:
            one = super()._terraform(personal)
            return Waiting(one.folder, one.environ)

    base = reaper(tmp_path, Workspace())
    one = Other(**{each.name: getattr(base, each.name) for each in fields(base)})

    reap_stale(
        [one], NOW, Lines(), selection=DeploymentFilter(), options=ReapOptions(), confirmed=lambda _: True
    )

    assert not together.broken


def test_nothing_is_destroyed_without_confirmation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state(tmp_path, f"{TAXI}/{KARI}/main/a", 20, ("databricks_schema", "c.s"))
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    one = replace(reaper(tmp_path, Workspace()), environ={"TERRAFORM_BINARY_NAME": "false"})
    for options in (ReapOptions(), ReapOptions(dry_run=True)):
        reap_stale([one], NOW, Lines(), selection=DeploymentFilter(), options=options, confirmed=no)
    assert asked == ["Destroy 1 deployment with all data?"]
    line = f"stale: {TAXI}/{KARI}/main/a\n    last used 2026-11-02 00:00 UTC; 1 schema, c.s with 2 tables\n"
    assert capsys.readouterr().out == line * 2


def test_ages_are_hours_days_and_weeks() -> None:
    assert [parse_age(one) for one in ("12h", "14d", "2w")] == [
        timedelta(hours=12),
        timedelta(days=14),
        timedelta(weeks=2),
    ]
    for wrong in ("14", "d", "-1d", "1m", "14 d"):
        with pytest.raises(UsageError, match="is not an age"):
            parse_age(wrong)
