"""All periodic work: what, and every how many seconds."""

from collections.abc import Callable
from dataclasses import dataclass

from app.jobs import channels, files, letters, passwords, reminders, tasks, upkeep, works
from app.jobs.sweep import sweep

DAY = 24 * 3600


@dataclass(frozen=True)
class Periodic:
    """Work that comes round. What comes daily remembers in the database when it was done last."""

    name: str
    seconds: int
    run: Callable[[], object]

    @property
    def is_remembered(self) -> bool:
        """Whether a restart must not begin it anew."""
        return self.seconds >= 3600


SCHEDULE = (
    Periodic("sweep", 10, sweep),
    Periodic("overdue_leads", 30, reminders.overdue_leads),
    Periodic("unanswered_leads", 30, reminders.unanswered_leads),
    Periodic("daily_letters", 60, letters.daily),
    Periodic("wake_deals", 60, reminders.wake_deals),
    Periodic("remind_of_tasks", 30, tasks.remind),
    Periodic("forgotten_passwords", 30, passwords.unanswered),
    Periodic("connect_channels", 300, channels.connect_all),
    Periodic("partitions", DAY, upkeep.partitions),
    Periodic("gone_bytes", 600, files.sweep_bytes),
    Periodic("empty_trash", DAY, upkeep.empty_trash),
    Periodic("forget_marks", DAY, upkeep.forget_marks),
    Periodic("like_pairs", DAY, works.look_daily),
    Periodic("forget_sign_ins", DAY, passwords.forget_sign_ins),
)
