"""The class as a table on a terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mesh.console import visible
from mesh.workshop.course.outcome import Outcome, State
from mesh.workshop.course.progress import Progress, shown_names

MARKS = {State.DONE: "✔", State.WRONG: "✘", State.NOT_YET: "·"}
_STYLES = {State.DONE: "green", State.WRONG: "red", State.NOT_YET: "dim"}


def table(progress: Progress) -> Group:
    """A line per student, a column per task, and how many have done each."""
    many = len(progress.students)
    made = Table(box=None, pad_edge=False, show_footer=True, header_style="bold", footer_style="bold")
    made.add_column("", no_wrap=True, overflow="ellipsis", max_width=28)
    made.add_column("", no_wrap=True, style="dim")
    for task, done in zip(progress.tasks, progress.done, strict=True):
        made.add_column(visible(task.short), f"{done}/{many}", justify="center", overflow="fold")
    names = shown_names(progress.students)
    for student, outcomes in progress.outcomes.items():
        cells = (_cell(one) for one in outcomes)
        made.add_row(Text(visible(names[student])), Text(visible(student.branch)), *cells)
    return Group(headline(progress), made, *_notes(progress))


def headline(progress: Progress) -> Text:
    """Which class, and when it was looked at."""
    many = len(progress.students)
    students = f"{many} student{'' if many == 1 else 's'}"
    moment = progress.at.astimezone().strftime("%a %H:%M:%S")
    text = Text(f"{visible(progress.workshop)} · {students} · {moment}", style="bold")
    if progress.failing:
        text.append(f"\nno answer since then: {visible(progress.failing)}", style="red")
    return text


def _cell(outcome: Outcome) -> Text:
    mark = MARKS[outcome.state]
    return Text(f"{mark} {outcome.why}" if outcome.why else mark, style=_STYLES[outcome.state])


def _notes(progress: Progress) -> list[Text]:
    if not progress.unseen:
        return []
    named = ", ".join(map(visible, progress.unseen[:3]))
    more = f" and {len(progress.unseen) - 3} more" if len(progress.unseen) > 3 else ""
    return [Text(f"not seen, as you may not look at it: {named}{more}", style="yellow")]
