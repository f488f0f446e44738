"""The mouths and ears: one file per provider, each listed here."""

from app.channels import site
from app.channels.inbound import Provider

CHANNELS: dict[str, Provider] = {"site": site}
