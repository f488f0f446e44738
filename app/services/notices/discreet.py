"""What may be shown on a locked screen or in an SMS: no phone of a client, no letters of others."""

import re

# Ten digits or more with what people put between them; a sum of money or a date is shorter or stands otherwise.
PHONE = re.compile(r"\+?\(?\d(?:[\s\u00a0()\-–.]{0,2}\d){9,14}(?!\d)")
HIDDEN = "•••"


def discreet(text: str) -> str:
    """The text with phone numbers cut down to their last two digits."""
    return PHONE.sub(lambda found: f"{HIDDEN} {_digits(found.group())[-2:]}", text)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
