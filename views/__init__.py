"""The whole menu of doors, in order, on one screen."""

from flask_appbuilder import AppBuilder

from views import api
from views.calendar import Calendar
from views.calendar.feed import Feeds
from views.channels import Channels
from views.clients import Clients
from views.conversations import Conversations
from views.crud.refs import Refs
from views.dashboard import Dashboard
from views.day import Day
from views.dead_letters import DeadLetters
from views.deals import Deals
from views.documents import Documents
from views.documents.invoices import Invoices
from views.duplicates import Duplicates
from views.estimates import EstimatePage, Estimates
from views.files import Files
from views.firms import Firms
from views.health import Health
from views.hooks import Hooks
from views.imports import Imports
from views.language import Language
from views.leads import Leads
from views.links import Links
from views.me import Me
from views.me.installable import Installable
from views.me.notices import MyNotices
from views.notices import Notices
from views.notices.deliveries import CompanyAddresses, Deliveries
from views.payments import Payments
from views.people import People
from views.plans import Plans
from views.playbooks import Playbooks
from views.products import Products
from views.public_form import PublicForm
from views.roles import Roles
from views.search import Search
from views.shipments import Shipments
from views.sorting import Sorting
from views.tasks import Tasks
from views.teams import Teams
from views.trash import Trash
from views.visits import Visits
from views.works import Works
from views.worktime import Worktime
from views.worktime.absences import Absences


def register_views(appbuilder: AppBuilder) -> None:
    """Register every door; the order is the order of the menu."""
    work = (Day, Leads, Deals, Clients, Tasks, Visits, Calendar)
    money = (EstimatePage, Estimates, Documents, Invoices, Payments, Shipments, Files)
    setup = (Dashboard, Products, Plans, People, Teams, Roles, Worktime, Absences, Firms, Playbooks)
    doors = (Channels, Feeds, Conversations, Imports, Duplicates, Sorting, Works, Trash, DeadLetters)
    own = (Me, MyNotices, Notices, Deliveries, CompanyAddresses, Search, Refs)
    strangers = (Hooks, PublicForm, Health, Installable, Language, Links)
    for view in (*work, *money, *setup, *doors, *own, *strangers):
        appbuilder.add_view_no_menu(view)
    api.register(appbuilder)
