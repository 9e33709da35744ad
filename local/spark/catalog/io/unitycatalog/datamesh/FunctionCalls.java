package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.SQLFunctionExpression;
import org.apache.spark.sql.catalyst.analysis.SQLTableFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableValuedFunction;
import org.apache.spark.sql.catalyst.catalog.SQLFunction;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.FunctionSignature;
import org.apache.spark.sql.catalyst.plans.logical.InputParameter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.NamedParametersSupport$;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.types.StructField;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Resolves calls of the workspace's functions, wherever a query comes from: SQL, data frames, views.
 *
 * <p>It runs before Spark checks that functions exist. From there on they are Spark's own SQL functions.
 */
final class FunctionCalls extends Rule<LogicalPlan> {
  /** The full name of the function that this thread defines, or null. */
  private static final ThreadLocal<String> DEFINED = new ThreadLocal<>();

  private final SparkSession session;

  FunctionCalls(SparkSession session) {
    this.session = session;
  }

  /** Does something that defines a function; what calls the function itself, directly or not, is refused. */
  static void defining(String name, Runnable action) {
    DEFINED.set(name);
    try {
      action.run();
    } finally {
      DEFINED.remove();
    }
  }

  /**
   * Returns what Spark has parsed. While a function is defined, its calls are resolved immediately, because
   * Spark then searches each function that it meets in its own catalog.
   */
  Object parsed(Object parsed) {
    if (DEFINED.get() == null) {
      return parsed;
    }
    return parsed instanceof LogicalPlan plan ? apply(plan) : parsed instanceof Expression each ? resolved(each) : parsed;
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (plan.analyzed()) {
      return plan;
    }
    LogicalPlan children = (LogicalPlan) plan.mapChildren(child -> apply((LogicalPlan) child));
    LogicalPlan expressions = (LogicalPlan) children.mapExpressions(this::resolved);
    return expressions instanceof UnresolvedTableValuedFunction call ? tableFunction(call) : expressions;
  }

  private Expression resolved(Expression expression) {
    Expression inner =
        expression instanceof SubqueryExpression subquery
            ? subquery.withNewPlan(apply((LogicalPlan) subquery.plan()))
            : expression;
    Expression children = (Expression) inner.mapChildren(child -> resolved((Expression) child));
    return children instanceof UnresolvedFunction call ? function(call) : children;
  }

  private Expression function(UnresolvedFunction call) {
    if (call.isInternal() || isOfSession(session, CollectionConverters.asJava(call.nameParts()), false)) {
      return call;
    }
    SQLFunction function = find(call.nameParts()).orElse(null);
    if (function == null) {
      return call;
    }
    String name = function.name().unquotedString();
    if (function.isTableFunc()) {
      throw new IllegalArgumentException(
          "[NOT_A_SCALAR_FUNCTION] " + name + " is a table function and appears where a scalar function is needed: "
              + "call it in the FROM clause.");
    }
    if (call.isDistinct() || call.filter().isDefined() || call.ignoreNulls()) {
      throw new IllegalArgumentException(
          "[INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX] The function " + name
              + " does not support DISTINCT, FILTER and IGNORE NULLS.");
    }
    return new SQLFunctionExpression(
        name, function, arguments(function, call.arguments()), Option.apply(function.getScalarFuncReturnType()));
  }

  private LogicalPlan tableFunction(UnresolvedTableValuedFunction call) {
    Seq<String> parts = TableFunctionNames.levels(call.name(), session.sessionState().sqlParser());
    SQLFunction function = isOfSession(session, CollectionConverters.asJava(parts), true) ? null : find(parts).orElse(null);
    if (function == null) {
      return parts == call.name() ? call : new UnresolvedTableValuedFunction(parts, call.functionArgs(), call.isStreaming());
    }
    String name = function.name().unquotedString();
    if (!function.isTableFunc()) {
      throw new IllegalArgumentException("[NOT_A_TABLE_FUNCTION] " + name + " is a scalar function, not a table function.");
    }
    List<Attribute> output = new ArrayList<>();
    for (StructField field : function.getTableFuncReturnCols().fields()) {
      output.add(
          new AttributeReference(
              field.name(),
              field.dataType(),
              field.nullable(),
              field.metadata(),
              NamedExpression.newExprId(),
              ScalaSeq.of(List.of())));
    }
    return new SQLTableFunction(name, function, arguments(function, call.functionArgs()), ScalaSeq.of(output));
  }

  /** Returns whether a name is that of a built-in or temporary function, which come first. */
  static boolean isOfSession(SparkSession session, List<String> name, boolean table) {
    SessionCatalog catalog = session.sessionState().catalog();
    return name.size() == 1
        && (catalog.lookupBuiltinOrTempFunction(name.get(0)).isDefined()
            || table && catalog.lookupBuiltinOrTempTableFunction(name.get(0)).isDefined());
  }

  private Optional<SQLFunction> find(Seq<String> parts) {
    Optional<QualifiedName> name = QualifiedName.ofCall(session, parts);
    name.map(QualifiedName::full).filter(each -> each.equalsIgnoreCase(DEFINED.get())).ifPresent(
        each -> {
          throw new IllegalArgumentException("[CYCLIC_FUNCTION_REFERENCE] The function " + each + " would call itself.");
        });
    Optional<JsonNode> found = name.flatMap(each -> each.catalog(session).api().find("functions", each.full()));
    return found.map(
        function -> {
          WorkspaceViews.loadCatalogs();
          return StoredFunction.of(function);
        });
  }

  /** Returns the arguments in the order of the parameters. Spark adds defaults and casts later. */
  private Seq<Expression> arguments(SQLFunction function, Seq<Expression> given) {
    boolean hasNames = CollectionConverters.asJava(given).stream().anyMatch(NamedArgumentExpression.class::isInstance);
    if (function.inputParam().isEmpty() || !hasNames) {
      return given;
    }
    List<InputParameter> parameters = new ArrayList<>();
    for (StructField field : function.inputParam().get().fields()) {
      parameters.add(new InputParameter(field.name(), field.getDefault().map(this::expression)));
    }
    FunctionSignature signature = new FunctionSignature(ScalaSeq.of(parameters));
    return NamedParametersSupport$.MODULE$.defaultRearrange(
        signature, given, function.name().unquotedString(), (left, right) -> left.equalsIgnoreCase(right));
  }

  private Expression expression(String text) {
    try {
      return session.sessionState().sqlParser().parseExpression(text);
    } catch (Exception failure) {
      throw WorkspaceApi.unchecked(failure);
    }
  }
}
