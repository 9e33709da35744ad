import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import org.quartz.CronExpression;

/**
 * Asks Quartz. Reads one question per line, its parts separated by the character 0x1f: an expression, then any
 * number of zones, moments and counts. Writes one line per question: "refused", offset and message; or
 * "accepted" and, for each zone, the seconds from the moment to each fire, "never" after the last one.
 */
public final class Answers {
    private static final String SEPARATOR = "\u001f";

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println(String.join(SEPARATOR, System.getProperty("java.version"), "" + CronExpression.MAX_YEAR));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(String.join(SEPARATOR, answer(line.split(SEPARATOR, -1))));
        }
        out.flush();
    }

    private static List<String> answer(String[] question) {
        try {
            CronExpression expression = new CronExpression(question[0]);
            List<String> answers = new ArrayList<>(List.of("accepted"));
            for (int i = 1; i < question.length; i += 3) {
                expression.setTimeZone(TimeZone.getTimeZone(question[i]));
                Instant from = Instant.parse(question[i + 1]);
                answers.add(fires(expression, from, Integer.parseInt(question[i + 2])));
            }
            return answers;
        } catch (ParseException refusal) {
            return List.of("refused", "" + refusal.getErrorOffset(), refusal.getMessage());
        }
    }

    private static String fires(CronExpression expression, Instant from, int count) {
        List<String> seconds = new ArrayList<>();
        try {
            Date fire = Date.from(from);
            for (int i = 0; i < count; i++) {
                fire = expression.getNextValidTimeAfter(fire);
                if (fire == null) {
                    seconds.add("never");
                    break;
                }
                seconds.add("" + (fire.getTime() / 1000 - from.getEpochSecond()));
            }
        } catch (RuntimeException failure) {
            seconds.add("fails");
        }
        return String.join(" ", seconds);
    }

    private Answers() {}
}
