"""What Prometheus reads of gateway and message writer: plain numbers on the hot path, collected when asked for."""

from collections.abc import Generator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .edge import Gateway

__all__ = ["GatewayMeasures"]


class GatewayMeasures(Collector):
    """Frames divided by writes is how many frames left together."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Generator[Metric]:
        fanout, writer = self._gateway.fanout, self._gateway.writer
        yield GaugeMetricFamily("hutong_gateway_connections", "Open sockets.", len(self._gateway.connections))
        yield GaugeMetricFamily("hutong_gateway_accounts", "Accounts with an open socket.", len(fanout.online))
        yield GaugeMetricFamily("hutong_gateway_rooms", "Conversations followed.", len(fanout.rooms))
        yield GaugeMetricFamily("hutong_gateway_slow_readers", "Sockets that do not keep up.", len(fanout.slow))
        yield CounterMetricFamily("hutong_gateway_frames", "Frames handed to connections.", fanout.frames_total)
        yield CounterMetricFamily("hutong_gateway_writes", "Writes to connections.", fanout.writes_total)
        yield CounterMetricFamily("hutong_writer_messages", "Messages stored.", writer.messages_total)
        yield CounterMetricFamily("hutong_writer_batches", "Commits that stored them.", writer.batches_total)
