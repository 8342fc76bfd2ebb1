"""The flowchart in words, for those who cannot see it."""

from __future__ import annotations

from connector.diagram.chart import Arrow, Chart, Row


def described(chart: Chart) -> str:
    """Every row with who acts and where it leads, then the notes."""
    return "\n".join((*chart.heading, *(_row(chart, row) for row in chart.rows), *chart.notes))


def _row(chart: Chart, row: Row) -> str:
    who = " atau ".join(chart.lanes[lane] for lane in row.lanes)
    facts = [fact for fact in (who, row.limit.replace("\n", "; ")) if fact]
    head = f"Langkah {row.no}: {row.title}" if row.no else row.title
    leading = [_way(chart, arrow) for arrow in chart.arrows if arrow.source == row.id]
    known = f" ({', '.join(facts)})" if facts else ""
    return f"{head}{known}. {'; '.join(leading)}".strip()


def _way(chart: Chart, arrow: Arrow) -> str:
    target = arrow.capsule or _name(chart.rows[chart.index(arrow.target)])
    return f"{arrow.label}: ke {target}" if arrow.label else f"Ke {target}"


def _name(row: Row) -> str:
    return f"langkah {row.no}" if row.no else row.title
