#!/usr/bin/env bash
# Has databricks-labs-dqx validate the checks that `mesh quality` prints, in an environment of its own.
# It needs another version of protobuf than this project, so it is not installed beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed '/^exit 0$/d' tests/golden/quality_dqx/output > "$folder/checks.yml"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet databricks-labs-dqx==0.17.0 pyspark==4.1.1
"$folder/venv/bin/python" - "$folder/checks.yml" <<'PYTHON'
import sys

import yaml
from databricks.labs.dqx.engine import DQEngine

with open(sys.argv[1], encoding="utf-8") as file:
    checks = yaml.safe_load(file)
status = DQEngine.validate_checks(checks)
print(f"{len(checks)} checks: {status}")
sys.exit(1 if status.has_errors or not checks else 0)
PYTHON
