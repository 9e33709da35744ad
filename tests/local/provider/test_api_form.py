"""The two forms of one object: Terraform's and the API's."""

from local.provider import schema
from local.provider.api_form import from_api, to_api
from local.provider.compute import JOB_ALIASES
from local.provider.values import UNKNOWN, whole

JOB = schema.read(["databricks_job"], []).resources["databricks_job"]

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
        }
    ],
    "parameters": [{"name": "p", "default": ""}],
    "queue": {"enabled": False},
}


def test_a_job_is_sent_as_the_api_wants_it() -> None:
    """No nulls, no unknowns, no empty blocks; single blocks are objects, and names are the API's."""
    assert to_api(whole(TERRAFORM, JOB), JOB, JOB_ALIASES) == API


def test_an_answer_is_read_back_as_it_was_sent() -> None:
    """There and back again nothing is lost; what Terraform does not know is dropped."""
    found = from_api({**API, "no_such_field": 1, "email_notifications": {}}, JOB, JOB_ALIASES)
    assert to_api(whole(found, JOB), JOB, JOB_ALIASES) == API
    assert "no_such_field" not in found
    assert found["email_notifications"] == []


def test_values_get_the_types_that_terraform_wants() -> None:
    """Numbers that come as text and the other way round are turned, as far as they can be."""
    answer = {"name": 7, "max_concurrent_runs": "3", "timeout_seconds": "x", "tags": {"a": True}}
    found = from_api({**answer, "queue": {"enabled": "true"}}, JOB, JOB_ALIASES)
    assert (found["name"], found["max_concurrent_runs"], found["timeout_seconds"]) == ("7", 3, None)
    assert (found["tags"], found["queue"]) == ({"a": "true"}, [{"enabled": True}])
