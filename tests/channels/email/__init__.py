"""E-mail: mailboxes and letters."""
