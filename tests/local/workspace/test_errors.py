"""Errors of the API: their codes and HTTP statuses, which Terraform and the SDKs read."""

from local.workspace import errors


def test_each_error_has_its_code_and_status():
    created = [
        errors.not_found("Job", 7),
        errors.already_exists("Path", "/a"),
        errors.invalid("wrong"),
        errors.invalid_state("not empty"),
        errors.not_implemented("later"),
    ]

    assert [(error.error_code, error.status_code) for error in created] == [
        ("RESOURCE_DOES_NOT_EXIST", 404),
        ("RESOURCE_ALREADY_EXISTS", 409),
        ("INVALID_PARAMETER_VALUE", 400),
        ("INVALID_STATE", 400),
        ("NOT_IMPLEMENTED", 501),
    ]
    assert errors.not_found("Job", 7).message == "Job '7' does not exist."
    assert errors.not_found("Catalog", "x", "CATALOG_DOES_NOT_EXIST").error_code == "CATALOG_DOES_NOT_EXIST"
