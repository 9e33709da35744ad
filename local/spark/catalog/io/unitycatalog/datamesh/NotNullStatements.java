package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFieldName;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTable;
import org.apache.spark.sql.catalyst.plans.logical.AlterColumnSpec;
import org.apache.spark.sql.catalyst.plans.logical.AlterColumns;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** `ALTER TABLE … ALTER COLUMN … SET NOT NULL`, which Spark refuses and Delta can: no row may have null. */
final class NotNullStatements {
  private final SparkSession session;

  NotNullStatements(SparkSession session) {
    this.session = session;
  }

  LogicalPlan translated(LogicalPlan plan) {
    if (!(plan instanceof AlterColumns alter && alter.table() instanceof UnresolvedTable table)) {
      return plan;
    }
    List<AlterColumnSpec> specs = CollectionConverters.asJava(alter.specs());
    String column = specs.size() == 1 ? columnSetNotNull(specs.get(0)) : null;
    return column == null
        ? plan
        : QualifiedName.of(session, table.multipartIdentifier()).map(name -> call(name, column)).orElse(plan);
  }

  /** Returns the column that becomes NOT NULL; null if the change is another, or is one of a nested field. */
  private static String columnSetNotNull(AlterColumnSpec spec) {
    boolean isNotNull = spec.newNullability().isDefined() && !(Boolean) spec.newNullability().get();
    if (!isNotNull || spec.newDataType().isDefined() || !(spec.column() instanceof UnresolvedFieldName field)) {
      return null;
    }
    List<String> name = CollectionConverters.asJava(field.name());
    return name.size() == 1 ? name.get(0) : null;
  }

  private static LogicalPlan call(QualifiedName name, String column) {
    ObjectNode statement = name.statement().put("column", column);
    return name.call("set_not_null", statement);
  }

  /** Makes a column of a table NOT NULL in Delta's log. */
  static void execute(WorkspaceApi api, String name, String column) {
    SparkSession session = SparkSession.active();
    Optional<JsonNode> table = api.find("tables", name);
    String location = table.map(found -> found.path("storage_location").asText("")).orElse("");
    if (location.isEmpty()) {
      throw new IllegalArgumentException("[TABLE_OR_VIEW_NOT_FOUND] The table " + name + " cannot be found.");
    }
    OptimisticTransaction transaction = DeltaLog.forTable(session, location).startTransaction();
    Metadata metadata = transaction.metadata();
    StructType schema = metadata.schema();
    List<String> names = Stream.of(schema.fieldNames()).map(NotNullStatements::lower).toList();
    int index = names.indexOf(lower(column));
    if (index < 0) {
      throw new IllegalArgumentException("[UNRESOLVED_COLUMN] " + name + " has no column " + column + ".");
    }
    StructField[] fields = schema.fields().clone();
    StructField field = fields[index];
    if (!field.nullable()) {
      return;
    }
    String isNull = "`" + field.name().replace("`", "``") + "` IS NULL";
    if (!session.read().format("delta").load(location).where(isNull).isEmpty()) {
      throw new IllegalArgumentException(
          "[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: " + field.name() + " of " + name + ".");
    }
    fields[index] = new StructField(field.name(), field.dataType(), false, field.metadata());
    transaction.updateMetadata(
        metadata.copy(
            metadata.id(),
            metadata.name(),
            metadata.description(),
            metadata.format(),
            new StructType(fields).json(),
            metadata.partitionColumns(),
            metadata.configuration(),
            metadata.createdTime()),
        false);
    transaction.commit(ScalaSeq.of(List.<Action>of()), DeltaOperations.ManualUpdate$.MODULE$);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
