"""gunicorn with nothing said: the baseline has no settings of its own."""

control_socket_disable = True
