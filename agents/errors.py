"""What the agents' desk refuses."""

from outages.errors import OutageError


class AgentError(OutageError):
    """One sentence that says what to do instead, and a stable `code`."""

    code = "agent_error"


class NotDone(AgentError):
    """The exchange could not be asked, or refused."""

    code = "exchange_away"
