"""gunicorn's configuration: `gunicorn -c python:hms.gunicorn hms.wsgi`. For `make run` and for production alike."""

import gc
import os

from gunicorn.glogging import Logger

from hms import settings
from hms.lib.masking import masked
from hms.lib.procs import die_with_parent


class AccessLog(Logger):
    """One short line a request: no query string, no token, no person's address; nothing for files and probes."""

    def access(self, resp, req, environ, request_time):
        path = environ.get("PATH_INFO", "")
        answered_well = int(resp.status_code) < 400
        if answered_well and (path.startswith("/static/") or path in {"/healthz", "/readyz"}):
            return
        method = masked(environ.get("REQUEST_METHOD", "-"))
        milliseconds = request_time.total_seconds() * 1000
        self.access_log.info("%s %s %s %.0f ms", method, masked(path), resp.status_code, milliseconds)

    def exception(self, msg, *args, **kwargs):
        """An error outside Django, such as a client that hung up, is logged with the address it asked for."""
        plain = (masked(arg) if isinstance(arg, str) and arg.startswith("/") else arg for arg in args)
        super().exception(msg, *plain, **kwargs)


def when_ready(server):
    """What was loaded stays. To search all of it for garbage holds one request in thirty up for a tenth of a second."""
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    die_with_parent()


preload_app = True  # loaded once, shared by the workers
worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
timeout = 30
graceful_timeout = 10
keepalive = 5
max_requests = 2000  # whatever leaks, leaks for 2,000 requests
max_requests_jitter = 200
limit_request_line = 8190  # the longest gunicorn takes: a search may be long
limit_request_fields = 100
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
accesslog = "-"
errorlog = "-"
logger_class = AccessLog
control_socket_disable = True
forwarded_allow_ips = settings.FORWARDED_ALLOW_IPS  # who may say that the visitor came by https
