"""A mail server for tests: it takes mails, or fails in one of the ways that mail servers fail."""

import socketserver
import threading
import time


class Session(socketserver.StreamRequestHandler):
    """One conversation. The server's `answers` map a command to what is said instead of 250, to "hang up",
    or to the seconds after which the usual is said."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def answered(self, command, usual):
        answer = self.server.answers.get(command, usual)
        if answer == "hang up":
            return False
        if isinstance(answer, float):
            time.sleep(answer)
            answer = usual
        self.say(answer)
        return True

    def handle(self):
        if not self.answered("CONNECT", "220 test"):
            return
        while line := self.rfile.readline().decode().strip():
            command = line.split(":")[0].split()[0].upper() if line else ""
            if command == "DATA":
                self.say("354 go on")
                mail = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    mail += part
                self.server.mails.append(mail)
                if not self.answered("END", "250 taken"):
                    return
            elif command == "QUIT":
                self.say("221 bye")
                return
            elif not self.answered(line.lower() if line.lower() in self.server.answers else command, "250 ok"):
                return


class MailServer(socketserver.ThreadingTCPServer):
    """Use as a context manager: `.port`, `.mails` (bytes taken), `.answers`."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, **answers):
        super().__init__(("127.0.0.1", 0), Session)
        self.port = self.server_address[1]
        self.answers = answers
        self.mails = []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
