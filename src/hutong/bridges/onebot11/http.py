"""Where bots of OneBot v11 come to: HTTP and forward WebSocket, below ``/bridges/onebot11``.

The token says which bot it is. Neither route is described as ours are: what comes and goes is the standard's.
"""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, Router, WebSocket, route, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.enums import MediaType
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath

from hutong.bridges.desk import Desk
from hutong.bridges.files import links_for
from hutong.infra.web import Needs
from hutong.kit.actor import Actor
from hutong.kit.errors import HutongError

from .answers import BAD_REQUEST, NO_SUCH_ACTION, ActionFailed, failure_of
from .answers import Request as Asked
from .clerk import Clerk, has_action
from .ear import Ear
from .hearing import Form
from .line import Line, LineRole
from .robot import Robot
from .robots import form_in

__all__ = ["PATH", "router"]

PATH = "/bridges/onebot11"

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_UNAUTHORIZED, _FORBIDDEN = 1401, 1403
_OWN_QUERY = {"access_token", "message_format", "heartbeat"}
_HEARTBEAT_MS_MIN = 1_000
_CLOSE_POLICY = 1008

AnyRequest = Request[Any, Any, Any]
AnySocket = WebSocket[Any, Any, Any]


class Bridge:
    """What the connections of one process share."""

    def __init__(self) -> None:
        self.ear = Ear()
        self.clerk = Clerk()


def bridge_of(state: State) -> Bridge:
    """The application's own, made when the first bot comes."""
    found = state.get("onebot11")
    if found is None:
        found = state["onebot11"] = Bridge()
    return found


class Refused(Exception):
    """The bot is not let in, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    @property
    def answer(self) -> bytes:
        return failure_of(_FAILURES[self.status])


_FAILURES = {
    400: ActionFailed(BAD_REQUEST, "the body cannot be read"),
    401: ActionFailed(_UNAUTHORIZED, "there is no access token"),
    403: ActionFailed(_FORBIDDEN, "the access token is not good"),
    404: ActionFailed(NO_SUCH_ACTION, "there is no such action"),
    406: ActionFailed(BAD_REQUEST, "a body is JSON or a form"),
}


def token_in(header: str, query: str) -> str:
    """The access token: ``Bearer`` or ``Token`` in the header, or in the query."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() in ("bearer", "token") and token.strip():
        return token.strip()
    return query.strip()


async def come_in(desk: Desk, connection: AnyRequest | AnySocket) -> Robot:
    """The bot behind a connection. Raises ``Refused``."""
    query = connection.query_params
    token = token_in(connection.headers.get("authorization", ""), query.get("access_token", ""))
    if not token:
        raise Refused(401)
    actor = await desk.come_in(token)
    if actor is None:
        raise Refused(403)
    return await robot_of(desk, actor, _origin_of(desk, connection), form_in(query.get("message_format", "")))


async def robot_of(desk: Desk, actor: Actor, origin: str, form: Form) -> Robot:
    try:
        return Robot(desk, actor, await links_for(desk, actor.number, origin), form)
    except HutongError as error:
        raise Refused(403) from error


def _origin_of(desk: Desk, connection: AnyRequest | AnySocket) -> str:
    """Where the bot reaches us."""
    public_url = desk.settings.public_url
    if public_url:
        return public_url
    scheme = {"ws": "http", "wss": "https"}.get(connection.scope["scheme"], connection.scope["scheme"])
    return f"{scheme}://{connection.headers.get('host', '')}"


@route("/{action:str}", http_method=["GET", "POST"], include_in_schema=False, status_code=200)
async def do_action(
    request: AnyRequest, action: FromPath[str], desk: Needs[Desk], bridge: NamedDependency[Bridge]
) -> Response[bytes]:
    """Answers 200 with the envelope, whether it could be done or not."""
    try:
        robot = await come_in(desk, request)
        if not has_action(action):
            raise Refused(404)
        asked = Asked(action, await _given(request))
    except Refused as refused:
        return Response(refused.answer, status_code=refused.status, media_type=MediaType.JSON)
    return Response(await bridge.clerk.answer(robot, asked), media_type=MediaType.JSON)


async def _given(request: AnyRequest) -> dict[str, Any]:
    """The parameters, of the query and of the body. Raises ``Refused``."""
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if name not in _OWN_QUERY}
    if request.method == "GET":
        return _unfolded(given)
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return _unfolded(given)
    if kind == _FORM:
        return _unfolded(given | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    if kind != _JSON:
        raise Refused(406)
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(400) from error
    if not isinstance(told, dict):
        raise Refused(400)
    return _unfolded(given) | told


def _unfolded(given: dict[str, Any]) -> dict[str, Any]:
    """In a query or a form everything is a string: a list or an object comes as JSON."""
    for name, value in given.items():
        if isinstance(value, str) and value.startswith(("[{", "{")):
            try:
                given[name] = msgspec.json.decode(value)
            except msgspec.MsgspecError:
                continue
    return given


@websocket(["", "/api", "/event"], include_in_schema=False)
async def talk(socket: AnySocket, desk: Needs[Desk], bridge: NamedDependency[Bridge]) -> None:
    """Forward WebSocket: ``/`` for both, ``/api`` for actions, ``/event`` for events."""
    try:
        robot = await come_in(desk, socket)
    except Refused as refused:
        await _refuse(socket, refused)
        return
    await socket.accept()
    line = Line(
        robot,
        bridge.ear,
        bridge.clerk,
        role=_role_of(socket.scope["path"]),
        send=_sender(socket),
        receive=_receiver(socket),
        close=_closer(socket),
        heartbeat_ms=_heartbeat_ms(socket.query_params.get("heartbeat", "")),
    )
    await line.run()


def _role_of(path: str) -> LineRole:
    match path.rstrip("/").rpartition("/")[2]:
        case "api":
            return "api"
        case "event":
            return "event"
    return "universal"


def _heartbeat_ms(word: str) -> int:
    return max(_HEARTBEAT_MS_MIN, int(word)) if word.isascii() and word.isdigit() and int(word) else 0


async def _refuse(socket: AnySocket, refused: Refused) -> None:
    """As the answer to the upgrade."""
    headers = [(b"content-type", b"application/json")]
    start: Any = {"type": "websocket.http.response.start", "status": refused.status, "headers": headers}
    body: Any = {"type": "websocket.http.response.body", "body": refused.answer}
    await socket.send(start)
    await socket.send(body)


def _sender(socket: AnySocket) -> Any:
    async def send(frame: bytes) -> None:
        try:
            await socket.send({"type": "websocket.send", "text": frame.decode(), "bytes": None})
        except (WebSocketDisconnect, RuntimeError) as error:
            raise ConnectionResetError from error

    return send


def _receiver(socket: AnySocket) -> Any:
    async def receive() -> str | bytes | None:
        try:
            told: Any = await socket.receive()
        except WebSocketDisconnect:
            return None
        if told["type"] == "websocket.disconnect":
            return None
        return told.get("text") or told.get("bytes") or b""

    return receive


def _closer(socket: AnySocket) -> Any:
    async def close(reason: str) -> None:
        # Whoever is gone already need not be told.
        if socket.connection_state != "disconnect":
            await socket.close(_CLOSE_POLICY, reason[:100])

    return close


router = Router(
    PATH,
    route_handlers=[do_action, talk],
    dependencies={"bridge": Provide(bridge_of, sync_to_thread=False)},
    include_in_schema=False,
)
