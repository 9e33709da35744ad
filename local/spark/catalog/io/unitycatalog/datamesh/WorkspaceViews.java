package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.NoSuchViewException;
import org.apache.spark.sql.catalyst.analysis.SchemaBinding$;
import org.apache.spark.sql.catalyst.analysis.SchemaCompensation$;
import org.apache.spark.sql.catalyst.analysis.SchemaEvolution$;
import org.apache.spark.sql.catalyst.analysis.SchemaTypeEvolution$;
import org.apache.spark.sql.catalyst.analysis.ViewAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.ViewSchemaMode;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.CatalogTableType;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.connector.catalog.CatalogManager;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.V1Table;
import org.apache.spark.sql.execution.CommandExecutionMode;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.command.ViewHelper$;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The permanent views of one catalog, which the workspace keeps with their text.
 *
 * <p>Spark resolves a view that a catalog returns as a V1 table of type VIEW, with the catalog, the
 * schema and the settings of its creation (`view.…` properties). Spark 4.1 only lacks the commands.
 */
final class WorkspaceViews {
  private static final String SCHEMA = "schema_name";

  private final String catalog;
  private final WorkspaceApi api;

  WorkspaceViews(String catalog, WorkspaceApi api) {
    this.catalog = catalog;
    this.api = api;
  }

  /** Returns whether a table of the workspace is a view. */
  static boolean isView(JsonNode table) {
    return table.path("table_type").asText().equals("VIEW");
  }

