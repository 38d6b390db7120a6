"""A connection to the session bus on its own thread, so that plain tests can serve and call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface
from dbus_fast.unpack import unpack_variants

Answer = TypeVar("Answer")


class BusThread:
    """Serves `interfaces` under their paths and `names` until it is closed."""

    def __init__(
        self, address: str, names: list[str], interfaces: dict[str, list[ServiceInterface]]
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._bus: MessageBus = self.wait(self._connect(address, names, interfaces))

    def wait(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run `work` on the thread and give its answer."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def soon(self, work: Callable[[], None]) -> None:
        """Run `work` on the thread, such as a signal to send."""
        self._loop.call_soon_threadsafe(work)

    def call(
        self, name: str, path: str, interface: str, method: str, signature: str = "", *body: object
    ) -> list[Any]:
        """Call a method of another program; variants in the reply are unpacked.

        Raises RuntimeError with the error's name where it answers with one.
        """
        reply = self.wait(
            self._bus.call(
                Message(
                    destination=name,
                    path=path,
                    interface=interface,
                    member=method,
                    signature=signature,
                    body=list(body),
                )
            )
        )
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise RuntimeError(f"{method}: {reply.error_name} {reply.body}")
        return [unpack_variants(value) for value in reply.body]

    def properties(self, name: str, path: str, interface: str) -> dict[str, Any]:
        (found,) = self.call(
            name, path, "org.freedesktop.DBus.Properties", "GetAll", "s", interface
        )
        return dict(found)

    def close(self) -> None:
        async def leave() -> None:
            self._bus.disconnect()
            await self._bus.wait_for_disconnect()

        self.wait(leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _connect(
        self, address: str, names: list[str], interfaces: dict[str, list[ServiceInterface]]
    ) -> MessageBus:
        bus = await MessageBus(bus_address=address).connect()
        for path, served in interfaces.items():
            for interface in served:
                bus.export(path, interface)
        for name in names:
            await bus.request_name(name)
        return bus


def nothing() -> Variant:
    """The argument that D-Bus methods take where there is nothing to say."""
    return Variant("i", 0)
