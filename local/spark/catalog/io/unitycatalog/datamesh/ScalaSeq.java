package io.unitycatalog.datamesh;

import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Scala's sequences for Java code that javac and ecj compile.
 *
 * <p>Methods of `Seq` and `Buffer`, such as `size()`, `head()` and `toSeq()`, are ambiguous for ecj, because
 * they inherit each from several traits. So a `Seq` is read as the list that `CollectionConverters.asJava`
 * returns, and made here.
 */
final class ScalaSeq {
  private ScalaSeq() {}

  /** Returns a copy of a list, as `toSeq()` does. */
  static <T> Seq<T> of(java.util.List<T> values) {
    return scala.collection.immutable.List.from(CollectionConverters.asScala(values));
  }
}
