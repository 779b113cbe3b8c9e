/**
 * Keeps the shell (the page, its scripts and styles) so that the client opens without a network.
 *
 * What people say is kept by the client itself; requests to the interface are never answered from here.
 */
const files = JSON.parse("__SHELL_FILES__") as string[];
const shell = `hutong-shell-${"__SHELL_VERSION__"}`;
const worker = self as unknown as ServiceWorkerGlobalScope;

worker.addEventListener("install", (installing) => {
  installing.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.addAll(files))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (activating) => {
  const old = (name: string) => name.startsWith("hutong-shell-") && name !== shell;
  activating.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

/** A page is asked of the server first, so that a new release shows at once, and of the shell where there is no network. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (answer.status < 500) return answer;
  } catch {
    // No network: the shell answers below.
  }
  return (await caches.match("/")) ?? Response.error();
}

worker.addEventListener("fetch", (asking) => {
  const { request } = asking;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && !/^\/(?:api|mini)\//.test(url.pathname)) {
    asking.respondWith(page(request));
  } else if (files.includes(url.pathname)) {
    asking.respondWith(caches.match(url.pathname).then((held) => held ?? fetch(request)));
  }
});
