"""`./alo185 areas …`: the places that callers can name."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ivr.settings import Settings
from outages import repository
from outages.area_import import AreaChanges, apply_areas
from outages.borders import Borders, keep_borders, read_borders
from outages.gazetteer import AreaSeed, load_city, read_areas_csv
from outages.keys import folded, keypad
from outages.models import Area
from outages.names import match_key
from storage.database import Database

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
areas = typer.Typer(no_args_is_help=True, help="Districts, neighbourhoods and industrial zones.")


@areas.command("import")
def import_(
    file: Annotated[Path | None, typer.Argument(help="Your own list, CSV or XLSX; none: the public register.")] = None,
    city: Annotated[str | None, typer.Option(help="Province code for the register, e.g. 41.")] = None,
    complete: Annotated[bool, typer.Option("--complete", help="FILE is all there is: close what it lacks.")] = False,
    as_json: Json = False,
) -> None:
    """Load the areas of a province, or a list of your own; known areas keep their ids and numbers."""
    settings = Settings()
    seeds = read_areas_csv(file) if file else load_city(city or settings.city_code, settings.state)
    changes = asyncio.run(_apply(settings, seeds, complete=complete or file is None))
    if as_json:
        typer.echo(json.dumps(_told(changes), ensure_ascii=False))
        return
    for what, names in _told(changes).items():
        if isinstance(names, list) and names:
            typer.echo(f"{what:<12} {len(names):>5}  {', '.join(names[:8])}{', …' if len(names) > 8 else ''}")
    typer.echo(f"{'unchanged':<12} {changes.unchanged:>5}")


@areas.command()
def borders(
    file: Annotated[Path, typer.Argument(help="GeoJSON of polygons named as your districts or neighbourhoods are.")],
    as_json: Json = False,
) -> None:
    """Draw the map with real borders instead of tiles."""
    kept = asyncio.run(_keep_borders(Settings(), file))
    if as_json:
        typer.echo(json.dumps({"kept": len(kept.shapes), "unknown": list(kept.unknown)}, ensure_ascii=False))
        return
    typer.echo(f"borders of {len(kept.shapes)} areas are on the map now")
    if kept.unknown:
        typer.echo(f"not one of our areas: {', '.join(kept.unknown[:10])}")


@areas.command("list")
def list_(
    district: Annotated[str | None, typer.Option(help="Only this district.")] = None,
    as_json: Json = False,
) -> None:
    """All areas by number, as callers enter it."""
    everything = asyncio.run(_areas(Settings()))
    names = {area.id: area.name for area in everything}
    if district is not None and match_key(district) not in {match_key(a.name) for a in everything if not a.district_id}:
        raise typer.BadParameter(f"There is no district {district!r}.", param_hint="--district")
    wanted = [a for a in everything if district is None or match_key(_district(a, names)) == match_key(district)]
    _print(wanted, names, as_json)


@areas.command()
def find(
    text: Annotated[
        str, typer.Argument(help='A part of a name ("goztepe"), or the keys of its first letters ("936").')
    ],
    as_json: Json = False,
) -> None:
    """Areas by name or by telephone keys."""
    everything = asyncio.run(_areas(Settings()))
    names = {area.id: area.name for area in everything}
    wanted, keys = folded(text), keypad(text) if text.strip().isdecimal() else None
    found = [
        area
        for area in everything
        if (wanted and wanted in folded(f"{area.name} {area.spoken}")) or (keys and area.keypad.startswith(keys))
    ]
    _print(found, names, as_json)
    if not found:
        typer.echo(f"No area is called {text!r} or begins with these keys.", err=True)
        raise typer.Exit(1)


async def _keep_borders(settings: Settings, file: Path) -> Borders:
    db = Database(settings.database)
    try:
        await db.check()
        async with db.session() as session:
            found = await asyncio.to_thread(read_borders, file, await repository.areas(session, merged=True))
            await keep_borders(session, found)
            await session.commit()
            return found
    finally:
        await db.close()


async def _apply(settings: Settings, seeds: Sequence[AreaSeed], *, complete: bool) -> AreaChanges:
    database = Database(settings.database)
    try:
        await database.migrate()
        return await apply_areas(database, seeds, complete=complete)
    finally:
        await database.close()


async def _areas(settings: Settings) -> Sequence[Area]:
    database = Database(settings.database)
    try:
        await database.migrate()
        async with database.reading() as session:
            return await repository.areas(session)
    finally:
        await database.close()


def _told(changes: AreaChanges) -> dict[str, list[str] | int]:
    return {
        "added": changes.added,
        "changed": changes.changed,
        "merged": changes.merged,
        "deactivated": changes.deactivated,
        "unchanged": changes.unchanged,
    }


def _district(area: Area, names: dict[int, str]) -> str:
    return names.get(area.district_id or area.id, "")


def _print(found: Sequence[Area], names: dict[int, str], as_json: bool) -> None:
    fields = ("id", "number", "kind", "name", "spoken", "keypad", "population")
    if as_json:
        rows = [{f: getattr(area, f) for f in fields} | {"district": _district(area, names)} for area in found]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for area in found:
        where = "" if area.district_id is None else f"  ({_district(area, names)})"
        typer.echo(f"{area.number:>6}  {area.name}{where}")


def register(app: typer.Typer) -> None:
    app.add_typer(areas, name="areas")
