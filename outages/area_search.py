"""Areas by the names that people write, with a suggestion where a name is nearly right."""

from collections.abc import Iterable
from difflib import get_close_matches

from outages.errors import OutageError
from outages.keys import sort_key
from outages.models import Area
from outages.names import match_key
from outages.seeds import identity_of
from outages.values import shown

_NEAR = 0.7


class UnknownPlace(OutageError):
    code = "unknown_area"

    def __init__(self, message: str, column: str, turkish: str) -> None:
        super().__init__(message, turkish=turkish)
        self.column = column


class AreaSearch:
    """All areas, also closed ones: an outage of a merged neighbourhood belongs to the one that took it in."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """Former names first, then closed areas: a living one of the same name counts before them."""
        areas = sorted(areas, key=lambda area: area.active)
        self._by_id = {area.id: area for area in areas}
        self._districts = {match_key(area.name): area for area in areas if area.district_id is None}
        self._inside = {
            identity_of(self._by_id[area.district_id].name, name): area
            for former in (True, False)
            for area in areas
            if area.district_id
            for name in (area.former_names or () if former else (area.name,))
        }

    def find(self, district: str | None, name: str | None) -> Area:
        """A neighbourhood, or without a name the whole district; raises UnknownPlace."""
        if district is None:
            return self._anywhere(name or "")
        found = self._districts.get(match_key(district))
        if found is None:
            near, yakin = self._near(district, self._districts)
            raise UnknownPlace(
                f"There is no district {shown(district)}.{near}", "ilçe", f"{shown(district)} adlı bir ilçe yok.{yakin}"
            )
        found = self._living(found)
        return found if name is None else self._within(found, name)

    def _within(self, district: Area, name: str) -> Area:
        found = self._inside.get(identity_of(district.name, name))
        if found is not None:
            return self._living(found)
        inside = {key[1]: area for key, area in self._inside.items() if area.district_id == district.id and area.active}
        elsewhere = self._everywhere(name)
        near, yakin = self._near(name, inside)
        if not near and elsewhere:
            others = self._districts_of(elsewhere)
            near, yakin = f" There is one in {others}.", f" Bu adda mahallesi olan ilçe: {others}."
        raise UnknownPlace(
            f"{district.name} has no neighbourhood {shown(name)}.{near}",
            "mahalle",
            f"{district.name} ilçesinde {shown(name)} adlı bir mahalle yok.{yakin}",
        )

    def _anywhere(self, name: str) -> Area:
        found = self._everywhere(name)
        if len(found) == 1:
            return self._living(found[0])
        if found:
            districts = self._districts_of(found)
            raise UnknownPlace(
                f"{shown(name)} lies in {districts}: name the district.",
                "ilçe",
                f"{shown(name)} birden çok ilçede var ({districts}); ilçesini yazın.",
            )
        names = {key[1]: area for key, area in self._inside.items() if area.active}
        near, yakin = self._near(name, names)
        raise UnknownPlace(
            f"There is no neighbourhood {shown(name)}.{near}", "mahalle", f"{shown(name)} adlı bir mahalle yok.{yakin}"
        )

    def _everywhere(self, name: str) -> list[Area]:
        return [area for key, area in self._inside.items() if key[1] == match_key(name)]

    def _districts_of(self, areas: list[Area]) -> str:
        return ", ".join(sorted((self._by_id[area.district_id or 0].name for area in areas), key=sort_key))

    def _near(self, name: str, among: dict[str, Area]) -> tuple[str, str]:
        """What was probably meant, asked in English and in Turkish; nothing where no name comes near."""
        best = get_close_matches(match_key(name)[:100], among, n=1, cutoff=_NEAR)
        meant = among[best[0]].name if best else None
        return (f" Did you mean {meant}?", f" {meant} mi demek istediniz?") if meant else ("", "")

    def _living(self, area: Area) -> Area:
        """The area itself, or what it was merged into."""
        seen = {area.id}
        while not area.active and area.merged_into and area.merged_into not in seen:
            seen.add(area.merged_into)
            area = self._by_id[area.merged_into]
        if not area.active:
            raise UnknownPlace(
                f"{area.name} was closed: name the area that it belongs to now.",
                "mahalle",
                f"{area.name} kapatılmış; şimdi bağlı olduğu yeri yazın.",
            )
        return area
