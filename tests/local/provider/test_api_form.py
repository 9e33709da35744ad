"""The two forms of one object: Terraform's and the API's."""

from local.provider import schema
from local.provider.api_form import from_api, to_api
from local.provider.jobs import JOB_ALIASES
from local.provider.values import UNKNOWN, conform_to_schema

JOB = schema.read_schemas(["databricks_job"], []).resources["databricks_job"]

TERRAFORM = {
    "name": "n",
    "description": None,
    "url": UNKNOWN,
    "max_concurrent_runs": 1,
    "git_source": [{"url": "https://example.com", "provider": "gitHub", "commit": "c"}],
    "task": [
        {
            "task_key": "a",
            "notebook_task": [{"notebook_path": "p", "base_parameters": {"url": "u"}}],
            "library": [{"pypi": [{"package": "x"}]}],
            "email_notifications": [{}],
            "timeout_seconds": 0,
        }
    ],
    "parameter": [{"name": "p", "default": ""}],
    "queue": [{"enabled": False}],
    "email_notifications": [],
    "timeouts": {"create": "1m"},
}
API = {
    "name": "n",
    "max_concurrent_runs": 1,
    "git_source": {"git_url": "https://example.com", "git_provider": "gitHub", "git_commit": "c"},
    "tasks": [
        {
            "task_key": "a",
            "notebook_task": {"notebook_path": "p", "base_parameters": {"url": "u"}},
            "libraries": [{"pypi": {"package": "x"}}],
            "email_notifications": {},
        }
    ],
    "parameters": [{"name": "p", "default": ""}],
    "queue": {"enabled": False},
}


def test_a_job_is_sent_in_the_form_of_the_api() -> None:
    """No nulls, unknown or zero values; single blocks are objects, and names are the API's."""
    assert to_api(conform_to_schema(TERRAFORM, JOB), JOB, JOB_ALIASES) == API


def test_a_request_body_survives_both_conversions() -> None:
    """Fields outside the schema are dropped."""
    state = from_api({**API, "no_such_field": 1, "email_notifications": {}}, JOB, JOB_ALIASES)
    assert to_api(conform_to_schema(state, JOB), JOB, JOB_ALIASES) == {**API, "email_notifications": {}}
    assert "no_such_field" not in state
    assert state["email_notifications"] == [{}]


def test_values_are_converted_to_terraforms_types() -> None:
    """Numbers in strings, and the reverse, are converted where possible."""
    answer = {"name": 7, "max_concurrent_runs": "3", "timeout_seconds": "x", "tags": {"a": True}}
    state = from_api({**answer, "queue": {"enabled": "true"}}, JOB, JOB_ALIASES)
    assert (state["name"], state["max_concurrent_runs"], state["timeout_seconds"]) == ("7", 3, None)
    assert (state["tags"], state["queue"]) == ({"a": "true"}, [{"enabled": True}])
