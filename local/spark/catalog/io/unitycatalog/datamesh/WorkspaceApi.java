package io.unitycatalog.datamesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
 * The Unity Catalog part of a workspace's REST API, as far as Spark needs it.
 *
 * <p>HttpURLConnection, because it is in java.base: small Java runtimes lack java.net.http.
 */
final class WorkspaceApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TIMEOUT_MS = 60_000;

  private final String base;
  private final String token;

  WorkspaceApi(String uri, String token) {
    this.base = uri.replaceAll("/+$", "") + "/api/2.1/unity-catalog/";
    this.token = token;
  }

  /** The workspace said no; the message is its own. A class that Spark's clients know, so that they show it. */
  static final class Refused extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  /** One object, or nothing if the workspace has no such thing. */
  Optional<JsonNode> find(String kind, String fullName) {
    try {
      return Optional.of(call("GET", kind + "/" + encoded(fullName), null));
    } catch (Refused refused) {
      if (refused.status == 404) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  /** Every object of a kind, page after page. */
  List<JsonNode> list(String kind, Map<String, String> filter) {
    List<JsonNode> found = new ArrayList<>();
    String page = "";
    do {
      StringBuilder query = new StringBuilder("?max_results=1000");
      filter.forEach((key, value) -> query.append('&').append(key).append('=').append(encoded(value)));
      if (!page.isEmpty()) {
        query.append("&page_token=").append(encoded(page));
      }
      JsonNode answer = call("GET", kind + query, null);
      answer.path(kind).forEach(found::add);
      page = answer.path("next_page_token").asText("");
    } while (!page.isEmpty());
    return found;
  }

  void create(String kind, Map<String, ?> body) {
    call("POST", kind, body);
  }

  void delete(String kind, String fullName) {
    call("DELETE", kind + "/" + encoded(fullName), null);
  }

  private JsonNode call(String method, String path, Map<String, ?> body) {
    try {
      HttpURLConnection http =
          (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
      http.setRequestMethod(method);
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
          throw new Refused(status, method + " " + path + ": HTTP " + status + " " + message(answer));
        }
        return answer.length == 0 ? JSON.createObjectNode() : JSON.readTree(answer);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "The workspace at " + base + " does not answer: " + failure.getMessage()
              + " (mesh local status tells whether it runs)",
          failure);
    }
  }

  private static String message(byte[] answer) {
    try {
      String text = JSON.readTree(answer).path("message").asText("");
      if (!text.isEmpty()) {
        return text;
      }
    } catch (IOException notJson) {
      // Shown as it is below.
    }
    return new String(answer, StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
