package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A client of the workspace's Unity Catalog REST API, as far as Spark needs it.
 *
 * <p>Uses HttpURLConnection, because small Java runtimes lack java.net.http.
 */
final class WorkspaceApi {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final int TIMEOUT_MS = 60_000;
  private static final Field METHOD = methodField();

  private final String base;
  private final String token;

  WorkspaceApi(String uri, String token) {
    this.base = uri.replaceAll("/+$", "") + "/api/2.1/unity-catalog/";
    this.token = token;
  }

  /**
   * An error of the workspace, with its message. Extends a class that Spark's clients know, so that
   * they show the message.
   */
  static final class ApiException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    final int status;

ApiException(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  /** Returns an object, or empty if the workspace does not have it. */
  Optional<JsonNode> find(String kind, String fullName) {
    try {
      return Optional.of(call("GET", kind + "/" + encoded(fullName), null));
    } catch (ApiException error) {
      if (error.status == 404) {
        return Optional.empty();
      }
      throw error;
    }
  }

  /** Returns all objects of a kind, from all pages. */
  List<JsonNode> list(String kind, Map<String, String> filter) {
    List<JsonNode> objects = new ArrayList<>();
    String page = "";
    do {
      StringBuilder query = new StringBuilder("?max_results=1000");
      filter.forEach((key, value) -> query.append('&').append(key).append('=').append(encoded(value)));
      if (!page.isEmpty()) {
        query.append("&page_token=").append(encoded(page));
      }
      JsonNode answer = call("GET", kind + query, null);
      answer.path(kind).forEach(objects::add);
      page = answer.path("next_page_token").asText("");
    } while (!page.isEmpty());
    return objects;
  }

  void create(String kind, Map<String, ?> body) {
    call("POST", kind, body);
  }

  void update(String kind, String fullName, Map<String, ?> body) {
    call("PATCH", kind + "/" + encoded(fullName), body);
  }

  void delete(String kind, String fullName) {
    call("DELETE", kind + "/" + encoded(fullName), null);
  }

  private JsonNode call(String method, String path, Map<String, ?> body) {
    try {
      HttpURLConnection http =
          (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
      setMethod(http, method);
      http.setConnectTimeout(TIMEOUT_MS);
      http.setReadTimeout(TIMEOUT_MS);
      http.setRequestProperty("Authorization", "Bearer " + token);
      http.setRequestProperty("Accept", "application/json");
      if (body != null) {
        http.setDoOutput(true);
        http.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = http.getOutputStream()) {
          JSON.writeValue(out, body);
        }
      }
      int status = http.getResponseCode();
      try (InputStream in = status < 400 ? http.getInputStream() : http.getErrorStream()) {
        byte[] answer = in == null ? new byte[0] : in.readAllBytes();
        if (status >= 400) {
          throw new ApiException(status, method + " " + path + ": HTTP " + status + " " + message(answer));
        }
        return answer.length == 0 ? JSON.createObjectNode() : JSON.readTree(answer);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "The workspace at " + base + " does not answer: " + failure.getMessage()
              + " (check `mesh local status`)",
          failure);
    }
  }

  /** Sets the method directly, because HttpURLConnection's own setter knows no PATCH. */
  private static void setMethod(HttpURLConnection http, String method) {
    try {
      METHOD.set(http, method);
    } catch (IllegalAccessException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static Field methodField() {
    try {
      Field field = HttpURLConnection.class.getDeclaredField("method");
      field.setAccessible(true); // the server is started with java.base/java.net opened
      return field;
    } catch (NoSuchFieldException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Reads a JSON text of the workspace or of Spark. */
  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Returns an exception that need not be declared; an exception of Spark stays what it is. */
  static RuntimeException unchecked(Exception failure) {
    WorkspaceApi.<RuntimeException>rethrow(failure);
    return new IllegalStateException(failure);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void rethrow(Exception failure) throws E {
    throw (E) failure;
  }

  private static String message(byte[] answer) {
    try {
      String text = JSON.readTree(answer).path("message").asText("");
      if (!text.isEmpty()) {
        return text;
      }
    } catch (IOException notJson) {
      // The text is returned unchanged below.
    }
    return new String(answer, StandardCharsets.UTF_8);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
