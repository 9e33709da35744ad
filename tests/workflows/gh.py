"""A fake `gh` for tests: a GitHub whose state is a file.

GH_FOLDER contains `github.json`: comments by issue, issues, pull requests by commit, runs with their jobs, the
texts of pull requests. Lists come in pages of two, one JSON document for each page, as gh prints them.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = {"login": "github-actions[bot]"}
FILE = Path(os.environ["GH_FOLDER"]) / "github.json"


def main(arguments: list[str]) -> int:
    hub = json.loads(FILE.read_text())
    hub["calls"].append(" ".join(arguments))
    answer_text = pull_request(hub, arguments) if arguments[0] == "pr" else api(hub, arguments)
    FILE.write_text(json.dumps(hub))
    print(answer_text, end="")
    return 0


def pull_request(hub: dict[str, Any], arguments: list[str]) -> str:
    verb, options = arguments[1], arguments[2:]
    if verb == "view":
        assert options[1:] == ["--json", "body", "--jq", ".body"], options
        return hub["texts"][options[0]] + "\n"
    assert (verb, options[0]) == ("list", "--head"), arguments
    return f"{len(hub['open'].get(options[1], []))}\n"


def api(hub: dict[str, Any], arguments: list[str]) -> str:
    method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
    sent = json.load(sys.stdin) if "--input" in arguments else {}
    address = next(one for one in arguments if one.startswith("repos/"))
    path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
    below = path.removeprefix("repos/acme/mesh/")
    assert below != path, path
    result = answer(hub, method, below, query, sent)
    if "--paginate" in arguments:
        pages = [result[start : start + 2] for start in range(0, len(result), 2)] or [[]]
        return "".join(map(json.dumps, pages))
    return "" if result is None else json.dumps(result)


def answer(hub: dict[str, Any], method: str, path: str, query: dict[str, list[str]], sent: Any) -> Any:
    if match := re.fullmatch(r"issues/(\d+)/comments", path):
        comments = hub["comments"].setdefault(match[1], [])
        return comments if method == "GET" else added(hub, comments, "id", sent)
    if match := re.fullmatch(r"issues/comments/(\d+)", path):
        for comments in hub["comments"].values():
            for one in [one for one in comments if one["id"] == int(match[1])]:
                if method == "DELETE":
                    comments.remove(one)
                    return None
                return one.update(sent)
    if path == "issues" and method == "POST":
        return added(hub, hub["issues"], "number", {"state": "open", **sent})
    if path == "issues":
        label = query["labels"][0]
        return [one for one in hub["issues"] if label in one["labels"] and query["state"] == ["all"]]
    if match := re.fullmatch(r"issues/(\d+)", path):
        [one] = [one for one in hub["issues"] if one["number"] == int(match[1])]
        return one.update(sent)
    if match := re.fullmatch(r"commits/(\w+)/pulls", path):
        return hub["pulls"].get(match[1], [])
    if match := re.fullmatch(r"actions/workflows/([\w.]+)/runs", path):
        chosen = {"branch": query["branch"][0], "conclusion": query["status"][0], "workflow": match[1]}
        return {"workflow_runs": [one for one in hub["runs"] if chosen.items() <= one.items()]}
    if match := re.fullmatch(r"actions/runs/(\d+)/jobs", path):
        [run] = [one for one in hub["runs"] if one["id"] == int(match[1])]
        return {"jobs": run["jobs"]}
    raise AssertionError(f"no such address: {method} {path}")


def added(hub: dict[str, Any], entries: list[Any], key: str, sent: Any) -> Any:
    hub["last"] += 1
    entries.append({key: hub["last"], "user": BOT, **sent})
    return entries[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
