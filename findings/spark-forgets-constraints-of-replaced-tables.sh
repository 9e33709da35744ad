#!/usr/bin/env bash
# Spark 4.1 passes PRIMARY KEY and CHECK of CREATE TABLE to a catalog, and forgets them without an error where the
# statement also replaces the table, if the catalog replaces tables at once (StagingTableCatalog, as Delta's does).
# It forgets those of CREATE TABLE … AS SELECT with every catalog.
#
# Version: pyspark 4.1.1. Needs a JDK 17: the two catalogs are compiled here, and print what they are given.
# Seen, for the table `(id INT PRIMARY KEY, n INT, CONSTRAINT positive CHECK (n > 0))`:
#   statement                    plain catalog       catalog that stages
#   CREATE TABLE                 both constraints    both constraints
#   CREATE OR REPLACE TABLE      both constraints    none
#   REPLACE TABLE                both constraints    none
#   CREATE TABLE … AS SELECT     none                none
# The catalogs say that they support constraints, so the same words create a table with its keys the first time and
# without them from then on. The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.1
jars=$("$work/venv/bin/python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent / "jars")')

cat > Plain.java <<'JAVA'
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.connector.catalog.*;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A catalog in memory, whose tables have no rows. It prints the constraints of each table that it creates. */
public class Plain implements TableCatalog {
  private final Map<Identifier, Table> tables = new HashMap<>();

  public void initialize(String name, CaseInsensitiveStringMap options) {}

  public String name() {
    return "plain";
  }

  public Set<TableCatalogCapability> capabilities() {
    return Set.of(TableCatalogCapability.SUPPORT_TABLE_CONSTRAINT);
  }

  public Identifier[] listTables(String[] namespace) {
    return tables.keySet().toArray(new Identifier[0]);
  }

  public Table loadTable(Identifier ident) throws NoSuchTableException {
    if (!tables.containsKey(ident)) throw new NoSuchTableException(ident);
    return tables.get(ident);
  }

  public Table createTable(Identifier ident, TableInfo info) {
    System.out.println("given " + Arrays.stream(info.constraints()).map(one -> one.name()).toList());
    tables.put(ident, new Empty(ident.toString(), info.columns()));
    return tables.get(ident);
  }

  public Table alterTable(Identifier ident, TableChange... changes) {
    return tables.get(ident);
  }

  public boolean dropTable(Identifier ident) {
    return tables.remove(ident) != null;
  }

  public void renameTable(Identifier from, Identifier to) {}

  record Empty(String name, Column[] columns) implements StagedTable {
    public Set<TableCapability> capabilities() {
      return Set.of();
    }

    public void commitStagedChanges() {}

    public void abortStagedChanges() {}
  }
}
JAVA
cat > Staging.java <<'JAVA'
import org.apache.spark.sql.connector.catalog.*;

/** The same catalog, which replaces a table at once instead of dropping and creating it. */
public class Staging extends Plain implements StagingTableCatalog {
  public StagedTable stageCreate(Identifier ident, TableInfo info) {
    return (StagedTable) createTable(ident, info);
  }

  public StagedTable stageReplace(Identifier ident, TableInfo info) {
    return (StagedTable) createTable(ident, info);
  }

  public StagedTable stageCreateOrReplace(Identifier ident, TableInfo info) {
    return (StagedTable) createTable(ident, info);
  }
}
JAVA
javac -cp "$jars/*" -d "$work/classes" Plain.java Staging.java

"$work/venv/bin/python" - > "$work/seen" 2> "$work/log" <<'PYTHON' || { cat "$work/log" >&2; exit 1; }
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

settings = {
    "spark.ui.enabled": "false",
    "spark.driver.extraClassPath": "classes",
    "spark.sql.catalog.plain": "Plain",
    "spark.sql.catalog.staging": "Staging",
}
spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
columns = "id INT PRIMARY KEY, n INT, CONSTRAINT positive CHECK (n > 0)"
for catalog in ("plain", "staging"):
    for statement in ("CREATE TABLE", "CREATE OR REPLACE TABLE", "REPLACE TABLE"):
        print(catalog, statement, flush=True)
        spark.sql(f"{statement} {catalog}.s.trips ({columns})")
    print(catalog, "CREATE TABLE AS SELECT", flush=True)
    try:
        spark.sql(f"CREATE TABLE {catalog}.s.copy (CONSTRAINT positive CHECK (n > 0)) AS SELECT 1 AS n")
    except AnalysisException as error:  # after the table was created: these tables take no rows
        assert error.getCondition() == "UNSUPPORTED_FEATURE.TABLE_OPERATION"
PYTHON

cat "$work/seen"
diff "$work/seen" - <<'SEEN'
plain CREATE TABLE
given [trips_pk, positive]
plain CREATE OR REPLACE TABLE
given [trips_pk, positive]
plain REPLACE TABLE
given [trips_pk, positive]
plain CREATE TABLE AS SELECT
given []
staging CREATE TABLE
given [trips_pk, positive]
staging CREATE OR REPLACE TABLE
given []
staging REPLACE TABLE
given []
staging CREATE TABLE AS SELECT
given []
SEEN
