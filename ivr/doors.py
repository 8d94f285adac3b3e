"""The doors of the HTTP service: Asterisk's, programs', operators' and the city's."""

from zoneinfo import ZoneInfo

from fastapi import FastAPI

from agents.desk import AgentDesk
from city.notice_form import NoticeForm
from city.opening import FOLDER as CITY
from city.opening import STATIC as CITY_STATIC
from city.opening import open_city
from city.site import PublicSite
from city.ticket_pages import TicketPages
from console.office import FOLDER as CONSOLE
from console.office import Office
from console.site import console_router
from dialling.follow_up import FollowUp
from ivr import dialplan
from ivr.answers import answers_router
from ivr.api_docs import document_rest
from ivr.ari.door import AriDoor
from ivr.at_desk import DeskCalls
from ivr.calling.centre import CallingCentre
from ivr.calling.reports import calls_router
from ivr.line import Equipment
from ivr.live import LiveWall
from ivr.live_endpoints import live_router, queue_router
from ivr.phones.page import FOLDER as PHONE
from ivr.phones.page import STATIC as PHONE_STATIC
from ivr.phones.page import PhonePage
from ivr.phones.reports import agents_router
from ivr.phones.switchboard import BrowserPhones
from ivr.runner import Exchange
from ivr.service import Service, now
from notices.endpoints import router as notices_router
from outages.endpoints import router as outages_router
from outages.gazetteer import tile_positions
from outages.rest import ERRORS, PlainErrors
from outbox.endpoints import router as webhooks_router
from people import audit
from people.access import needs
from people.roles import Scope
from reports.endpoints import router as reports_router
from reports.paper import FOLDER as REPORTS
from tickets.endpoints import router as tickets_router
from web.assets import STATIC, Assets
from web.pages import Pages

REST = "/api/v1"


def open_to_asterisk(
    app: FastAPI,
    service: Service,
    exchange: Exchange,
    equipment: Equipment,
    live: LiveWall,
    centre: CallingCentre | None,
    phones: BrowserPhones | None,
    desk: AgentDesk,
) -> None:
    """Calls over ARI, small answers for dialplans, reports about the agents' queue and about calls to citizens."""
    secret = service.settings.secret
    if centre:
        errand, leaving = centre.errands.outgoing, centre.places.leaving
        app.state.ari = AriDoor(exchange, equipment, secret("ari-websocket"), errand, leaving)
        app.include_router(calls_router(centre.errands, secret(dialplan.QUEUE_REPORTER)))
    else:
        app.state.ari = AriDoor(exchange, equipment, secret("ari-websocket"))
    app.include_router(answers_router(service.desk, service.library))
    calls, reporter = DeskCalls(desk), secret(dialplan.QUEUE_REPORTER)
    app.include_router(queue_router(live.queue, reporter, calls.visited))
    if phones:
        app.include_router(agents_router(calls, phones.accounts.ended_by_agent, reporter))


def open_to_programs(app: FastAPI, service: Service, live: LiveWall) -> None:
    """REST: outages, the live wall, webhooks, who wants to be told, tickets, reports."""
    settings, db = service.settings, service.db
    zone, secret = ZoneInfo(settings.timezone), settings.secret("notices")
    hooks, numbers = needs(db, now, Scope.webhooks), needs(db, now, Scope.people)
    for router in (
        outages_router(db, now, review_planned=settings.review_planned, zone=zone),
        live_router(db, live, now),
        webhooks_router(db, now, who=hooks, route_class=PlainErrors, responses=ERRORS, record=audit.record),
        notices_router(db, now, who=numbers, secret=secret),
        tickets_router(db, service.following.parts),
        reports_router(db, now, zone),
    ):
        app.include_router(router, prefix=REST)


def open_to_people(
    app: FastAPI,
    service: Service,
    live: LiveWall,
    centre: CallingCentre | None,
    follow_up: FollowUp,
    desk: AgentDesk,
    phones: BrowserPhones | None,
) -> None:
    """The operators' console, and the public site below everything else."""
    settings = service.settings
    assets = Assets((STATIC, CITY_STATIC, PHONE_STATIC))
    pages = Pages([CONSOLE, CITY, REPORTS, PHONE], ZoneInfo(settings.timezone), assets)
    app.routes.append(pages.assets.route)
    tiles = tile_positions(settings.city_code)
    office = Office(
        service.db,
        service.keeper,
        service.catalogue,
        service.library,
        pages,
        service.signin,
        now,
        service.following.parts,
        tiles,
        live,
        centre,
        follow_up,
        desk,
        subscribers=service.subscribing.directory.within,
        citizens=service.citizens,
        review_planned=settings.review_planned,
    )
    app.state.office = office
    app.include_router(console_router())
    document_rest(app, pages, now)
    secret = settings.secret("notices")
    form = NoticeForm(service.db, lambda: service.keeper.board, service.book, now, pages, secret)
    app.include_router(form.router())
    app.include_router(TicketPages(service.db, now, pages, service.following.parts).router())
    if phones:
        app.include_router(phones.router())
    app.include_router(PhonePage(pages, now, phones, open_to_all=settings.has_phone_page).router())
    city = open_city(
        service.db,
        service.keeper,
        service.book,
        now,
        pages=pages,
        catalogue=service.catalogue,
        base_url=settings.public_address,
        shapes=service.borders,
    )
    app.add_middleware(PublicSite, city=city)
