"""Row filters and column masks on schemas."""

UC = "/api/2.1/unity-catalog"
POLICIES = f"{UC}/policies"
SCHEMA = f"{POLICIES}/SCHEMA/cat.sales"
POLICY = {
    "name": "hide",
    "on_securable_type": "SCHEMA",
    "on_securable_fullname": "cat.sales",
    "for_securable_type": "TABLE",
    "policy_type": "POLICY_TYPE_COLUMN_MASK",
    "comment": "x",
    "to_principals": ["account users"],
    "column_mask": {"function_name": "cat.sales.hidden", "on_column": "a"},
}


def test_a_policy_needs_its_function_and_goes_with_its_schema(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"catalog_name": "cat", "name": "sales"})
    workspace.post(POLICIES, POLICY, status=404)
    workspace.post(f"{UC}/functions", {"catalog_name": "cat", "schema_name": "sales", "name": "hidden"})
    made = workspace.post(POLICIES, POLICY)
    assert made.items() >= POLICY.items()
    workspace.post(POLICIES, POLICY, status=400)
    workspace.post(POLICIES, {**POLICY, "name": "b", "policy_type": "POLICY_TYPE_ROW_FILTER"}, status=400)
    workspace.post(POLICIES, {**POLICY, "on_securable_type": "VOLUME"}, status=400)

    changed = workspace.patch(f"{SCHEMA}/hide", {"comment": None, "to_principals": ["analysts"], "id": "9"})
    assert changed["to_principals"] == ["analysts"]
    assert "comment" not in changed
    assert workspace.get(SCHEMA) == {"policies": [changed]}
    assert changed["id"] == made["id"]
    workspace.post(POLICIES, {**POLICY, "name": "other"})
    workspace.patch(f"{SCHEMA}/hide", {"name": "other"}, status=400)
    workspace.delete(f"{SCHEMA}/other")
    workspace.delete(f"{SCHEMA}/hide")
    workspace.get(f"{SCHEMA}/hide", status=404)

    workspace.post(POLICIES, POLICY)
    workspace.delete(f"{UC}/functions/cat.sales.hidden")
    workspace.delete(f"{UC}/schemas/cat.sales")
    workspace.post(f"{UC}/schemas", {"catalog_name": "cat", "name": "sales"})
    assert workspace.get(SCHEMA) == {"policies": []}
