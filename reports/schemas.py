"""Reports as REST and the command line give them to programs."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from reports.figures import Kind, Report, Table
from reports.period import Length


class FigureOut(BaseModel):
    """One figure. A share is from 0 to 1; times are in the unit that `kind` names."""

    column: str
    value: float | None = Field(description="Null where there is nothing that it could be told from.")
    kind: Kind


class LineOut(BaseModel):
    key: str
    name: str | None = Field(description="A name of the utility's own, such as a district's.")
    figures: list[FigureOut]


class TableOut(BaseModel):
    key: str = Field(examples=["calls.by_hour"])
    lines: list[LineOut]


class ReportOut(BaseModel):
    """The figures of one period; docs/reports.md tells what each means."""

    period: Length
    first: date
    last: date
    time_zone: str
    unit_id: int | None
    unit: str | None
    made: datetime
    settled: bool = Field(description="Whether 24 hours have passed since the last call; true containment may fall.")
    tables: list[TableOut]


def report_out(report: Report) -> ReportOut:
    period = report.scope.period
    return ReportOut(
        period=period.length,
        first=period.first,
        last=period.last,
        time_zone=period.zone.key,
        unit_id=report.scope.unit_id,
        unit=report.unit,
        made=report.made,
        settled=report.settled,
        tables=[_table(table) for table in report.tables],
    )


def _table(table: Table) -> TableOut:
    lines = [
        LineOut(
            key=line.key,
            name=line.name,
            figures=[
                FigureOut(column=column, value=cell.value, kind=cell.kind)
                for column, cell in zip(table.columns, line.cells, strict=True)
            ],
        )
        for line in table.lines
    ]
    return TableOut(key=table.key, lines=lines)
