"""Signs somebody in with requests-oauthlib, as its documentation does it, as a client that cannot keep a secret.

Its words are the address of hutong, the client id and the address to come back to. It prints where the browser goes,
and reads where it has come back to.
"""

import sys

from requests_oauthlib import OAuth2Session

hutong, client_id, back = sys.argv[1:]
at = f"{hutong}/api/v1/oauth"
session = OAuth2Session(client_id, redirect_uri=back, scope=["openid", "profile", "offline_access"], pkce="S256")
print("ASK", session.authorization_url(f"{at}/authorize")[0])
token = session.fetch_token(f"{at}/token", authorization_response=input(), include_client_id=True)
print("WHO", session.get(f"{at}/userinfo").json()["sub"])
input()
fresh = session.refresh_token(f"{at}/token", refresh_token=token["refresh_token"], client_id=client_id)
print("AGAIN", session.get(f"{at}/userinfo").json()["name"], fresh["refresh_token"] != token["refresh_token"])
