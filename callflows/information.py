"""Bills, subscriptions, offices, app, web and WhatsApp: pages that operators edit, else those of the catalogue."""

from callflows.conversation import Conversation
from callflows.menus import menu
from callflows.speech import page
from calls.journal import Outcome

PAGES = {"1": "info.bill", "2": "info.new_subscription", "3": "info.offices"}
DIGITAL_PAGES = {"1": "info.app", "2": "info.web", "3": "info.whatsapp"}


async def inform(talk: Conversation) -> None:
    """Read the page that the caller chooses; returns when the caller wants the main menu."""
    chosen = await menu(talk, "info.menu", "1234")
    key = PAGES.get(chosen) or DIGITAL_PAGES[await menu(talk, "info.digital", "123")]
    talk.last_said = lambda: [page(talk.desk.board, key, talk.wording)]
    await talk.say(*talk.last_said())
    if talk.call.journal.outcome is Outcome.gave_up:
        talk.call.journal.outcome = Outcome.served
    await menu(talk, "info.after", "1", about=talk.last_said)
