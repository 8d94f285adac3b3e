"""What an installation says, and where it is kept."""

from callflows.moments import moment_prompts
from callflows.speech import announcement, area_prompts, number_prompts
from ivr.clock import now
from ivr.settings import Settings
from outages.board import Board
from prompts.catalogue import Catalogue
from prompts.engines import engine_for
from prompts.library import PromptLibrary
from prompts.prompt import LANGUAGES, Prompt


def library_of(settings: Settings) -> PromptLibrary:
    engine = engine_for(settings.speech_engine, settings.piper_voice)
    return PromptLibrary(settings.prompts, engine, settings.recordings)


def standing_prompts(board: Board, catalogue: Catalogue) -> list[Prompt]:
    """What is said whatever happens to the water: the catalogue, numbers, hours, and the names of all areas."""
    numbers = [prompt for language in LANGUAGES for prompt in number_prompts(language)]
    moments = [prompt for language in LANGUAGES for prompt in moment_prompts(language)]
    return [*catalogue.statics(), *numbers, *moments, *area_prompts(board)]


def fallback_prompts(board: Board, catalogue: Catalogue) -> list[Prompt]:
    """What Asterisk says on its own when the service is away."""
    then = [catalogue.phrase(key, "tr") for key in ("record.notice", "transfer.connecting")]
    return [*announcement(board, now(), catalogue), *then]
