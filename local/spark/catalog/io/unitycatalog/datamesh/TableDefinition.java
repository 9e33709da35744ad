package io.unitycatalog.datamesh;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.commons.lang3.ClassUtils;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.IdentityColumnSpec;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What CREATE TABLE says of a table beyond Spark's columns: identity and generated columns, which Delta
 * writes but takes in its own words.
 */
final class TableDefinition {
  private TableDefinition() {}

  /** Returns the columns with Delta's names of what makes their values. */
  static StructType columns(TableInfo table) {
    StructField[] fields = CatalogV2Util.v2ColumnsToStructType(table.columns()).fields();
    for (int i = 0; i < fields.length; i++) {
      Column column = table.columns()[i];
      MetadataBuilder metadata = new MetadataBuilder().withMetadata(fields[i].metadata());
      if (column.generationExpression() != null) {
        metadata.putString("delta.generationExpression", column.generationExpression());
      }
      IdentityColumnSpec identity = column.identityColumnSpec();
      if (identity != null) {
        metadata.putLong("delta.identity.start", identity.getStart());
        metadata.putLong("delta.identity.step", identity.getStep());
        metadata.putBoolean("delta.identity.allowExplicitInsert", identity.isAllowExplicitInsert());
      }
      fields[i] = new StructField(fields[i].name(), fields[i].dataType(), fields[i].nullable(), metadata.build());
    }
    return new StructType(fields);
  }

  /** Returns a staged table that does something after it is committed. */
  static StagedTable afterCommit(StagedTable staged, Runnable action) {
    Class<?>[] interfaces = ClassUtils.getAllInterfaces(staged.getClass()).toArray(Class<?>[]::new);
    return (StagedTable)
        Proxy.newProxyInstance(
            TableDefinition.class.getClassLoader(),
            interfaces,
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(staged, arguments);
                if (method.getName().equals("commitStagedChanges")) {
                  action.run();
                }
                return answer;
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }
}
