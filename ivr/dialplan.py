"""The names that the service and Asterisk's dialplan share. A test holds `asterisk-config/` to them."""

from typing import Final

STASIS_APPLICATION: Final = "alo185"
"""`Stasis(alo185)`. Over the per-call WebSocket Asterisk calls it `alo185:<channel>`."""
ARI_USER: Final = "alo185"
"""Who Asterisk says it is on the WebSocket, and who the service is on Asterisk's HTTP port."""
ARI_PATH: Final = "/ari"
HEALTH_PATH: Final = "/health"
QUEUE_REPORT_PATH: Final = "/dialplan/queue"
AGI_PATH: Final = "alo185"
"""`AGI(agi://127.0.0.1:PORT/alo185)`."""

INCOMING_CONTEXT: Final = "alo185-incoming"
"""Where a dialplan sends a caller: `Goto(alo185-incoming,s,1)`."""
PROBE_CONTEXT: Final = "alo185-probe"
FALLBACK_CONTEXT: Final = "alo185-fallback"
TRANSFER_CONTEXT: Final = "alo185-transfer"
QUEUE_CONTEXT: Final = "alo185-queue"
AGENT_LEG_CONTEXT: Final = "alo185-agent-leg"
QUEUE_ENTER_CONTEXT: Final = "alo185-queue-enter"
"""`Gosub(alo185-queue-enter,s,1(QUEUE))` before `Queue()`: from then on the service is told who waits."""
QUEUE_TELL_CONTEXT: Final = "alo185-queue-tell"

DONE: Final = "ALO185_DONE"
"""The sentinel: `1` when the flow finished with the caller. Without it, the dialplan plays the fallback."""
QUEUE: Final = "ALO185_QUEUE"
"""Set beside the sentinel when the caller goes on to a queue; empty when the call is over."""
REASON: Final = "ALO185_REASON"
AREA: Final = "ALO185_AREA"
LANGUAGE: Final = "ALO185_LANGUAGE"
PRIORITY: Final = "ALO185_PRIORITY"
TICKET: Final = "ALO185_TICKET"
"""The number of the ticket that this call opened; empty without one."""
VARIABLES: Final = (DONE, QUEUE, REASON, AREA, LANGUAGE, PRIORITY, TICKET)

QUEUE_REPORTER: Final = "queue-report"
"""The secret by which the service knows that a report about the queue is Asterisk's."""
AGENTS_QUEUE: Final = "alo185-agents"
AGENT_ENDPOINTS: Final = ("alo185-agent-1", "alo185-agent-2")
AREA_HEADER: Final = "X-Alo185-Area"
REASON_HEADER: Final = "X-Alo185-Reason"
TICKET_HEADER: Final = "X-Alo185-Ticket"
PRIORITY_HEADER: Final = "X-Alo185-Priority"

FALLBACK_OUTAGES: Final = "outages"
FALLBACK_APOLOGY: Final = "apology"
"""Sound files in `settings.fallback` that Asterisk plays when the service is away."""
