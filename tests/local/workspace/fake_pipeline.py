"""A fake pipeline runner: runs each source file with `spec`, `tables` and `report`."""

import json
import sys
from pathlib import Path

spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
result = {"error": None, "error_trace": None, "tables": []}


def report(message: str, **more: object) -> None:
    """Report an event."""
    event = {"time": 1_700_000_000_000, "level": "INFO", "message": message, **more}
    with Path(spec["events"]).open("a", encoding="utf-8") as events:
        events.write(json.dumps(event) + "\n")


try:
    for each in spec["sources"]:
        source = Path(each["file"]).read_text(encoding="utf-8")
        exec(source, {"spec": spec, "tables": result["tables"], "report": report})
except Exception as error:
    result.update(error=f"{type(error).__name__}: {error}", error_trace="where")
Path(spec["result"]).write_text(json.dumps(result), encoding="utf-8")
sys.exit(1 if result["error"] else 0)
