package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** The functions of one catalog, which the workspace keeps with their text. */
final class WorkspaceFunctions {
  /** The property that a body is a query and not an expression. */
  static final String IS_QUERY = "datamesh.isQuery";

  private static final String KIND = "functions";

  private final String catalog;
  private final WorkspaceApi api;

  WorkspaceFunctions(String catalog, WorkspaceApi api) {
    this.catalog = catalog;
    this.api = api;
  }

  List<JsonNode> list(String schema) {
    return api.list(KIND, Map.of("catalog_name", catalog, "schema_name", schema));
  }

  UnboundFunction load(Identifier ident) throws NoSuchFunctionException {
    String name = catalog + "." + String.join(".", ident.namespace()) + "." + ident.name();
    if (api.find(KIND, name).isEmpty()) {
      throw new NoSuchFunctionException(ident);
    }
    return new Known(name);
  }

  /** A function that exists. */
  private record Known(String name) implements UnboundFunction {
    @Override
    public BoundFunction bind(StructType input) {
      throw new UnsupportedOperationException(name + " is called in SQL, or with call_function");
    }

    @Override
    public String description() {
      return name;
    }
  }

  /** Executes CREATE FUNCTION; the fields of the statement are those of {@link FunctionStatements}. */
  void create(JsonNode statement) {
    String schema = catalog + "." + statement.path("schema").asText();
    if (api.find("schemas", schema).isEmpty()) {
      throw new IllegalArgumentException("[SCHEMA_NOT_FOUND] The schema " + schema + " cannot be found.");
    }
    String name = full(statement);
    boolean exists = api.find(KIND, name).isPresent();
    if (exists && statement.path("if_not_exists").asBoolean()) {
      return;
    }
    if (exists && !statement.path("replace").asBoolean()) {
      throw new IllegalArgumentException(
          "[ROUTINE_ALREADY_EXISTS] Cannot create the function " + name + " because a function of that name already "
              + "exists. Use CREATE OR REPLACE FUNCTION, or IF NOT EXISTS.");
    }
    Map<String, Object> body = new NewFunction(name, statement).fields();
    if (exists) {
      api.update(KIND, name, body);
    } else {
      body.put("name", statement.path("name").asText());
      body.put("catalog_name", catalog);
      body.put("schema_name", statement.path("schema").asText());
      api.create(KIND, Map.of("function_info", body));
    }
  }

  /** Executes DROP FUNCTION. */
  void drop(JsonNode statement) {
    if (api.find(KIND, full(statement)).isPresent()) {
      api.delete(KIND, full(statement));
    } else if (!statement.path("if_exists").asBoolean()) {
      throw notFound(statement);
    }
  }

  /** Returns the rows of DESCRIBE FUNCTION. */
  WorkspaceProcedures.Rows describe(JsonNode statement) {
    JsonNode function = api.find(KIND, full(statement)).orElseThrow(() -> notFound(statement));
    List<String> lines = new ArrayList<>();
    boolean isTable = StoredFunction.isTable(function);
    line(lines, "Function:", function.path("full_name").asText());
    line(lines, "Type:", isTable ? "TABLE" : "SCALAR");
    parameters(lines, "Input:", function.path("input_params"));
    if (isTable) {
      parameters(lines, "Returns:", function.path("return_params"));
    } else {
      line(lines, "Returns:", function.path("full_data_type").asText());
    }
    if (statement.path("extended").asBoolean()) {
      line(lines, "Comment:", function.path("comment").asText(""));
      line(lines, "Deterministic:", function.path("is_deterministic").asText());
      line(lines, "Data Access:", function.path("sql_data_access").asText().replace('_', ' '));
      line(lines, "Language:", function.path("external_language").asText("SQL"));
      line(lines, "Owner:", function.path("owner").asText(""));
      line(lines, "Body:", function.path("routine_definition").asText());
    }
    InternalRow[] rows =
        lines.stream()
            .map(text -> (InternalRow) new GenericInternalRow(new Object[] {UTF8String.fromString(text)}))
            .toArray(InternalRow[]::new);
    return new WorkspaceProcedures.Rows(new StructType().add("function_desc", "string"), rows);
  }

  private static void parameters(List<String> lines, String label, JsonNode parameters) {
    if (parameters.path("parameters").isEmpty()) {
      line(lines, label, "()");
      return;
    }
    String shown = label;
    for (StructField field : StoredFunction.struct(parameters).fields()) {
      String comment = field.getComment().isDefined() ? " '" + field.getComment().get() + "'" : "";
      String otherwise = field.getDefault().isDefined() ? " DEFAULT " + field.getDefault().get() : "";
      line(lines, shown, field.name() + " " + field.dataType().sql() + otherwise + comment);
      shown = "";
    }
  }

  private static void line(List<String> lines, String label, String text) {
    if (!text.isEmpty()) {
      lines.add(String.format("%-15s%s", label, text));
    }
  }

  private IllegalArgumentException notFound(JsonNode statement) {
    return new IllegalArgumentException("[ROUTINE_NOT_FOUND] The function " + full(statement) + " cannot be found.");
  }

  private String full(JsonNode statement) {
    return catalog + "." + statement.path("schema").asText() + "." + statement.path("name").asText();
  }
}
