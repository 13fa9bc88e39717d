"""A local web server that can break off, and a small data set for it."""

from __future__ import annotations

import gzip
import hashlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from tpo.data import idx
from tpo.data.catalogue import DataSet


def small_files():
    """Four idx files of 3 and 2 images."""
    rng = np.random.default_rng(0)
    arrays = {
        "train-images-idx3-ubyte": rng.integers(0, 256, (3, 28, 28)),
        "train-labels-idx1-ubyte": np.asarray([5, 0, 4]),
        "t10k-images-idx3-ubyte": rng.integers(0, 256, (2, 28, 28)),
        "t10k-labels-idx1-ubyte": np.asarray([7, 2]),
    }
    return {name: idx.encode(values.astype(np.uint8)) for name, values in arrays.items()}


def small_data_set(*sources, files=None):
    """A data set of those files."""
    files = files or small_files()
    return DataSet(
        name="small",
        title="Small",
        checksums={name: hashlib.md5(content).hexdigest() for name, content in files.items()},  # noqa: S324
        sizes={name: len(content) for name, content in files.items()},
        sources=sources,
        by_hand="draw them",
    )


def zipped(files):
    """Compress files as on a mirror, by name."""
    return {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()}


@dataclass
class Server:
    """The files of a server, its behaviour, and the requests that it got.

    Attributes:
        files: Content by path, without the slash.
        sends: Bytes after which it breaks off, per request in turn; all are sent once the list is empty.
        ranges: Whether it knows what a range is.
        refuses: Whether no range will do, nor none.
        asked: The path and the range of each request.
    """

    files: dict
    sends: list = field(default_factory=list)
    ranges: bool = True
    refuses: bool = False
    asked: list = field(default_factory=list)
    address: str = ""

    def answer(self, handler):
        path, wanted = handler.path.strip("/"), handler.headers.get("Range")
        self.asked.append((path, wanted))
        if path not in self.files:
            handler.send_error(404)
            return
        content = self.files[path]
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        if self.refuses or (start and start >= len(content)):
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start:][: self.sends.pop(0) if self.sends else None])


@contextmanager
def serving(files, **behaviour):
    """Run a server of `files` in a scope."""
    server = Server(files, **behaviour)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.answer(self)

        def log_message(self, *_):
            """Print no log."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
