package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.AnalysisContext;
import org.apache.spark.sql.catalyst.analysis.UnresolvedProcedure;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.plans.logical.Call;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.CatalogManager;
import org.apache.spark.sql.types.DataTypes;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The full name of an object in a catalog of the workspace.
 *
 * @param catalog the catalog.
 * @param schema the schema; null for a catalog.
 * @param name the object in the schema; null for a schema.
 */
record QualifiedName(String catalog, String schema, String name) {

  /** Returns the full name of an object of a schema, or empty if its catalog is not of the workspace. */
  static Optional<QualifiedName> of(SparkSession session, scala.collection.immutable.Seq<String> parts) {
    return of(session, CollectionConverters.asJava(parts));
  }

  /** Returns the full name of an object of a schema, or empty if its catalog is not of the workspace. */
  static Optional<QualifiedName> of(SparkSession session, List<String> parts) {
    return of(session, parts, current(session));
  }

  /**
   * Returns the full name of an object of a schema, or empty if its catalog is not of the workspace.
   *
   * @param current the catalog and the schema of a name without them.
   */
  private static Optional<QualifiedName> of(SparkSession session, List<String> parts, List<String> current) {
    List<String> full = completed(current, parts, 3);
    return full.size() == 3 && isOfWorkspace(session, full.get(0))
        ? Optional.of(new QualifiedName(full.get(0), full.get(1), full.get(2)))
        : Optional.empty();
  }

  /** Returns the full name of an object of a query, or of a view that is being resolved. */
  static Optional<QualifiedName> ofCall(SparkSession session, scala.collection.immutable.Seq<String> parts) {
    List<String> view = CollectionConverters.asJava(AnalysisContext.get().catalogAndNamespace());
    return of(session, CollectionConverters.asJava(parts), view.isEmpty() ? current(session) : view);
  }

  /** Returns the full name of a schema; without parts, the current one. */
  static Optional<QualifiedName> ofSchema(SparkSession session, List<String> parts) {
    List<String> full = completed(current(session), parts, 2);
    return full.size() == 2 && isOfWorkspace(session, full.get(0))
        ? Optional.of(new QualifiedName(full.get(0), full.get(1), null))
        : Optional.empty();
  }

  /** Returns the name of a catalog, or empty if it is not of the workspace. */
  static Optional<QualifiedName> ofCatalog(SparkSession session, List<String> parts) {
    return parts.size() == 1 && isOfWorkspace(session, parts.get(0))
        ? Optional.of(new QualifiedName(parts.get(0), null, null))
        : Optional.empty();
  }

  WorkspaceCatalog catalog(SparkSession session) {
    return (WorkspaceCatalog) session.sessionState().catalogManager().catalog(catalog);
  }

  /** Returns the name as the workspace spells it. */
  String full() {
    return catalog + (schema == null ? "" : "." + schema) + (name == null ? "" : "." + name);
  }

  /** Returns the fields of a statement on this object, for the procedure that executes it. */
  ObjectNode statement() {
    return WorkspaceApi.JSON.createObjectNode().put("schema", schema).put("name", name);
  }

  /** Returns the plan that executes a statement with a procedure of the catalog. */
  LogicalPlan call(String procedure, ObjectNode statement) {
    return new Call(
        new UnresolvedProcedure(ScalaSeq.of(List.of(catalog, WorkspaceProcedures.NAMESPACE, procedure))),
        ScalaSeq.of(List.of(Literal.create(statement.toString(), DataTypes.StringType))),
        true);
  }

  private static List<String> current(SparkSession session) {
    CatalogManager catalogs = session.sessionState().catalogManager();
    List<String> current = new ArrayList<>(List.of(catalogs.currentCatalog().name()));
    current.addAll(List.of(catalogs.currentNamespace()));
    return current;
  }

  private static List<String> completed(List<String> current, List<String> parts, int size) {
    List<String> full = new ArrayList<>(current.subList(0, Math.max(0, Math.min(current.size(), size - parts.size()))));
    full.addAll(parts);
    return full;
  }

  private static boolean isOfWorkspace(SparkSession session, String catalog) {
    CatalogManager catalogs = session.sessionState().catalogManager();
    return catalogs.isCatalogRegistered(catalog) && catalogs.catalog(catalog) instanceof WorkspaceCatalog;
  }
}
