"""What stands between the control plane and the sshd of one server, and can cut, refuse and swallow."""

import asyncio
import contextlib
import threading


class Proxies:
    """The loop, in a thread of its own, in which all proxies work."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()
        self._made: list[Proxy] = []

    def run(self, work):
        """Runs a coroutine in the loop and returns what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def to(self, address: str, port: int = 22) -> "Proxy":
        proxy = Proxy(self, address, port)
        self._made.append(proxy)
        return proxy

    def close(self) -> None:
        for proxy in self._made:
            proxy.refuse()
            proxy.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)


class Proxy:
    """Passes connections on to one address. `port` is where it listens, on loopback."""

    def __init__(self, proxies: Proxies, address: str, port: int) -> None:
        self._proxies = proxies
        self._target = (address, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.mend()

    # What breaks

    def cut(self) -> None:
        """Ends every connection at once, without a word to either side."""
        async def cut() -> None:
            for writer in self._writers:
                writer.transport.abort()
        self._proxies.run(cut())

    def refuse(self) -> None:
        """Refuses new connections; those that are there go on."""
        async def refuse() -> None:
            if self._server:
                self._server.close()
                self._server = None
        self._proxies.run(refuse())

    def swallow(self) -> None:
        """Passes nothing on any more and says nothing: new connections are made and lead nowhere."""
        async def swallow() -> None:
            self._flows.clear()
        self._proxies.run(swallow())

    def mend(self) -> None:
        """Passes everything on, also what was held back."""
        async def mend() -> None:
            self._flows.set()
            if not self._server:
                self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
                self.port = self._server.sockets[0].getsockname()[1]
        self._proxies.run(mend())

    # Connections

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._flows.wait()
            there_reader, there_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(there_writer)
        try:
            # Either direction's end is the connection's: ssh closes both at once.
            done, left = await asyncio.wait(
                [asyncio.ensure_future(self._pump(reader, there_writer)),
                 asyncio.ensure_future(self._pump(there_reader, writer))],
                return_when=asyncio.FIRST_COMPLETED)
            for each in left:
                each.cancel()
            await asyncio.gather(*done, *left, return_exceptions=True)
        finally:
            for each in (writer, there_writer):
                self._writers.discard(each)
                with contextlib.suppress(OSError):
                    each.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
