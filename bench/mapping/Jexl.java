import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.jexl3.JexlBuilder;
import org.apache.commons.jexl3.JexlEngine;
import org.apache.commons.jexl3.JexlExpression;
import org.apache.commons.jexl3.MapContext;

/**
 * The rows of mapping_bench in JEXL: each line to a map (Jackson), 20 expressions, a JSON line back. Arguments: the
 * folder that mapping_bench wrote, and direct or mixed. Prints records per CPU second in the best of the rounds, and
 * leaves a sample of the results in the folder.
 */
public class Jexl {
  static final int ROUNDS = 5;
  static final int WARM_ROUNDS = 3;
  static final int SAMPLE_STEP = 97;  // as in mapping_bench

  /** What the expressions call. One thread only. */
  public static class Functions {
    static final Map<String, DateTimeFormatter> patterns = new HashMap<>();
    static final MessageDigest md5 = digest("MD5");
    static final MessageDigest sha256 = digest("SHA-256");

    static MessageDigest digest(String name) {
      try {
        return MessageDigest.getInstance(name);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    static DateTimeFormatter pattern(String text) {
      return patterns.computeIfAbsent(text, DateTimeFormatter::ofPattern);
    }

    public static String concat(Object... parts) {
      final StringBuilder out = new StringBuilder();
      for (Object part : parts) out.append(part);
      return out.toString();
    }

    public static String upper(String text) {
      return text.toUpperCase(Locale.ROOT);
    }

    public static Object iif(boolean condition, Object yes, Object no) {
      return condition ? yes : no;
    }

    public static OffsetDateTime date(String text, String pattern) {
      return LocalDateTime.parse(text, pattern(pattern)).atOffset(ZoneOffset.UTC);
    }

    /** Knows the one form that the records have, which is less than Headwater tries. */
    public static OffsetDateTime date(String text) {
      return date(text, "yyyy-MM-dd HH:mm:ss");
    }

    public static int date_part(String part, OffsetDateTime date) {
      if (part.equals("year")) return date.getYear();
      throw new IllegalArgumentException("date_part: " + part);
    }

    public static String format(OffsetDateTime date, String pattern) {
      return date.format(pattern(pattern));
    }

    public static String md5(String text) {
      return HexFormat.of().formatHex(md5.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    public static String sha256(String text) {
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  record Row(JexlExpression source, String[] destination) {}

  static final ObjectMapper mapper = new ObjectMapper();
  static final ObjectReader reader = mapper.readerFor(LinkedHashMap.class);
  static final ObjectWriter writer = mapper.writer();

  static List<Row> rows(Path file) throws IOException {
    final Map<String, Object> functions = new HashMap<>();
    functions.put(null, Functions.class);  // called without a prefix
    final JexlEngine engine = new JexlBuilder().namespaces(functions).strict(true).silent(false).create();
    final List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      final String[] fields = line.split("\t");
      final String source = fields[0].replace(".size", ".'size'");  // a word of JEXL's own
      rows.add(new Row(engine.createExpression(source), fields[1].split("\\.")));
    }
    return rows;
  }

  @SuppressWarnings("unchecked")
  static void put(Map<String, Object> out, String[] path, Object value) {
    for (int i = 0; i + 1 < path.length; ++i)
      out = (Map<String, Object>) out.computeIfAbsent(path[i], key -> new LinkedHashMap<String, Object>());
    out.put(path[path.length - 1],
            value instanceof OffsetDateTime date ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(date) : value);
  }

  static byte[] map(List<Row> rows, byte[] line) throws IOException {
    final MapContext record = new MapContext(reader.<Map<String, Object>>readValue(line));
    final Map<String, Object> out = new LinkedHashMap<>();
    for (Row row : rows) put(out, row.destination, row.source.evaluate(record));
    return writer.writeValueAsBytes(out);
  }

  /** Of all threads: the compiler's and the collector's count. */
  static long cpuNanoseconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  static double best(List<Row> rows, List<byte[]> lines) throws IOException {
    long best = Long.MAX_VALUE;
    long bytes = 0;
    for (int round = -WARM_ROUNDS; round < ROUNDS; ++round) {
      final long begin = cpuNanoseconds();
      for (byte[] line : lines) bytes += map(rows, line).length;
      if (round >= 0) best = Math.min(best, cpuNanoseconds() - begin);
    }
    if (bytes == 0) throw new IllegalStateException("nothing was written");
    return lines.size() * 1e9 / best;
  }

  public static void main(String[] arguments) throws IOException {
    final Path folder = Path.of(arguments[0]);
    final List<byte[]> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("records.ndjson")))
      lines.add(line.getBytes(StandardCharsets.UTF_8));
    final List<Row> rows = rows(folder.resolve(arguments[1] + ".tsv"));
    System.out.printf("%.0f%n", best(rows, lines));
    final List<String> sample = new ArrayList<>();
    for (int at = 0; at < lines.size(); at += SAMPLE_STEP)
      sample.add(new String(map(rows, lines.get(at)), StandardCharsets.UTF_8));
    Files.write(folder.resolve(arguments[1] + ".jexl.ndjson"), sample);
  }
}
