"""A web service for tests, as those that send SMS: it answers, or fails in one of the ways such services fail."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        sent = self.rfile.read(int(self.headers["Content-Length"] or 0))
        to = unquote(self.path).rpartition("/")[2]
        server.seen.append((to, json.loads(sent)["message"]))
        answer = server.answers.get(to, server.answer)
        if answer == "hang":
            server.over.wait(10)
        if isinstance(answer, int):
            self.send_response(answer)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_):
        """Nothing on the screen."""


class WebService(ThreadingHTTPServer):
    """Use as a context manager: `.url` for Apprise, `.seen` [(to, text)], `.answer`: a status, "hang" or "drop".

    `.answers` says otherwise for some recipients.
    """

    daemon_threads = True

    def __init__(self, answer=200):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server_address[1]}/to/{{to}}"
        self.answer, self.answers, self.seen, self.over = answer, {}, [], threading.Event()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.shutdown()
        self.server_close()
