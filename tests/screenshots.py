"""Pictures of all pages, wide and narrow, for docs/screenshots: made anew by `python -m tests.screenshots [NAME …]`.

A real service with all of Kocaeli and its demonstration outages, no telephones, looked at by a real browser.
"""

import asyncio
import sys
import tempfile
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

import av
from playwright.async_api import Page, WebSocketRoute

from ivr.clock import now
from ivr.service import Service
from ivr.settable import ROOT
from outages.area_import import apply_areas
from outages.demo import add_demo
from outages.gazetteer import load_city
from people.roles import Role
from people.web import COOKIE
from tests.browser import NARROW, WIDE, desk_at
from tests.browser_desk import registered
from tests.people_world import add_person, signed_in
from tests.shown_agents import add_agents
from tests.shown_tickets import add_tickets
from tests.whole_service import whole_service
from web import vendor

TARGET = ROOT / "docs" / "screenshots"
TICK = Fraction(1, 25)
LARGEST = 150 * 1024
"""Bytes of one picture."""
LONGEST_PAGE = 1800
"""Pixels that are shown of a long page."""
PAGES = {
    "sign-in": "/console/sign-in",
    "board": "/console",
    "outages": "/console/outages",
    "outage": "/console/outages/1",
    "write": "/console/outages/new?copy=1",
    "subscribers": "/console/subscribers",
    "reports": "/console/reports",
    "wall": "/console/wall",
    "emergencies": "/console/emergencies",
    "phone-pages": "/console/phone-pages",
    "phone-page": "/console/phone-pages/info.offices/tr",
    "import": "/console/import",
    "me": "/console/me",
    "people": "/console/system/people",
    "keys": "/console/system/keys",
    "webhooks": "/console/system/webhooks",
    "mail": "/console/system/mail",
    "audit": "/console/system/audit",
    "city": "/",
    "rest": "/docs",
}
STRANGERS = {"sign-in", "city", "rest"}


async def _fill(service: Service, tokens: list[str]) -> None:
    await apply_areas(service.db, await asyncio.to_thread(load_city, "41", service.settings.state))
    await add_demo(service.db, now, service.settings.timezone)
    PAGES.update(await add_tickets(service))
    await add_person(service.db, "ayse.kaya", Role.administrator)
    PAGES.update(await add_agents(service, "ayse.kaya"))
    tokens.append(await signed_in(service.signin, "ayse.kaya"))
    service.ready = True


async def _all(url: str, token: str, only: Collection[str]) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    async with desk_at(url) as desk:
        for name, path in ((name, path) for name, path in PAGES.items() if not only or name in only):
            for size, shape in ((WIDE, "wide"), (NARROW, "narrow")):
                cookies = {} if name in STRANGERS else {COOKIE: token}
                async with desk.person(cookies, size, permissions=["microphone"]) as page:
                    await page.route_web_socket("**/phone/ws", _telephones)
                    await _picture(page, path, TARGET / f"{name}-{shape}.png")


def _telephones(line: WebSocketRoute) -> None:
    """No Asterisk is there, but pages show what they show with one."""
    line.on_message(lambda said: line.send(registered(str(said))) if str(said).startswith("REGISTER ") else None)


async def _picture(page: Page, path: str, target: Path) -> None:
    answer = await page.goto(path)
    assert answer, path
    assert answer.ok, f"{path}: {answer.status}"
    await page.wait_for_timeout(500)  # what scripts add after loading
    width = (page.viewport_size or {"width": WIDE[0]})["width"]
    height = await page.evaluate("Math.max(document.documentElement.scrollHeight, innerHeight)")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, LONGEST_PAGE)}
    raw = await page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    small = await asyncio.to_thread(_with_palette, raw)
    assert len(small) <= LARGEST, f"{target.name} has {len(small) // 1024} kB"
    await asyncio.to_thread(target.write_bytes, small)
    print(f"{target.name}: {len(small) // 1024} kB")


def _with_palette(png: bytes) -> bytes:
    """The same picture with 128 colours of its own."""
    with tempfile.NamedTemporaryFile(suffix=".png") as whole:
        whole.write(png)
        whole.flush()
        with av.open(whole.name) as source:
            frame = next(source.decode(video=0)).reformat(format="rgb24")
    graph = av.filter.Graph()
    begin = graph.add_buffer(width=frame.width, height=frame.height, format="rgb24", time_base=TICK)
    split, palette = graph.add("split"), graph.add("palettegen", "max_colors=128:reserve_transparent=0")
    use, end = graph.add("paletteuse", "dither=none"), graph.add("buffersink")
    begin.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(end)
    graph.configure()
    frame.pts = 0
    graph.push(frame)
    graph.push(None)
    drawn = graph.pull()
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = drawn.width, drawn.height, "pal8", TICK
    return b"".join(bytes(packet) for packet in [*encoder.encode(drawn), *encoder.encode(None)])


def main(*only: str) -> None:
    """Of these pages, or of all."""
    vendor.build()
    tokens: list[str] = []
    with tempfile.TemporaryDirectory() as state, whole_service(Path(state), lambda s: _fill(s, tokens)) as url:
        asyncio.run(_all(url, tokens[0], only))


if __name__ == "__main__":
    main(*sys.argv[1:])
