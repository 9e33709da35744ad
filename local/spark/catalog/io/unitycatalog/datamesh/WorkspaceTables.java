package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.CatalogTableType;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.StringUtils;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.V1Table;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One catalog of the workspace: its schemas and tables, and the folder of each table's Delta files.
 *
 * <p>Delta reads and writes the files; this class registers the tables in the workspace. They are
 * EXTERNAL Delta tables there, so that the workspace's SQL reads the same files. Delta recognises a
 * Unity Catalog delegate by the package `io.unitycatalog`.
 */
final class WorkspaceTables implements TableCatalog, SupportsNamespaces, FunctionCatalog {
  private final String catalog;
  private final WorkspaceApi api;
  private final Path warehouse;
  private final WorkspaceViews views;
  private final WorkspaceFunctions functions;

  WorkspaceTables(String catalog, CaseInsensitiveStringMap options) {
    this.catalog = catalog;
    this.api = new WorkspaceApi(options.get("uri"), options.get("token"));
    this.warehouse = Path.of(options.get("warehouse")).toAbsolutePath().normalize();
    this.views = new WorkspaceViews(catalog, api);
    this.functions = new WorkspaceFunctions(catalog, api);
  }

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    // The constructor initializes everything, because Spark does not initialize a delegate.
  }

  @Override
  public String name() {
    return catalog;
  }

  // --- locations of files

  /** Returns the folder of a table as a Spark path: the registered one, else the default. */
  String location(Identifier table) {
    Path folder = defaultFolder(table);
    Optional<JsonNode> existing = registered(table);
    if (existing.filter(WorkspaceViews::isView).isPresent()) {
      throw new IllegalArgumentException(
          "[EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE] 'CREATE TABLE' expects a table but " + full(table) + " is a view.");
    }
    return sparkPath(existing.map(WorkspaceTables::location).orElse(folder)).toString();
  }

  /**
   * Deletes the files of a table in the warehouse whose registration was dropped without them.
   *
   * <p>Delta refuses to create a table in a folder that is not empty.
   */
  void clearLeftovers(Identifier table) {
    Path folder = defaultFolder(table);
    if (Files.exists(folder) && registered(table).isEmpty()) {
      deleteFiles(folder);
    }
  }

