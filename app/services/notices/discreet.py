"""What may be shown on a locked screen or in an SMS: no phone and no e-mail address of a client."""

import re

# Ten digits or more with what people put between them; a sum of money or a date is shorter or stands otherwise.
PHONE = re.compile(r"\+?\(?\d(?:[\s\u00a0()\-–.]{0,2}\d){9,14}(?!\d)")
# Bounded, so that a long line costs little.
EMAIL = re.compile(r"[\w.+\-]{1,64}@(?=[\w\-]{1,63}\.)")
HIDDEN = "•••"


def discreet(text: str) -> str:
    """The text with phone numbers cut down to their last two digits, and e-mail addresses to what follows the @."""
    return PHONE.sub(lambda found: f"{HIDDEN} {_digits(found.group())[-2:]}", EMAIL.sub(f"{HIDDEN}@", text))


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
