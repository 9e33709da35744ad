#!/usr/bin/env bash
# Quartz skips runs that its documentation does not exclude: an hour when the clock goes back, further runs on a
# day to which `W` moves a Sunday, and a day that is counted from the end of a short month.
#
# Version: Quartz 2.5.2 on Java 17 or newer.
# Seen:
#   - 0 0 * * * ? in Europe/Oslo fires at 23:00Z on 2026-10-24 and then at 01:00Z: two real hours later.
#     0 30 2 * * ? does not fire at all on 2027-03-28, neither at 01:30 nor at 03:30.
#   - 0 0 6,12 14W * ? fires at 06:00 on Monday 2027-02-15, since the 14th is a Sunday, and not at 12:00: the search
#     after the first run looks for a 14th from the 15th on. 0 0 6,12 15 * ? fires at 06:00 and at 12:00.
#     0 0 6 15W,20W * ? fires on Friday 2026-08-14, since the 15th is a Saturday, and not on the 20th.
#   - 0 0 6 10,L-20 * ? after 2027-02-01 fires on the 10th, not on the 8th, which is L-20: the two are compared as if
#     each month had 31 days. 0 0 6 L-20 * ? fires on the 8th.
# The script fails if any of this changes. It needs java, mvn and a Maven repository.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mvn --quiet --batch-mode dependency:copy -Dartifact=org.quartz-scheduler:quartz:2.5.2 -DoutputDirectory="$work"
cat > Skipped.java <<'JAVA'
import java.time.Instant;
import java.util.*;
import org.quartz.CronExpression;

public class Skipped {
    static void check(String text, String zone, String after, String expected) throws Exception {
        CronExpression expression = new CronExpression(text);
        expression.setTimeZone(TimeZone.getTimeZone(zone));
        String next = expression.getNextValidTimeAfter(Date.from(Instant.parse(after))).toInstant().toString();
        System.out.println(text + " in " + zone + " after " + after + ": " + next);
        if (!next.equals(expected)) {
            System.out.println("expected " + expected);
            System.exit(1);
        }
    }

    public static void main(String[] arguments) throws Exception {
        check("0 0 * * * ?", "Europe/Oslo", "2026-10-24T23:00:00Z", "2026-10-25T01:00:00Z");
        check("0 30 2 * * ?", "Europe/Oslo", "2027-03-27T12:00:00Z", "2027-03-29T00:30:00Z");
        check("0 0 6,12 14W * ?", "UTC", "2027-02-01T00:00:00Z", "2027-02-15T06:00:00Z");
        check("0 0 6,12 14W * ?", "UTC", "2027-02-15T06:00:00Z", "2027-03-15T06:00:00Z");
        check("0 0 6,12 15 * ?", "UTC", "2027-02-15T06:00:00Z", "2027-02-15T12:00:00Z");
        check("0 0 6 15W,20W * ?", "UTC", "2026-08-14T06:00:00Z", "2026-09-15T06:00:00Z");
        check("0 0 6 10,L-20 * ?", "UTC", "2027-02-01T00:00:00Z", "2027-02-10T06:00:00Z");
        check("0 0 6 L-20 * ?", "UTC", "2027-02-01T00:00:00Z", "2027-02-08T06:00:00Z");
        System.out.println("as described");
    }
}
JAVA
java -Duser.timezone=UTC -cp "$work/quartz-2.5.2.jar" Skipped.java
