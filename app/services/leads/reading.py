"""One line that somebody wrote down at the phone, taken apart: a name, a phone, an e-mail, a handle, a request."""

import re
from dataclasses import dataclass

import phonenumbers

from app.services import contacts
from app.services.contacts import EMAIL, REGION

HANDLE = re.compile(r"(?<![\w@./])(?:@|(?:https?://)?t\.me/)([A-Za-z][A-Za-z0-9_]{3,31})(?![\w@])")
# More words than this before a phone are no name.
MOST_NAMES = 4
EDGES = " ,;:-—–."
FIRM = {"ооо", "оао", "зао", "ао", "пао", "ип", "тсж", "жк", "снт", "гк", "llc", "ltd", "inc"}
# Endings of patronymics and surnames, compared in lower case.
FAMILY = re.compile(
    r"[а-яё-]{3,}(?:вич|вна|чна|ична|ов|ова|ев|ева|ёв|ёва|ин|ина|ын|ына|ский|ская|цкий|цкая|енко|чук|юк|ян|швили|дзе)"
)
COMMON = """
    александр александра алексей алёна алена алина алиса алла альберт анастасия анатолий ангелина андрей анжела анна
    антон антонина арина аркадий арсений артём артем артур богдан борис вадим валентин валентина валерий валерия
    варвара василий василиса вениамин вера вероника виктор виктория виталий влад владимир владислав владислава
    всеволод вячеслав галина георгий герман глеб григорий давид даниил данила дарья денис диана дмитрий ева евгений
    евгения егор екатерина елена елизавета ефим жанна захар зинаида зоя иван игорь илона ильдар илья инга инна ирина
    камилла карина кира кирилл клавдия константин кристина ксения лариса лев леонид лиана лидия лилия любовь людмила
    макар максим марат маргарита марианна марина мария марк марта матвей милана михаил надежда назар наталия наталья
    нелли ника никита николай нина оксана олег олеся ольга павел петр пётр полина прохор рамиль раиса регина ренат
    римма ринат роберт родион роман руслан рустам савелий светлана святослав семен семён сергей снежана софия софья
    станислав степан таисия тамара татьяна тимофей тимур ульяна фаина фёдор федор филипп эвелина эдуард элина эльвира
    эльмира эмма эрик юлиана юлия юрий яна ярослав ярослава лена маша саша катя оля таня аня настя даша наташа света
    юля ира лиза дима серёжа сережа коля миша паша вова лёша леша женя
"""
NAMES = frozenset(COMMON.split())
WORDS_OF_WORK = re.compile(
    r"окн|двер|балкон|лодж|кухн|шкаф|мебел|потол|замер|ремонт|рольстав|жалюзи|сетк|подокон|стекл|стол|двор|дач|дом|"
    r"кварт|офис|нужн|хоч|прос|перезвон|позвон|звон|спросит|ищ|интерес|цена|сколько|добр|здравств|привет|заявк|клиент|"
    r"срочно|завтра|сегодня|утр|вечер|монтаж|достав|установ|остекл|перегород"
)


@dataclass(frozen=True)
class Said:
    """What was understood, each as it was typed; `words` is all the rest."""

    name: str = ""
    phone: str = ""
    email: str = ""
    handle: str = ""
    words: str = ""

    @property
    def number(self) -> str:
        """The phone in E.164."""
        return contacts.phone(self.phone)

    @property
    def is_reachable(self) -> bool:
        """Whether somebody can be answered."""
        return bool(self.phone or self.email or self.handle)


def read_line(line: str) -> Said:
    """«Ирина 8 900 000 12 34 окна в дачу» is a name, a phone and a request; nothing of the line is lost."""
    text = " ".join(line.replace("\x00", " ").split())
    spans = _spans(text)
    found = {kind: value for kind, _start, _end, value in spans}
    pieces = _between(text, spans)
    name, words = _name_of(pieces) if spans else _beginning(pieces[0])
    return Said(
        name=name,
        phone=found.get("phone", ""),
        email=found.get("email", ""),
        handle=found.get("handle", ""),
        words=words,
    )


