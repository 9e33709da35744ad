"""A date and time in a zone whose fields are set one by one, as Quartz sets those of a Java calendar.

Source: Java 17, `java.util.GregorianCalendar`, lenient. A field outside its range carries into the next one:
hour 24 is the next day. A time that the clock skips in spring is read with the offset before the change, and
comes out later; a time that exists twice in autumn is the second one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class WallClock:
    """The wall clock of a zone; fields that are read are always in range.

    Args:
        moment: the moment to begin with.
        zone: the zone.
    """

    def __init__(self, moment: datetime, zone: tzinfo) -> None:
        self.zone = zone
        self._show(moment.astimezone(UTC).replace(microsecond=0))

    def set(
        self,
        *,
        year: int | None = None,
        month: int | None = None,
        day: int | None = None,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
    ) -> None:
        """Sets fields at once, and carries what is out of range."""
        local = self._local
        year = local.year if year is None else year
        month = (local.month if month is None else month) - 1
        first = datetime(year + month // 12, month % 12 + 1, 1)
        wall = first + timedelta(
            days=(local.day if day is None else day) - 1,
            hours=local.hour if hour is None else hour,
            minutes=local.minute if minute is None else minute,
            seconds=local.second if second is None else second,
        )
        self._show(self._resolved(wall))

    def set_hour(self, hour: int, **fields: int) -> None:
        """Sets the hour with other fields; where the clock skips that hour, the next one is set.

        Args:
            hour: the hour; 24 is the next day.
            fields: other fields, as for `set`.
        """
        self.set(hour=hour, **fields)
        if self.hour != hour and hour != 24:
            self.set(hour=hour + 1)

    def _resolved(self, wall: datetime) -> datetime:
        earlier, later = (wall.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        offset = min(one.utcoffset() or timedelta() for one in (earlier, later))
        return (wall - offset).replace(tzinfo=UTC)

    def _show(self, moment: datetime) -> None:
        self.moment = moment
        self._local = moment.astimezone(self.zone)

    @property
    def year(self) -> int:
        """The year."""
        return self._local.year

    @property
    def month(self) -> int:
        """The month, from 1."""
        return self._local.month

    @property
    def day(self) -> int:
        """The day of the month."""
        return self._local.day

    @property
    def weekday(self) -> int:
        """The day of the week; 1 is Sunday."""
        return self._local.isoweekday() % 7 + 1

    @property
    def hour(self) -> int:
        """The hour, from 0 to 23."""
        return self._local.hour

    @property
    def minute(self) -> int:
        """The minute."""
        return self._local.minute

    @property
    def second(self) -> int:
        """The second."""
        return self._local.second
