"""The mouths and ears: one file per provider, each listed here."""

from app.channels import email, form, mango, site, telegram, uis
from app.channels.inbound import Provider

CHANNELS: dict[str, Provider] = {
    "site": site,
    "form": form,
    "email": email,
    "telegram": telegram,
    "mango": mango,
    "uis": uis,
}
