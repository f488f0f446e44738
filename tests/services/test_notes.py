"""Notes: who is named is told if they may see the deal; one's own are rewritten and thrown away; pins."""

import pytest
from sqlalchemy import select

from app.services import deals, tasks
from app.services.deals import notes
from models.ground.access import WITH_DELETED
from models.ground.refused import Refused
from models.messages import Message, MessageKind
from models.notices import Notice
from tests.deals import started, who
from tests.money import acting


def rung(session, username):
    rows = select(Notice).where(Notice.person_id == who(session, username).id, Notice.event == notes.MENTIONED)
    return list(session.execute(rows).scalars())


def test_a_colleague_named_in_a_note_is_told_and_a_rival_is_not(app, system):
    with system() as session:
        deal = started(session)
        head, rival = who(session, "marina").name, who(session, "oleg").name
        number, key = deal.number, deal.id
    with acting(app, "anna") as session:
        said = deals.note(session.get(type(deal), key), f"@{head}, взгляни. @{rival} тоже")
        assert said.extra["untold"] == [rival]
        session.commit()
    with system() as session:
        assert [notice.url for notice in rung(session, "marina")] == [f"/deals/{number}#message-{said_id(session)}"]
        assert rung(session, "oleg") == []


def said_id(session):
    return session.execute(select(Message.id).where(Message.kind == MessageKind.NOTE)).scalar_one()


def test_whoever_has_a_task_on_the_deal_is_told_and_oneself_never(as_system):
    deal = started(as_system)
    tasks.add({"title": "Замер", "assignee": who(as_system, "pavel")}, on=deal)
    said = deals.note(deal, f"@{who(as_system, 'pavel').name} ждут в 10. @pavel, почта pavel@example.test")
    assert len(said.mentions) == 1
    assert len(rung(as_system, "pavel")) == 1


@pytest.mark.parametrize("words", ["@", "@@", "@никто", "a@b", "@annasomething", "🙂 @" + "x" * 500, "\u202e@\u202e"])
def test_words_that_name_nobody_tell_nobody(as_system, words):
    assert deals.note(started(as_system), words).mentions == []


def test_a_shorter_name_inside_a_longer_one_is_another_person(as_system):
    anna, oleg = who(as_system, "anna"), who(as_system, "oleg")
    oleg.first_name, oleg.last_name = anna.first_name, anna.last_name + "ева"
    as_system.flush()
    assert notes.named_in(f"@{oleg.name}!") == [oleg]
    assert notes.named_in(f"@{anna.name} и @{oleg.name}") == sorted([anna, oleg], key=lambda person: person.id)


def test_a_rewritten_note_keeps_what_it_said_and_tells_only_the_newly_named(app, system):
    with system() as session:
        key = started(session).id
        head = who(session, "marina").name
    with acting(app, "anna") as session:
        from models.deals import Deal

        said = deals.note(session.get(Deal, key), f"@{head} раз")
        notes.rewrite(said, f"@{head} два")
        assert (said.words, [edit["words"] for edit in said.extra["edits"]]) == (f"@{head} два", [f"@{head} раз"])
        with pytest.raises(Refused):
            notes.rewrite(said, "  ")
        session.commit()
    with system() as session:
        assert len(rung(session, "marina")) == 1


def test_only_its_author_changes_a_note_and_nobody_what_was_sent(app, system):
    with system() as session:
        deal = started(session)
        deals.note(deal, "Системная")
        letter = Message(kind=MessageKind.INCOMING, deal_id=deal.id, words="Здравствуйте")
        session.add(letter)
        session.flush()
        note_id, letter_id = said_id(session), letter.id
    with acting(app, "anna") as session:
        for key in (note_id, letter_id):
            with pytest.raises(Refused):
                notes.rewrite(session.get(Message, key), "Другое")
            with pytest.raises(Refused):
                notes.erase(session.get(Message, key))
        session.rollback()


def test_a_note_is_thrown_away_and_brought_back(as_system):
    said = deals.note(started(as_system), "Лишнее")
    said.created_by_id = None
    notes.erase(said)
    rows = select(Message.id).where(Message.id == said.id)
    assert as_system.execute(rows).first() is None
    assert as_system.execute(rows.execution_options(**{WITH_DELETED: True})).first()
    notes.restore(said)
    assert as_system.execute(rows).first()


def test_ten_pins_and_no_more(as_system):
    deal = started(as_system)
    for n in range(notes.MOST_PINS):
        notes.pin(deals.note(deal, f"Важно {n}"))
    one_more = deals.note(deal, "Ещё")
    with pytest.raises(Refused):
        notes.pin(one_more)
