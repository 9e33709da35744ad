"""Saves plans and reads saved plans."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from platform import machine
from zipfile import ZipFile

import pytest

from mesh.errors import OutsideError, UsageError
from mesh.terraform.saved_plan import SavedPlan, save_plan, saved_plans
from mesh.terraform.terraform import Terraform
from tests.mesh.terraform.conftest import AT, declare

PLATFORM = f"{sys.platform}_{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine(), machine()) }"


def test_a_plan_is_applied_with_its_provider_version(tmp_path: Path) -> None:
    """Another machine might use a newer version, for which Terraform refuses the plan."""
    source, place = "example.com/acme/thing", tmp_path / "mirror" / "example.com/acme/thing"
    settings = tmp_path / "terraform.rc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{ path = "{tmp_path}/mirror" }}\n}}\n'
    )

    def stack(*versions: str) -> Terraform:
        for version in versions:
            archive = place / f"terraform-provider-thing_{version}_{PLATFORM}.zip"
            archive.parent.mkdir(parents=True, exist_ok=True)
            with ZipFile(archive, "w") as held:
                held.writestr(f"terraform-provider-thing_v{version}", version)
        made = declare(tmp_path, "one", a={"input": "1"})
        config = json.loads((made.folder / "cdk.tf.json").read_text())
        del config["terraform"][
            "backend"
        ]  # so that Terraform is asked for the state, and looks for providers first
        config["terraform"]["required_providers"] = {"thing": {"source": source, "version": "~> 1.0"}}
        (made.folder / "cdk.tf.json").write_text(json.dumps(config))
        environ = {**made.environ, "TF_CLI_CONFIG_FILE": str(settings)}
        environ.pop("TF_PLUGIN_CACHE_DIR", None)
        return Terraform(made.folder, environ)

    made = stack("1.0.0")
    made.init()
    saved = SavedPlan("one", tmp_path / "plans", AT.origin(made, made.state(), None, None))
    (tmp_path / "stacks").rename(tmp_path / "elsewhere")
    newer = stack("1.1.0")
    assert list(saved.outdated(newer, AT)) == []
    newer.load_plan(b"a plan")
    assert saved.origin is not None
    assert newer.lock == saved.origin.lock
    assert 'version     = "1.0.0"' in str(newer.lock)
    (tmp_path / "stacks").rename(tmp_path / "nowhere")
    newest = stack()
    newest.init()
    assert 'version     = "1.1.0"' in str(newest.lock)


ADDRESS = {"Network": "unix", "String": "/nowhere"}
ATTACHED = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 1, "Test": True, "Addr": ADDRESS}
REATTACHED = json.dumps({"databricks/databricks": ATTACHED})


def test_a_plan_is_refused_if_another_provider_would_apply_it(tmp_path: Path) -> None:
    """Both ways, before Terraform is initialized, with the provider's name and what to set."""
    made = declare(tmp_path, "one", a={"input": "1"})
    offline = Terraform(made.folder, {**made.environ, "TF_REATTACH_PROVIDERS": REATTACHED})
    save_plan(made, tmp_path / "plans", AT)
    [saved] = saved_plans([tmp_path / "plans"])
    assert list(saved.outdated(made, AT)) == []
    assert list(saved.outdated(offline, AT)) == [
        "planned with the databricks provider that Terraform installs, but would be applied with an attached "
        "provider, such as the offline provider of the local workspace (on the local workspace, set "
        "MESH_PROVIDER=real)"
    ]
    save_plan(offline, tmp_path / "plans", AT)
    [saved] = saved_plans([tmp_path / "plans"])
    assert list(saved.outdated(offline, AT)) == []
    [refused] = saved.outdated(made, AT)
    assert refused.startswith("planned with an attached provider")
    assert refused.endswith("set MESH_PROVIDER=offline)")


