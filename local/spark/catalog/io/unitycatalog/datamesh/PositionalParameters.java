package io.unitycatalog.datamesh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.PositionalParameterContext;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The values of `?` in the order of the statement. Spark 4.1 takes them from a map of Scala, whose
 * order differs from that of the statement if there are five or more (SPARK-58341).
 */
final class PositionalParameters {
  private PositionalParameters() {}

  static PositionalParameterContext inOrder(PositionalParameterContext given) {
    List<Expression> values = CollectionConverters.asJava(given.params());
    Expression[] ordered = new Expression[values.size()];
    List<Integer> order = orderOfSpark(values.size());
    for (int i = 0; i < ordered.length; i++) {
      ordered[order.get(i)] = values.get(i);
    }
    return new PositionalParameterContext(ScalaSeq.of(Arrays.asList(ordered)));
  }

  /** Returns the positions in the order of Spark's map, whose keys are `_pos_0`, `_pos_1` and so on. */
  private static List<Integer> orderOfSpark(int size) {
    List<Tuple2<String, Integer>> keys = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      keys.add(new Tuple2<>("_pos_" + i, i));
    }
    var map = scala.collection.immutable.Map$.MODULE$.<String, Integer>from(CollectionConverters.asScala(keys));
    return new ArrayList<>(CollectionConverters.asJava(map).values());
  }
}
