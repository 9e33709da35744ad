package io.unitycatalog.datamesh;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.trees.Origin;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Names of table functions with schema and catalog, which Spark's parser refuses (`FROM s.f(1)`). They
 * are passed through it as names of one level, with a mark.
 */
final class TableFunctionNames {
  private static final String REFUSED = "INVALID_SQL_SYNTAX.INVALID_TABLE_VALUED_FUNC_NAME";
  private static final char MARK = '\u0001';
  private static final Pattern MARKED = Pattern.compile("`" + MARK + "((?:[^`]|``)*)`");
  private static final String ID = "(?:`(?:[^`]|``)+`|[\\w-]+)";
  private static final Pattern NAME = Pattern.compile(ID + "(?:\\s*\\.\\s*" + ID + ")+");

  private TableFunctionNames() {}

  /** Returns a text without the name that Spark has refused, or empty if it has refused something else. */
  static Optional<String> marked(String text, Throwable failure) {
    if (failure instanceof ParseException refused && REFUSED.equals(refused.getCondition())) {
      int start = position(text, refused.start());
      Matcher name = NAME.matcher(text);
      if (name.find(start) && name.start() == start) {
        String quoted = "`" + MARK + name.group().replace("`", "``") + "`";
        return Optional.of(text.substring(0, start) + quoted + text.substring(name.end()));
      }
    }
    return Optional.empty();
  }

  private static int position(String text, Origin origin) {
    int start = 0;
    for (int line = (Integer) origin.line().get(); line > 1; line--) {
      start = text.indexOf('\n', start) + 1;
    }
    return text.offsetByCodePoints(start, (Integer) origin.startPosition().get());
  }

  /** Returns a text, which may have marked names, as it was written. */
  static String asWritten(String text) {
    return MARKED.matcher(text).replaceAll(name -> Matcher.quoteReplacement(name.group(1).replace("``", "`")));
  }

  /** Returns the levels of a name that may be marked. */
  static Seq<String> levels(Seq<String> name, ParserInterface parser) {
    List<String> parts = CollectionConverters.asJava(name);
    if (parts.size() > 1 || parts.get(0).isEmpty() || parts.get(0).charAt(0) != MARK) {
      return name;
    }
    try {
      return parser.parseMultipartIdentifier(parts.get(0).substring(1));
    } catch (Exception failure) {
      throw WorkspaceApi.unchecked(failure);
    }
  }
}
