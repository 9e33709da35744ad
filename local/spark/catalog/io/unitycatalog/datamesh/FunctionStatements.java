package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunctionName;
import org.apache.spark.sql.catalyst.analysis.UnresolvedIdentifier;
import org.apache.spark.sql.catalyst.plans.logical.CreateUserDefinedFunction;
import org.apache.spark.sql.catalyst.plans.logical.DescribeFunction;
import org.apache.spark.sql.catalyst.plans.logical.DropFunction;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Translates statements on functions, which Spark executes only in its own catalog, to calls of the
 * workspace's procedures. Temporary functions and functions of other catalogs stay with Spark.
 */
final class FunctionStatements {
  private static final Pattern OTHER_LANGUAGE =
      Pattern.compile(
          "^(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*+CREATE\\s+(?:OR\\s+REPLACE\\s+)?FUNCTION\\s.*?\\sLANGUAGE\\s+(?<language>PYTHON|SCALA|JAVA)\\b.*\\$\\$",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final SparkSession session;

  FunctionStatements(SparkSession session) {
    this.session = session;
  }

  /** Refuses a function in another language by its name: Spark's parser says only where its text begins. */
  static void checkLanguage(String statement) {
    Matcher other = OTHER_LANGUAGE.matcher(statement);
    if (other.lookingAt()) {
      throw new UnsupportedOperationException(
          "[UNSUPPORTED_FEATURE] CREATE FUNCTION … LANGUAGE " + other.group("language").toUpperCase(Locale.ROOT)
              + " does not run in the local workspace: write the function in SQL, or use spark.udf.register in the code "
              + "that calls it.");
    }
  }

  LogicalPlan translated(LogicalPlan plan) {
    if (plan instanceof CreateUserDefinedFunction function && function.child() instanceof UnresolvedIdentifier name) {
      return QualifiedName.of(session, name.nameParts()).map(full -> create(full, function)).orElse(plan);
    }
    if (plan instanceof DropFunction drop) {
      return name(drop.child())
          .map(full -> full.call("drop_function", full.statement().put("if_exists", drop.ifExists())))
          .orElse(plan);
    }
    if (plan instanceof DescribeFunction describe) {
      return name(describe.child())
          .map(full -> full.call("describe_function", full.statement().put("extended", describe.isExtended())))
          .orElse(plan);
    }
    return plan;
  }

  /** Returns the name in a statement; a temporary or built-in function comes first, as in calls. */
  private Optional<QualifiedName> name(LogicalPlan child) {
    Seq<String> name =
        child instanceof UnresolvedFunctionName function
            ? function.multipartIdentifier()
            : child instanceof UnresolvedIdentifier ident ? ident.nameParts() : null;
    if (name == null) {
      return Optional.empty();
    }
    List<String> parts = CollectionConverters.asJava(name);
    if (child instanceof UnresolvedFunctionName function
            && !function.requirePersistent()
            && FunctionCalls.isOfSession(session, parts, true)) {
      return Optional.empty();
    }
    return QualifiedName.of(session, parts);
  }

  private static LogicalPlan create(QualifiedName name, CreateUserDefinedFunction function) {
    ObjectNode statement = name.statement();
    statement.put("input", orNull(function.inputParamText()));
    statement.put("returns", function.returnTypeText());
    statement.put("expression", text(function.exprText()));
    statement.put("query", text(function.queryText()));
    statement.put("comment", orNull(function.comment()));
    if (function.isDeterministic().isDefined()) {
      statement.put("deterministic", (Boolean) function.isDeterministic().get());
    }
    if (function.containsSQL().isDefined()) {
      statement.put("contains_sql", (Boolean) function.containsSQL().get());
    }
    statement.put("table", function.isTableFunc());
    statement.put("if_not_exists", function.ignoreIfExists());
    statement.put("replace", function.replace());
    return name.call("create_function", statement);
  }

  private static String text(Option<String> body) {
    return body.isDefined() ? TableFunctionNames.asWritten(body.get()) : null;
  }

  private static String orNull(Option<String> value) {
    return value.isDefined() ? value.get() : null;
  }
}