private Path defaultFolder(Identifier table) {
    Path folder = warehouse.resolve(Path.of(checkName(catalog), checkName(schema(table)), checkName(table.name())));
    return folder.normalize();
  }

  private static String checkName(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.matches(".*[/\\\\\\x00].*")) {
      throw new IllegalArgumentException("`" + name + "` cannot name a catalog, schema or table");
    }
    return name;
  }

  private static Path location(JsonNode table) {
    String text = table.path("storage_location").asText("");
    return text.startsWith("file:") ? Path.of(new org.apache.hadoop.fs.Path(text).toUri().getPath()) : Path.of(text);
  }

  /** Converts a folder; Path.toUri() cannot be used, as it appends a slash only to existing folders. */
  private static org.apache.hadoop.fs.Path sparkPath(Path folder) {
    return new org.apache.hadoop.fs.Path("file", null, folder.toString());
  }

  private void deleteFiles(Path folder) {
    if (!folder.startsWith(warehouse) || folder.equals(warehouse) || !Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot remove the files of a table in " + folder, failure);
    }
    DeltaLog.invalidateCache(SparkSession.active(), sparkPath(folder));
  }

  // --- tables

  private Optional<JsonNode> registered(Identifier table) {
    checkName(table.name());
    return api.find("tables", full(table));
  }

  @Override
  public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
    loadNamespaceMetadata(namespace);
    return tables(namespace).stream()
        .map(table -> Identifier.of(namespace, table.path("name").asText()))
        .toArray(Identifier[]::new);
  }

  private List<JsonNode> tables(String[] namespace) {
    return api.list("tables", Map.of("catalog_name", catalog, "schema_name", namespace[0]));
  }

  @Override
  public Table loadTable(Identifier ident) throws NoSuchTableException {
    JsonNode table = ident.namespace().length == 1 ? registered(ident).orElse(null) : null;
    if (table == null) {
      throw new NoSuchTableException(ident);
    }
    if (WorkspaceViews.isView(table)) {
      return views.load(ident, table);
    }
    if (!table.path("data_source_format").asText("").equalsIgnoreCase("delta")
        || table.path("storage_location").asText("").isEmpty()) {
      throw new UnsupportedOperationException(
          full(ident) + " was created by the workspace's SQL engine, and Spark cannot read it "
              + "(create it with Spark: then both can read it)");
    }
    return new V1Table(metadata(ident, table));
  }

  /** Returns the metadata for Delta, without columns and partitions, which are in the Delta log. */
  private CatalogTable metadata(Identifier ident, JsonNode table) {
    CatalogStorageFormat storage =
        new CatalogStorageFormat(
            Option.apply(sparkPath(location(table)).toUri()), Option.empty(), Option.empty(), Option.empty(), false, none());
    return new CatalogTable(
        new TableIdentifier(ident.name(), Option.apply(schema(ident)), Option.apply(catalog)),
        location(table).startsWith(warehouse) ? CatalogTableType.MANAGED() : CatalogTableType.EXTERNAL(),
        storage,
        new StructType(),
        Option.apply("delta"),
        CatalogTable.apply$default$6(),
        CatalogTable.apply$default$7(),
        table.path("owner").asText(""),
        table.path("created_at").asLong(0),
        CatalogTable.apply$default$10(),
        CatalogTable.apply$default$11(),
        none(),
        CatalogTable.apply$default$13(),
        CatalogTable.apply$default$14(),
        Option.apply(table.path("comment").asText(null)),
        CatalogTable.apply$default$16(),
        CatalogTable.apply$default$17(),
        CatalogTable.apply$default$18(),
        CatalogTable.apply$default$19(),
        CatalogTable.apply$default$20(),
        CatalogTable.apply$default$21());
  }

  private static scala.collection.immutable.Map<String, String> none() {
    return scala.collection.immutable.Map$.MODULE$.empty();
  }

  /** Registers a table whose Delta files are already written. */
  @Override
  public Table createTable(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    if (!properties.getOrDefault(PROP_PROVIDER, "delta").equalsIgnoreCase("delta")) {
      throw new UnsupportedOperationException(
          full(ident) + ": only Delta tables are supported in the local workspace, not " + properties.get(PROP_PROVIDER));
    }
    loadNamespaceMetadata(ident.namespace());
    Map<String, Object> body = new HashMap<>();
    body.put("name", ident.name());
    body.put("catalog_name", catalog);
    body.put("schema_name", schema(ident));
    body.put("table_type", "EXTERNAL");
    body.put("data_source_format", "DELTA");
    body.put("storage_location", new org.apache.hadoop.fs.Path(properties.get(TableCatalog.PROP_LOCATION)).toUri().getPath());
    if (properties.containsKey(TableCatalog.PROP_COMMENT)) {
      body.put("comment", properties.get(TableCatalog.PROP_COMMENT));
    }
    body.put("columns", TableMetadata.columns(columns));
    try {
      api.create("tables", body);
      return loadTable(ident);
    } catch (WorkspaceApi.ApiException error) {
      if (error.status == 409) {
        throw new TableAlreadyExistsException(ident);
      }
      throw error;
    } catch (NoSuchTableException dropped) {
      throw new IllegalStateException(full(ident) + " was dropped during its creation", dropped);
    }
  }

  /** Delta calls this overload for tables of other formats. */
  @Override
  public Table createTable(
      Identifier ident, StructType schema, Transform[] partitions, Map<String, String> properties) {
    throw new UnsupportedOperationException(
        full(ident) + ": only Delta tables are supported in the local workspace, not " + properties.get(TableCatalog.PROP_PROVIDER));
  }

  @Override
  public Table alterTable(Identifier ident, TableChange... changes) throws NoSuchTableException {
    JsonNode table = registered(ident).orElseThrow(() -> new NoSuchTableException(ident));
    if (WorkspaceViews.isView(table)) {
      views.alter(ident, table, changes);
      return loadTable(ident);
    }
    throw new UnsupportedOperationException(full(ident) + ": this ALTER TABLE is not supported in the local workspace");
  }

  /** Drops the registration, and deletes the files if they are in the warehouse. */
  @Override
  public boolean dropTable(Identifier ident) {
    Optional<JsonNode> table = registered(ident);
    if (table.isEmpty()) {
      return false;
    }
    if (WorkspaceViews.isView(table.get())) {
      throw new IllegalArgumentException(
          "[WRONG_COMMAND_FOR_OBJECT_TYPE] The operation DROP TABLE requires a table. But " + full(ident)
              + " is a VIEW. Use DROP VIEW instead.");
    }
    api.delete("tables", full(ident));
    deleteFiles(location(table.get()));
    return true;
  }

  @Override
  public void renameTable(Identifier from, Identifier to) {
    throw new UnsupportedOperationException(
        full(from) + ": RENAME is not supported in the local workspace (use CREATE TABLE … AS SELECT, then DROP TABLE)");
  }

  WorkspaceApi api() {
    return api;
  }

  /** Tells the workspace the comments of a table that Delta has changed. */
  void update(Identifier ident, Table table) {
    TableMetadata.update(api, full(ident), table);
  }

  // --- views

  boolean isView(Identifier ident) {
    return registered(ident).filter(WorkspaceViews::isView).isPresent();
  }

  WorkspaceViews views() {
    return views;
  }

  /** Returns the rows of SHOW VIEWS. */
  WorkspaceProcedures.Rows views(JsonNode statement) {
    String[] namespace = {statement.path("schema").asText()};
    StructType columns =
        new StructType().add("namespace", "string").add("viewName", "string").add("isTemporary", "boolean");
    String pattern = statement.path("pattern").asText("*");
    InternalRow[] rows =
        tables(namespace).stream()
            .filter(table -> WorkspaceViews.isView(table) && matches(table.path("name").asText(), pattern))
            .map(table -> row(namespace[0], table.path("name").asText()))
            .toArray(InternalRow[]::new);
    return new WorkspaceProcedures.Rows(columns, rows);
  }

  private static boolean matches(String name, String pattern) {
    return !CollectionConverters.asJava(StringUtils.filterPattern(ScalaSeq.of(List.of(name)), pattern)).isEmpty();
  }

  private static InternalRow row(String schema, String name) {
    return new GenericInternalRow(new Object[] {UTF8String.fromString(schema), UTF8String.fromString(name), false});
  }

  // --- schemas

  @Override
  public String[][] listNamespaces() {
    return api.list("schemas", Map.of("catalog_name", catalog)).stream()
        .map(schema -> new String[] {schema.path("name").asText()})
        .toArray(String[][]::new);
  }

  @Override
  public String[][] listNamespaces(String[] namespace) throws NoSuchNamespaceException {
    if (namespace.length == 0) {
      return listNamespaces();
    }
    loadNamespaceMetadata(namespace);
    return new String[0][];
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace) throws NoSuchNamespaceException {
    JsonNode schema = namespace.length == 1 ? api.find("schemas", full(namespace)).orElse(null) : null;
    if (schema == null) {
      throw new NoSuchNamespaceException(namespace);
    }
    Map<String, String> metadata = new HashMap<>();
    schema.path("properties").properties().forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
    metadata.put(SupportsNamespaces.PROP_COMMENT, schema.path("comment").asText(""));
    metadata.put(SupportsNamespaces.PROP_OWNER, schema.path("owner").asText(""));
    return metadata;
  }

  @Override
  public void createNamespace(String[] namespace, Map<String, String> metadata)
      throws NamespaceAlreadyExistsException {
    Map<String, Object> body = new HashMap<>();
    body.put("name", checkName(namespace[0]));
    body.put("catalog_name", catalog);
    if (metadata.containsKey(SupportsNamespaces.PROP_COMMENT)) {
      body.put("comment", metadata.get(SupportsNamespaces.PROP_COMMENT));
    }
    try {
      api.create("schemas", body);
    } catch (WorkspaceApi.ApiException error) {
      if (error.status == 409) {
        throw new NamespaceAlreadyExistsException(namespace);
      }
      throw error;
    }
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) throws NoSuchNamespaceException {
    Map<String, String> properties = loadNamespaceMetadata(namespace);
    properties.remove(SupportsNamespaces.PROP_OWNER);
    String comment = properties.remove(SupportsNamespaces.PROP_COMMENT);
    for (NamespaceChange change : changes) {
      if (change instanceof NamespaceChange.SetProperty set && set.property().equals(SupportsNamespaces.PROP_COMMENT)) {
        comment = set.value();
      } else if (change instanceof NamespaceChange.SetProperty set && set.property().equals(SupportsNamespaces.PROP_OWNER)) {
        throw new UnsupportedOperationException(
            full(namespace) + ": the owner cannot change in the local workspace (declare it in the YAML file)");
      } else if (change instanceof NamespaceChange.SetProperty set) {
        properties.put(set.property(), set.value());
      } else if (change instanceof NamespaceChange.RemoveProperty removed) {
        properties.remove(removed.property());
      }
    }
    api.update("schemas", full(namespace), Map.of("comment", comment, "properties", properties));
  }

  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade)
      throws NoSuchNamespaceException, NonEmptyNamespaceException {
    loadNamespaceMetadata(namespace);
    List<JsonNode> tables = tables(namespace);
    List<JsonNode> functionsOfSchema = functions.list(namespace[0]);
    if (!cascade && !(tables.isEmpty() && functionsOfSchema.isEmpty())) {
      throw new NonEmptyNamespaceException(namespace);
    }
    functionsOfSchema.forEach(function -> api.delete("functions", function.path("full_name").asText()));
    for (JsonNode table : tables) {
      api.delete("tables", table.path("full_name").asText());
      if (!WorkspaceViews.isView(table)) {
        deleteFiles(location(table));
      }
    }
    api.delete("schemas", full(namespace));
    return true;
  }

  // --- functions

  WorkspaceFunctions functions() {
    return functions;
  }

  /** Returns the functions that SHOW FUNCTIONS lists. */
  @Override
  public Identifier[] listFunctions(String[] namespace) throws NoSuchNamespaceException {
    loadNamespaceMetadata(namespace);
    return functions.list(namespace[0]).stream()
        .map(function -> Identifier.of(namespace, function.path("name").asText()))
        .toArray(Identifier[]::new);
  }

  /** Spark asks only whether the function exists: {@link FunctionCalls} resolves the calls. */
  @Override
  public UnboundFunction loadFunction(Identifier ident) throws NoSuchFunctionException {
    return functions.load(ident);
  }

  // --- names

  String full(Identifier ident) {
    return catalog + "." + String.join(".", ident.namespace()) + "." + ident.name();
  }

  private String full(String[] namespace) {
    return catalog + "." + String.join(".", namespace);
  }

  private static String schema(Identifier ident) {
    return String.join(".", ident.namespace());
  }
}
