"""Sign in with hutong, by client libraries of others: discovery, PKCE, ID tokens, refreshing, and a restart between."""

from urllib.parse import urlsplit

from .conftest import Speaker, Town
from .programs import Program, node_program, python_program

BACK = "http://127.0.0.1/signed-in"


async def open_to(town: Town, person: Speaker, *, public: bool) -> str:
    """Makes the town's app one that the person may sign in with; returns its secret, if it keeps one."""
    await town.alice.ask("PUT", f"apps/{town.app}/client", {"public": public, "redirects": [BACK]})
    await town.alice.ask("PUT", f"apps/{town.app}/testers/{person.number}")
    if public:
        return ""
    return str((await town.alice.ask("POST", f"apps/{town.app}/client/secret"))["secret"])


async def agree(program: Program, person: Speaker) -> None:
    """Follows the program's address as the person, agrees, and hands it the address that the browser comes back to."""
    asked = urlsplit((await program.until("ASK")).split(" ")[1])
    assert asked.path == "/api/v1/oauth/authorize"
    answer = await person.ask("POST", "oauth/consent", {"query": asked.query, "allow": True})
    await program.say(answer["to"])


async def test_openid_client_signs_somebody_in(town: Town) -> None:
    secret = await open_to(town, town.bob, public=False)
    words = (town.server.address, str(town.app), secret, BACK)
    async with node_program("openid", "sign_in.js", *words) as program:
        await agree(program, town.bob)
        _, sub, name = (await program.until("WHO")).split(" ")
        assert (len(sub), name) == (32, "Bob")
        await town.restart()
        await program.say("go on")
        assert await program.until("ACTIVE") == "ACTIVE true"
        assert await program.until("ACTIVE") == "ACTIVE false"
        assert await program.until("REFUSED") == "REFUSED invalid_grant"


async def test_requests_oauthlib_signs_somebody_in(town: Town) -> None:
    await open_to(town, town.bob, public=True)
    words = (town.server.address, str(town.app), BACK)
    insecure = {"OAUTHLIB_INSECURE_TRANSPORT": "1"}
    async with python_program("requests", "sign_in.py", *words, environment=insecure) as program:
        await agree(program, town.bob)
        assert len((await program.until("WHO")).split(" ")[1]) == 32
        await town.restart()
        await program.say("go on")
        assert await program.until("AGAIN") == "AGAIN Bob True"