  /** Returns a view of the workspace as Spark's table. */
  V1Table load(Identifier ident, JsonNode view) {
    loadCatalogs();
    Map<String, String> properties = new HashMap<>();
    view.path("properties").properties().forEach(each -> properties.put(each.getKey(), each.getValue().asText()));
    Option<String> text = Option.apply(view.path("view_definition").asText());
    return new ShownView(
        new CatalogTable(
            new TableIdentifier(ident.name(), Option.apply(ident.namespace()[0]), Option.apply(catalog)),
            CatalogTableType.VIEW(),
            CatalogStorageFormat.empty(),
            schema(view),
            Option.empty(),
            CatalogTable.apply$default$6(),
            CatalogTable.apply$default$7(),
            view.path("owner").asText(""),
            view.path("created_at").asLong(0),
            CatalogTable.apply$default$10(),
            CatalogTable.apply$default$11(),
            scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(properties)),
            CatalogTable.apply$default$13(),
            text,
            Option.apply(view.path("comment").asText(null)),
            CatalogTable.apply$default$16(),
            CatalogTable.apply$default$17(),
            CatalogTable.apply$default$18(),
            CatalogTable.apply$default$19(),
            CatalogTable.apply$default$20(),
            text));
  }

  /** A view that DESCRIBE shows without the properties that Spark keeps for itself. */
  private static final class ShownView extends V1Table {
    private static final long serialVersionUID = 1L;

    ShownView(CatalogTable view) {
      super(view);
    }

    @Override
    public Map<String, String> properties() {
      Map<String, String> shown = new HashMap<>(super.properties());
      shown.keySet().removeIf(name -> name.startsWith(CatalogTable.VIEW_PREFIX()));
      return shown;
    }
  }

  /**
   * Loads all catalogs of the session. Inside a view Spark reads the settings of its creation, which
   * name no catalogs, so it finds only the loaded ones.
   */
  static void loadCatalogs() {
    SparkSession session = SparkSession.active();
    CatalogManager catalogs = session.sessionState().catalogManager();
    String prefix = "spark.sql.catalog.";
    for (String setting : CollectionConverters.asJava(session.sessionState().conf().getAllConfs()).keySet()) {
      if (setting.startsWith(prefix) && setting.indexOf('.', prefix.length()) < 0) {
        catalogs.catalog(setting.substring(prefix.length()));
      }
    }
  }

  private static StructType schema(JsonNode view) {
    ObjectNode struct = WorkspaceApi.JSON.createObjectNode().put("type", "struct");
    ArrayNode fields = struct.putArray("fields");
    view.path("columns").forEach(column -> fields.add(WorkspaceApi.json(column.path("type_json").asText())));
    return (StructType) DataType.fromJson(struct.toString());
  }

  // --- commands

  /** Executes CREATE VIEW; the fields of the statement are those of {@link ViewStatements}. */
  void create(JsonNode statement) throws ViewAlreadyExistsException, NoSuchViewException {
    Identifier ident = ident(statement);
    Optional<JsonNode> existing = api.find("tables", full(ident));
    if (existing.isPresent()) {
      checkIsView(ident, existing.get(), "CREATE VIEW");
      if (statement.path("if_not_exists").asBoolean()) {
        return;
      }
      if (!statement.path("replace").asBoolean()) {
        throw new ViewAlreadyExistsException(withCatalog(ident));
      }
    } else if (statement.path("alter").asBoolean()) {
      throw new NoSuchViewException(withCatalog(ident));
    }
    Map<String, Object> body = definition(ident, statement, existing.orElse(null));
    if (existing.isPresent()) {
      api.update("tables", full(ident), body);
    } else {
      body.put("name", ident.name());
      body.put("catalog_name", catalog);
      body.put(SCHEMA, ident.namespace()[0]);
      body.put("table_type", "VIEW");
      api.create("tables", body);
    }
  }

  /** Executes DROP VIEW. */
  void drop(JsonNode statement) throws NoSuchViewException {
    Identifier ident = ident(statement);
    Optional<JsonNode> view = api.find("tables", full(ident));
    if (view.isEmpty()) {
      if (statement.path("if_exists").asBoolean()) {
        return;
      }
      throw new NoSuchViewException(withCatalog(ident));
    }
    checkIsView(ident, view.get(), "DROP VIEW");
    api.delete("tables", full(ident));
  }

  /** Executes ALTER VIEW … RENAME TO. */
  void rename(JsonNode statement) throws NoSuchViewException {
    Identifier ident = ident(statement);
    JsonNode view = api.find("tables", full(ident)).orElse(null);
    if (view == null) {
      throw new NoSuchViewException(withCatalog(ident));
    }
    checkIsView(ident, view, "ALTER VIEW ... RENAME TO");
    String to = statement.path("to").asText();
    Identifier renamed = Identifier.of(ident.namespace(), to);
    if (api.find("tables", full(renamed)).isPresent()) {
      throw new IllegalArgumentException(
          "[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot rename the view to " + full(renamed) + " because a table or view of that "
              + "name already exists.");
    }
    api.update("tables", full(ident), Map.of("new_name", to));
  }

  /** Returns the row of SHOW CREATE TABLE: a statement that makes the view. */
  WorkspaceProcedures.Rows showCreate(JsonNode statement) {
    JsonNode view = api.find("tables", full(ident(statement))).orElseThrow();
    List<String> columns = new ArrayList<>();
    view.path("columns").forEach(
        column -> columns.add("  " + quoted(column.path("name").asText()) + comment(" COMMENT ", column)));
    List<String> properties = new ArrayList<>();
    view.path("properties").properties().forEach(
        each -> {
          if (!each.getKey().startsWith(CatalogTable.VIEW_PREFIX())) {
            properties.add("  " + literal(each.getKey()) + " = " + literal(each.getValue().asText()));
          }
        });
    String text =
        "CREATE VIEW " + quoted(catalog) + "." + quoted(view.path("schema_name").asText()) + "." + quoted(view.path("name").asText())
            + " (\n" + String.join(",\n", columns) + ")\n" + comment("COMMENT ", view) + (view.path("comment").asText("").isEmpty() ? "" : "\n")
            + (properties.isEmpty() ? "" : "TBLPROPERTIES (\n" + String.join(",\n", properties) + ")\n")
            + "AS " + view.path("view_definition").asText() + "\n";
    InternalRow row = new GenericInternalRow(new Object[] {UTF8String.fromString(text)});
    return new WorkspaceProcedures.Rows(new StructType().add("createtab_stmt", "string"), new InternalRow[] {row});
  }

  private static String comment(String word, JsonNode described) {
    String comment = described.path("comment").asText("");
    return comment.isEmpty() ? "" : word + literal(comment);
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String quoted(String name) {
    return name.matches("\\w+") ? name : "`" + name.replace("`", "``") + "`";
  }

  /** Changes the comment and the properties of a view. */
  void alter(Identifier ident, JsonNode view, TableChange... changes) {
    Map<String, Object> body = new HashMap<>();
    Map<String, String> properties = new HashMap<>();
    view.path("properties").properties().forEach(each -> properties.put(each.getKey(), each.getValue().asText()));
    for (TableChange change : changes) {
      if (change instanceof TableChange.SetProperty set && set.property().equals("comment")) {
        body.put("comment", set.value());
      } else if (change instanceof TableChange.SetProperty set) {
        properties.put(set.property(), set.value());
      } else if (change instanceof TableChange.RemoveProperty removed) {
        properties.remove(removed.property());
      } else {
        throw new UnsupportedOperationException(
            full(ident) + " is a view: only its text, comment, tags and properties can change");
      }
    }
    body.put("properties", properties);
    api.update("tables", full(ident), body);
  }

  private void checkIsView(Identifier ident, JsonNode table, String command) {
    if (!isView(table)) {
      throw new IllegalArgumentException(
          "[EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE] '" + command + "' expects a view but " + full(ident) + " is a table.");
    }
  }

  /** Analyses the text of a view, and returns the fields of the workspace that hold it. */
  private Map<String, Object> definition(Identifier ident, JsonNode statement, JsonNode existing) {
    SparkSession session = SparkSession.active();
    String text = statement.path("text").asText();
    LogicalPlan parsed = parse(session, text);
    QueryExecution execution = session.sessionState().executePlan(parsed, CommandExecutionMode.SKIP());
    execution.assertAnalyzed();
    LogicalPlan query = execution.analyzed();
    TableIdentifier name =
        new TableIdentifier(ident.name(), Option.apply(ident.namespace()[0]), Option.apply(catalog));
    ViewHelper$ helper = ViewHelper$.MODULE$;
    helper.verifyTemporaryObjectsNotExists(false, name, query, ScalaSeq.of(List.of()));
    helper.verifyAutoGeneratedAliasesNotExists(query, false, name);
    StructType schema = named(query.schema(), statement);
    helper.checkCyclicViewReference(query, ScalaSeq.of(List.of(name)), name);
    Set<String> read = new LinkedHashSet<>();
    collectTables(query, read);
    Map<String, String> properties = new HashMap<>();
    JsonNode ownProperties =
        statement.path("alter").asBoolean() && existing != null ? existing.path("properties") : statement.path("properties");
    ownProperties.properties().forEach(each -> properties.put(each.getKey(), each.getValue().asText()));
    Map<String, Object> body = new HashMap<>();
    body.put("view_definition", text);
    body.put("columns", columns(schema));
    body.put(
        "properties",
        CollectionConverters.asJava(
            helper.generateViewProperties(
                scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(properties)),
                session,
                query.schema().fieldNames(),
                schema.fieldNames(),
                mode(statement.path("schema_mode").asText()),
                helper.generateViewProperties$default$6(),
                helper.generateViewProperties$default$7(),
                helper.generateViewProperties$default$8())));
    body.put(
        "view_dependencies",
        Map.of("dependencies", read.stream().map(each -> Map.of("table", Map.of("table_full_name", each))).toList()));
    if (!statement.path("alter").asBoolean()) {
      body.put("comment", statement.path("comment").asText(""));
    }
    return body;
  }

  static LogicalPlan parse(SparkSession session, String text) {
    try {
      return session.sessionState().sqlParser().parsePlan(text);
    } catch (Exception failure) {
      throw WorkspaceApi.unchecked(failure);
    }
  }

  /** Returns the columns of a query with the names and comments that the statement gives them. */
  private StructType named(StructType query, JsonNode statement) {
    JsonNode given = statement.path("columns");
    if (given.isEmpty()) {
      return query;
    }
    StructField[] fields = query.fields();
    if (given.size() != fields.length) {
      throw new IllegalArgumentException(
          "[CREATE_VIEW_COLUMN_ARITY_MISMATCH] The view has " + given.size() + " names for the " + fields.length
              + " columns of its query.");
    }
    StructType schema = new StructType();
    for (int i = 0; i < fields.length; i++) {
      StructField field = new StructField(given.get(i).path("name").asText(), fields[i].dataType(), fields[i].nullable(), fields[i].metadata());
      schema = schema.add(given.get(i).hasNonNull("comment") ? field.withComment(given.get(i).path("comment").asText()) : field);
    }
    return schema;
  }

  private static List<Map<String, Object>> columns(StructType schema) {
    JsonNode fields = WorkspaceApi.json(schema.json()).path("fields");
    List<Map<String, Object>> columns = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      StructField field = schema.fields()[i];
      Map<String, Object> column = new HashMap<>();
      column.put("name", field.name());
      column.put("type_text", field.dataType().sql().toLowerCase(Locale.ROOT));
      column.put("type_json", fields.get(i).toString());
      column.put("nullable", field.nullable());
      column.put("position", i);
      if (field.getComment().isDefined()) {
        column.put("comment", field.getComment().get());
      }
      columns.add(column);
    }
    return columns;
  }

  /** Collects the full names of the tables and views that a query reads itself. */
  private static void collectTables(LogicalPlan plan, Set<String> names) {
    if (plan instanceof View view) {
      TableIdentifier name = view.desc().identifier();
      names.add(name.catalog().get() + "." + name.database().get() + "." + name.table());
      return;
    }
    if (plan instanceof SubqueryAlias alias && isTable(alias)) {
      names.add(String.join(".", CollectionConverters.asJava(alias.identifier().qualifier())) + "." + alias.identifier().name());
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> collectTables(child, names));
    CollectionConverters.asJava(plan.subqueries()).forEach(subquery -> collectTables((LogicalPlan) subquery, names));
  }

  private static boolean isTable(SubqueryAlias alias) {
    return CollectionConverters.asJava(alias.identifier().qualifier()).size() == 2 && !(alias.child() instanceof View);
  }

  private static ViewSchemaMode mode(String name) {
    return switch (name) {
      case "BINDING" -> SchemaBinding$.MODULE$;
      case "EVOLUTION" -> SchemaEvolution$.MODULE$;
      case "TYPE EVOLUTION" -> SchemaTypeEvolution$.MODULE$;
      default -> SchemaCompensation$.MODULE$;
    };
  }

  /** Returns an identifier that Spark's errors show with its catalog. */
  private static Identifier ident(JsonNode statement) {
    return Identifier.of(new String[] {statement.path("schema").asText()}, statement.path("name").asText());
  }

  private Identifier withCatalog(Identifier ident) {
    return Identifier.of(new String[] {catalog, ident.namespace()[0]}, ident.name());
  }

  private String full(Identifier ident) {
    return catalog + "." + ident.namespace()[0] + "." + ident.name();
  }
}
