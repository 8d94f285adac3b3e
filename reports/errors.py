"""What can be wrong with what is asked of a report."""

from outages.errors import OutageError


class ReportError(OutageError):
    """One sentence that says what to do, and a stable `code`."""

    code = "report_error"


class NoPaper(ReportError):
    """No PDF can be made on this machine."""

    code = "no_paper"
