"""What Prometheus reads of the HTTP application."""

from time import perf_counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

__all__ = ["measure_requests"]

REQUESTS = Counter("hutong_http_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "hutong_http_seconds",
    "Time from the request to the first byte of the answer.",
    ("method", "route"),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)


def measure_requests(app: ASGIApp) -> ASGIApp:
    """Counts and times every request by the pattern of its route, so that addresses do not become labels."""

    async def measured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        began, method, route = perf_counter(), scope["method"], scope.get("path_template", "")

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                SECONDS.labels(method, route).observe(perf_counter() - began)
                REQUESTS.labels(method, route, str(message["status"])).inc()
            await send(message)

        await app(scope, receive, note)

    return measured
