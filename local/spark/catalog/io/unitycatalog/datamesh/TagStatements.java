package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Databricks' statements on tags and on comments of columns, which Spark does not parse: `ALTER … SET
 * TAGS`, `UNSET TAGS`, `SET TAG ON`, `UNSET TAG ON` and `COMMENT ON COLUMN`.
 */
final class TagStatements {
  private static final String ID = "(?:`(?:[^`]|``)+`|[\\w-]+)";
  private static final String NAME = "(?<name>" + ID + "(?:\\s*\\.\\s*" + ID + ")*)";
  private static final String TEXT = "(?:'(?:[^'\\\\]|\\\\.|'')*'|\"(?:[^\"\\\\]|\\\\.)*\")";
  private static final String KIND = "(?<kind>TABLE|VIEW|MATERIALIZED\\s+VIEW|SCHEMA|DATABASE|CATALOG|VOLUME";
  private static final Pattern COMMENTS = Pattern.compile("^(?:\\s|--[^\\n]*(?:\\n|$)|/\\*.*?\\*/)+", Pattern.DOTALL);
  private static final Pattern ALTER =
      pattern(
          "ALTER\\s+" + KIND + ")\\s+" + NAME + "(?:\\s+ALTER\\s+COLUMN\\s+(?<column>" + ID
              + "))?\\s+(?<verb>SET|UNSET)\\s+TAGS\\s*\\((?<tags>.*)\\)");
  private static final Pattern SET =
      pattern(
          "(?<verb>SET|UNSET)\\s+TAG\\s+ON\\s+" + KIND + "|COLUMN)\\s+" + NAME + "\\s+(?<key>" + ID + "|" + TEXT
              + ")(?:\\s*=\\s*(?<value>" + ID + "|" + TEXT + "))?");
  private static final Pattern TAG =
      Pattern.compile("\\s*(?<key>" + TEXT + ")(?:\\s*=\\s*(?<value>" + TEXT + "))?\\s*(?:,|$)", Pattern.DOTALL);
  private static final Pattern COMMENT =
      pattern("COMMENT\\s+ON\\s+COLUMN\\s+" + NAME + "\\s*\\.\\s*(?<column>" + ID + ")\\s+IS\\s+(?<text>NULL|" + TEXT + ")");
  private static final Map<String, String> KINDS =
      Map.of("schema", "schemas", "database", "schemas", "catalog", "catalogs", "volume", "volumes", "column", "columns");

  private final SparkSession session;
  private final ParserInterface parser;

  TagStatements(SparkSession session, ParserInterface parser) {
    this.session = session;
    this.parser = parser;
  }

  private static Pattern pattern(String statement) {
    return Pattern.compile("^" + statement + "\\s*;?\\s*$", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  }

  /** Returns a statement on the comment of a column in Spark's words, and other statements unchanged. */
  static String inSparksWords(String statement) {
    Matcher comment = COMMENT.matcher(COMMENTS.matcher(statement).replaceFirst(""));
    if (!comment.matches()) {
      return statement;
    }
    String text = comment.group("text").equalsIgnoreCase("null") ? "''" : comment.group("text");
    return "ALTER TABLE " + comment.group("name") + " ALTER COLUMN " + comment.group("column") + " COMMENT " + text;
  }

  /** Returns the plan of a statement on tags, or empty if it is another statement. */
  Optional<LogicalPlan> parsed(String text) {
    String statement = COMMENTS.matcher(text).replaceFirst("");
    Matcher alter = ALTER.matcher(statement);
    if (alter.matches()) {
      return plan(alter, alter.group("column"), tags(alter.group("tags")));
    }
    Matcher set = SET.matcher(statement);
    if (set.matches()) {
      Map<String, String> tags = new HashMap<>();
      tags.put(plain(set.group("key")), set.group("value") == null ? "" : plain(set.group("value")));
      return plan(set, null, tags);
    }
    return Optional.empty();
  }

  private Optional<LogicalPlan> plan(Matcher statement, String column, Map<String, String> tags) {
    String word = statement.group("kind").toLowerCase(Locale.ROOT);
    String kind = column == null ? KINDS.getOrDefault(word, "tables") : "columns";
    List<String> parts = new ArrayList<>(names(statement.group("name")));
    if (column != null) {
      parts.add(names(column).get(0));
    }
    String last = kind.equals("columns") && parts.size() > 1 ? parts.remove(parts.size() - 1) : null;
    Optional<QualifiedName> found =
        switch (kind) {
          case "catalogs" -> QualifiedName.ofCatalog(session, parts);
          case "schemas" -> QualifiedName.ofSchema(session, parts);
          default -> QualifiedName.of(session, parts);
        };
    return found.map(
        name -> {
          ObjectNode call = name.statement().put("kind", kind).put("full_name", name.full() + (last == null ? "" : "." + last));
          call.put("unset", statement.group("verb").equalsIgnoreCase("unset"));
          tags.forEach(call.putObject("tags")::put);
          return name.call("change_tags", call);
        });
  }

  private Map<String, String> tags(String list) {
    Map<String, String> tags = new HashMap<>();
    Matcher tag = TAG.matcher(list);
    int at = 0;
    while (at < list.length() && tag.find(at) && tag.start() == at) {
      tags.put(plain(tag.group("key")), tag.group("value") == null ? "" : plain(tag.group("value")));
      at = tag.end();
    }
    if (at < list.length() || tags.isEmpty()) {
      throw new IllegalArgumentException("[PARSE_SYNTAX_ERROR] Syntax error in the tags (" + list + "): write 'key' = 'value'");
    }
    return tags;
  }

  /** Returns the text of a literal, or a name without its backticks. */
  private String plain(String text) {
    try {
      if (text.startsWith("'") || text.startsWith("\"")) {
        return ((Literal) parser.parseExpression(text)).value().toString();
      }
      return names(text).get(0);
    } catch (Exception failure) {
      throw WorkspaceApi.unchecked(failure);
    }
  }

  private List<String> names(String text) {
    try {
      return CollectionConverters.asJava(parser.parseMultipartIdentifier(text));
    } catch (Exception failure) {
      throw WorkspaceApi.unchecked(failure);
    }
  }

  /** Executes a statement on tags in the workspace. */
  static void execute(WorkspaceApi api, JsonNode statement) {
    String kind = statement.path("kind").asText();
    String name = statement.path("full_name").asText();
    String assigned = "entity-tag-assignments/" + kind + "/" + WorkspaceApi.encoded(name) + "/tags";
    statement.path("tags").properties().forEach(
        tag -> {
          String value = tag.getValue().asText();
          if (statement.path("unset").asBoolean()) {
            api.delete(assigned, tag.getKey());
          } else if (api.find(assigned, tag.getKey()).isPresent()) {
            api.update(assigned, tag.getKey(), Map.of("tag_value", value));
          } else {
            api.create(
                "entity-tag-assignments",
                Map.of("entity_type", kind, "entity_name", name, "tag_key", tag.getKey(), "tag_value", value));
          }
        });
  }
}
