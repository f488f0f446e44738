"""How alike two names are; a hint and never a reason by itself."""

import re

# Words that say what sort of a company it is, not which.
FORMS = re.compile(r"\b(?:ооо|оао|зао|пао|ао|ип|нко|ано|тсж|жск|гуп|муп|llc|ltd|inc|gmbh)\b|[«»\"'“”„.,()]")
ALIKE = 85


def bare(folded: str) -> str:
    """A folded name without the form of the company and punctuation."""
    return " ".join(FORMS.sub(" ", folded).split())


def likeness(one: str, other: str) -> int:
    """0 to 100 for two folded names: the order of words does not matter, nor a surname that only one of them has."""
    # Loaded here: a web worker never compares names.
    from rapidfuzz import fuzz

    left, right = bare(one), bare(other)
    if not left or not right or left == right:
        return 100
    if _is_no_name(left) or _is_no_name(right):
        return 100
    return round(max(fuzz.token_sort_ratio(left, right), fuzz.token_set_ratio(left, right)))


def strict_likeness(one: str, other: str) -> int:
    """The same where nothing else speaks for the two: every word counts."""
    from rapidfuzz import fuzz

    return round(fuzz.token_sort_ratio(bare(one), bare(other)))


def _is_no_name(text: str) -> bool:
    """A phone or an e-mail that stands for a name nobody has told."""
    return "@" in text or sum(letter.isalpha() for letter in text) < 2
