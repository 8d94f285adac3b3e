"""What the checks of pages are for: they find what is wrong."""

import pytest

from tests.browser import axe_in_both_schemes, desk_at
from web import vendor

PAGE = """<!doctype html><html lang="tr"><title>Su</title><style>
:root { color-scheme: light dark; } main { color: #222; background: #fff; }
@media (prefers-color-scheme: dark) { main { color: %s; background: #111; } }
</style><main><h1>Su kesik</h1></main></html>"""


async def test_a_colour_that_only_the_dark_scheme_makes_unreadable_is_found() -> None:
    vendor.build()
    async with desk_at("about:blank") as desk:
        page = await desk.chromium.new_page()
        await page.set_content(PAGE % "#eee")
        await axe_in_both_schemes(page)
        await page.set_content(PAGE % "#333")
        with pytest.raises(AssertionError, match="color-contrast"):
            await axe_in_both_schemes(page)
