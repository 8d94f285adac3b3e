"""The doors of the HTTP service: Asterisk's, programs', operators' and the city's."""

from zoneinfo import ZoneInfo

from fastapi import FastAPI

from city.notice_form import NoticeForm
from city.opening import FOLDER as CITY
from city.opening import STATIC as CITY_STATIC
from city.opening import open_city
from city.site import PublicSite
from city.ticket_pages import TicketPages
from console.office import FOLDER as CONSOLE
from console.office import Office
from console.site import console_routes
from ivr import dialplan
from ivr.answers import answers_router
from ivr.api_docs import document_rest
from ivr.ari.door import AriDoor
from ivr.at_desk import DeskCalls
from ivr.calling.reports import calls_router, turns_router
from ivr.clock import now
from ivr.live_endpoints import live_router, queue_router
from ivr.phones.page import FOLDER as PHONE
from ivr.phones.page import STATIC as PHONE_STATIC
from ivr.phones.page import PhonePage
from ivr.phones.reports import agents_router
from ivr.switchroom import Switchroom
from notices.endpoints import router as notices_router
from outages.endpoints import router as outages_router
from outages.gazetteer import tile_positions
from outages.rest import ERRORS, PlainErrors
from outbox.endpoints import router as webhooks_router
from people import audit
from people.access import needs
from people.roles import Scope
from people.switches import PHONE_PAGE, Switched
from reports.endpoints import router as reports_router
from reports.paper import FOLDER as REPORTS
from tickets.endpoints import router as tickets_router
from web.assets import STATIC, Assets
from web.pages import Pages

REST = "/api/v1"


def open_to_asterisk(app: FastAPI, room: Switchroom) -> None:
    """Calls over ARI, small answers for dialplans, reports about the agents' queue and about calls to citizens."""
    secret, service, centre = room.settings.secret, room.service, room.centre
    reporter = secret(dialplan.QUEUE_REPORTER)
    placed = (centre.errands.outgoing, centre.places.leaving) if centre else ()
    app.state.ari = AriDoor(room.exchange, room.equipment, secret("ari-websocket"), *placed)
    if centre:
        app.include_router(calls_router(centre.errands, reporter))
        app.include_router(turns_router(centre.turns, reporter))
    app.include_router(answers_router(service.desk, service.library))
    calls = DeskCalls(room.desk)
    kept = (lambda: centre.places.count > 0) if centre else (lambda: False)
    app.include_router(queue_router(room.live.queue, reporter, calls.visited, kept))
    if room.phones:
        app.include_router(agents_router(calls, room.phones.accounts.ended_by_agent, reporter))


def open_to_programs(app: FastAPI, room: Switchroom) -> None:
    """REST: outages, the live wall, webhooks, who wants to be told, tickets, reports."""
    settings, db = room.settings, room.service.db
    zone, secret = ZoneInfo(settings.timezone), settings.secret("notices")
    hooks, numbers = needs(db, now, Scope.webhooks), needs(db, now, Scope.people)
    for router in (
        outages_router(db, now, review_planned=settings.review_planned, zone=zone),
        live_router(db, room.live, now),
        webhooks_router(db, now, who=hooks, route_class=PlainErrors, responses=ERRORS, record=audit.record),
        notices_router(db, now, who=numbers, secret=secret),
        tickets_router(db, room.service.following.parts),
        reports_router(db, now, zone),
    ):
        app.include_router(router, prefix=REST)


def open_to_people(app: FastAPI, room: Switchroom) -> None:
    """The operators' console, the telephone in the browser, and the public site below everything else."""
    assets = Assets((STATIC, CITY_STATIC, PHONE_STATIC))
    pages = Pages([CONSOLE, CITY, REPORTS, PHONE], ZoneInfo(room.settings.timezone), assets)
    app.routes.append(pages.assets.route)
    app.state.office = _office(room, pages)
    app.routes.extend(console_routes())
    document_rest(app, pages, now)
    if room.phones:
        app.include_router(room.phones.router())
    opened = Switched(room.service.db, PHONE_PAGE, setting=room.settings.has_phone_page)
    app.include_router(PhonePage(pages, now, room.phones, opened).router())
    _open_to_city(app, room, pages)


def _office(room: Switchroom, pages: Pages) -> Office:
    service = room.service
    return Office(
        service.db,
        service.keeper,
        service.catalogue,
        service.library,
        pages,
        service.signin,
        now,
        service.following.parts,
        tile_positions(room.settings.city_code),
        room.live,
        room.centre,
        room.follow_up,
        room.desk,
        subscribers=service.subscribing.directory.within,
        citizens=service.citizens,
        review_planned=room.settings.review_planned,
        phone_page=room.settings.has_phone_page if room.phones else None,
    )


def _open_to_city(app: FastAPI, room: Switchroom, pages: Pages) -> None:
    service, secret = room.service, room.settings.secret("notices")
    form = NoticeForm(service.db, lambda: service.keeper.board, service.book, now, pages, secret)
    app.include_router(form.router())
    app.include_router(TicketPages(service.db, now, pages, service.following.parts).router())
    city = open_city(
        service.db,
        service.keeper,
        service.book,
        now,
        pages=pages,
        catalogue=service.catalogue,
        base_url=room.settings.public_address,
        shapes=service.borders,
    )
    app.add_middleware(PublicSite, city=city)
