"""The REST API: leads, deals, clients and tasks, through the same verbs, rights and masks as the pages."""

from __future__ import annotations

from flask_appbuilder import AppBuilder

from views.api.clients import ClientsApi
from views.api.deals import DealsApi
from views.api.description import DescriptionApi, DescriptionView
from views.api.leads import LeadsApi
from views.api.tasks import TasksApi

RESOURCES = (LeadsApi, DealsApi, ClientsApi, TasksApi)


def register(appbuilder: AppBuilder) -> None:
    """Register the resources, their description and its viewer."""
    for resource in (*RESOURCES, DescriptionApi):
        appbuilder.add_api(resource)
    appbuilder.add_view_no_menu(DescriptionView)
