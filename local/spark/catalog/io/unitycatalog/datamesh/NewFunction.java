package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.catalog.UserDefinedFunction$;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.connector.catalog.CatalogManager;
import org.apache.spark.sql.execution.command.CreateSQLFunctionCommand;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * The definition of a new function, as Spark checks and completes it.
 *
 * <p>Spark creates it as a temporary function in a copy of the session, which the session does not see.
 */
final class NewFunction {
  private static final String PREFIX = "sqlFunction.";

  private final String name;
  private final JsonNode statement;

  NewFunction(String name, JsonNode statement) {
    this.name = name;
    this.statement = statement;
  }

  /** Returns the fields of the workspace that hold the function. */
  Map<String, Object> fields() {
    SparkSession copy = copy();
    JsonNode known = known(copy);
    for (String kind : List.of("referredTempViewNames", "referredTempFunctionsNames", "referredTempVariableNames")) {
      JsonNode temporary = WorkspaceApi.json(known.path(kind).asText("[]"));
      if (!temporary.isEmpty()) {
        throw new IllegalArgumentException(
            "[INVALID_TEMP_OBJ_REFERENCE] Cannot create the function " + name + " because it refers to the temporary "
                + "object " + temporary.get(0).asText(temporary.get(0).toString()) + ", which only this session has.");
      }
    }
    ParserInterface parser = copy.sessionState().sqlParser();
    boolean isTable = statement.path("table").asBoolean();
    boolean isQuery = statement.hasNonNull("query");
    Map<String, Object> fields = new HashMap<>();
    fields.put("input_params", parameters(parsed(known.path(PREFIX + "inputParam").asText(""), parser), "PARAM"));
    String returns = known.path(PREFIX + "returnType").asText();
    fields.put("data_type", isTable ? "TABLE_TYPE" : typeName(returns));
    fields.put("full_data_type", returns);
    fields.put("return_params", parameters(isTable ? parsed(returns, parser) : new StructType(), "COLUMN"));
    fields.put("routine_body", "SQL");
    fields.put("routine_definition", statement.path(isQuery ? "query" : "expression").asText());
    fields.put("parameter_style", "S");
    fields.put("is_deterministic", known.path(PREFIX + "deterministic").asBoolean());
    fields.put("sql_data_access", known.path(PREFIX + "containsSQL").asBoolean() ? "CONTAINS_SQL" : "READS_SQL_DATA");
    fields.put("is_null_call", false);
    fields.put("security_type", "DEFINER");
    fields.put("comment", statement.path("comment").asText(""));
    ObjectNode properties = WorkspaceApi.JSON.createObjectNode().put(WorkspaceFunctions.IS_QUERY, isQuery);
    known.properties().forEach(
        each -> {
          if (!each.getKey().startsWith(PREFIX)) {
            properties.set(each.getKey(), each.getValue());
          }
        });
    fields.put("properties", properties.toString());
    return fields;
  }

  /** Returns a copy of the session, with its catalog and schema. */
  private static SparkSession copy() {
    SparkSession session = SparkSession.active();
    CatalogManager current = session.sessionState().catalogManager();
    SparkSession copy = session.cloneSession();
    copy.sessionState().catalogManager().setCurrentCatalog(current.currentCatalog().name());
    copy.sessionState().catalogManager().setCurrentNamespace(current.currentNamespace());
    return copy;
  }

  /** Returns what Spark knows of the function, by the names of its properties. */
  private JsonNode known(SparkSession copy) {
    boolean isTable = statement.path("table").asBoolean();
    String last = statement.path("name").asText();
    CreateSQLFunctionCommand command =
        new CreateSQLFunctionCommand(
            new FunctionIdentifier(last),
            text("input"),
            statement.path("returns").asText(""),
            text("expression"),
            text("query"),
            text("comment"),
            flag("deterministic"),
            flag("contains_sql"),
            isTable,
            true,
            false,
            true);
    FunctionCalls.defining(name, () -> copy.withActive(() -> command.run(copy)));
    SessionCatalog catalog = copy.sessionState().catalog();
    Option<ExpressionInfo> info =
        isTable ? catalog.lookupBuiltinOrTempTableFunction(last) : catalog.lookupBuiltinOrTempFunction(last);
    return WorkspaceApi.json(info.get().getUsage());
  }

  private Option<String> text(String field) {
    return Option.apply(statement.path(field).asText(null));
  }

  private Option<Object> flag(String field) {
    return statement.has(field) ? Option.apply(statement.path(field).asBoolean()) : Option.empty();
  }

  private static StructType parsed(String columns, ParserInterface parser) {
    return columns.isEmpty() ? new StructType() : UserDefinedFunction$.MODULE$.parseRoutineParam(columns, parser);
  }

  private static Map<String, Object> parameters(StructType columns, String type) {
    JsonNode json = WorkspaceApi.json(columns.json()).path("fields");
    List<Map<String, Object>> parameters = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      StructField field = columns.fields()[i];
      Map<String, Object> parameter = new HashMap<>();
      parameter.put("name", field.name());
      parameter.put("type_text", field.dataType().catalogString());
      parameter.put("type_json", json.get(i).toString());
      parameter.put("type_name", typeName(field.dataType().sql()));
      parameter.put("position", i);
      parameter.put("parameter_mode", "IN");
      parameter.put("parameter_type", type);
      if (field.getDefault().isDefined()) {
        parameter.put("parameter_default", field.getDefault().get());
      }
      if (field.getComment().isDefined()) {
        parameter.put("comment", field.getComment().get());
      }
      parameters.add(parameter);
    }
    return Map.of("parameters", parameters);
  }

  /** Returns the API's name of a type: LONG for BIGINT, ARRAY for ARRAY<INT>. */
  private static String typeName(String sql) {
    String first = sql.toUpperCase(Locale.ROOT).split("[^A-Z_]", 2)[0];
    return switch (first) {
      case "BIGINT" -> "LONG";
      case "SMALLINT" -> "SHORT";
      case "TINYINT" -> "BYTE";
      case "VARCHAR" -> "STRING";
      default -> first;
    };
  }
}
