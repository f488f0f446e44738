"""What is set about a mailbox on its channel's screen."""

from flask_babel import lazy_gettext as _l

from app.channels.inbound import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting("address", _l("Our address"), "email", help=_l("Letters leave from it: info@example.ru.")),
    Setting(
        "name", _l("Name of the sender"), help=_l("What clients see beside the address. Empty: the person's name.")
    ),
    Setting("host", _l("Server of incoming mail (IMAP)"), help=_l("imap.example.ru. Empty: the mailbox of IMAP_URL.")),
    Setting(
        "security",
        _l("Encryption"),
        "choice",
        _l("“None” is for a server on this very machine only."),
        (("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _l("None"))),
        "tls",
    ),
    Setting("port", _l("Port"), "number", _l("Empty: 993 with TLS, 143 with STARTTLS.")),
    Setting("user", _l("Name at the server"), help=_l("Empty: the whole address.")),
    Setting(
        "password", _l("Password"), "secret", _l("Large providers ask for an app password, made in their settings.")
    ),
    Setting(
        "folder",
        _l("Folder"),
        help=_l("Requests are read from it: INBOX, or CRM with a rule that moves letters there."),
        default="INBOX",
    ),
    Setting(
        "history",
        _l("Days of old letters to read at first"),
        "number",
        _l("0: only those that come from now on."),
        default=0,
    ),
    Setting(
        "after",
        _l("When a letter is read in"),
        "choice",
        _l("What happens to it in the mailbox. As it is: not even marked as read."),
        (("leave", _l("Leave it as it is")), ("seen", _l("Mark it as read")), ("move", _l("Move it"))),
        "leave",
    ),
    Setting("target", _l("Move it to the folder"), help=_l("Only for “Move it”.")),
    Setting(
        "aliases", _l("Our other addresses"), "lines", _l("Letters from them are our own, no requests. One a line.")
    ),
    Setting(
        "always",
        _l("Take automatic letters from"),
        "lines",
        _l("Addresses or @domains of sites whose automatic letters are requests: noreply@example.ru. One a line."),
    ),
    Setting(
        "smtp_host", _l("Server of outgoing mail (SMTP)"), help=_l("smtp.example.ru. Empty: the server of SMTP_URL.")
    ),
    Setting(
        "smtp_security",
        _l("Encryption of outgoing mail"),
        "choice",
        "",
        (("tls", "TLS"), ("starttls", "STARTTLS")),
        "tls",
    ),
    Setting("smtp_port", _l("Port of outgoing mail"), "number", _l("Empty: 465 with TLS, 587 with STARTTLS.")),
    Setting(
        "sent",
        _l("Folder for copies of our letters"),
        help=_l("Sent, or as it is called in your mailbox: letters from here are seen there too. Empty: no copies."),
    ),
    Setting("smtp_user", _l("Name at the server of outgoing mail"), help=_l("Empty: the same as for incoming mail.")),
    Setting("smtp_password", _l("Password of outgoing mail"), "secret", _l("Empty: the same as for incoming mail.")),
    Setting(
        "plus",
        _l("Answers to an address with a mark"),
        "flag",
        _l("info+mark@example.ru brings an answer home even when its threads are lost. The server must accept it."),
        default=False,
    ),
)
