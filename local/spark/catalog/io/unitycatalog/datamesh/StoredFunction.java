package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.catalog.SQLFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.util.Either;
import scala.util.Left;
import scala.util.Right;

/**
 * A function of the workspace as Spark's SQL function.
 *
 * <p>Spark 4.1 keeps the catalog and the schema in which a SQL function was created, and does not use
 * them: it resolves the names of the body in those of the caller. So the names get them here.
 */
final class StoredFunction extends SQLFunction {
  private static final long serialVersionUID = 1L;
  private static final String TABLE = "TABLE_TYPE";

  private final List<String> home;

  private StoredFunction(
      FunctionIdentifier name, JsonNode function, Either<DataType, StructType> returns, Map<String, String> properties) {
    super(
        name,
        input(function),
        returns,
        isQuery(function) ? Option.empty() : definition(function),
        isQuery(function) ? definition(function) : Option.empty(),
        Option.apply(function.path("comment").asText(null)),
        Option.apply(function.path("is_deterministic").asBoolean(true)),
        Option.apply(function.path("sql_data_access").asText().equals("CONTAINS_SQL")),
        isTable(function),
        scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(properties)),
        Option.apply(function.path("owner").asText("")),
        function.path("created_at").asLong(0));
    this.home =
        List.of(
            properties.getOrDefault("catalogAndNamespace.part.0", name.catalog().get()),
            properties.getOrDefault("catalogAndNamespace.part.1", name.database().get()));
  }

  /** Returns a function from its fields in the workspace. */
  static StoredFunction of(JsonNode function) {
    FunctionIdentifier name =
        new FunctionIdentifier(
            function.path("name").asText(),
            Option.apply(function.path("schema_name").asText()),
            Option.apply(function.path("catalog_name").asText()));
    if (function.path("routine_definition").asText("").isEmpty()) {
      throw new UnsupportedOperationException(
          "[UNSUPPORTED_FEATURE] The function " + name.unquotedString() + " has no definition in the workspace, so "
              + "Spark cannot call it: create it with CREATE FUNCTION.");
    }
    Either<DataType, StructType> returns =
        isTable(function)
            ? new Right<>(struct(function.path("return_params")))
            : new Left<>(DataType.fromDDL(function.path("full_data_type").asText()));
    Map<String, String> properties = new HashMap<>();
    WorkspaceApi.json(function.path("properties").asText("{}")).properties()
        .forEach(each -> properties.put(each.getKey(), each.getValue().asText()));
    return new StoredFunction(name, function, returns, properties);
  }

  static boolean isTable(JsonNode function) {
    return function.path("data_type").asText().equals(TABLE);
  }

  /** Returns the columns of parameters in the workspace: of the input, or of what a function returns. */
  static StructType struct(JsonNode parameters) {
    ObjectNode struct = WorkspaceApi.JSON.createObjectNode().put("type", "struct");
    ArrayNode fields = struct.putArray("fields");
    parameters.path("parameters").forEach(each -> fields.add(WorkspaceApi.json(each.path("type_json").asText())));
    return (StructType) DataType.fromJson(struct.toString());
  }

  private static Option<StructType> input(JsonNode function) {
    return function.path("input_params").path("parameters").isEmpty()
        ? Option.empty()
        : Option.apply(struct(function.path("input_params")));
  }

  private static Option<String> definition(JsonNode function) {
    return Option.apply(function.path("routine_definition").asText());
  }

  /** Returns whether the body of a function is a query; otherwise it is an expression. */
  private static boolean isQuery(JsonNode function) {
    return WorkspaceApi.json(function.path("properties").asText("{}")).path(WorkspaceFunctions.IS_QUERY).asBoolean();
  }

  @Override
  public Tuple2<Option<Expression>, Option<LogicalPlan>> getExpressionAndQuery(ParserInterface parser, boolean table) {
    Tuple2<Option<Expression>, Option<LogicalPlan>> body = super.getExpressionAndQuery(parser, table);
    NamesOfBody names = new NamesOfBody(home, parser);
    return new Tuple2<>(body._1().map(names::of), body._2().map(names::of));
  }
}
