package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTable;
import org.apache.spark.sql.catalyst.expressions.ForeignKeyConstraint;
import org.apache.spark.sql.catalyst.expressions.PrimaryKeyConstraint;
import org.apache.spark.sql.catalyst.expressions.TableConstraint;
import org.apache.spark.sql.catalyst.plans.logical.AddConstraint;
import org.apache.spark.sql.catalyst.plans.logical.AlterTableDropConstraint;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Primary and foreign keys of tables. As on Databricks they say something about a table and
 * are not enforced; Delta does not know them, so the workspace alone keeps them (`table_constraints`).
 */
final class KeyStatements {
  private static final String KEYS = "table_constraints";

  private final SparkSession session;

  KeyStatements(SparkSession session) {
    this.session = session;
  }

  LogicalPlan translated(LogicalPlan plan) {
    if (plan instanceof AddConstraint add && add.table() instanceof UnresolvedTable table && isKey(add.tableConstraint())) {
      return QualifiedName.of(session, table.multipartIdentifier())
          .map(name -> name.call("add_key", fields(name).set("key", key(session, name, add.tableConstraint()))))
          .orElse(plan);
    }
    if (plan instanceof AlterTableDropConstraint drop && drop.table() instanceof UnresolvedTable table) {
      return QualifiedName.of(session, table.multipartIdentifier())
          .filter(name -> name.catalog(session).hasKey(name.full(), drop.constraintName()))
          .map(name -> name.call("drop_key", fields(name).put("key", drop.constraintName())))
          .orElse(plan);
    }
    return plan;
  }

  static boolean isKey(TableConstraint constraint) {
    return constraint instanceof PrimaryKeyConstraint || constraint instanceof ForeignKeyConstraint;
  }

  private static ObjectNode fields(QualifiedName name) {
    return name.statement().put("full_name", name.full());
  }

  /** Returns a key as the workspace's API has it. */
  static ObjectNode key(SparkSession session, QualifiedName table, TableConstraint constraint) {
    ObjectNode all = WorkspaceApi.JSON.createObjectNode();
    if (constraint instanceof PrimaryKeyConstraint primary) {
      ObjectNode key = all.putObject("primary_key_constraint");
      key.put("name", named(primary.userProvidedName(), table.name() + "_pk"));
      columns(key.putArray("child_columns"), primary.columns());
    } else if (constraint instanceof ForeignKeyConstraint foreign) {
      ObjectNode key = all.putObject("foreign_key_constraint");
      key.put("name", named(foreign.userProvidedName(), table.name() + "_fk"));
      columns(key.putArray("child_columns"), foreign.childColumns());
      key.put("parent_table", QualifiedName.of(session, foreign.parentTableId()).map(QualifiedName::full).orElse(""));
      columns(key.putArray("parent_columns"), foreign.parentColumns());
    }
    return all;
  }

  private static String named(String given, String otherwise) {
    return given == null || given.isEmpty() ? otherwise : given;
  }

  private static void columns(ArrayNode array, scala.collection.immutable.Seq<String> names) {
    CollectionConverters.asJava(names).forEach(array::add);
  }

  // --- in the workspace

  /** Checks that a key names columns of its table, and that the table of a foreign key exists. */
  static void check(WorkspaceApi api, String name, List<String> columns, JsonNode key) {
    for (JsonNode column : key.findPath("child_columns")) {
      if (columns.stream().noneMatch(column.asText()::equalsIgnoreCase)) {
        throw new IllegalArgumentException("[UNRESOLVED_COLUMN] " + name + " has no column " + column.asText() + ".");
      }
    }
    String parent = key.findPath("parent_table").asText(name);
    if (!parent.equals(name)) {
      table(api, parent);
    }
  }

  /** Sets all keys of a table. */
  static void set(WorkspaceApi api, String name, JsonNode keys) {
    if (!keys.isEmpty() || !table(api, name).path(KEYS).isEmpty()) {
      api.update("tables", name, Map.of(KEYS, keys));
    }
  }

  /** Adds a key to a table, which has one primary key at most and each name once. */
  static void add(WorkspaceApi api, JsonNode statement) {
    String name = statement.path("full_name").asText();
    JsonNode table = table(api, name);
    JsonNode key = statement.path("key");
    check(api, name, table.path("columns").findValuesAsText("name"), key);
    ArrayNode keys = WorkspaceApi.JSON.createArrayNode();
    table.path(KEYS).forEach(keys::add);
    checkIsNew(name, keys, key);
    api.update("tables", name, Map.of(KEYS, keys.add(key)));
  }

  /** Gives the second foreign key without a name, and those after it, a number. */
  static void number(ArrayNode keys, TableConstraint constraint, ObjectNode key) {
    if (!(constraint instanceof ForeignKeyConstraint foreign) || !named(foreign.userProvidedName(), "").isEmpty()) {
      return;
    }
    ObjectNode fields = (ObjectNode) key.path("foreign_key_constraint");
    String name = fields.path("name").asText();
    for (int number = 2; keys.findValuesAsText("name").contains(fields.path("name").asText()); number++) {
      fields.put("name", name + "_" + number);
    }
  }

  /** Checks that a table has no second primary key, and no second key of a name. */
  static void checkIsNew(String table, ArrayNode keys, JsonNode key) {
    keys.forEach(
        each -> {
          if (lower(each.findPath("name")).equals(lower(key.findPath("name")))
              || key.has("primary_key_constraint") && each.has("primary_key_constraint")) {
            throw new IllegalArgumentException(
                "[CONSTRAINT_ALREADY_EXISTS] " + table + " already has the key " + each.findPath("name").asText() + ".");
          }
        });
  }

  static void drop(WorkspaceApi api, JsonNode statement) {
    String name = statement.path("full_name").asText();
    ArrayNode keys = WorkspaceApi.JSON.createArrayNode();
    for (JsonNode each : table(api, name).path(KEYS)) {
      if (!lower(each.findPath("name")).equals(lower(statement.path("key")))) {
        keys.add(each);
      }
    }
    api.update("tables", name, Map.of(KEYS, keys));
  }

  static boolean has(WorkspaceApi api, String table, String key) {
    Optional<JsonNode> found = api.find("tables", table);
    List<String> names = found.map(each -> each.path(KEYS).findValuesAsText("name")).orElse(List.of());
    return names.stream().anyMatch(key::equalsIgnoreCase);
  }

  private static JsonNode table(WorkspaceApi api, String name) {
    return api.find("tables", name)
        .orElseThrow(() -> new IllegalArgumentException("[TABLE_OR_VIEW_NOT_FOUND] The table " + name + " cannot be found."));
  }

  private static String lower(JsonNode text) {
    return text.asText().toLowerCase(Locale.ROOT);
  }
}
