"""What the previews of all imports share: a file that is kept, its rows by what they would do, page by page."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, TypeVar

from fastapi import Path, Query, UploadFile

from outages.errors import OutageError
from outages.tables import MOST_BYTES, MOST_ROWS

PAGE = 100
KINDS = ("new", "changed", "same", "bad")
Mark = Annotated[str, Path(max_length=64)]
Show = Annotated[Literal["", "new", "changed", "same", "bad"], Query()]
PageNumber = Annotated[int, Query(ge=1, le=MOST_ROWS)]


class Row(Protocol):
    @property
    def what(self) -> str: ...


AnyRow = TypeVar("AnyRow", bound=Row)


async def chosen(file: UploadFile | None) -> tuple[str, bytes]:
    """Name and content of what was sent, no more of it than may be taken in. Raises `no_file`."""
    data = await file.read(MOST_BYTES + 1) if file else b""
    if file is None or not data:
        raise OutageError("Choose a file first.", "no_file")
    return (file.filename or "")[:120], data


def paged(rows: Sequence[AnyRow], show: str, page: int) -> tuple[list[AnyRow], dict[str, Any]]:
    """The rows of one page, and what the page shows of the others."""
    wanted = [row for row in rows if show in ("", row.what)]
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(page, pages)
    return wanted[(page - 1) * PAGE : page * PAGE], {"show": show, "page": page, "pages": pages}
