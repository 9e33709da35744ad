#!/usr/bin/env bash
# Quartz ignores what follows a value that it understands, also a step: MON/2 is every Monday. And cron-descriptor,
# which puts Quartz expressions into words, says the step.
#
# Version: Quartz 2.5.2 on Java 17 or newer; cron-descriptor 2.2.1 on Python 3.
# Seen: Quartz accepts these without a word, and reads them as the expression behind the arrow:
#   - 0 0 6 ? * MON/2          -> 0 0 6 ? * MON        every Monday
#   - 0 0 6 ? * MON-FRI/2      -> 0 0 6 ? * MON-FRI
#   - 0 0 6 1 JAN/3 ?          -> 0 0 6 1 JAN ?        once a year
#   - 0 0 6 ? * MONDAY-FRIDAY  -> 0 0 6 ? * MON
#   - 99 0 6 * * ?             -> * 0 6 * * ?          sixty times
#   cron-descriptor says of the first "every 2 days of the week, Monday through Saturday", of the third "every 3 months".
# The script fails if any of this changes. It needs java, mvn and a Maven repository.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mvn --quiet --batch-mode dependency:copy -Dartifact=org.quartz-scheduler:quartz:2.5.2 -DoutputDirectory="$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cron-descriptor==2.2.1
cat > Ignored.java <<'JAVA'
import java.util.*;
import org.quartz.CronExpression;

public class Ignored {
    static final Date START = new Date(1798761600000L); // 2027-01-01T00:00:00Z

    static List<Date> fires(String text) throws Exception {
        CronExpression expression = new CronExpression(text);
        expression.setTimeZone(TimeZone.getTimeZone("UTC"));
        List<Date> found = new ArrayList<>();
        Date fire = START;
        while (found.size() < 70 && fire != null) {
            fire = expression.getNextValidTimeAfter(fire);
            found.add(fire);
        }
        return found;
    }

    public static void main(String[] arguments) throws Exception {
        String[][] pairs = {
            {"0 0 6 ? * MON/2", "0 0 6 ? * MON"},
            {"0 0 6 ? * MON-FRI/2", "0 0 6 ? * MON-FRI"},
            {"0 0 6 1 JAN/3 ?", "0 0 6 1 JAN ?"},
            {"0 0 6 ? * MONDAY-FRIDAY", "0 0 6 ? * MON"},
            {"99 0 6 * * ?", "* 0 6 * * ?"},
        };
        for (String[] pair : pairs) {
            boolean same = fires(pair[0]).equals(fires(pair[1]));
            System.out.println(pair[0] + (same ? " fires like " : " DOES NOT FIRE LIKE ") + pair[1]);
            if (!same) System.exit(1);
        }
    }
}
JAVA
java -cp "$work/quartz-2.5.2.jar" Ignored.java
"$work/venv/bin/python" - <<'PYTHON'
from cron_descriptor import Options, get_description

options = Options()
options.day_of_week_start_index_zero = False
expected = {
    "0 0 6 ? * MON/2": "every 2 days of the week, Monday through Saturday",
    "0 0 6 1 JAN/3 ?": "every 3 months",
}
for text, words in expected.items():
    said = get_description(text, options)
    print(text, "is said as:", said)
    assert words in said, said
print("as described")
PYTHON
