"""A change that the workspace refuses is planned again, with whichever provider."""

from __future__ import annotations

from tests.system.deploy.conftest import Mesh

CLUSTER = "clusters: {shared: {spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: 1%s}}\n"


def test_a_refused_change_is_planned_again_until_it_is_made(small_mesh: Mesh) -> None:
    compute = small_mesh.root / "orgs" / "acme" / "compute.yml"
    compute.write_text(CLUSTER % "")
    first = small_mesh.run("deploy", "--auto-approve")
    assert first.returncode == 0, first.stdout + first.stderr

    compute.write_text(CLUSTER % ", policy_id: NONE, custom_tags: {team: taxi}")
    for _ in range(2):
        refused = small_mesh.run("deploy", "--auto-approve")
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert "cluster policy 'NONE' does not exist" in refused.stderr

    compute.write_text(CLUSTER % ", custom_tags: {team: taxi}")
    mended = small_mesh.run("deploy", "--auto-approve")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "1 changed" in mended.stdout
    [cluster] = small_mesh.client.clusters.list()
    assert cluster.custom_tags == {"team": "taxi"}
    again = small_mesh.run("deploy", "--auto-approve")
    assert "Nothing to change" in again.stdout, again.stdout + again.stderr
