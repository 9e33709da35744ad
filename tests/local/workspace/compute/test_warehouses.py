"""SQL warehouses: defaults, edit, delete."""


def test_a_warehouse_gets_defaults_and_can_be_edited(workspace):
    warehouse_id = workspace.post("/api/2.0/sql/warehouses", {"name": "w", "cluster_size": "Small"})["id"]
    path = f"/api/2.0/sql/warehouses/{warehouse_id}"

    assert workspace.get(path).items() >= {"cluster_size": "Small", "auto_stop_mins": 120}.items()
    workspace.post(f"{path}/edit", {"auto_stop_mins": 10})
    assert workspace.get(path)["auto_stop_mins"] == 10
    workspace.delete(path)
    workspace.get(path, status=404)


def test_a_second_warehouse_of_the_same_name_is_refused(workspace):
    workspace.post("/api/2.0/sql/warehouses", {"name": "w"})

    refused = workspace.post("/api/2.0/sql/warehouses", {"name": "w"}, status=400)
    assert refused["message"] == "SQL warehouse with name `w` already exists"
