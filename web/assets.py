"""Style, scripts and libraries under `/static`, each with its digest in the address: browsers keep it for good."""

import hashlib
import mimetypes
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from web import vendor

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """Files of several folders by name; a later folder wins."""

    def __init__(self, folders: Iterable[Path] = (STATIC,)) -> None:
        self._files: dict[str, tuple[Path, str]] = {}
        for folder in folders:
            for file in folder.rglob("*"):
                if file.is_file() and not file.name.startswith("."):
                    self._add(file.relative_to(folder).as_posix(), file)
        for name in vendor.SERVED:
            if (vendor.VENDOR / name).exists():
                self._add(f"vendor/{name}", vendor.VENDOR / name)

    def url(self, name: str) -> str:
        """Empty for a library that could not be built: the page then does without."""
        if name not in self._files:
            return ""
        return f"/static/{name}?v={self._files[name][1]}"

    @property
    def route(self) -> Route:
        return Route("/static/{name:path}", self._serve, methods=["GET", "HEAD"], include_in_schema=False)

    async def _serve(self, request: Request) -> Response:
        file, digest = self._files.get(request.path_params["name"], (None, ""))
        if file is None:
            return Response("There is no such file.\n", 404, media_type="text/plain")
        kept = FOREVER if request.query_params.get("v") == digest else "no-cache"
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return FileResponse(file, headers={"Cache-Control": kept}, media_type=media_type)

    def _add(self, name: str, file: Path) -> None:
        self._files[name] = (file, hashlib.sha256(file.read_bytes()).hexdigest()[:12])
