package io.unitycatalog.datamesh;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.ProcedureCatalog;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.delta.catalog.DeltaCatalog;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A catalog of the workspace in Spark: Delta's catalog, with tables registered in the workspace.
 *
 * <p>Options per catalog: `uri` and `token` of the workspace, `warehouse` (the folder for the files of
 * tables without an explicit location).
 */
public final class WorkspaceCatalog extends DeltaCatalog implements ProcedureCatalog {
  private WorkspaceTables tables;
  private WorkspaceProcedures procedures;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    Map<String, String> delta = new HashMap<>(options.asCaseSensitiveMap());
    delta.put("deltaRestApi.enabled", "false");
    super.initialize(name, new CaseInsensitiveStringMap(delta));
    tables = new WorkspaceTables(name, options);
    setDelegateCatalog(tables);
    procedures = new WorkspaceProcedures(tables, tables.views());
  }

  @Override
  public UnboundProcedure loadProcedure(Identifier ident) {
    return procedures.load(ident);
  }

  /** Lists none: the procedures are not for people. */
  @Override
  public Identifier[] listProcedures(String[] namespace) {
    return new Identifier[0];
  }

  @Override
  public Table createTable(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.createTable(ident, schema, partitions, withLocation(ident, properties));
  }

  @Override
  public StagedTable stageCreate(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.stageCreate(ident, schema, partitions, withLocation(ident, properties));
  }

  @Override
  public StagedTable stageReplace(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.stageReplace(ident, schema, partitions, withLocation(ident, properties));
  }

  @Override
  public StagedTable stageCreateOrReplace(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.stageCreateOrReplace(ident, schema, partitions, withLocation(ident, properties));
  }

  /** Tells the workspace what Delta has changed. */
  @Override
  public Table alterTable(Identifier ident, TableChange... changes) {
    Table changed = super.alterTable(ident, changes);
    if (isPathIdentifier(ident) || tables.isView(ident)) {
      return changed;
    }
    changed = loadTable(ident);
    tables.update(ident, changed);
    return changed;
  }

  boolean hasKey(String table, String key) {
    return KeyStatements.has(tables.api(), table, key);
  }

  /**
   * Sets the location of the table's files. Also an explicit location is marked as managed, because
   * otherwise Delta searches the table in Spark's built-in catalog after replacing it.
   */
  private Map<String, String> withLocation(Identifier ident, Map<String, String> properties) {
    if (isPathIdentifier(ident)) {
      return properties;
    }
    Map<String, String> located = new HashMap<>(properties);
    located.put(TableCatalog.PROP_IS_MANAGED_LOCATION, "true");
    if (!properties.containsKey(TableCatalog.PROP_LOCATION)) {
      tables.clearLeftovers(ident);
      located.put(TableCatalog.PROP_LOCATION, tables.location(ident));
    }
    return located;
  }
}
