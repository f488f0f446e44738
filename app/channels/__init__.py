"""The mouths and ears: one file per provider, each listed here."""

from app.channels import form, mango, site, telegram, uis
from app.channels.inbound import Provider

CHANNELS: dict[str, Provider] = {"site": site, "form": form, "mango": mango, "uis": uis, "telegram": telegram}
