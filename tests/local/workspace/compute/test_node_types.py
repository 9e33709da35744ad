"""Node types and Spark versions."""


def test_node_types_can_be_selected_by_size(workspace):
    node_types = workspace.get("/api/2.1/clusters/list-node-types")["node_types"]

    small = [each for each in node_types if each["num_cores"] == 4 and not each["num_gpus"]]
    assert min(small, key=lambda each: each["memory_mb"])["node_type_id"] == "Standard_F4s"
    assert [each["photon_worker_capable"] for each in node_types if each["num_gpus"]] == [False, False]


def test_each_runtime_has_variants_for_ml_and_photon(workspace):
    versions = workspace.get("/api/2.1/clusters/spark-versions")["versions"]

    names = {each["key"]: each["name"] for each in versions}
    assert names["15.4.x-scala2.12"] == "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"
    assert names["17.3.x-photon-scala2.13"] == "17.3 LTS Photon (includes Apache Spark 4.0.0, Scala 2.13)"
    assert len(names) == len(versions) == 20
