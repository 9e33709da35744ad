package io.unitycatalog.datamesh;

import io.delta.sql.parser.DeltaSqlParser;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.parser.NamedParameterContext;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.parser.PositionalParameterContext;
import org.apache.spark.sql.internal.SQLConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Lets every session use every catalog that the workspace has now, also one made a moment ago.
 *
 * <p>Spark knows a catalog by the setting `spark.sql.catalog.NAME`, and has no way to ask who else
 * might know one. Whatever names a table passes through the session's parser, so the settings are
 * brought up to date there: from `spark.mesh.catalog` (the class) and `spark.mesh.catalog.OPTION`.
 *
 * <p>It also reads Databricks' `USE CATALOG name` as Spark's `SET CATALOG name`, and brings the values
 * of a statement's parameters past Delta's parser, which loses them.
 */
public final class WorkspaceCatalogs extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceCatalogs.class);
  private static final String SETTING = "spark.mesh.catalog";
  private static final Pattern USE_CATALOG = Pattern.compile("^\\s*USE\\s+CATALOG\\s+", Pattern.CASE_INSENSITIVE);

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectParser(WorkspaceCatalogs::parser);
    return BoxedUnit.UNIT;
  }

  private static ParserInterface parser(SparkSession session, ParserInterface spark) {
    Settings settings = new Settings(session);
    return (ParserInterface)
        Proxy.newProxyInstance(
            ParserInterface.class.getClassLoader(),
            new Class<?>[] {ParserInterface.class},
            (proxy, method, arguments) -> {
              if (mayNameACatalog(method.getName())) {
                settings.update();
                arguments[0] = USE_CATALOG.matcher((String) arguments[0]).replaceFirst("SET CATALOG ");
              }
              try {
                return method.invoke(hasParameters(arguments) ? belowDelta(spark) : spark, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  private static boolean hasParameters(Object[] arguments) {
    Object last = arguments == null ? null : arguments[arguments.length - 1];
    return last instanceof NamedParameterContext named && hasSome(named.params())
        || last instanceof PositionalParameterContext positional && hasSome(positional.params());
  }

  /** Asked by way of the iterator: ecj finds `nonEmpty` of Scala's collections ambiguous. */
  private static boolean hasSome(scala.collection.IterableOnce<?> values) {
    return values.iterator().hasNext();
  }

  /** Delta's parser drops the values of parameters (`:name`, `?`), so a statement with some goes round it. */
  private static ParserInterface belowDelta(ParserInterface parser) {
    return parser instanceof DeltaSqlParser delta ? delta.delegate() : parser;
  }

  /** Whether the text that this method of the parser is given may name a catalog. */
  private static boolean mayNameACatalog(String method) {
    return method.startsWith("parsePlan")
        || method.equals("parseQuery")
        || method.equals("parseMultipartIdentifier")
        || method.equals("parseTableIdentifier");
  }

  /** The settings of one session. */
  private static final class Settings {
    private final SparkSession session;
    private final String catalogClass;
    private final Map<String, String> options = new HashMap<>();
    private final WorkspaceApi api;

    Settings(SparkSession session) {
      this.session = session;
      this.catalogClass = session.sparkContext().conf().get(SETTING);
      for (Tuple2<String, String> option : session.sparkContext().conf().getAllWithPrefix(SETTING + ".")) {
        options.put(option._1(), option._2());
      }
      this.api = new WorkspaceApi(options.get("uri"), options.get("token"));
    }

    void update() {
      SQLConf conf = session.sessionState().conf();
      try {
        api.list("catalogs", Map.of()).forEach(catalog -> announce(conf, catalog.path("name").asText()));
      } catch (RuntimeException failure) {
        // Statements that need no workspace go on; those that need it fail on their own terms.
        LOG.warn("The catalogs of the workspace are not known: {}", failure.getMessage());
      }
    }

    private void announce(SQLConf conf, String name) {
      String setting = "spark.sql.catalog." + name;
      if (conf.contains(setting) || name.contains(".")) {
        return;
      }
      options.forEach((option, value) -> conf.setConfString(setting + "." + option, value));
      conf.setConfString(setting, catalogClass);
    }
  }
}
