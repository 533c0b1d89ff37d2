# SPDX-License-Identifier: Apache-2.0
"""One Kafka broker on this machine (KRaft, one node): started, waited for, stopped, killed and started again."""

from __future__ import annotations

import base64
import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from types import TracebackType

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from workshop_stream.errors import StreamError, tail
from workshop_stream.jars import BUILD, Say, kafka_jars

PORT = 9092
JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)
START_SECONDS = 120.0
STOP_SECONDS = 30.0
# The controller's port is bound to any free one: clients never see it. Topics come from topics.py alone, so a name that
# is misspelt is an error and not a new topic. The log is kept: retention.ms=-1 stands at the input topics.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:{controller_port}
listeners=PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller_port}
advertised.listeners=PLAINTEXT://localhost:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={log_dirs}
num.partitions=3
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
offsets.retention.minutes=2147483647
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Say whether anybody listens on a port of this machine."""
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True


def client_settings(brokers: str) -> dict[str, object]:
    """Return what every client of ours is given; it complains to nobody when the broker is away."""
    return {"bootstrap.servers": brokers, "broker.address.family": "v4", "log_level": 2}


def answers(brokers: str, seconds: float = 5.0) -> bool:
    """Say whether a broker answers, for every partition that it has: after a start it takes them up one by one."""
    admin = AdminClient(client_settings(brokers))
    try:
        topics = admin.list_topics(timeout=seconds).topics
        partitions = [TopicPartition(name, number) for name, topic in topics.items() for number in topic.partitions]
        asked = {partition: OffsetSpec.latest() for partition in partitions}
        for future in admin.list_offsets(asked, request_timeout=seconds).values() if asked else ():
            future.result(seconds)
    except (KafkaException, FutureTimeoutError):
        return False
    return True


class Broker:
    """A broker with its log in a folder; as a context it runs inside it.

    ``with Broker(port=9192, data=folder) as broker: ...  broker.brokers``. The same folder holds the same log again
    after ``stop`` or ``kill`` and ``start``.
    """

    def __init__(
        self,
        port: int = PORT,
        data: Path = BUILD / "data",
        *,
        controller_port: int | None = None,
        heap: str = "512m",
        say: Say = print,
    ) -> None:
        self.port = port
        self.data = data.resolve()
        self.brokers = f"localhost:{port}"
        self.log = self.data / "broker.log"
        self._controller_port = controller_port
        self._heap = heap
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The broker's process, None while it does not run."""
        return self._process.pid if self.runs else None  # type: ignore[union-attr]

    @property
    def runs(self) -> bool:
        """Whether the process that was started still runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the broker and wait until it answers."""
        jars = kafka_jars(self._say)
        self._require_port()
        java = ["java", "-Xms256m", f"-Xmx{self._heap}", *JAVA_OPTIONS, "-cp", f"{jars}/*"]
        properties = self._write_properties()
        self._say(f"starting a Kafka broker on {self.brokers} (log: {self.log})")
        with self.log.open("ab") as output:
            self._format(java, properties)
            # A session of its own: Ctrl+C in the terminal is ours, and the broker is stopped last.
            self._process = subprocess.Popen(
                [*java, "kafka.Kafka", str(properties)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def forget(self) -> None:
        """Remove the log; nothing may run on the port, as it may be on that log."""
        self._require_port()
        shutil.rmtree(self.data, ignore_errors=True)

    def _require_port(self) -> None:
        if listens(self.port):
            raise StreamError(
                f"port {self.port} of this machine is taken; if that is a Kafka broker: KAFKA_BROKERS={self.brokers}"
            )

    def _write_properties(self) -> Path:
        self.data.mkdir(parents=True, exist_ok=True)
        properties = self.data / "server.properties"
        text = PROPERTIES.format(
            port=self.port, controller_port=self._controller_port or free_port(), log_dirs=self.data / "log"
        )
        properties.write_text(text, encoding="utf-8")
        return properties

    def _format(self, java: list[str], properties: Path) -> None:
        if (self.data / "log" / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(b"margincore stream").decode()[:22]  # the name of a cluster is 16 bytes
        command = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StreamError(
                f"{self.data} could not be made a broker's folder: {(done.stderr or done.stdout).strip()}"
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.runs:
                raise StreamError(f"the broker ended while it started; the end of {self.log}:{tail(self.log)}")
            if listens(self.port) and answers(self.brokers):
                return
            time.sleep(0.1)
        raise StreamError(f"the broker did not answer in {START_SECONDS:.0f} s; the end of {self.log}:{tail(self.log)}")

    def stop(self) -> None:
        """Stop the broker, its log written; one that does not stop is killed, with a word."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the broker at once, as a crash would (kill -9)."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._say(f"the broker did not stop in {STOP_SECONDS:.0f} s: killed")
                self._process.kill()
                self._process.wait()
        self._process = None

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
