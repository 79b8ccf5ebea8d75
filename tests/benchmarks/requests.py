"""Requests as a server hands them to Django: an environ in, a whole response out."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


class Site:
    """The site of the settings, asked without a socket between."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def get(self, url: str, *, address: str = "10.0.0.1", **extra: str) -> Callable[[], Answer]:
        """A GET, to be called once or often."""
        return partial(self._ask, _environ("GET", url, address, **extra))

    def post(
        self, url: str, data: dict[str, str], *, address: str = "10.0.0.1", **extra: str
    ) -> Callable[[], Answer]:
        """A POST of a form, to be called once: its body is read to the end."""
        body = urlencode(data).encode()
        environ = _environ("POST", url, address, **extra)
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return partial(self._ask, environ)

    def _ask(self, environ: dict[str, Any]) -> Answer:
        head: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], exc: Any = None) -> None:
            head.update(status=int(status.split()[0]), headers=dict(headers))

        response = self._handler(dict(environ), start_response)
        try:
            body = b"".join(response)
        finally:
            response.close()
        return Answer(head["status"], head["headers"], body.decode())


def _environ(method: str, url: str, address: str, **extra: str) -> dict[str, Any]:
    path, _, query = url.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
        "HTTP_HOST": "localhost",
        "HTTP_USER_AGENT": BROWSER,
        "HTTP_ACCEPT": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.8",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **extra,
    }