def _spans(text: str) -> list[tuple[str, int, int, str]]:
    """The first phone, e-mail and handle, in the order in which they stand; none lies inside another."""
    mail = EMAIL.search(text)
    handle = HANDLE.search(text)
    phone = next(iter(phonenumbers.PhoneNumberMatcher(text, REGION)), None)
    spans = [("email", *mail.span(), mail.group())] if mail else []
    if handle and not _inside(handle.span(), spans):
        spans.append(("handle", *handle.span(), handle.group(1)))
    if phone and not _inside((phone.start, phone.end), spans):
        spans.append(("phone", phone.start, phone.end, phone.raw_string))
    return sorted(spans, key=lambda span: span[1])


def _inside(span: tuple[int, int], spans: list[tuple[str, int, int, str]]) -> bool:
    return any(start < span[1] and span[0] < end for _kind, start, end, _value in spans)


def _between(text: str, spans: list[tuple[str, int, int, str]]) -> list[str]:
    """The text around what was found: before it, between, and after it."""
    edges = [0, *(edge for _kind, start, end, _value in spans for edge in (start, end)), len(text)]
    return [text[edges[i] : edges[i + 1]].strip(EDGES) for i in range(0, len(edges), 2)]


def _name_of(pieces: list[str]) -> tuple[str, str]:
    """The name stands at the beginning, right before the contact, or right after it."""
    name, rest = _beginning(pieces[0], trusting=len(pieces[0].split()) <= MOST_NAMES)
    if not name:
        rest, name = _ending(rest)
    after = pieces[1:]
    for at, piece in enumerate(after):
        if not name and piece:
            name, after[at] = _beginning(piece)
    return name, _joined([rest, *after])


def _joined(pieces: list[str]) -> str:
    return " ".join(piece for piece in pieces if piece).strip(EDGES)


def _beginning(text: str, *, trusting: bool = False) -> tuple[str, str]:
    """The name with which a text begins, and the rest. `trusting` takes any word with a capital for a name."""
    tokens = text.split()
    count = _firm(tokens) or _people(tokens, trusting)
    return " ".join(tokens[:count]).strip(EDGES), " ".join(tokens[count:]).strip(EDGES)


def _ending(text: str) -> tuple[str, str]:
    """«…спросить Ирину Иванову»: only a name that is known, with a family name after it."""
    tokens = text.split()
    for count in (2, 1):
        tail = tokens[-count:]
        if len(tail) == count and _is_known(tail[0]) and all(map(_is_family, tail[1:])):
            return " ".join(tokens[:-count]).strip(EDGES), " ".join(tail).strip(EDGES)
    return text, ""


def _firm(tokens: list[str]) -> int:
    """«ООО «Северный двор»»: how many words a firm's name takes."""
    if len(tokens) < 2 or tokens[0].strip(EDGES).lower() not in FIRM:
        return 0
    if tokens[1][0] not in "«\"“'":
        return 2
    closing = (at for at, token in enumerate(tokens[1:6], 2) if token.rstrip(EDGES)[-1:] in "»\"”'" and len(token) > 1)
    return next(closing, 2)


def _people(tokens: list[str], trusting: bool) -> int:
    count = 0
    for token in tokens[:MOST_NAMES]:
        is_name = _is_known(token) or (count and _is_family(token)) or _is_initial(token, count)
        if not is_name and not (trusting and _has_capital(token)):
            break
        count += 1
        if token.endswith((",", ";", ":")):
            break
    return count


def _is_known(token: str) -> bool:
    return token.strip(EDGES).lower() in NAMES


def _is_family(token: str) -> bool:
    bare = token.strip(EDGES)
    return bare[:1].isupper() and FAMILY.fullmatch(bare.lower()) is not None


def _is_initial(token: str, count: int) -> bool:
    return count > 0 and re.fullmatch(r"(?:[А-ЯЁA-Z]\.){1,2}", token) is not None


def _has_capital(token: str) -> bool:
    bare = token.strip(EDGES + "«»\"“”'()")
    return bare[:1].isupper() and bare.replace("-", "").isalpha() and not WORDS_OF_WORK.match(bare.lower())
