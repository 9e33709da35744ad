package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.ProcedureCatalog;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.TableInfo;
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
    procedures = new WorkspaceProcedures(this, tables);
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
    Definition definition = new Definition(ident, properties);
    Table created = super.createTable(ident, schema, partitions, definition.located);
    definition.setKeys();
    return created;
  }

  @Override
  public StagedTable stageCreate(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    Definition definition = new Definition(ident, properties);
    return definition.committed(super.stageCreate(ident, schema, partitions, definition.located));
  }

  @Override
  public StagedTable stageReplace(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    Definition definition = new Definition(ident, properties);
    return definition.replaced(super.stageReplace(ident, schema, partitions, definition.located));
  }

  @Override
  public StagedTable stageCreateOrReplace(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    Definition definition = new Definition(ident, properties);
    return definition.replaced(super.stageCreateOrReplace(ident, schema, partitions, definition.located));
  }

  /** Lets Spark pass what Delta writes, although Delta does not say so. */
  @Override
  public Set<TableCatalogCapability> capabilities() {
    Set<TableCatalogCapability> all = new HashSet<>(super.capabilities());
    all.add(TableCatalogCapability.SUPPORTS_CREATE_TABLE_WITH_GENERATED_COLUMNS);
    all.add(TableCatalogCapability.SUPPORTS_CREATE_TABLE_WITH_IDENTITY_COLUMNS);
    return all;
  }

  @Override
  public Table createTable(Identifier ident, TableInfo table) {
    return createTable(ident, TableDefinition.columns(table), table.partitions(), table.properties());
  }

  @Override
  public StagedTable stageCreate(Identifier ident, TableInfo table) {
    return stageCreate(ident, TableDefinition.columns(table), table.partitions(), table.properties());
  }

  @Override
  public StagedTable stageReplace(Identifier ident, TableInfo table) {
    return stageReplace(ident, TableDefinition.columns(table), table.partitions(), table.properties());
  }

  @Override
  public StagedTable stageCreateOrReplace(Identifier ident, TableInfo table) {
    return stageCreateOrReplace(ident, TableDefinition.columns(table), table.partitions(), table.properties());
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

  /** Executes ALTER COLUMN … SET NOT NULL, and tells the workspace. */
  void setNotNull(JsonNode statement) {
    Identifier ident = Identifier.of(new String[] {statement.path("schema").asText()}, statement.path("name").asText());
    NotNullStatements.execute(tables.api(), tables.full(ident), statement.path("column").asText());
    tables.update(ident, loadTable(ident));
  }

  WorkspaceApi api() {
    return tables.api();
  }

  boolean hasKey(String table, String key) {
    return KeyStatements.has(tables.api(), table, key);
  }

  /** The properties of CREATE TABLE: Delta gets them with a location, the workspace gets the keys. */
  private final class Definition {
    private final Identifier ident;
    private final Map<String, String> located;
    private final JsonNode keys;

    /**
     * Sets the location of the table's files. Also an explicit location is marked as managed, because
     * otherwise Delta searches the table in Spark's built-in catalog after replacing it.
     */
    Definition(Identifier ident, Map<String, String> properties) {
      this.ident = ident;
      this.located = new HashMap<>(properties);
      this.keys = WorkspaceApi.json(properties.getOrDefault(KeysOfNewTables.PROPERTY, "[]"));
      located.remove(KeysOfNewTables.PROPERTY);
      if (isPathIdentifier(ident)) {
        return;
      }
      located.put(TableCatalog.PROP_IS_MANAGED_LOCATION, "true");
      if (!properties.containsKey(TableCatalog.PROP_LOCATION)) {
        tables.clearLeftovers(ident);
        located.put(TableCatalog.PROP_LOCATION, tables.location(ident));
      }
    }

    StagedTable committed(StagedTable staged) {
      return TableDefinition.afterCommit(staged, this::setKeys);
    }

    /** Also tells the workspace the comments, of which a table that is replaced keeps none. */
    StagedTable replaced(StagedTable staged) {
      return TableDefinition.afterCommit(
          staged,
          () -> {
            setKeys();
            if (!isPathIdentifier(ident)) {
              tables.update(ident, loadTable(ident));
            }
          });
    }

    /** Sets the keys of a new table; a table that is replaced loses those that it had. */
    void setKeys() {
      if (!isPathIdentifier(ident)) {
        KeyStatements.set(tables.api(), tables.full(ident), keys);
      }
    }
  }
}
