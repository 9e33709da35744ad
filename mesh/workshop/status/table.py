"""The progress of a class as a table on a terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mesh.console import visible
from mesh.workshop.course.outcome import Outcome, OutcomeState
from mesh.workshop.course.progress import Progress, display_names

MARKS = {OutcomeState.DONE: "✔", OutcomeState.WRONG: "✘", OutcomeState.NOT_YET: "·"}
_STYLES = {OutcomeState.DONE: "green", OutcomeState.WRONG: "red", OutcomeState.NOT_YET: "dim"}


def progress_table(progress: Progress) -> Group:
    """A line per student, a column per task, and the number of students who have done each task."""
    total = len(progress.students)
    table = Table(box=None, pad_edge=False, show_footer=True, header_style="bold", footer_style="bold")
    table.add_column("", no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column("", no_wrap=True, style="dim")
    for task, done in zip(progress.tasks, progress.done, strict=True):
        table.add_column(visible(task.label), f"{done}/{total}", justify="center", overflow="fold")
    names = display_names(progress.students)
    for student, outcomes in progress.outcomes.items():
        cells = (_cell(outcome) for outcome in outcomes)
        table.add_row(Text(visible(names[student])), Text(visible(student.branch)), *cells)
    return Group(headline(progress), table, *_notes(progress))


def headline(progress: Progress) -> Text:
    """The class, the number of students, and when the workspace was read."""
    total = len(progress.students)
    students = f"{total} student{'' if total == 1 else 's'}"
    time = progress.read_at.astimezone().strftime("%a %H:%M:%S")
    text = Text(f"{visible(progress.workshop)} · {students} · {time}", style="bold")
    if progress.failure:
        text.append(f"\nno answer since then: {visible(progress.failure)}", style="red")
    return text


def _cell(outcome: Outcome) -> Text:
    mark = MARKS[outcome.state]
    return Text(f"{mark} {outcome.reason}" if outcome.reason else mark, style=_STYLES[outcome.state])


def _notes(progress: Progress) -> list[Text]:
    if not progress.unreadable:
        return []
    names = ", ".join(map(visible, progress.unreadable[:3]))
    more = f" and {len(progress.unreadable) - 3} more" if len(progress.unreadable) > 3 else ""
    return [Text(f"no permission to read {names}{more}", style="yellow")]
