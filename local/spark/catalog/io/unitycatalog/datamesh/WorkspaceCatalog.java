package io.unitycatalog.datamesh;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.delta.catalog.DeltaCatalog;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A catalog of the workspace in Spark: Delta's catalog over the workspace's own register of tables.
 *
 * <p>Options, per catalog: `uri` and `token` of the workspace, `warehouse` (the folder that holds the
 * files of tables that name no location of their own).
 */
public final class WorkspaceCatalog extends DeltaCatalog {
  private WorkspaceTables tables;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    Map<String, String> delta = new HashMap<>(options.asCaseSensitiveMap());
    delta.put("deltaRestApi.enabled", "false");
    super.initialize(name, new CaseInsensitiveStringMap(delta));
    tables = new WorkspaceTables(name, options);
    setDelegateCatalog(tables);
  }

  @Override
  public Table createTable(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.createTable(ident, schema, partitions, placed(ident, properties));
  }

  @Override
  public StagedTable stageCreate(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.stageCreate(ident, schema, partitions, placed(ident, properties));
  }

  @Override
  public StagedTable stageReplace(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.stageReplace(ident, schema, partitions, placed(ident, properties));
  }

  @Override
  public StagedTable stageCreateOrReplace(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    return super.stageCreateOrReplace(ident, schema, partitions, placed(ident, properties));
  }

  /**
   * Says where the files go. The location counts as the catalog's own even if the user named it: else
   * Delta looks for the table in Spark's built-in catalog after replacing it.
   */
  private Map<String, String> placed(Identifier ident, Map<String, String> properties) {
    if (isPathIdentifier(ident)) {
      return properties;
    }
    Map<String, String> placed = new HashMap<>(properties);
    placed.put(TableCatalog.PROP_IS_MANAGED_LOCATION, "true");
    if (!properties.containsKey(TableCatalog.PROP_LOCATION)) {
      tables.clearLeftovers(ident);
      placed.put(TableCatalog.PROP_LOCATION, tables.location(ident));
    }
    return placed;
  }
}
