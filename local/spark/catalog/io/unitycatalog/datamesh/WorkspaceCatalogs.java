package io.unitycatalog.datamesh;

import io.delta.sql.parser.DeltaSqlParser;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.parser.HybridParameterContext;
import org.apache.spark.sql.catalyst.parser.NamedParameterContext;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.parser.PositionalParameterContext;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.internal.SQLConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Makes all catalogs of the workspace usable in every session, including catalogs created later.
 *
 * <p>Spark finds a catalog by the setting `spark.sql.catalog.NAME` only. Every table name passes
 * through the session's parser, so this extension updates the settings there, from
 * `spark.mesh.catalog` (the class) and `spark.mesh.catalog.OPTION`.
 *
 * <p>It also translates statements of Databricks that Spark does not know (`USE CATALOG`, tags,
 * permanent views and functions), and passes statements with parameters around Delta's parser, which loses the values.
 */
public final class WorkspaceCatalogs extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceCatalogs.class);
  private static final String SETTING = "spark.mesh.catalog";
  private static final Pattern USE_CATALOG = Pattern.compile("^\\s*USE\\s+CATALOG\\s+", Pattern.CASE_INSENSITIVE);

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectParser(WorkspaceCatalogs::parser);
    extensions.injectHintResolutionRule(StreamsOfViews::new);
    extensions.injectHintResolutionRule(FunctionCalls::new);
    return BoxedUnit.UNIT;
  }

  private static ParserInterface parser(SparkSession session, ParserInterface spark) {
    Settings settings = new Settings(session);
    ViewStatements views = new ViewStatements(session);
    ReferencesOfKeys references = new ReferencesOfKeys(session, spark);
    FunctionStatements functions = new FunctionStatements(session);
    FunctionCalls calls = new FunctionCalls(session);
    KeyStatements keys = new KeyStatements(session);
    KeysOfNewTables newKeys = new KeysOfNewTables(session);
    NotNullStatements notNull = new NotNullStatements(session);
    TagStatements statements = new TagStatements(session, spark);
    return (ParserInterface)
        Proxy.newProxyInstance(
            ParserInterface.class.getClassLoader(),
            new Class<?>[] {ParserInterface.class},
            (proxy, method, arguments) -> {
              if (mayNameACatalog(method.getName())) {
                settings.update();
                arguments[0] = USE_CATALOG.matcher((String) arguments[0]).replaceFirst("SET CATALOG ");
              }
              if (method.getName().startsWith("parsePlan")) {
                Optional<LogicalPlan> tags = statements.parsed((String) arguments[0]);
                if (tags.isPresent()) {
                  return tags.get();
                }
                FunctionStatements.checkLanguage((String) arguments[0]);
                arguments[0] = TagStatements.inSparksWords((String) arguments[0]);
                int last = arguments.length - 1;
                if (arguments[last] instanceof PositionalParameterContext given) {
                  arguments[last] = PositionalParameters.inOrder(given);
                }
              }
              try {
                Object parsed = parsed(hasParameters(arguments) ? belowDelta(spark) : spark, references, method, arguments);
                if (!method.getName().startsWith("parsePlan")) {
                  return calls.parsed(parsed);
                }
                LogicalPlan plan = functions.translated(keys.translated(views.translated((LogicalPlan) parsed)));
                return calls.parsed(notNull.translated(newKeys.translated(plan)));
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  /** Calls a method of the parser; a second time for each thing that it refuses and we can write otherwise. */
  private static Object parsed(ParserInterface parser, ReferencesOfKeys references, Method method, Object[] arguments)
      throws IllegalAccessException, InvocationTargetException {
    while (true) {
      try {
        return method.invoke(parser, arguments);
      } catch (InvocationTargetException failure) {
        Optional<String> text =
            arguments != null && arguments[0] instanceof String given
                ? TableFunctionNames.marked(given, failure.getCause()).or(() -> references.completed(given, failure.getCause()))
                : Optional.empty();
        arguments[0] = text.orElseThrow(() -> failure);
      }
    }
  }

  private static boolean hasParameters(Object[] arguments) {
    Object last = arguments == null ? null : arguments[arguments.length - 1];
    return last instanceof NamedParameterContext named && hasSome(named.params())
        || last instanceof PositionalParameterContext positional && hasSome(positional.params())
        || last instanceof HybridParameterContext hybrid && hasSome(hybrid.args());
  }

  /** Uses the iterator, because `nonEmpty` of Scala's collections is ambiguous for ecj. */
  private static boolean hasSome(scala.collection.IterableOnce<?> values) {
    return values.iterator().hasNext();
  }

  /** Returns the parser below Delta's, which loses the values of parameters (`:name`, `?`). */
  private static ParserInterface belowDelta(ParserInterface parser) {
    return parser instanceof DeltaSqlParser delta ? delta.delegate() : parser;
  }

  /** Returns whether the text argument of this parser method may name a catalog. */
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
        api.list("catalogs", Map.of()).forEach(catalog -> register(conf, catalog.path("name").asText()));
      } catch (RuntimeException failure) {
        // Statements that need the workspace fail later; others must not.
        LOG.warn("Cannot list the catalogs of the workspace: {}", failure.getMessage());
      }
    }

    private void register(SQLConf conf, String name) {
      String setting = "spark.sql.catalog." + name;
      if (conf.contains(setting) || name.contains(".")) {
        return;
      }
      options.forEach((option, value) -> conf.setConfString(setting + "." + option, value));
      conf.setConfString(setting, catalogClass);
    }
  }
}
