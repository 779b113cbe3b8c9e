// Signs somebody in with openid-client, as its documentation does it: the issuer, the client id, the secret and the
// address to come back to are its words. It prints where the browser goes, and reads where it has come back to.
const client = require("openid-client");
const { createInterface } = require("node:readline/promises");

async function main([issuer, id, secret, back]) {
  const insecure = { execute: [client.allowInsecureRequests] };
  const here = await client.discovery(new URL(issuer), id, secret, undefined, insecure);
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const to = client.buildAuthorizationUrl(here, {
    redirect_uri: back,
    scope: "openid profile offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    max_age: "3600",
  });
  console.log("ASK", to.href);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const cameBack = new URL((await lines.next()).value);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600 };
  const tokens = await client.authorizationCodeGrant(here, cameBack, checks);
  const who = await client.fetchUserInfo(here, tokens.access_token, tokens.claims().sub);
  console.log("WHO", who.sub, who.name);
  await lines.next();
  const fresh = await client.refreshTokenGrant(here, tokens.refresh_token);
  console.log("ACTIVE", (await client.tokenIntrospection(here, fresh.access_token)).active);
  await client.tokenRevocation(here, fresh.refresh_token);
  console.log("ACTIVE", (await client.tokenIntrospection(here, fresh.access_token)).active);
  await client.authorizationCodeGrant(here, cameBack, checks).catch((error) => console.log("REFUSED", error.error));
  process.exit(0);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
