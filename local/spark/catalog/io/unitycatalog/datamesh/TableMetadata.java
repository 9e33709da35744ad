package io.unitycatalog.datamesh;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.Table;

/** The comments of a Delta table and its columns, as the workspace keeps them. */
final class TableMetadata {
  private TableMetadata() {}

  /** Returns the columns of a table as fields of the workspace's API. */
  static List<Map<String, Object>> columns(Column[] columns) {
    List<Map<String, Object>> described = new ArrayList<>();
    for (Column column : columns) {
      Map<String, Object> fields = new HashMap<>();
      fields.put("name", column.name());
      fields.put("type_text", column.dataType().simpleString());
      fields.put("nullable", column.nullable());
      fields.put("position", described.size());
      if (column.comment() != null && !column.comment().isEmpty()) {
        fields.put("comment", column.comment());
      }
      described.add(fields);
    }
    return described;
  }

  /** Tells the workspace the comments of a table that Delta has changed. */
  static void update(WorkspaceApi api, String name, Table table) {
    api.update(
        "tables",
        name,
        Map.of("columns", columns(table.columns()), "comment", table.properties().getOrDefault("comment", "")));
  }
}
