"""Reading the pages of deals: cards of the board, heads of its columns, rows of the list."""

import re

from sqlalchemy import select

from models.deals import Deal

HTMX = {"HX-Request": "true"}


def cards(text):
    """Numbers on the board by stage."""
    columns = re.split(r'<section class="k-col', text)[1:]
    named = {re.search(r'data-stage="(\w+)"', column)[1]: column for column in columns}
    return {code: [int(n) for n in re.findall(r'data-number="(\d+)"', column)] for code, column in named.items()}


def heads(text):
    """Count of each column as its head says."""
    columns = re.split(r'<section class="k-col', text)[1:]
    return {
        re.search(r'data-stage="(\w+)"', column)[1]: int(re.search(r'<span class="c">(\d+)</span>', column)[1])
        for column in columns
    }


def version_of(system, number):
    with system() as session:
        return session.execute(select(Deal.version).where(Deal.number == number)).scalar_one()


def standing(system, number):
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        return deal.stage.code


def listed(client, query=""):
    text = client.get(f"/deals/list/{query}").get_data(as_text=True)
    return [int(n) for n in re.findall(r'<a class="b" href="[^"]*">(\d+)</a>', text)]
