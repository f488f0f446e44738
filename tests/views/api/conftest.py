"""Programs of the cast, and a scene in which Anna and Oleg have a client, a deal, a lead and a task each."""

import pytest
from flask_jwt_extended import create_access_token
from sqlalchemy import select

from app import sessions
from app.channels.inbound import Inbound
from app.services import clients, deals, leads, tasks
from models.staff import Person
from tests.views.api import SECRET


@pytest.fixture
def api(app, system):
    """`api("anna").get("/deals")`: a program of hers, with her token."""

    class Program:
        def __init__(self, who):
            with app.test_request_context(), system() as session:
                person = session.execute(select(Person).where(Person.username == who)).scalar_one()
                claims = {sessions.KEY: sessions.begin(person, is_token=True)}
                token = create_access_token(str(person.id), additional_claims=claims)
            self.headers = {"Authorization": f"Bearer {token}"}
            self.browser = app.test_client()

        def __getattr__(self, method):
            def ask(path, headers=(), **more):
                own = self.headers | dict(headers)
                return getattr(self.browser, method)(f"/api/v1{path}", headers=own, **more)

            return ask

    return Program


@pytest.fixture
def people(system):
    """Keys of the cast by user name."""
    with system() as session:
        return dict(session.execute(select(Person.username, Person.id)).all())


@pytest.fixture
def scene(system):
    """A client, a deal, a lead and a task of Anna and of Oleg each; what is Oleg's holds his secret. Keys by name."""
    found = {}
    with system() as session:
        cast = {person.username: person for person in session.execute(select(Person)).scalars()}
        for name, word, phone in (("anna", "Лоджия Анны", "9161112233"), ("oleg", SECRET, "9164445566")):
            owner = cast[name]
            client = clients.create(word, phones=[phone], emails=[f"{name}@client.test"], owner=owner)
            deal = deals.start(client, {"title": word, "amount": "777001.55", "comment": word}, owner=owner)
            lead = leads.enter(Inbound(name=word, phone=f"{phone[:-1]}0", words=word), owner)
            task = tasks.add({"title": word, "assignee": owner}, on=deal)
            session.flush()
            found[name] = {"clients": client.id, "deals": deal.number, "leads": lead.id, "tasks": task.id}
    return found
