#!/usr/bin/env bash
# DuckDB takes parts of the path of a local file for parts of a URL: its log goes to another folder, and its Delta
# extension opens another folder than the one that it has checked.
#
# Version: duckdb 1.4.4, duckdb-ext-delta 1.4.4.20260205 (which needs no download from DuckDB's servers).
# Seen:
#   - a database `what?/a.duckdb` cannot be written: "Cannot open file …/what.wal?/a.duckdb". The name of the log is
#     made with `.wal` before the question mark, where a URL's query would begin. With a relative path, without the
#     question mark, it works.
#   - `delta_scan` of a folder below `100%20` fails: "File not found: …/100 /t/_delta_log/…". It checks that the
#     folder exists, and then decodes `%20`. Encoding the path once more (`%2520`), a file: URL and a symbolic link
#     do not help; `100%` without two digits works.
#   - `'`, `?`, `#` and a space are no problem for `delta_scan`, if the path is given as a file: URL.
# So a checkout below such a folder can hold every file, but no Delta table that DuckDB reads.
# The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.4.4 duckdb-ext-delta==1.4.4.20260205
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import importlib.util
import json
import os
import sys
from pathlib import Path

import duckdb

work = Path.cwd()
extensions = Path(importlib.util.find_spec("duckdb_ext").submodule_search_locations[0]) / "extensions"
config = {"extension_directory": str(extensions), "autoinstall_known_extensions": False}


def write_table(folder: Path) -> None:
    (folder / "_delta_log").mkdir(parents=True)
    duckdb.sql("copy (select 7 as x) to 'part.parquet' (format parquet)")
    Path("part.parquet").rename(folder / "part.parquet")
    fields = [{"name": "x", "type": "integer", "nullable": True, "metadata": {}}]
    schema = json.dumps({"type": "struct", "fields": fields})
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "1", "format": {"provider": "parquet", "options": {}}, "schemaString": schema,
                      "partitionColumns": [], "configuration": {}}},
        {"add": {"path": "part.parquet", "partitionValues": {}, "size": (folder / "part.parquet").stat().st_size,
                 "modificationTime": 0, "dataChange": True}},
    ]
    (folder / "_delta_log" / f"{0:020d}.json").write_text("\n".join(map(json.dumps, actions)))


def scanned(address: str) -> str:
    connection = duckdb.connect(config=config)
    connection.execute("LOAD delta")
    try:
        return str(connection.execute(f"SELECT x FROM delta_scan('{address}')").fetchall())
    except duckdb.Error as error:
        return str(error).splitlines()[0]


def created(path: str) -> str:
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH '{path}' AS a")
        connection.execute("CREATE TABLE a.t AS SELECT 1")
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return "written"


(work / "what?").mkdir()
(work / "what?" / "inner").mkdir()
seen = {"absolute": created(f"{work}/what?/a.duckdb")}
os.chdir(work / "what?")
seen["relative"] = created("inner/a.duckdb")
os.chdir(work)
for name in ("it's", "what? #1", "100%", "100%20"):
    write_table(work / name / "t")
    seen[name] = scanned((work / name / "t").as_uri())
(work / "link").symlink_to(work / "100%20")
seen["link"] = scanned(str(work / "link" / "t"))
seen["encoded twice"] = scanned((work / "100%20" / "t").as_uri().replace("%25", "%2525"))
for case, text in seen.items():
    print(f"{case:<14}", text)
right = (
    "what.wal?/a.duckdb" in seen["absolute"]
    and seen["relative"] == "written"
    and all(seen[name] == "[(7,)]" for name in ("it's", "what? #1", "100%"))
    and all("/100 /t/_delta_log/" in seen[name] for name in ("100%20", "link"))
    and "does not exist" in seen["encoded twice"]
)
if not right:
    sys.exit("this is not what was seen before")
print("as described")
PYTHON
