"""A fake notebook runner: runs a Python file with the variables `parameters`, `result` and `spec`."""

import json
import sys
import traceback
from pathlib import Path

spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
result = {"result": None, "error": None, "error_trace": None, "tables": []}
try:
    source = Path(spec["notebook"]).read_text(encoding="utf-8")
    exec(source, {"parameters": spec["parameters"], "result": result, "spec": spec})
except Exception as error:
    result.update(error=f"{type(error).__name__}: {error}", error_trace=traceback.format_exc())
Path(spec["result"]).write_text(json.dumps(result), encoding="utf-8")
sys.exit(1 if result["error"] else 0)