def test_a_plan_is_refused_if_another_version_of_terraform_would_apply_it(tmp_path: Path) -> None:
    made = declare(tmp_path, "one", a={"input": "1"})
    save_plan(made, tmp_path / "plans", AT)
    [saved] = saved_plans([tmp_path / "plans"])
    program = tmp_path / "terraform"
    program.write_text("#!/bin/sh\necho 'Warning: an old setting'\necho Terraform v1.0.0\n")
    program.chmod(0o700)
    older = Terraform(made.folder, {**made.environ, "TERRAFORM_BINARY_NAME": str(program)})
    [refused] = saved.outdated(older, AT)
    assert refused == (
        f"planned by {made.program}, but this is Terraform v1.0.0, which does not apply its plans "
        f"(install {made.program})"
    )


def test_a_record_names_the_version_of_the_installed_provider(tmp_path: Path) -> None:
    made = declare(tmp_path, "one")
    made.pin_providers(
        'provider "registry.terraform.io/databricks/databricks" {\n  version     = "1.99.0"\n}\n'
    )
    origin = AT.origin(made, made.state(), b"a plan", None)
    assert origin.tools is not None
    assert (origin.tools.provider, origin.tools.attached) == ("1.99.0", False)
    assert "databricks provider 1.99.0" in origin.tools.provider_name


def test_a_record_of_an_older_mesh_names_no_tools(tmp_path: Path) -> None:
    made = declare(tmp_path, "one", a={"input": "1"})
    save_plan(made, tmp_path / "plans", AT)
    record = tmp_path / "plans" / "one.origin"
    fields = json.loads(record.read_text())
    del fields["tools"]
    record.write_text(json.dumps(fields))
    [saved] = saved_plans([tmp_path / "plans"])
    assert list(saved.outdated(made, AT)) == []


def test_a_plan_of_other_code_names_what_differs(tmp_path: Path) -> None:
    save_plan(declare(tmp_path, "one", a={"input": "1"}, b={"input": "1"}), tmp_path / "plans", AT)
    [saved] = saved_plans([tmp_path / "plans"])
    made = declare(tmp_path, "one", a={"input": "2"}, b={"input": "1"})
    [refused] = saved.outdated(made, AT)
    assert refused == (
        f"planned at {AT.where}, but this checkout, {AT.where}, generates other Terraform code: terraform_data.a"
    )


def test_a_record_of_an_older_mesh_names_no_blocks(tmp_path: Path) -> None:
    save_plan(declare(tmp_path, "one", a={"input": "1"}), tmp_path / "plans", AT)
    record = tmp_path / "plans" / "one.origin"
    fields = json.loads(record.read_text())
    del fields["blocks"]
    record.write_text(json.dumps(fields))
    [saved] = saved_plans([tmp_path / "plans"])
    [refused] = saved.outdated(declare(tmp_path, "one", a={"input": "2"}), AT)
    assert refused.endswith("generates other Terraform code")


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("")
    with pytest.raises(OutsideError, match=r"cannot write .*plans"):
        save_plan(declare(tmp_path, "one"), tmp_path / "plans", AT)


def test_files_that_are_not_saved_plans_are_refused(tmp_path: Path) -> None:
    one = declare(tmp_path, "one")
    save_plan(one, tmp_path / "plans", AT)
    assert [each.stack for each in saved_plans([tmp_path / "plans" / "one.tfplan", tmp_path / "plans"])] == [
        "one"
    ]
    other = tmp_path / "other"
    other.mkdir()
    (other / "two.origin").write_bytes((tmp_path / "plans" / "one.origin").read_bytes())
    with pytest.raises(OutsideError, match=r"two\.origin is the record of one"):
        saved_plans([other])
    (other / "two.origin").write_text("{}")
    with pytest.raises(OutsideError, match=r"two\.origin is not a record of `mesh plan`"):
        saved_plans([other])
    (other / "two.origin").rename(other / "one.json")
    with pytest.raises(UsageError, match="there are plans of one in"):
        saved_plans([tmp_path / "plans", other])
    for path, why in ((other / "no.tfplan", "there is no plan"), (one.folder / "cdk.tf.json", "")):
        with pytest.raises(UsageError, match=why or "not named like a plan"):
            saved_plans([path if why else path.rename(path.with_suffix(".txt"))])
