package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import scala.jdk.javaapi.CollectionConverters;

/** Foreign keys without columns (`REFERENCES t`), at which Spark 4.1 fails: they mean the primary key of `t`. */
final class ReferencesOfKeys {
  // Repetitions keep what they have: a shorter name is not tried, and long texts need no deep stack.
  private static final String ID = "(?:`(?:[^`]|``)++`|[\\w-]++)";
  // Texts and comments come first, so that nothing within them is taken for a key.
  private static final Pattern REFERENCES =
      Pattern.compile(
          "'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"|--[^\\n]*|/\\*.*?\\*/|"
              + "\\bREFERENCES\\s+(?<name>" + ID + "(?:\\s*\\.\\s*" + ID + ")*+)(?!\\s*\\()",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final SparkSession session;
  private final ParserInterface parser;

  ReferencesOfKeys(SparkSession session, ParserInterface parser) {
    this.session = session;
    this.parser = parser;
  }

  /** Returns a statement with the columns of its foreign keys, or empty if no key lacks them. */
  Optional<String> completed(String statement, Throwable failure) {
    Matcher references = REFERENCES.matcher(statement);
    if (!(failure instanceof NullPointerException) || references.results().noneMatch(each -> name(each) != null)) {
      return Optional.empty();
    }
    return Optional.of(
        references.reset().replaceAll(
            each ->
                Matcher.quoteReplacement(each.group() + (name(each) == null ? "" : " (" + columns(name(each)) + ")"))));
  }

  private static String name(MatchResult found) {
    return found.group(1);
  }

  private String columns(String parent) {
    List<String> columns = new ArrayList<>();
    try {
      QualifiedName.of(session, CollectionConverters.asJava(parser.parseMultipartIdentifier(parent)))
          .flatMap(name -> name.catalog(session).api().find("tables", name.full()))
          .map(table -> table.path("table_constraints").findPath("primary_key_constraint"))
          .map(key -> key.path("child_columns"))
          .ifPresent(names -> names.forEach(each -> columns.add(quoted(each))));
    } catch (Exception failure) {
      throw WorkspaceApi.unchecked(failure);
    }
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "[PARENT_TABLE_WITHOUT_PRIMARY_KEY] REFERENCES " + parent + " needs a primary key of that table, or columns in "
              + "brackets: " + parent + " has no primary key here.");
    }
    return String.join(", ", columns);
  }

  private static String quoted(JsonNode column) {
    return "`" + column.asText().replace("`", "``") + "`";
  }
}
