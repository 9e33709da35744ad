package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedIdentifier;
import org.apache.spark.sql.catalyst.expressions.TableConstraint;
import org.apache.spark.sql.catalyst.plans.logical.ColumnDefinition;
import org.apache.spark.sql.catalyst.plans.logical.CreateTable;
import org.apache.spark.sql.catalyst.plans.logical.CreateTableAsSelect;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ReplaceTable;
import org.apache.spark.sql.catalyst.plans.logical.ReplaceTableAsSelect;
import org.apache.spark.sql.catalyst.plans.logical.TableSpecBase;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedTableSpec;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Keys in CREATE TABLE. Spark 4.1 passes them to a catalog for CREATE and drops them for CREATE OR
 * REPLACE, so they are passed as a property, which the catalog takes out again.
 */
final class KeysOfNewTables {
  static final String PROPERTY = "datamesh.keys";

  private final SparkSession session;

  KeysOfNewTables(SparkSession session) {
    this.session = session;
  }

  LogicalPlan translated(LogicalPlan plan) {
    if (plan instanceof CreateTable create && keys(create.tableSpec())) {
      TableSpecBase spec = withProperty(create.name(), create.tableSpec(), create.columns());
      return create.copy(create.name(), create.columns(), create.partitioning(), spec, create.ignoreIfExists());
    }
    if (plan instanceof ReplaceTable create && keys(create.tableSpec())) {
      TableSpecBase spec = withProperty(create.name(), create.tableSpec(), create.columns());
      return create.copy(create.name(), create.columns(), create.partitioning(), spec, create.orCreate());
    }
    if (plan instanceof CreateTableAsSelect create && keys(create.tableSpec())
        || plan instanceof ReplaceTableAsSelect replace && keys(replace.tableSpec())) {
      throw new IllegalArgumentException(
          "[UNSUPPORTED_FEATURE] CREATE TABLE … AS SELECT takes no constraints: use ALTER TABLE … ADD CONSTRAINT after it");
    }
    return plan;
  }

  private static boolean keys(TableSpecBase spec) {
    return spec instanceof UnresolvedTableSpec full && !CollectionConverters.asJava(full.constraints()).isEmpty();
  }

  private TableSpecBase withProperty(LogicalPlan named, TableSpecBase base, Seq<ColumnDefinition> columns) {
    UnresolvedTableSpec spec = (UnresolvedTableSpec) base;
    if (!(named instanceof UnresolvedIdentifier ident)) {
      return spec;
    }
    QualifiedName name = QualifiedName.of(session, ident.nameParts()).orElse(null);
    if (name == null) {
      return spec;
    }
    List<String> known = CollectionConverters.asJava(columns).stream().map(ColumnDefinition::name).toList();
    ArrayNode keys = WorkspaceApi.JSON.createArrayNode();
    for (TableConstraint constraint : CollectionConverters.asJava(spec.constraints())) {
      if (!KeyStatements.isKey(constraint)) {
        throw new IllegalArgumentException(
            "[UNSUPPORTED_FEATURE] CREATE TABLE takes primary and foreign keys in the local workspace, no other "
                + "constraints: use ALTER TABLE … ADD CONSTRAINT … CHECK after it");
      }
      ObjectNode key = KeyStatements.key(session, name, constraint);
      KeyStatements.number(keys, constraint, key);
      KeyStatements.checkIsNew(name.full(), keys, key);
      KeyStatements.check(name.catalog(session).api(), name.full(), known, key);
      keys.add(key);
    }
    Map<String, String> properties = new HashMap<>(CollectionConverters.asJava(spec.properties()));
    properties.put(PROPERTY, keys.toString());
    return spec.copy(
        scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(properties)),
        spec.provider(),
        spec.optionExpression(),
        spec.location(),
        spec.comment(),
        spec.collation(),
        spec.serde(),
        spec.external(),
        ScalaSeq.of(List.of()));
  }
}
