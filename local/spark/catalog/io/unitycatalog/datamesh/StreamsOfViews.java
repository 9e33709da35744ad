package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.CTESubstitution$;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedSubqueryColumnAliases;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias$;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.collection.immutable.Seq;

/**
 * Reads a view of the workspace as a stream (`readStream.table(view)`, `STREAM view`): the tables that
 * its text names are read as streams. Databricks does so from runtime 14.1; Spark refuses it.
 */
final class StreamsOfViews extends Rule<LogicalPlan> {
  private final SparkSession session;

  StreamsOfViews(SparkSession session) {
    this.session = session;
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (plan.analyzed()) {
      return plan;
    }
    if (plan instanceof UnresolvedRelation table && table.isStreaming()) {
      return view(table.multipartIdentifier()).map(view -> read(view, table)).orElse(plan);
    }
    return (LogicalPlan) plan.mapChildren(child -> apply((LogicalPlan) child));
  }

  private Optional<JsonNode> view(Seq<String> parts) {
    if (session.sessionState().catalog().isTempView(parts)) {
      return Optional.empty();
    }
    return QualifiedName.ofCall(session, parts)
        .flatMap(name -> name.catalog(session).api().find("tables", name.full()))
        .filter(WorkspaceViews::isView);
  }

  private LogicalPlan read(JsonNode view, UnresolvedRelation table) {
    JsonNode properties = view.path("properties");
    List<String> home =
        List.of(
            properties.path("view.catalogAndNamespace.part.0").asText(view.path("catalog_name").asText()),
            properties.path("view.catalogAndNamespace.part.1").asText(view.path("schema_name").asText()));
    ParserInterface parser = session.sessionState().sqlParser();
    LogicalPlan text = WorkspaceViews.parse(session, view.path("view_definition").asText());
    LogicalPlan streams = CTESubstitution$.MODULE$.apply(new NamesOfBody(home, parser, table.options()).of(text));
    Seq<String> columns = ScalaSeq.of(view.path("columns").findValuesAsText("name"));
    return SubqueryAlias$.MODULE$.apply(
        view.path("name").asText(), new UnresolvedSubqueryColumnAliases(columns, apply(streams)));
  }
}
