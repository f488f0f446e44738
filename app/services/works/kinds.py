"""What works there are: the job that does one, and its icon. A new kind is a line here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`job` is called with the key of the work, again and again until the work has ended."""

    job: str
    icon: str = "refresh"
    # Where an item that could not be done is looked at; {item} is what names it.
    link: str = ""


KINDS: dict[str, Kind] = {
    "clients.scan": Kind("app.jobs.works.scan", "search"),
    "clients.merge": Kind("app.jobs.works.merge", "git-merge"),
    "clients.unmerge": Kind("app.jobs.works.unmerge", "arrow-back-up", "/clients/merges/{item}"),
    "channels.read_again": Kind("app.jobs.bodies.read_all_again", "refresh"),
    "leads.many": Kind("app.jobs.works.change_leads", "users", "/leads/{item}"),
    "leads.check": Kind("app.jobs.imports.check", "table-import"),
    "leads.import": Kind("app.jobs.imports.run", "table-import"),
    "leads.undo_import": Kind("app.jobs.imports.undo", "arrow-back-up"),
}
