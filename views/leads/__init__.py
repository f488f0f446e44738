"""Leads: the list, the card, and everything that is done with a request."""

from __future__ import annotations

from views.leads.answering import AnsweringPages
from views.leads.attaching import AttachingPages
from views.leads.card import CardPages
from views.leads.doing import DoingPages
from views.leads.entering import EnteringPages
from views.leads.known import KnownPages
from views.leads.many import ManyPages
from views.leads.qualifying import QualifyingPages
from views.leads.table import LeadsTable


class Leads(
    CardPages,
    DoingPages,
    AnsweringPages,
    AttachingPages,
    QualifyingPages,
    EnteringPages,
    KnownPages,
    ManyPages,
    LeadsTable,
):
    """/leads/…: the first screen of a manager."""

    route_base = "/leads"
    class_permission_name = "Leads"
