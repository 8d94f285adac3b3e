"""The outage desk through REST: review, undo, templates, pages, previews and exports, each refusal one sentence."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from people.apikeys import ensure_api_key
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places
from tests.shared_rest import outages_rest
from tests.test_rest import AUTH, KEY, outage, refused

OTHER = {"X-API-Key": "another-key-of-high-entropy"}


@pytest.fixture
async def places(db: Database) -> Places:
    await ensure_api_key(db, KEY)
    await ensure_api_key(db, OTHER["X-API-Key"], "second")
    return await add_places(db)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def web(db: Database, places: Places, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    app = outages_rest(db, clock, review_planned=True)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=AUTH) as client:
        yield client


async def draft(web: httpx.AsyncClient, area: int, **given: Any) -> str:
    later = {"starts": (START + 24 * HOUR).isoformat(), "expected_end": (START + 30 * HOUR).isoformat()}
    made = await web.post("/outages", json=outage(area, kind="planned", draft=True, **later, **given))
    assert made.status_code == 201, made.text
    return f"/outages/{made.json()['id']}"


async def test_planned_work_from_draft_to_publication(web: httpx.AsyncClient, places: Places) -> None:
    path = await draft(web, places.yeni, reason="Yıllık bakım")
    refused(await web.post(f"{path}/approve", headers=OTHER), 409, "not_submitted")
    assert (await web.post(f"{path}/submit")).json()["submitted_by"] == "api:installation"
    refused(await web.post(f"{path}/approve"), 409, "needs_second_person")
    back = await web.post(f"{path}/send-back", json={"reason": "Saat yanlış"}, headers=OTHER)
    assert back.json()["submitted_by"] is None
    await web.post(f"{path}/submit")
    at = (START + HOUR).isoformat()
    approved = await web.post(f"{path}/approve", json={"at": at, "reason": "Uygun"}, headers=OTHER)
    assert (approved.json()["life"], approved.json()["publish_at"]) == ("draft", "2026-11-25T10:00:00Z")
    told = (await web.get(path)).json()
    assert [(r["what"], r["reason"]) for r in told["revisions"]] == [
        ("created", "Yıllık bakım"),
        ("submitted", None),
        ("sent_back", "Saat yanlış"),
        ("submitted", None),
        ("approved", "Uygun"),
    ]
    assert (await web.post(f"{path}/publish", headers=OTHER)).json()["life"] == "scheduled"


async def test_the_public_is_not_told_who_worked_on_it(web: httpx.AsyncClient, places: Places, db: Database) -> None:
    path = await draft(web, places.yeni)
    await web.post(f"{path}/submit")
    await web.post(f"{path}/approve", headers=OTHER)
    public = {"X-API-Key": ""}
    told = (await web.get(path, headers=public)).json()
    assert (told["submitted_by"], told["approved_by"], told["revisions"]) == (None, None, None)
    (listed,) = (await web.get("/outages", headers=public)).json()
    assert (listed["submitted_by"], listed["approved_by"]) == (None, None)
    assert (await web.get(path)).json()["approved_by"] == "api:second"
    for path in ("/outages/history", "/outage-templates", "/phone-pages", "/outages/export.csv"):
        refused(await web.get(path, headers=public), 401, "no_key")


async def test_what_was_just_done_is_undone(web: httpx.AsyncClient, places: Places, clock: Clock) -> None:
    made = (await web.post("/outages", json=outage(places.yeni))).json()
    path = f"/outages/{made['id']}"
    await web.post(f"{path}/end", json={"reason": "Yanlışlıkla"})
    refused(await web.post(f"{path}/undo", json={"revision": 2}, headers=OTHER), 409, "undo_not_yours")
    undone = (await web.post(f"{path}/undo", json={"revision": 2})).json()
    assert (undone["life"], undone["actual_end"], undone["revision"]) == ("active", None, 3)
    clock.forward(timedelta(seconds=31))
    refused(await web.post(f"{path}/undo", json={"revision": 3}), 409, "undo_too_late")
    refused(await web.post(f"{path}/undo", json={"revision": 1}), 412, "revision_conflict")


async def test_overlaps_are_told_before_anything_is_saved(web: httpx.AsyncClient, places: Places) -> None:
    held = (await web.post("/outages", json=outage(places.gebze))).json()["id"]
    found = (await web.post("/outages/overlapping", json=outage(places.yeni))).json()
    assert [each["id"] for each in found] == [held]
    assert (await web.post(f"/outages/overlapping?except_id={held}", json=outage(places.yeni))).json() == []
    assert len((await web.get("/outages")).json()) == 1


async def test_the_past_is_searched_and_paged(web: httpx.AsyncClient, places: Places) -> None:
    for text in ("Çiçek Parkı", "Gül Parkı"):
        await web.post("/outages", json=outage(places.yeni, tanker_points=text))
    found = (await web.get("/outages/history", params={"text": "cicek"})).json()
    assert (found["total"], found["outages"][0]["tanker_points"]) == (1, "Çiçek Parkı")
    pages = (await web.get("/outages/history", params={"size": 1, "page": 2})).json()
    assert (pages["page"], pages["pages"], len(pages["outages"])) == (2, 2, 1)
    refused(await web.get("/outages/history", params={"since": "gestern"}), 422, "not_understood")


async def test_areas_are_suggested_while_somebody_types(web: httpx.AsyncClient, places: Places) -> None:
    found = (await web.get("/areas/suggest", params={"text": "geb bar"})).json()
    assert [each["label"] for each in found] == ["Gebze / Barış"]
    (old,) = (await web.get("/areas/suggest", params={"text": "sulh"})).json()
    assert (old["id"], old["former"]) == (places.baris, "Sulh")


async def test_templates_are_saved_and_removed(web: httpx.AsyncClient, places: Places) -> None:
    body = {"name": "Depo", "kind": "planned", "cause": "tank_cleaning", "areas": [{"area_id": places.yeni}]}
    saved = (await web.put("/outage-templates", json=body | {"minutes": 480})).json()
    assert [each["name"] for each in (await web.get("/outage-templates")).json()] == ["Depo"]
    assert (await web.delete(f"/outage-templates/{saved['id']}")).status_code == 204
    refused(await web.delete(f"/outage-templates/{saved['id']}"), 404, "unknown_template")
    refused(await web.put("/outage-templates", json=body | {"minutes": 0}), 422, "not_understood")


async def test_pages_of_the_phone_menu_are_written(web: httpx.AsyncClient, places: Places) -> None:
    path = "/phone-pages/info.bill/tr"
    assert len((await web.get("/phone-pages")).json()) == 12
    written = await web.put(path, json={"text": "Faturanızı 7/24 ödeyin."}, headers={"If-Match": '"0"'})
    assert (written.json()["revision"], written.headers["ETag"]) == (1, '"1"')
    refused(await web.put(path, json={"text": "Başka."}, headers={"If-Match": '"0"'}), 412, "revision_conflict")
    refused(await web.put("/phone-pages/menu.main/tr", json={"text": "Başka."}), 404, "unknown_page")
    refused(await web.put(path, json={"text": "su " * 300}), 422, "text_too_long")
    assert (await web.put(path, json={"text": None})).json()["text"] is None
    assert [each["revision"] for each in (await web.get(f"{path}/history")).json()] == [2, 1]


async def test_a_text_is_judged_before_it_goes_on_air(web: httpx.AsyncClient, places: Places) -> None:
    told = (await web.post("/texts/check", json={"text": "Lale Cad. 5 önünde"})).json()
    assert told["spoken"] == "Lale Caddesi beş önünde"
    assert [each["level"] for each in told["findings"]] == ["note"]
    long = outage(places.yeni, announcement_tr="su " * 200)
    refused(await web.post("/outages", json=long), 422, "text_too_long")
    assert (await web.post("/outages", json=long | {"draft": True})).status_code == 201


async def test_a_text_that_was_there_before_hinders_nobody(
    web: httpx.AsyncClient, places: Places, db: Database
) -> None:
    head = "id;ilçe;mahalle;tip;başlangıç;duyuru\n"
    long = f"{head}A1;Gebze;Barış;arıza;25.11.2026 11:00;{'su kesintisi ' * 60}\n"
    assert (await web.post("/outages/import", files={"file": ("k.csv", long.encode())})).json()["added"] == 1
    (held,) = (await web.get("/outages")).json()
    assert (await web.patch(f"/outages/{held['id']}", json={"crew": "on_site"})).status_code == 200
    assert (await web.post(f"/outages/{held['id']}/end")).status_code == 200


async def test_a_file_is_looked_at_then_imported(web: httpx.AsyncClient, places: Places) -> None:
    text = "id;ilçe;mahalle;tip;başlangıç\nA1;Gebze;Barış;arıza;25.11.2026 11:00\n"
    files = {"file": ("k.csv", text.encode())}
    bad = {"file": ("k.csv", text.replace("Barış", "Brış").encode())}
    for path in ("/outages/import/preview", "/outages/import"):
        told = (await web.post(path, files=bad)).json()
        (error,) = told["rows"][0]["errors"] if path.endswith("preview") else told["errors"]
        assert error["reason"] == "Gebze has no neighbourhood 'Brış'. Did you mean Barış?"
        assert error["turkish"] == "Gebze ilçesinde 'Brış' adlı bir mahalle yok. Barış mi demek istediniz?"
    seen = (await web.post("/outages/import/preview", files=files)).json()
    assert [(row["line"], row["what"]) for row in seen["rows"]] == [(2, "new")]
    wrong = await web.post("/outages/import", files=files, data={"digest": "0" * 64})
    refused(wrong, 409, "changed_meanwhile")
    done = await web.post("/outages/import", files=files, data={"digest": seen["digest"]})
    assert done.json()["added"] == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_is_exported_is_imported_unchanged(web: httpx.AsyncClient, places: Places, form: str) -> None:
    await web.post("/outages", json=outage(places.yeni, places.korfez, announcement_tr="=1 bekleyin"))
    made = await web.get(f"/outages/export.{form}")
    assert made.headers["content-disposition"].endswith(f'"kesintiler.{form}"')
    files = {"file": (f"k.{form}", made.content)}
    report = (await web.post("/outages/import", files=files)).json()
    assert report == {"added": 0, "changed": 0, "unchanged": 1, "errors": []}


async def test_a_broadcast_is_extended(web: httpx.AsyncClient, places: Places) -> None:
    made = await web.post("/broadcasts", json={"text_tr": "Su içmeyin.", "ends": (START + HOUR).isoformat()})
    path = f"/broadcasts/{made.json()['id']}"
    longer = await web.patch(path, json={"ends": (START + 2 * HOUR).isoformat()})
    assert longer.json()["ends"] == "2026-11-25T11:00:00Z"
    refused(await web.patch(path, json={"ends": None}), 422, "not_understood")
    refused(await web.patch("/broadcasts/99", json={}), 404, "unknown_broadcast")
