package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.procedures.BoundProcedure;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The statements that Spark cannot execute in a catalog, as stored procedures: the one command that
 * Spark leaves to a catalog. The parser writes the calls; each has one parameter, the statement as JSON.
 */
final class WorkspaceProcedures {
  static final String NAMESPACE = "workspace";

  private final Map<String, Statement> statements = new HashMap<>();

  WorkspaceProcedures(WorkspaceCatalog catalog, WorkspaceTables tables) {
    WorkspaceViews views = tables.views();
    WorkspaceFunctions functions = tables.functions();
    statements.put("create_view", statement -> nothing(() -> views.create(statement)));
    statements.put("drop_view", statement -> nothing(() -> views.drop(statement)));
    statements.put("show_views", statement -> rows(tables.views(statement)));
    statements.put("rename_view", statement -> nothing(() -> views.rename(statement)));
    statements.put("show_create_view", statement -> rows(views.showCreate(statement)));
    statements.put("create_function", statement -> nothing(() -> functions.create(statement)));
    statements.put("drop_function", statement -> nothing(() -> functions.drop(statement)));
    statements.put("describe_function", statement -> rows(functions.describe(statement)));
    statements.put("add_key", statement -> nothing(() -> KeyStatements.add(tables.api(), statement)));
    statements.put("drop_key", statement -> nothing(() -> KeyStatements.drop(tables.api(), statement)));
    statements.put("set_not_null", statement -> nothing(() -> catalog.setNotNull(statement)));
    statements.put("change_tags", statement -> nothing(() -> TagStatements.execute(tables.api(), statement)));
  }

  /** Executes a statement and returns its results. */
  interface Statement {
    Iterator<Scan> execute(JsonNode statement) throws Exception;
  }

  /** Executes a statement without results. */
  private interface Command {
    void execute() throws Exception;
  }

  private static Iterator<Scan> nothing(Command command) throws Exception {
    command.execute();
    return Collections.emptyIterator();
  }

  private static Iterator<Scan> rows(Rows rows) {
    return List.<Scan>of(rows).iterator();
  }

  UnboundProcedure load(Identifier ident) {
    Statement statement = statements.get(ident.name());
    if (statement == null || !String.join(".", ident.namespace()).equals(NAMESPACE)) {
      throw new IllegalArgumentException("[ROUTINE_NOT_FOUND] The procedure " + ident + " cannot be found.");
    }
    return new Procedure(ident.name(), statement);
  }

  private record Procedure(String name, Statement statement) implements UnboundProcedure, BoundProcedure {
    @Override
    public String description() {
      return name;
    }

    @Override
    public BoundProcedure bind(StructType arguments) {
      return this;
    }

    @Override
    public ProcedureParameter[] parameters() {
      return new ProcedureParameter[] {ProcedureParameter.in("statement", DataTypes.StringType).build()};
    }

    @Override
    public boolean isDeterministic() {
      return false;
    }

    @Override
    public Iterator<Scan> call(InternalRow arguments) {
      try {
        return statement.execute(WorkspaceApi.json(arguments.getUTF8String(0).toString()));
      } catch (Exception failure) {
        throw WorkspaceApi.unchecked(failure);
      }
    }
  }

  /** Rows that are known already. */
  record Rows(StructType readSchema, InternalRow[] rows) implements LocalScan {}
}
