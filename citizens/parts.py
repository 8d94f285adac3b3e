"""What work on people needs, put together once from the settings."""

from dataclasses import dataclass
from pathlib import Path

from citizens.erasure import Eraser
from citizens.whose import Secrets
from subscribers.directory import Directory


@dataclass(frozen=True, slots=True)
class CitizenParts:
    directory: Directory
    secrets: Secrets
    eraser: Eraser
    recordings: Path
    """Folder of what citizens said and sent with tickets."""
