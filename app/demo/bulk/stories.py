"""Tells the life of each deal of the large base as rows: who came, who sold, what was asked, done, paid, shipped."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from app.demo.bulk import words
from app.demo.bulk.clock import DAY, date, moment
from app.demo.bulk.columns import NULL
from app.demo.bulk.lives import Course, Life, live


@dataclass(frozen=True)
class Cast:
    """Ids of who works here, and their names as history prints them."""

    sellers: tuple[int, ...]
    surveyors: tuple[int, ...]
    masters: tuple[int, ...]
    accountants: tuple[int, ...]
    names: dict[int, str]
    slowness: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """What is decided of a deal before it is written down; the amount is in whole roubles.

    `named` are name and phone of a client who must be this one.
    """

    life: Life
    owner: int
    source: str
    amount: int
    has_lead: bool = True
    named: tuple[str, str] | None = None


Known = tuple[int, int, str, str]
"""A client met before: id, owner, name, phone."""


class Teller:
    """`lines` are what COPY is to be sent next, by table; `ids` the last id given in each."""

    def __init__(self, cast: Cast, course: Course, now: int, random: Random, ids: dict[str, int]) -> None:
        self.cast, self.course, self.now, self.random = cast, course, now, random
        self.ids = ids
        self.lines: dict[str, list[str]] = defaultdict(list)
        self.known: list[Known] = []
        self.sources = [name for name, weight in words.SOURCES for _ in range(weight)]

    def hand_over(self) -> dict[str, list[str]]:
        """The rows told since the last time."""
        told, self.lines = self.lines, defaultdict(list)
        return told

    def _id(self, table: str) -> int:
        self.ids[table] = found = self.ids[table] + 1
        return found

    def tell(self, number: int, begin: int) -> None:
        """One deal with everything around it, as chance has it; `begin` in minutes."""
        random = self.random
        met, is_new = self._client(begin)
        story = Story(
            life=live(self.course, begin, self.now, random),
            owner=met[1],
            source=random.choice(self.sources),
            amount=int(random.lognormvariate(11.35, 0.62) / 100) * 100 + 1900,
            has_lead=random.random() < 0.86,
        )
        if random.random() < 0.55:
            self.dead_lead(begin - random.randrange(400), story.owner, story.source)
        self._write(number, met, story, "new" if is_new else "repeat")

    def tell_of(self, number: int, story: Story) -> None:
        """One deal of which all is decided already; the client is the seller's own."""
        met, is_new = self._client(story.life.visits[0][1], story.owner, story.named)
        self._write(number, met, story, "new" if is_new else "repeat")

    def _write(self, number: int, met: Known, story: Story, klass: str) -> None:
        deal, life, amount = self._id("deal"), story.life, story.amount
        owner = story.owner
        if story.has_lead:
            came = life.visits[0][1] - self.random.randrange(5, 300)
            self._lead(came, met, deal, (owner, klass, story.source))
        if life.closed is None and life.reached >= 2:
            amount = self._estimate(deal, life, amount, owner)
        self._deal((deal, number, met[0], owner), life, (amount, story.source, klass))
        self._visits(deal, life, owner)
        self._tasks(deal, met[0], life, owner)
        if life.shipped is not None:
            self._ship(deal, life.shipped, amount, owner)
        if life.is_won or (life.closed is None and life.reached >= 4):
            self._pay(deal, life, amount)

    def _client(
        self, begin: int, owner: int | None = None, named: tuple[str, str] | None = None
    ) -> tuple[Known, bool]:
        """Whoever came, and whether for the first time."""
        random = self.random
        if self.known and not named and random.random() < 0.36:
            met = random.choice(self.known)
            if owner in {None, met[1]}:
                return met, False
        is_company = not named and random.random() < 0.16
        name, phone = named or (
            words.company_name(random) if is_company else words.person_name(random),
            self._phone(),
        )
        met = (self._id("client"), owner or random.choice(self.cast.sellers), name, phone)
        self._card(met, "company" if is_company else "person", moment(begin))
        self.known.append(met)
        return met, True

    def _card(self, met: Known, kind: str, at: str) -> None:
        """The client's own row, and how to reach them."""
        client, owner, name, phone = met
        address = f"ул. {self.random.choice(words.STREETS)}, {self.random.randrange(1, 120)}"
        self.lines["client"].append(
            f"{client}\t{kind}\t{name}\t\t{address}\t\t\t\t{owner}\t{{}}\t{at}\t{at}\t{owner}\n"
        )
        reached = [("phone", phone)]
        if self.random.random() < 0.45:
            reached.append(("email", f"client{client}@example.ru"))
        self.lines["contact_point"] += [
            f"{self._id('contact_point')}\t{client}\t{way}\t{value}\t{at}\t{at}\n" for way, value in reached
        ]

    def _wait(self, owner: int) -> int:
        """Minutes until a lead is answered; a slow person takes longer."""
        return int(self.random.choice((2, 3, 4, 6, 6, 8, 11, 13, 25, 50)) * self.cast.slowness.get(owner, 1))

    def _phone(self) -> str:
        """Of the range that this project's examples use: nobody is to be called by mistake."""
        return f"+7900{self.random.randrange(10**7):07}"

    def _lead(self, at: int, met: Known, deal: int, told: tuple[int, str, str]) -> None:
        client, _owner, name, phone = met
        owner, klass, source = told
        asked = self.random.choice(words.ASKS)
        answer = moment(at + self._wait(owner))
        by, came = moment(at + 15), moment(at)
        self.lines["lead"].append(
            f"{self._id('lead')}\t{came}\t{name}\t{phone}\t{phone}\t\t\t{asked}\t{klass}\t\t"
            f"qualified\t{source}\t\t\t{{}}\t{{}}\t{owner}\t{client}\t{deal}\t{by}\t{answer}\t\t{came}\t{answer}\n"
        )

    def dead_lead(self, at: int, owner: int, source: str) -> None:
        """Spam, mistakes and those who changed their mind; of the last two days some are still waiting."""
        random = self.random
        came, by, answer = moment(at), moment(at + 15), moment(at + self._wait(owner))
        klass, state, reason = random.choice((
            ("spam", "rejected", "spam"), ("mistake", "rejected", "mistake"),
            ("new", "rejected", "no_answer"), ("not_customer", "rejected", "not_customer"),
        ))  # fmt: skip
        answered = answer
        if at > self.now - 2 * DAY:
            klass, state, reason = "new", "waiting" if at > self.now - 90 else "taken", ""
            answered = NULL if state == "waiting" else answer
        self.lines["lead"].append(
            f"{self._id('lead')}\t{came}\t{words.person_name(random)}\t{self._phone()}\t\t\t\t{random.choice(words.ASKS)}"
            f"\t{klass}\t\t{state}\t{source}\t\t\t{{}}\t{{}}\t{owner}\t{NULL}\t{NULL}\t{by}\t{answered}\t{reason}"
            f"\t{came}\t{came}\n"
        )

    def _deal(self, who: tuple[int, int, int, int], life: Life, about: tuple[int, str, str]) -> None:
        deal, number, client, owner = who
        amount, source, klass = about
        random = self.random
        goods, work = random.choice(words.GOODS)
        title = f"{goods}, {random.randrange(1, 12)} шт."
        address = f"ул. {random.choice(words.STREETS)}, {random.randrange(1, 120)}" if life.reached else ""
        payer, made = (client, date(life.since + 10 * DAY)) if life.reached >= 3 else (NULL, NULL)
        work = work if life.reached >= 2 else ""
        closed = NULL if life.closed is None else moment(life.closed)
        reason = random.choice(words.LOST_REASONS) if life.closed and not life.is_won else ""
        begun, since = moment(life.visits[0][1]), moment(life.since)
        self.lines["deal"].append(
            f"{deal}\t{number}\t{title}\t{client}\t{payer}\t{self.course.funnel_id}\t{life.stage}\t{since}\t{amount}\t{owner}"
            f"\t{address}\t{work}\t{source}\t{klass}\t{NULL}\t{made}\t\t{reason}\t{closed}\t{{}}"
            f"\t{begun}\t{since}\t{owner}\n"
        )

    def _visits(self, deal: int, life: Life, owner: int) -> None:
        """Stage visits, and the changes that history keeps of the same moves."""
        name, visit, change = self.cast.names[owner], self.ids["stage_visit"], self.ids["change"]
        visits, changes = self.lines["stage_visit"], self.lines["change"]
        before = None
        for stage, entered, left in life.visits:
            visit += 1
            change += 1
            at = moment(entered)
            visits.append(
                f"{visit}\t{deal}\t{stage}\t{at}\t{NULL if left is None else moment(left)}\t{owner}\n"
            )
            what = f"stage_id\t{before}\t{stage}" if before else f"\t{NULL}\t{NULL}"
            changes.append(f"{change}\t{at}\t{owner}\t{name}\tdeal\t{deal}\t{deal}\t{what}\n")
            before = stage
        self.ids["stage_visit"], self.ids["change"] = visit, change

    def _tasks(self, deal: int, client: int, life: Life, owner: int) -> None:
        random = self.random
        self._task(
            (deal, client, self.course.stages[0], owner),
            "Позвонить клиенту\tcall",
            life.visits[0][1],
            is_done=True,
        )
        if life.closed is None and random.random() < 0.93:
            title, who = "Позвонить клиенту\tcall", owner
            if life.reached == 1:
                title, who = "Сделать замер\tmeasure", random.choice(self.cast.surveyors)
            elif life.reached == 4:
                title, who = "Изготовить заказ\tproduction", random.choice(self.cast.masters)
            due = self.now + random.randrange(-DAY // 2, 5 * DAY)
            self._task((deal, client, life.stage, who), title, due, is_done=False)

    def _task(self, about: tuple[int, int, int, int], title: str, due: int, *, is_done: bool) -> None:
        deal, client, stage, who = about
        made, done, by = moment(due - 45), NULL, NULL
        if is_done:
            done, by = moment(due), str(who)
        self.lines["task"].append(
            f"{self._id('task')}\t{title}\t{deal}\t{client}\t{stage}\t{who}\t{moment(due)}\t{done}\t{by}\t\t{made}\t{made}\t{who}\n"
        )

    def _estimate(self, deal: int, life: Life, amount: int, owner: int) -> int:
        """Two or three lines of whole roubles near the amount; returns what they add up to."""
        random, estimate = self.random, self._id("estimate")
        total = cost = vat = 0
        for position in range(1, random.randrange(3, 5)):
            goods, _work = random.choice(words.GOODS)
            quantity = random.randrange(1, 6)
            price = max(amount // (3 * quantity), 100)
            spent = price * random.randrange(58, 76) // 100
            self.lines["estimate_line"].append(
                f"{self._id('estimate_line')}\t{estimate}\t{deal}\t{position}\tgoods\t\t{goods}\t\t{quantity}\tшт.\t796"
                f"\t{price}\t0\t{spent}\t22\n"
            )
            total += price * quantity
            cost += spent * quantity
            # Kopecks, half up, as on the line: sum × 22 / 122.
            vat += (price * quantity * 100 * 44 + 122) // 244
        is_agreed = life.reached >= 3
        at = moment(life.since)
        agreed = at if is_agreed else NULL
        self.lines["estimate"].append(
            f"{estimate}\t{deal}\t1\t{'agreed' if is_agreed else 'draft'}\t50\t{date(self.now + 7 * DAY)}\t\t{total}"
            f"\t{total}\t{cost}\t{vat // 100}.{vat % 100:02}\t{agreed}\t{agreed}\t{at}\t{at}\t{owner}\n"
        )
        return total

    def _ship(self, deal: int, at: int, amount: int, owner: int) -> None:
        random, shipment = self.random, self._id("shipment")
        cost = amount * random.randrange(58, 76) // 100
        made = moment(at)
        self.lines["shipment"].append(
            f"{shipment}\t{deal}\t{date(at)}\t{owner}\t{amount}\t{cost}\t\t{made}\t{made}\t{owner}\n"
        )
        first, spent = amount * random.randrange(55, 90) // 100, cost * 2 // 3
        goods = random.choice(words.GOODS)[0]
        for name, part, own in ((goods, first, spent), ("Монтаж и доставка", amount - first, cost - spent)):
            line = f"{self._id('shipment_line')}\t{shipment}\t{deal}\t{name}\t1\tшт.\t{part}\t{own}\n"
            self.lines["shipment_line"].append(line)

    def _pay(self, deal: int, life: Life, amount: int) -> None:
        at = (life.shipped or life.since) - self.random.randrange(DAY)
        paid, made = amount if life.is_won else amount / 2, moment(at)
        line = f"{self._id('payment')}\t{deal}\t{paid}\t{date(at)}\tbank\t\t\t{made}\t{made}\n"
        self.lines["payment"].append(line)
