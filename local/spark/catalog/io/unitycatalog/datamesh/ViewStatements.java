package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedIdentifier;
import org.apache.spark.sql.catalyst.analysis.UnresolvedNamespace;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTable;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableOrView;
import org.apache.spark.sql.catalyst.analysis.UnresolvedView;
import org.apache.spark.sql.catalyst.plans.logical.AlterViewAs;
import org.apache.spark.sql.catalyst.plans.logical.CreateView;
import org.apache.spark.sql.catalyst.plans.logical.DropView;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.RenameTable;
import org.apache.spark.sql.catalyst.plans.logical.SetTableProperties;
import org.apache.spark.sql.catalyst.plans.logical.SetViewProperties;
import org.apache.spark.sql.catalyst.plans.logical.ShowCreateTable;
import org.apache.spark.sql.catalyst.plans.logical.ShowViews;
import org.apache.spark.sql.catalyst.plans.logical.UnsetTableProperties;
import org.apache.spark.sql.catalyst.plans.logical.UnsetViewProperties;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Translates statements on permanent views, which Spark executes only in its own catalog, to calls
 * of the workspace's procedures. Temporary views and views of other catalogs stay with Spark.
 */
final class ViewStatements {
  private final SparkSession session;

  ViewStatements(SparkSession session) {
    this.session = session;
  }

  LogicalPlan translated(LogicalPlan plan) {
    if (plan instanceof CreateView view && view.child() instanceof UnresolvedIdentifier name) {
      return QualifiedName.of(session, name.nameParts()).map(full -> create(full, view)).orElse(plan);
    }
    if (plan instanceof AlterViewAs view && view.child() instanceof UnresolvedView name) {
      return permanent(name.multipartIdentifier()).map(full -> alter(full, view)).orElse(plan);
    }
    if (plan instanceof DropView view && view.child() instanceof UnresolvedIdentifier name) {
      return permanent(name.nameParts())
          .map(full -> full.call("drop_view", full.statement().put("if_exists", view.ifExists())))
          .orElse(plan);
    }
    if (plan instanceof SetViewProperties view && view.child() instanceof UnresolvedView name) {
      return permanent(name.multipartIdentifier())
          .<LogicalPlan>map(full -> new SetTableProperties(table(name), view.properties()))
          .orElse(plan);
    }
    if (plan instanceof UnsetViewProperties view && view.child() instanceof UnresolvedView name) {
      return permanent(name.multipartIdentifier())
          .<LogicalPlan>map(full -> new UnsetTableProperties(table(name), view.propertyKeys(), view.ifExists()))
          .orElse(plan);
    }
    if (plan instanceof RenameTable rename && rename.isView() && rename.child() instanceof UnresolvedTableOrView name) {
      return permanent(name.multipartIdentifier()).map(full -> rename(full, rename)).orElse(plan);
    }
    if (plan instanceof ShowCreateTable show && show.child() instanceof UnresolvedTableOrView name) {
      return permanent(name.multipartIdentifier())
          .filter(full -> full.catalog(session).api().find("tables", full.full()).filter(WorkspaceViews::isView).isPresent())
          .map(full -> full.call("show_create_view", full.statement()))
          .orElse(plan);
    }
    if (plan instanceof ShowViews views) {
      return QualifiedName.ofSchema(session, schema(views.namespace()))
          .map(full -> full.call("show_views", full.statement().put("pattern", orNull(views.pattern()))))
          .orElse(plan);
    }
    return plan;
  }

  private static LogicalPlan create(QualifiedName name, CreateView view) {
    ObjectNode statement = name.statement();
    statement.put("text", TableFunctionNames.asWritten(view.originalText().get()));
    statement.put("comment", orNull(view.comment()));
    statement.put("if_not_exists", view.allowExisting());
    statement.put("replace", view.replace());
    statement.put("schema_mode", view.viewSchemaMode().toString());
    ObjectNode properties = statement.putObject("properties");
    CollectionConverters.asJava(view.properties()).forEach(properties::put);
    var columns = statement.putArray("columns");
    CollectionConverters.asJava(view.userSpecifiedColumns())
        .forEach(each -> columns.addObject().put("name", each._1()).put("comment", orNull(each._2())));
    return name.call("create_view", statement);
  }

  /** The new name has no schema, or that of the view: Databricks moves no view to another one. */
  private static LogicalPlan rename(QualifiedName name, RenameTable rename) {
    List<String> to = new ArrayList<>(CollectionConverters.asJava(rename.newName()));
    String last = to.remove(to.size() - 1);
    List<String> home = List.of(name.catalog(), name.schema());
    boolean isSame = to.size() <= 2;
    for (int i = 0; isSame && i < to.size(); i++) {
      isSame = to.get(i).equalsIgnoreCase(home.get(2 - to.size() + i));
    }
    if (!isSame) {
      throw new IllegalArgumentException(
          "[UNSUPPORTED_FEATURE] ALTER VIEW … RENAME TO keeps the schema: " + name.full() + " cannot move to "
              + String.join(".", CollectionConverters.asJava(rename.newName())) + ".");
    }
    return name.call("rename_view", name.statement().put("to", last));
  }

  private static LogicalPlan alter(QualifiedName name, AlterViewAs view) {
    ObjectNode statement = name.statement().put("text", TableFunctionNames.asWritten(view.originalText()));
    return name.call("create_view", statement.put("replace", true).put("alter", true));
  }

  /** Returns the full name of a view of the workspace, or empty if it is a temporary view. */
  private Optional<QualifiedName> permanent(scala.collection.immutable.Seq<String> parts) {
    if (session.sessionState().catalog().isTempView(parts)) {
      return Optional.empty();
    }
    return QualifiedName.of(session, parts);
  }

  private static UnresolvedTable table(UnresolvedView view) {
    return new UnresolvedTable(view.multipartIdentifier(), view.commandName(), true);
  }

  private static List<String> schema(LogicalPlan namespace) {
    return namespace instanceof UnresolvedNamespace named ? CollectionConverters.asJava(named.multipartIdentifier()) : List.of();
  }

  private static String orNull(scala.Option<String> value) {
    return value.isDefined() ? value.get() : null;
  }
}
