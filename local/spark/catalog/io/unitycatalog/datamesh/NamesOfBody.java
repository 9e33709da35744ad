package io.unitycatalog.datamesh;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableValuedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Gives the names of tables and functions in the text of a function or view the catalog and the schema
 * in which it was created.
 */
final class NamesOfBody {
  private final List<String> home;
  private final ParserInterface parser;
  private final CaseInsensitiveStringMap stream;

  /**
   * @param home the catalog and the schema.
   */
  NamesOfBody(List<String> home, ParserInterface parser) {
    this(home, parser, null);
  }

  /**
   * @param stream the options with which the tables are read as streams; null if they are not.
   */
  NamesOfBody(List<String> home, ParserInterface parser, CaseInsensitiveStringMap stream) {
    this.home = home;
    this.parser = parser;
    this.stream = stream;
  }

  Expression of(Expression body) {
    return named(body, Set.of());
  }

  LogicalPlan of(LogicalPlan body) {
    return named(body, Set.of());
  }

  /**
   * @param queries the names, in lower case, of the queries of WITH that a name may mean here.
   */
  private LogicalPlan named(LogicalPlan plan, Set<String> queries) {
    if (plan instanceof UnresolvedWith with) {
      return named(with, queries);
    }
    if (plan instanceof UnresolvedRelation table) {
      List<String> parts = CollectionConverters.asJava(table.multipartIdentifier());
      boolean isQuery = parts.size() == 1 && queries.contains(lower(parts.get(0)));
      // A path instead of a name: delta.`/folder`
      boolean isPath = parts.get(parts.size() - 1).contains("/");
      if (isQuery) {
        return table;
      }
      Seq<String> name = isPath ? table.multipartIdentifier() : full(table.multipartIdentifier());
      return stream == null
          ? table.copy(name, table.options(), table.isStreaming())
          : table.copy(name, stream, true);
    }
    LogicalPlan renamed = plan;
    if (plan instanceof UnresolvedTableValuedFunction call && !isBuiltIn(call.name(), true)) {
      Seq<String> name = full(TableFunctionNames.levels(call.name(), parser));
      renamed = new UnresolvedTableValuedFunction(name, call.functionArgs(), call.isStreaming());
    }
    LogicalPlan children = (LogicalPlan) renamed.mapChildren(child -> named((LogicalPlan) child, queries));
    return (LogicalPlan) children.mapExpressions(each -> named(each, queries));
  }

  private LogicalPlan named(UnresolvedWith with, Set<String> queries) {
    Set<String> known = new HashSet<>(queries);
    List<Tuple3<String, SubqueryAlias, Option<Object>>> relations = new ArrayList<>();
    for (Tuple3<String, SubqueryAlias, Option<Object>> each : CollectionConverters.asJava(with.cteRelations())) {
      if (with.allowRecursion()) {
        known.add(lower(each._1()));
      }
      relations.add(new Tuple3<>(each._1(), (SubqueryAlias) named(each._2(), Set.copyOf(known)), each._3()));
      known.add(lower(each._1()));
    }
    return with.copy(named(with.child(), known), ScalaSeq.of(relations), with.allowRecursion());
  }

  private Expression named(Expression expression, Set<String> queries) {
    Expression renamed = expression;
    if (expression instanceof SubqueryExpression subquery) {
      renamed = subquery.withNewPlan(named((LogicalPlan) subquery.plan(), queries));
    } else if (expression instanceof UnresolvedFunction call && !call.isInternal() && !isBuiltIn(call.nameParts(), false)) {
      renamed =
          new UnresolvedFunction(
              full(call.nameParts()),
              call.arguments(),
              call.isDistinct(),
              call.filter(),
              call.ignoreNulls(),
              call.orderingWithinGroup(),
              false);
    }
    return (Expression) renamed.mapChildren(child -> named((Expression) child, queries));
  }

  private static boolean isBuiltIn(Seq<String> parts, boolean table) {
    List<String> name = CollectionConverters.asJava(parts);
    FunctionIdentifier ident = new FunctionIdentifier(name.get(name.size() - 1));
    return name.size() == 1
        && (table ? TableFunctionRegistry.builtin().functionExists(ident) : FunctionRegistry.builtin().functionExists(ident));
  }

  private Seq<String> full(Seq<String> parts) {
    List<String> name = CollectionConverters.asJava(parts);
    List<String> full = new ArrayList<>(home.subList(0, Math.max(0, 3 - name.size())));
    full.addAll(name);
    return ScalaSeq.of(full);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
